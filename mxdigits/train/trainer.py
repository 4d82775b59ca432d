"""The Trainer: a network, an optimizer and devices in, numbers out.

It knows no recipe, no registry, no path and no terminal, so it serves a notebook as well as a run:

    trainer = Trainer(network, "sgd", {"learning_rate": 0.1})
    history = trainer.fit((images, labels), epochs=10, validation=(test_images, test_labels))
    print(trainer.score((test_images, test_labels)).accuracy)

MXNet works behind Python's back: calls only queue work.  Python therefore stays a little ahead,
never waits within a batch, and reads the running sums one stride late, when they are long done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Callable, Optional, Protocol, Union

import numpy as np
from numpy.typing import NDArray

from ..backends.mxnet.device_worker import to_device
from ..backends.mxnet.runtime import import_mxnet
from ..backends.mxnet.step import Look
from ..backends.mxnet.train_pass import TrainPass
from ..backends.mxnet.weights import Weights
from ..data.batches import batches
from ..data.dataset import Split, as_images, as_split
from ..errors import (
    CheckpointError,
    DataError,
    PluginError,
    UsageError,
    describe,
    naming,
    text_of,
)
from .callbacks import (
    Action,
    Callback,
    EpochStart,
    FitStart,
    KeepWeights,
    Progress,
    ScaleLearningRate,
    Stop,
    actions_of,
)
from .history import EpochRecord, History
from .metrics import Scores, score, softmax
from .state import Begun, TrainingState
from .state_facts import read_facts

mx = import_mxnet()

Labelled = Union[Split, tuple[NDArray[Any], NDArray[Any]]]

# Images at a time when nothing is learnt.
LOOK_BATCH = 1000


class Keeper(Protocol):
    """Keeps the state of a fit, for whoever wants to go on with it."""

    def due(self, batch: int) -> bool:
        """Whether to keep the state after ``batch`` batches of an epoch."""

    def keep(self, state: TrainingState, *, last: bool) -> None:
        """Keep a state; ``last`` if no other follows."""


class Trainer:
    """Fits, scores and predicts with one network.

    ``history`` holds a record of each epoch, ``begun`` how far the next one has come; ``ended``
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
    """

    def __init__(
        self,
        network: Any,
        optimizer: Any = "sgd",
        optimizer_options: Optional[Mapping[str, Any]] = None,
        *,
        contexts: Sequence[Any] = (),
        label_smoothing: float = 0.0,
        clip_global_norm: Optional[float] = None,
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
        self._clip_global_norm = clip_global_norm
        self._augmentation = augmentation
        self._callbacks = list(callbacks)
        self._seed = seed
        self._stopping = self._stopped = False
        self._weights: Optional[Weights] = None
        self.begun = Begun()
        self._rate_scale = 1.0
        self.ended: Optional[str] = None
        self._kept: Mapping[str, Any] = {}
        self._look = Look(network)
        self._look.hybridize(static_alloc=True)

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
        schedule: Optional[Callable[[int], float]] = None,
        keeper: Optional[Keeper] = None,
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
            keeper: given the state after each epoch, when it says so within one, and at the end.

        Raises:
            Diverged: if the loss or a weight is not finite; the network then holds the weights
                with which the last good epoch ended.
            DataError: if the data contradict themselves.
            PluginError: if a callback raises something, which ends the fit.
        """
        train = self._checked("train", train)
        validation = None if validation is None else self._checked("validation", validation)
        if not 1 <= batch_size <= len(train):
            raise UsageError(
                f"batch_size {batch_size} must be from 1 to the number of training images, "
                f"{len(train)}"
            )
        weights = self._training_weights()
        weights.fetch()
        train_pass = TrainPass(
            self.network,
            weights,
            train,
            contexts=self._contexts,
            batch_size=batch_size,
            label_smoothing=self._label_smoothing,
            augmentation=self._augmentation,
            seed=self._seed,
        )

        def ended(batch: int) -> bool:
            if keeper is not None and keeper.due(batch):
                keeper.keep(self._state(train_pass.begun()), last=False)
            return self._stopping

        base = self._optimizer.learning_rate
        self._stopped = False
        if self.begun.batch > train_pass.batches:
            raise CheckpointError(
                f"the state is of batch {self.begun.batch} of an epoch; here an epoch has "
                f"{train_pass.batches} batches"
            )
        if epochs:
            self.ended = None
        first, last = len(self.history), len(self.history) + epochs
        validated = validation is not None
        self._tell("on_fit_start", FitStart(first, last, len(train), batch_size, validated))
        try:
            for epoch in range(first, last):
                rate = self._rate_scale * (base if schedule is None else schedule(epoch))
                self._optimizer.set_learning_rate(rate)
                self._tell("on_epoch_start", EpochStart(epoch, rate))
                done = train_pass.run(epoch, self._on_progress, ended, self.begun)
                weights.publish()
                if done.batch < train_pass.batches:
                    return self._stop_here(keeper, train_pass.begun())
                self.begun = Begun()
                scores = None if validation is None else self.score(validation)
                record = _record(done, rate, scores)
                self.history.append(record)
                self._end_epoch(record)
                over = self.ended is not None or epoch + 1 == last
                if self._stopping and not over:
                    return self._stop_here(keeper, Begun())
                if keeper is not None:
                    keeper.keep(self._state(Begun()), last=over)
                if over:
                    break
        finally:
            # Not at the beginning: a signal may come while the fit is being prepared.
            self._stopping = False
            self._optimizer.set_learning_rate(base)
        if self._kept:
            weights.publish(self._kept)
        self._tell("on_fit_end", self.history)
        return self.history

    def restore(self, state: TrainingState) -> None:
        """Stand where a fit stood; the next :meth:`fit` goes on from there.

        The bits are those of a fit that was never interrupted, with the same data, the same
        settings, and the same devices and threads.

        Raises:
            CheckpointError: if it is the state of another network, optimizer or set of callbacks.
        """
        facts = read_facts(state.facts)
        known = [each for each in self._callbacks if self._call(each, "state") is not None]
        names, there = [name for name, _ in facts.callbacks], [each.name for each in known]
        if names != there:
            raise CheckpointError(
                f"the state is of the callbacks {', '.join(names) or 'none'}; "
                f"here are {', '.join(there) or 'none'}"
            )
        weights = self._training_weights()
        kept = {
            name.partition(".")[2]: array
            for name, array in state.arrays.items()
            if name.startswith("kept.")
        }
        if kept:
            weights.check_snapshot(kept)
        weights.restore(state.arrays, facts.optimizer)
        for callback, (_, remembered) in zip(known, facts.callbacks):
            try:
                callback.restore(remembered)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                raise CheckpointError(
                    f"callback {callback.name} cannot go on from its state: {describe(error)}"
                ) from error
        self.begun, self.history = facts.begun, History(facts.history)
        self._rate_scale, self.ended, self._kept = facts.rate_scale, facts.ended, kept

    def _state(self, begun: Begun) -> TrainingState:
        arrays, optimizer = self._training_weights().state()
        arrays.update({f"kept.{place}": array for place, array in self._kept.items()})
        states = [(each.name, self._remembered(each)) for each in self._callbacks]
        facts = {
            "begun": asdict(begun),
            "history": [asdict(record) for record in self.history],
            "rate_scale": self._rate_scale,
            "ended": self.ended,
            "optimizer": optimizer,
            "callbacks": [[name, state] for name, state in states if state is not None],
        }
        return TrainingState(len(self.history), begun.batch, arrays, facts)

    def _stop_here(self, keeper: Optional[Keeper], begun: Begun) -> History:
        self._stopped, self.begun = True, begun
        if keeper is not None:
            keeper.keep(self._state(begun), last=True)
        return self.history

    def _end_epoch(self, record: EpochRecord) -> None:
        """Tell the callbacks, and do what they say."""
        for callback in self._callbacks:
            for action in self._actions(callback, record):
                if isinstance(action, Stop):
                    self.ended = action.reason if self.ended is None else self.ended
                elif isinstance(action, ScaleLearningRate):
                    self._rate_scale *= action.factor
                elif isinstance(action, KeepWeights):
                    self._kept = self._training_weights().snapshot()

    def _actions(self, callback: Callback, record: EpochRecord) -> Sequence[Action]:
        answer = self._call(callback, "on_epoch_end", record)
        try:
            return actions_of(answer)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also of a strange answer that cannot be shown
            raise PluginError(f"callback {callback.name}: {text_of(error)}") from error

    def _training_weights(self) -> Weights:
        if self._weights is None:
            self._weights = Weights(
                self.network, self._optimizer, self._contexts, self._clip_global_norm
            )
        return self._weights

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
            self._call(callback, moment, event)

    def _call(self, callback: Callback, moment: str, *arguments: Any) -> Any:
        with naming(f"callback {callback.name}: {moment} failed"):
            return getattr(callback, moment)(*arguments)

    def _remembered(self, callback: Callback) -> Any:
        """The state of a callback, once it is known that it can be kept."""
        state = self._call(callback, "state")
        with naming(f"callback {callback.name}: its state cannot be written as JSON"):
            json.dumps(state)
        return state

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
