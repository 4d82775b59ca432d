"""The Trainer: a network, an optimizer and devices in, numbers out.

It knows no recipe, no registry, no path and no terminal, so it serves a notebook as well as a run:

    trainer = Trainer(network, "sgd", {"learning_rate": 0.1})
    history = trainer.fit((images, labels), epochs=10, validation=(test_images, test_labels))
    print(trainer.score((test_images, test_labels)).accuracy)

What happens within an epoch is the backend's; see :mod:`mxdigits.backends.base`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Callable, Optional, Union

from ..arrays import AnyArray, Arrays, Images, Logits, Probabilities
from ..backends.base import EpochPosition, FitInProgress, Progress, TrainingSettings
from ..backends.choose import make_backend
from ..data.dataset import Split, as_images, as_split
from ..errors import CheckpointError, DataError, UsageError
from .callback_list import CallbackList
from .callbacks import Callback, EpochStart, FitStart, KeepWeights, ScaleLearningRate, Stop
from .history import EpochRecord, History
from .metrics import Scores, score, softmax
from .schedule import Schedule
from .state import StateSink, TrainingState
from .state_facts import FitFacts, read_facts, write_facts

Labelled = Union[Split, tuple[AnyArray, AnyArray]]

# In a state, before the places of the weights that a callback wants to end with.
_KEPT = "kept."


class Trainer:
    """Fits, scores and predicts with one network.

    ``history`` holds a record of each epoch, ``position`` how far the next one has come; ``ended``
    says why a callback ended the last fit.

    Args:
        network: a HybridBlock, initialised on ``contexts``: images (n, C, H, W) float32 from 0 to 1
            to logits (n, classes).
        optimizer: an ``mx.optimizer.Optimizer``, or the name of one.
        optimizer_options: what the optimizer of that name takes.
        contexts: the devices to work on; a batch is split over them. By default those that the
            network is on.
        label_smoothing: the share of each label that is spread over all classes.
        clip_global_norm: the largest L2 norm of all gradients of a batch together (of its mean
            loss); a longer one is scaled down to it. None for no bound.
        augmentation: a HybridBlock without parameters that changes the images, in shape and form
            those of ``network``, before it learns from them; nothing else sees it.
        callbacks: told what happens; what they return at an epoch's end is done.
        seed: of the order of the images, of dropout and augmentation; with the same number of
            threads on the same device it gives the same bits.
        backend: the name of what executes the network: ``mxnet``, ``xla`` or ``torch``, whose
            ``contexts`` are devices of JAX and of PyTorch.
        precision: what a step of training computes with: ``float32``, or on ``xla`` and ``torch``
            also ``tf32``, ``bfloat16`` or ``float16``. Weights stay float32.
        say: told what takes long, such as compiling.

    Example:
        >>> import numpy as np
        >>> from mxdigits import build_network
        >>> images, labels = np.full((20, 1, 28, 28), 255, np.uint8), np.arange(20) % 10
        >>> network = build_network("mlp", {}, classes=10, image_shape=(1, 28, 28))
        >>> trainer = Trainer(network, "sgd", {"learning_rate": 0.1})
        >>> history = trainer.fit((images, labels), epochs=2, batch_size=10)
        >>> len(history), trainer.score((images, labels)).samples, trainer.predict(images).shape
        (2, 20, (20, 10))
    """

    def __init__(
        self,
        network: object,
        optimizer: object = "sgd",
        optimizer_options: Optional[Mapping[str, object]] = None,
        *,
        contexts: Sequence[object] = (),
        label_smoothing: float = 0.0,
        clip_global_norm: Optional[float] = None,
        augmentation: object = None,
        callbacks: Sequence[Callback] = (),
        seed: int = 0,
        backend: str = "mxnet",
        precision: str = "float32",
        say: Callable[[str], None] = lambda text: None,
    ):
        settings = TrainingSettings(
            optimizer=optimizer,
            optimizer_options=optimizer_options or {},
            label_smoothing=label_smoothing,
            clip_global_norm=clip_global_norm,
            augmentation=augmentation,
            seed=seed,
            precision=precision,
            say=say,
        )
        self.network = network
        self.backend = make_backend(backend, network, settings, contexts)
        self.history = History()
        self.position = EpochPosition()
        self.ended: Optional[str] = None
        self._label_smoothing = label_smoothing
        self._callbacks = CallbackList(callbacks)
        self._stopping = self._stopped = False
        self._rate_scale = 1.0
        self._kept: Arrays = {}

    def add_callback(self, callback: Callback) -> None:
        """Tell one more callback what happens from now on, after the others."""
        self._callbacks.add(callback)

    def stop(self) -> None:
        """End the fit after the batch in hand, or the next fit after its first batch.

        May be called from a signal handler.
        """
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
        schedule: Optional[Schedule] = None,
        keeper: Optional[StateSink] = None,
    ) -> History:
        """Train for ``epochs`` epochs, and evaluate after each where there is ``validation``.

        A later call goes on: with the weights and the state of the optimizer as they are, and with
        the epoch after the last in the history, which decides the order of the images.

        Args:
            train: images uint8 (N, C, H, W) or (N, H, W), and labels (N,).
            epochs: the number of epochs to train now, the one that has begun already included.
            batch_size: images a step; the last batch of an epoch holds what is left.
            validation: as ``train``.
            schedule: the learning rate of each epoch, counted from 0; constant by default.
            keeper: receives the state after each epoch, within one when it asks, and at the end.

        Raises:
            Diverged: if the loss or a weight is not finite; the network then holds the weights
                with which the last good epoch ended.
            DataError: if the data contradict themselves.
            PluginError: if a callback raises something, which ends the fit.
        """
        train = self._checked("train", train)
        validation = None if validation is None else self._checked("validation", validation)
        fit = self._begin_fit(train, batch_size)
        first, last = len(self.history), len(self.history) + epochs
        self._stopped, self.ended = False, None if epochs else self.ended
        validated = validation is not None
        start = FitStart(first, last, len(train), batch_size, validated)
        self._callbacks.tell("on_fit_start", start)
        try:
            for epoch in range(first, last):
                rate = self._learning_rate(epoch, schedule)
                done = self._train_epoch(fit, epoch, rate, keeper)
                if done.batch < fit.batches:
                    return self._stop_at(fit.position(), keeper)
                self._end_epoch(done, rate, validation)
                over = self.ended is not None or epoch + 1 == last
                if self._stopping and not over:
                    return self._stop_at(EpochPosition(), keeper)
                self._keep_state(keeper, EpochPosition(), last=over)
                if over:
                    break
        finally:
            # Not at the beginning: a signal may come while the fit is being prepared.
            self._stopping = False
        if self._kept:
            self.backend.publish(self._kept)
        self._callbacks.tell("on_fit_end", self.history)
        return self.history

    def restore(self, state: TrainingState) -> None:
        """Go back to the state of an earlier fit; the next :meth:`fit` continues from it.

        With the same data, settings, devices and threads the result is the same, bit for bit, as
        without the interruption.

        Raises:
            CheckpointError: if it is the state of another network, optimizer or set of callbacks.
        """
        facts = read_facts(state.facts)
        self._callbacks.check(facts.callbacks)
        kept = {
            name[len(_KEPT) :]: array
            for name, array in state.arrays.items()
            if name.startswith(_KEPT)
        }
        if kept:
            self.backend.check_snapshot(kept)
        self.backend.restore(state.arrays, facts.optimizer)
        self._callbacks.restore(facts.callbacks)
        self.position, self.history = facts.position, History(facts.history)
        self._rate_scale, self.ended, self._kept = facts.rate_scale, facts.ended, kept

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

    def predict(self, images: Images) -> Probabilities:
        """The probabilities of each class, float32 (N, classes).

        Args:
            images: uint8 (N, C, H, W) or (N, H, W), at least one.

        Raises:
            DataError: if they are not that.
        """
        return softmax(self.logits(images))

    def logits(self, images: Images) -> Logits:
        """What the network says of each image, float32 (N, classes).

        Args:
            images: uint8 (N, C, H, W) or (N, H, W), at least one.

        Raises:
            DataError: if they are not that.
        """
        return self.backend.logits(as_images("predict", images))

    def _begin_fit(self, train: Split, batch_size: int) -> FitInProgress:
        if not 1 <= batch_size <= len(train):
            raise UsageError(
                f"batch_size {batch_size} must be from 1 to the number of training images, "
                f"{len(train)}"
            )
        fit = self.backend.begin_fit(train.images, train.labels, batch_size)
        if self.position.batch > fit.batches:
            raise CheckpointError(
                f"the state is of batch {self.position.batch} of an epoch; here an epoch has "
                f"{fit.batches} batches"
            )
        return fit

    def _learning_rate(self, epoch: int, schedule: Optional[Schedule]) -> float:
        base = self.backend.learning_rate if schedule is None else schedule(epoch)
        return self._rate_scale * base

    def _train_epoch(
        self, fit: FitInProgress, epoch: int, rate: float, keeper: Optional[StateSink]
    ) -> Progress:
        """Train the rest of an epoch, or a part of it if :meth:`stop` was called."""

        def after_batch(batch: int) -> bool:
            if keeper is not None and keeper.due(batch):
                self._keep_state(keeper, fit.position(), last=False)
            return self._stopping

        self._callbacks.tell("on_epoch_start", EpochStart(epoch, rate))
        on_progress = partial(self._callbacks.tell, "on_progress")
        done = fit.run(epoch, rate, self.position, on_progress, after_batch)
        self.backend.publish()
        return done

    def _end_epoch(self, done: Progress, rate: float, validation: Optional[Split]) -> None:
        """Evaluate, enter the epoch into the history, and do what the callbacks want."""
        self.position = EpochPosition()
        scores = None if validation is None else self.score(validation)
        record = EpochRecord.of(done, rate, scores)
        self.history.append(record)
        for action in self._callbacks.actions(record):
            if isinstance(action, Stop):
                self.ended = action.reason if self.ended is None else self.ended
            elif isinstance(action, ScaleLearningRate):
                self._rate_scale *= action.factor
            elif isinstance(action, KeepWeights):
                self._kept = self.backend.snapshot()

    def _stop_at(self, position: EpochPosition, keeper: Optional[StateSink]) -> History:
        self._stopped, self.position = True, position
        self._keep_state(keeper, position, last=True)
        return self.history

    def _keep_state(
        self, keeper: Optional[StateSink], position: EpochPosition, *, last: bool
    ) -> None:
        if keeper is not None:
            keeper.keep(self._state(position), last=last)

    def _state(self, position: EpochPosition) -> TrainingState:
        arrays, optimizer = self.backend.state()
        arrays.update({f"{_KEPT}{place}": array for place, array in self._kept.items()})
        facts = FitFacts(
            position=position,
            history=list(self.history),
            rate_scale=self._rate_scale,
            ended=self.ended,
            optimizer=optimizer,
            callbacks=self._callbacks.states(),
        )
        return TrainingState(len(self.history), position.batch, arrays, write_facts(facts))

    def _checked(self, where: str, labelled: Labelled) -> Split:
        """The split, if the network has an output for each of its labels."""
        split = as_split(where, labelled)
        classes = self.backend.classes(split.images.shape[1:])
        low, high = int(split.labels.min()), int(split.labels.max())
        if low < 0 or high >= classes:
            raise DataError(
                f"{where}: labels from {low} to {high} do not fit the network's output of "
                f"{classes} classes"
            )
        return split
