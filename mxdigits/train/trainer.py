"""The Trainer: trains a network with an optimizer on devices, and returns numbers.

It knows no recipe, no registry, no path and no terminal, so it serves a notebook as well as a run:

    trainer = Trainer(network, "sgd", {"learning_rate": 0.1})
    history = trainer.fit((images, labels), epochs=10, validation=(test_images, test_labels))
    print(trainer.score((test_images, test_labels)).accuracy)

The backend does the work within an epoch; see :mod:`mxdigits.backends.base`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Callable, Optional

import numpy as np

from ..arguments import as_function, as_number, as_whole
from ..backends.base import EpochPosition, FitInProgress, Progress, Rates
from ..backends.choose import make_backend
from ..backends.settings import Teacher, TrainingSettings
from ..backends.team.agreement import agreed, total
from ..data.dataset import Split
from ..data.given import Labelled
from ..errors import CheckpointError
from ..workers import ALONE, Workers
from . import arguments
from .callback_list import CallbackList
from .callbacks import Callback, EpochStart, FitStart, KeepWeights, ScaleLearningRate, Stop
from .evaluator import Evaluator
from .history import EpochRecord, History
from .metrics import Scores, score
from .schedule import Planned, Schedule, rates_of
from .shown_weights import ShownWeights
from .state import StateSink, TrainingState
from .state_facts import FitFacts, read_facts, write_facts
from .teamwork import first_wants, packed, shared_logits, unpacked


class Trainer(Evaluator):
    """Fits, scores and predicts with one network.

    ``history`` holds a record of each epoch, ``position`` the progress of the next one; ``ended``
    says why a callback ended the last fit.

    Args:
        network: a HybridBlock, initialised on ``contexts``: images (n, C, H, W) float32 from 0 to 1
            to logits (n, classes).
        optimizer: an ``mx.optimizer.Optimizer``, or the name of one.
        optimizer_options: the options of the optimizer of that name.
        contexts: the devices to work on; a batch is split over them. By default those that the
            network is on.
        label_smoothing: the share of each label that is spread over all classes.
        class_weights: factors of the loss of an image, by its label; empty for 1. The losses in
            history and scores are computed without them and without ``focal``.
        focal: the exponent of the focal loss; 0 for cross-entropy.
        sampler: ``balanced`` for epochs with equally many images of each class, None for all
            images.
        accumulate: the number of parts in which a batch is computed, to save memory.
        clip_global_norm: the largest L2 norm of all gradients of a batch together (of its mean
            loss); larger gradients are scaled down to it. None for no bound.
        augmentation: a Graph, or a HybridBlock, without parameters that changes the training
            images, (n, C, H, W) float32 from 0 to 1; evaluation does not use it.
        teacher: a trained network to learn from besides the labels; None for none.
        ema: the decay of a moving average of the weights, such as 0.999, updated after each batch.
            It is also evaluated after each epoch, and the fit ends with it. None for none.
        swa: the fit ends with the mean of the weights after so many last epochs (of the fit, or of
            its schedule's plan), with the statistics of batch normalisations measured anew. None
            for no mean.
        freeze: patterns of the names of parameters that do not change, such as ``features.*``. A
            batch normalisation with frozen statistics uses these and does not update them.
        lr_mult: factors of the learning rate, above 0, by such patterns; the last that fits
            counts.
        callbacks: told what happens; the actions that they return at an epoch's end are done.
        seed: the seed of the order of images, of dropout and augmentation; it gives the same bits
            on the same device with the same number of threads.
        backend: the name of the backend: ``mxnet``, ``xla`` or ``torch``; for the last two
            ``contexts`` are devices of JAX and of PyTorch.
        precision: what a step of training computes with: ``float32``, or on ``xla`` and ``torch``
            also ``tf32``, ``bfloat16`` or ``float16``. Weights stay float32.
        tta: test-time augmentation: the number of shifted and turned views of each image whose
            probabilities are averaged. 1 for the image alone.
        workers: which of the processes this is that train together, each with a part of every
            batch. They must call the same methods in the same order. All do what the callbacks of
            worker 0 want.
        shard: whether each worker is given only its own images, chosen by
            :func:`~mxdigits.backends.batches.sharded`.
        say: told of slow steps, such as compiling.

    Raises:
        UsageError: if an argument is not what it must be.
        MxdigitsError: if the backend is not installed, or refuses the network.

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
        class_weights: Sequence[float] = (),
        focal: float = 0.0,
        sampler: Optional[str] = None,
        accumulate: int = 1,
        clip_global_norm: Optional[float] = None,
        augmentation: object = None,
        teacher: Optional[Teacher] = None,
        ema: Optional[float] = None,
        swa: Optional[int] = None,
        freeze: Sequence[str] = (),
        lr_mult: Optional[Mapping[str, float]] = None,
        callbacks: Sequence[Callback] = (),
        seed: int = 0,
        backend: str = "mxnet",
        precision: str = "float32",
        tta: int = 1,
        workers: Workers = ALONE,
        shard: bool = False,
        say: Callable[[str], None] = lambda text: None,
    ):
        label_smoothing = as_number("label_smoothing", label_smoothing, below=1)
        if clip_global_norm is not None:
            clip_global_norm = as_number("clip_global_norm", clip_global_norm, above=True)
        if ema is not None:
            ema = as_number("ema", ema, below=1, above=True)
        if swa is not None:
            swa = as_whole("swa", swa, least=1)
        arguments.check_sampler(sampler)
        arguments.check_augmentation(augmentation)
        arguments.check_teacher(teacher)
        arguments.check_workers(workers)
        as_function("say", say)
        callbacks = arguments.as_callbacks(callbacks)
        contexts = arguments.as_devices(contexts)
        settings = TrainingSettings(
            optimizer=optimizer,
            optimizer_options=arguments.optimizer_options(optimizer, optimizer_options),
            label_smoothing=label_smoothing,
            class_weights=arguments.as_weights(class_weights),
            focal=as_number("focal", focal),
            sampler=sampler,
            accumulate=as_whole("accumulate", accumulate, least=1),
            clip_global_norm=clip_global_norm,
            augmentation=augmentation,
            teacher=teacher,
            learning=arguments.as_learning(network, freeze, lr_mult),
            ema=ema,
            seed=as_whole("seed", seed, least=0, most=2**31 - 1),
            precision=precision,
            workers=workers,
            shard=shard,
            say=say,
        )
        made = make_backend(backend, network, settings, contexts)
        super().__init__(network, made, label_smoothing=label_smoothing, tta=tta)
        self._team = self.backend.team
        self._class_weights = len(settings.class_weights)
        self._shard = shard and self._team.count > 1
        self.history = History()
        self.position = EpochPosition()
        self.ended: Optional[str] = None
        self._callbacks = CallbackList(callbacks)
        self._stopping = self._stopped = False
        self._rate_scale = 1.0
        self._shown = ShownWeights(self.backend, ema=ema is not None, swa=swa, say=say)

    def add_callback(self, callback: Callback) -> None:
        """Add a callback, which is called after the others from now on.

        Raises:
            UsageError: if it is not a callback.
        """
        self._callbacks.add(arguments.as_callback(callback))

    def stop(self) -> None:
        """End the fit after the current batch, or the next fit after its first batch.

        May be called from a signal handler.
        """
        self._stopping = True

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` ended the last fit early."""
        return self._stopped

    def fit(
        self,
        train: Labelled,
        *,
        epochs: int,
        batch_size: int = 100,
        validation: Optional[Labelled] = None,
        schedule: Optional[Schedule] = None,
        sink: Optional[StateSink] = None,
    ) -> History:
        """Train for ``epochs`` epochs, and evaluate after each if there is ``validation``.

        A later call goes on with the current weights and state of the optimizer, and with the epoch
        after the last one in the history. The number of an epoch decides the order of its images.

        Args:
            train: images (N, C, H, W) or (N, H, W), bytes or floats from 0 to 1, and labels (N,);
                or an object that gives batches of both, such as a DataLoader of Gluon or PyTorch,
                which is read once: :func:`~mxdigits.data.given.given_split`.
            epochs: the number of epochs to train now, including one that has already begun.
            batch_size: images in each step; the last batch of an epoch may be smaller.
            validation: as ``train``.
            schedule: the learning rate of each epoch, counted from 0, or what
                :func:`~mxdigits.train.schedule.make_schedule` gives; constant by default.
            sink: receives the state after each epoch, within an epoch when it asks, and at the end.

        Raises:
            Diverged: if the loss or a weight is not finite; the network then holds the weights
                after the last good epoch.
            UsageError: if an argument is invalid.
            DataError: if the data are inconsistent.
            PluginError: if a callback raises something, which ends the fit.
        """
        epochs = as_whole("epochs", epochs, least=0)
        batch_size = as_whole("batch_size", batch_size, least=1)
        arguments.check_schedule(schedule)
        arguments.check_sink(sink)
        train = self._checked("train", train)
        if self._class_weights:
            classes = self.backend.classes(train.images.shape[1:])
            arguments.check_class_weights(self._class_weights, classes)
        validation = None if validation is None else self._checked("validation", validation)
        if self._shown.average:
            self._shown.show_trained()
        fit = self._begin_fit(train, batch_size)
        first, last = len(self.history), len(self.history) + epochs
        self._stopped, self.ended = False, None if epochs else self.ended
        validated = validation is not None
        start = FitStart(first, last, self._samples(train), batch_size, validated)
        self._callbacks.tell("on_fit_start", start)
        try:
            for epoch in range(first, last):
                rates = self._rates(epoch, schedule, fit.batches)
                rate = float(np.ravel(rates)[0])
                done = self._train_epoch(fit, epoch, rates, sink)
                if done.batch < fit.batches:
                    return self._stop_at(fit.position(), sink)
                self._end_epoch(done, rate, validation)
                planned = schedule.epochs if isinstance(schedule, Planned) else last
                self._shown.add_epoch(epoch, planned)
                over = self.ended is not None or epoch + 1 == last
                if any(agreed(self._team, self._stopping)) and not over:
                    return self._stop_at(EpochPosition(), sink)
                self._keep_state(sink, EpochPosition(), last=over)
                if over:
                    break
        finally:
            # Not at the beginning: a signal may come while the fit is being prepared.
            self._stopping = False
        self._shown.show_final(fit, len(self.history))
        self._callbacks.tell("on_fit_end", self.history)
        return self.history

    def meet(self) -> None:
        """Take over the state of worker 0: its weights, and what it has restored.

        Every worker must call it before the first fit; a single process need not. Only the
        callbacks of worker 0 keep a state.
        """
        if self._team.count == 1:
            return
        # Every worker makes its state, because making it may prepare parts that all workers need.
        told = self._team.first_says(packed(self._state(self.position)))
        if self._team.rank > 0:
            state = unpacked(told)
            self._resume(state, read_facts(state.facts))

    def restore(self, state: TrainingState) -> None:
        """Go back to the state of an earlier fit; the next :meth:`fit` continues from it.

        With the same data, settings, devices and threads the result is bit for bit the same as
        without the interruption.

        Raises:
            CheckpointError: if it is the state of another network, optimizer or set of callbacks.
            UsageError: if it is not a state.
        """
        arguments.check_state(state)
        facts = read_facts(state.facts)
        self._callbacks.check(facts.callbacks)
        self._resume(state, facts)
        self._callbacks.restore(facts.callbacks)

    def _resume(self, state: TrainingState, facts: FitFacts) -> None:
        """Go back to a state, without the states of callbacks."""
        self._shown.check(state.arrays)
        self.backend.restore(state.arrays, facts.optimizer)
        self.position, self.history = facts.position, History(facts.history)
        self._rate_scale, self.ended = facts.rate_scale, facts.ended
        at_epoch_end = len(self.history) > 0 and not self.position.batch
        self._shown.restore(state.arrays, at_epoch_end=at_epoch_end)

    def _begin_fit(self, train: Split, batch_size: int) -> FitInProgress:
        arguments.check_batch_size(batch_size, self._samples(train))
        fit = self.backend.begin_fit(train.images, train.labels, batch_size)
        if self.position.batch > fit.batches:
            raise CheckpointError(
                f"the state is of batch {self.position.batch} of an epoch; here an epoch has "
                f"{fit.batches} batches: give the same images and batch size"
            )
        return fit

    def _samples(self, train: Split) -> int:
        """The number of training images of all workers."""
        return total(self._team, len(train)) if self._shard else len(train)

    def _rates(self, epoch: int, schedule: Optional[Schedule], batches: int) -> Rates:
        """The learning rate of an epoch, or of each of its batches."""
        if schedule is None:
            return self._rate_scale * self.backend.learning_rate
        return self._rate_scale * rates_of(schedule, epoch, batches)

    def _train_epoch(
        self, fit: FitInProgress, epoch: int, rates: Rates, sink: Optional[StateSink]
    ) -> Progress:
        """Train the rest of an epoch, or a part of it if :meth:`stop` was called."""

        def after_batch(batch: int) -> bool:
            wanted = sink is not None and sink.due(batch)
            due, stopping = agreed(self._team, wanted, self._stopping)
            if due:
                self._keep_state(sink, fit.position(), last=False)
            return stopping

        self._callbacks.tell("on_epoch_start", EpochStart(epoch, float(np.ravel(rates)[0])))
        on_progress = partial(self._callbacks.tell, "on_progress")
        done = fit.run(epoch, rates, self.position, on_progress, after_batch)
        self._shown.show_trained()
        return done

    def _end_epoch(self, done: Progress, rate: float, validation: Optional[Split]) -> None:
        """Evaluate, add the epoch to the history, and do what the callbacks want."""
        self.position = EpochPosition()
        scores = ema = None if validation is None else self._score_validation(validation)
        self._shown.show_ema()
        if self._shown.average and validation is not None:
            ema = self._score_validation(validation)
        record = EpochRecord.of(done, rate, scores, ema if self._shown.average else None)
        self.history.append(record)
        for action in first_wants(self._team, self._callbacks.actions(record)):
            if isinstance(action, Stop):
                self.ended = action.reason if self.ended is None else self.ended
            elif isinstance(action, ScaleLearningRate):
                self._rate_scale *= action.factor
            elif isinstance(action, KeepWeights):
                self._shown.keep()

    def _score_validation(self, validation: Split) -> Scores:
        """The validation scores; each worker computes a part of the images."""
        logits = shared_logits(self._team, self.logits, validation.images)
        return score(logits, validation.labels, label_smoothing=self._label_smoothing)

    def _stop_at(self, position: EpochPosition, sink: Optional[StateSink]) -> History:
        self._stopped, self.position = True, position
        self._keep_state(sink, position, last=True)
        return self.history

    def _keep_state(
        self, sink: Optional[StateSink], position: EpochPosition, *, last: bool
    ) -> None:
        if sink is not None:
            sink.keep(self._state(position), last=last)

    def _state(self, position: EpochPosition) -> TrainingState:
        arrays, optimizer = self.backend.state()
        facts = FitFacts(
            position=position,
            history=list(self.history),
            rate_scale=self._rate_scale,
            ended=self.ended,
            optimizer=optimizer,
            callbacks=self._callbacks.states(),
        )
        arrays.update(self._shown.state())
        return TrainingState(len(self.history), position.batch, arrays, write_facts(facts))
