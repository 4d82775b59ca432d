"""The Trainer: a network, an optimizer and devices in, numbers out.

It knows no recipe, no registry, no path and no terminal, so it serves a notebook as well as a run:

    trainer = Trainer(network, "sgd", {"learning_rate": 0.1})
    history = trainer.fit((images, labels), epochs=10, validation=(test_images, test_labels))
    print(trainer.score((test_images, test_labels)).accuracy)

MXNet works behind Python's back: calls only queue work.  Python therefore stays a little ahead,
never waits within a batch, and reads the running sums one stride late, when they are long done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional, Union

import numpy as np
from numpy.typing import NDArray

from .callbacks import Callback, EpochStart, FitStart, Progress
from .data.batches import batches
from .data.dataset import Split, as_images, as_split
from .errors import DataError, UsageError
from .history import EpochRecord, History
from .metrics import Scores, score, softmax
from .runtime import import_mxnet
from .step import Look
from .train_pass import TrainPass, to_device
from .weights import Weights

mx = import_mxnet()

Labelled = Union[Split, tuple[NDArray[Any], NDArray[Any]]]

# Images at a time when nothing is learnt.
LOOK_BATCH = 1000


class Trainer:
    """Fits, scores and predicts with one network.

    Args:
        network: a HybridBlock, initialised on ``contexts``: images (n, C, H, W) float32 from 0 to 1
            to logits (n, classes).
        optimizer: an ``mx.optimizer.Optimizer``, or the name of one.
        optimizer_options: what the optimizer of that name takes.
        contexts: the devices to work on; a batch is split over them. By default those that the
            network is on.
        label_smoothing: the share of each label that is spread over all classes.
        augmentation: a HybridBlock without parameters that changes the images, in shape and form
            those of ``network``, before it learns from them; nothing else sees it.
        callbacks: told what happens.
        seed: of the order of the images, of dropout and augmentation; with the same number of
            threads on the same device it gives the same bits.
    """

    def __init__(
        self,
        network: Any,
        optimizer: Any = "sgd",
        optimizer_options: Optional[Mapping[str, Any]] = None,
        *,
        contexts: Sequence[Any] = (),
        label_smoothing: float = 0.0,
        augmentation: Any = None,
        callbacks: Sequence[Callback] = (),
        seed: int = 0,
    ):
        if isinstance(optimizer, str):
            optimizer = mx.optimizer.create(optimizer, **(optimizer_options or {}))
        self.network = network
        self.history = History()
        self._optimizer = optimizer
        self._contexts = list(contexts) or _contexts_of(network)
        self._label_smoothing = label_smoothing
        self._augmentation = augmentation
        self._callbacks = list(callbacks)
        self._seed = seed
        self._stopping = self._stopped = False
        self._weights: Optional[Weights] = None
        self._look = Look(network)
        self._look.hybridize(static_alloc=True)

    def stop(self) -> None:
        """End the fit after the batch in hand; may be called from a signal handler."""
        self._stopping = True

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` ended the last fit before its time."""
        return self._stopped

    def fit(
        self,
        train: Labelled,
        *,
        epochs: int,
        batch_size: int = 100,
        validation: Optional[Labelled] = None,
        schedule: Optional[Callable[[int], float]] = None,
    ) -> History:
        """Train for ``epochs`` epochs, and evaluate after each where there is ``validation``.

        A later call goes on: with the weights and the state of the optimizer as they are, and with
        the epoch after the last in the history, which decides the order of the images.

        Args:
            train: images uint8 (N, C, H, W) or (N, H, W), and labels (N,).
            epochs: the number of epochs to train now.
            batch_size: images a step; the last batch of an epoch holds what is left.
            validation: as ``train``.
            schedule: the learning rate of each epoch, counted from 0; constant by default.

        Raises:
            Diverged: if the loss or a weight is not finite; the network then holds the weights
                with which the last good epoch ended.
            DataError: if the data contradict themselves.
        """
        train = self._checked("train", train)
        validation = None if validation is None else self._checked("validation", validation)
        if not 1 <= batch_size <= len(train):
            raise UsageError(
                f"batch_size {batch_size} must be from 1 to the number of training images, "
                f"{len(train)}"
            )
        if self._weights is None:
            self._weights = Weights(self.network, self._optimizer, self._contexts)
        self._weights.fetch()
        train_pass = TrainPass(
            self.network,
            self._weights,
            train,
            contexts=self._contexts,
            batch_size=batch_size,
            label_smoothing=self._label_smoothing,
            augmentation=self._augmentation,
            seed=self._seed,
        )
        self._stopping = self._stopped = False
        first, last = len(self.history), len(self.history) + epochs
        self._tell("on_fit_start", FitStart(first, last, len(train), batch_size))
        for epoch in range(first, last):
            if schedule is not None:
                self._optimizer.set_learning_rate(schedule(epoch))
            rate = self._optimizer.learning_rate
            self._tell("on_epoch_start", EpochStart(epoch, rate))
            done = train_pass.run(epoch, self._on_progress, lambda: self._stopping)
            self._weights.publish()
            if self._stopping:
                self._stopped = True
                return self.history
            record = _record(done, rate, None if validation is None else self.score(validation))
            self.history.append(record)
            self._tell("on_epoch_end", record)
        self._tell("on_fit_end", self.history)
        return self.history

    def score(self, labelled: Labelled, *, top_k: tuple[int, ...] = ()) -> Scores:
        """Score labelled images, each exactly once.

        Args:
            labelled: images uint8 (N, C, H, W) or (N, H, W), and labels (N,).
            top_k: ranks to count besides the first.

        Raises:
            DataError: if the data contradict themselves or the network.
        """
        split = self._checked("score", labelled)
        logits = self.logits(split.images)
        return score(logits, split.labels, label_smoothing=self._label_smoothing, top_k=top_k)

    def predict(self, images: NDArray[Any]) -> NDArray[Any]:
        """The probabilities of each class, float32 (N, classes).

        Args:
            images: uint8 (N, C, H, W) or (N, H, W), at least one.

        Raises:
            DataError: if they are not that.
        """
        return softmax(self.logits(images))

    def logits(self, images: NDArray[Any]) -> NDArray[Any]:
        """What the network says of each image, float32 (N, classes).

        Args:
            images: uint8 (N, C, H, W) or (N, H, W), at least one.

        Raises:
            DataError: if they are not that.
        """
        images = as_images("predict", images)
        found: list[NDArray[Any]] = []
        queued: Any = None
        for begin, end in batches(len(images), LOOK_BATCH):
            piece = self._look(to_device(images[begin:end], self._contexts[0]))
            # Read one piece late: the device works on while this one is copied.
            if queued is not None:
                found.append(queued.asnumpy())
            queued = piece
        return np.concatenate([*found, queued.asnumpy()])

    def _tell(self, moment: str, event: Any) -> None:
        for callback in self._callbacks:
            getattr(callback, moment)(event)

    def _on_progress(self, progress: Progress) -> None:
        self._tell("on_progress", progress)

    def _checked(self, where: str, labelled: Labelled) -> Split:
        """The split, if the network has an output for each of its labels."""
        split = as_split(where, labelled)
        shape = self._look(to_device(split.images[:1], self._contexts[0])).shape
        low, high = int(split.labels.min()), int(split.labels.max())
        if low < 0 or high >= shape[1]:
            raise DataError(
                f"{where}: labels from {low} to {high} do not fit the network's output of "
                f"{shape[1]} classes"
            )
        return split


def _contexts_of(network: Any) -> list[Any]:
    for parameter in network.collect_params().values():
        return list(parameter.list_ctx())
    return [mx.cpu()]


def _record(done: Progress, rate: float, scores: Optional[Scores]) -> EpochRecord:
    return EpochRecord(
        epoch=done.epoch,
        learning_rate=rate,
        samples=done.samples,
        seconds=done.seconds,
        samples_per_second=done.samples_per_second,
        train_loss=done.loss,
        train_accuracy=done.accuracy,
        validation_loss=None if scores is None else scores.loss,
        validation_accuracy=None if scores is None else scores.accuracy,
    )
