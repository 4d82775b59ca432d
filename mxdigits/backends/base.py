"""The interface between a Trainer and a backend.

A backend executes one network on some devices and trains it. It knows arrays, a
:class:`~mxdigits.graph.Graph` and numbers; no callback, no schedule, no file. The Trainer knows
nothing of the devices. They meet in the two protocols of this module; ``network.py`` and
``settings.py`` hold what both are given:

    backend = MXNetBackend(network, TrainingSettings("sgd", {"learning_rate": 0.1}), devices)
    fit = backend.begin_fit(images, labels, batch_size=100)
    done = fit.run(0, backend.learning_rate, EpochPosition(), on_progress, after_batch)
    backend.publish()
    logits = backend.logits(images)
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional, Protocol, Union

import numpy as np
from numpy.typing import NDArray

from ..arrays import Arrays, Floats, Images, Labels, Logits, Numbers
from ..errors import Diverged
from .team.agreement import Team

if TYPE_CHECKING:
    from ..graph import Graph

State = tuple[dict[str, Numbers], dict[str, object]]  # arrays by name, and facts for JSON

# From logits (N, classes) to the weight of each logit, in the same shape.
Weighing = Callable[[Logits], Logits]

# The learning rate of an epoch, or of each of its batches: (batches,).
Rates = Union[float, NDArray[np.float64]]

# Images at a time in prediction.
PREDICT_BATCH = 1000


@dataclass(frozen=True)
class Progress:
    """The progress of an epoch; every number counts from the start of the epoch.

    ``seconds`` was read when the device had finished the first ``batch`` batches.

    Example:
        >>> Progress(epoch=0, batch=2, samples=200, seconds=0.5, loss_sum=100, correct=150).accuracy
        0.75
    """

    epoch: int
    batch: int
    samples: int
    seconds: float
    loss_sum: float
    correct: int

    @property
    def loss(self) -> float:
        """Mean loss per sample."""
        return self.loss_sum / max(self.samples, 1)

    @property
    def accuracy(self) -> float:
        """Share of the samples that were classified correctly."""
        return self.correct / max(self.samples, 1)

    @property
    def samples_per_second(self) -> float:
        """Samples per second; 0 before any time has passed."""
        return self.samples / self.seconds if self.seconds > 0 else 0.0

    def after(
        self, batch: int, samples: int, seconds: float, losses: Sequence[float], correct: int
    ) -> Progress:
        """The progress after further batches, whose losses and correct answers are given.

        Raises:
            Diverged: if a loss is not finite.
        """
        for place, loss in enumerate(losses):
            if not math.isfinite(loss):
                raise Diverged(f"the loss became {loss}", self.epoch, self.batch + place)
        # Added one by one, so that the sum has the same bits however the batches are grouped.
        loss_sum = functools.reduce(operator.add, losses, self.loss_sum)
        return Progress(self.epoch, batch, samples, seconds, loss_sum, self.correct + correct)

    def since(self, earlier: Progress) -> Progress:
        """The difference between this progress and an earlier one of the same epoch."""
        return Progress(
            self.epoch,
            self.batch - earlier.batch,
            self.samples - earlier.samples,
            self.seconds - earlier.seconds,
            self.loss_sum - earlier.loss_sum,
            self.correct - earlier.correct,
        )


def ignore_progress(progress: Progress) -> None:
    """An ``on_progress`` for fits whose progress nobody follows.

    Example:
        >>> ignore_progress(Progress(0, batch=2, samples=200, seconds=0.5, loss_sum=9, correct=150))
    """


@dataclass(frozen=True)
class EpochPosition:
    """A position in an epoch, as a checkpoint keeps it.

    ``batch`` is the number of batches that are done; ``loss_sum`` is the sum of their samples'
    losses, ``correct`` the number of their correct answers, and ``seconds`` the time they took.
    Without arguments it is the beginning of an epoch.

    Example:
        >>> EpochPosition(batch=100, loss_sum=230.5, correct=9000, seconds=0.4).batch
        100
    """

    batch: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0


class FitInProgress(Protocol):
    """A training set on the devices, and what all training steps share.

    Example:
        >>> fit = backend.begin_fit(images, labels, batch_size=100)  # doctest: +SKIP
        >>> done = fit.run(0, 0.1, EpochPosition(), print, lambda batch: False)  # doctest: +SKIP
        >>> done.batch == fit.batches  # doctest: +SKIP
        True
    """

    @property
    def batches(self) -> int:
        """Batches per epoch."""

    def run(
        self,
        epoch: int,
        learning_rate: Rates,
        position: EpochPosition,
        on_progress: Callable[[Progress], None],
        after_batch: Callable[[int], bool],
    ) -> Progress:
        """Train one epoch, or the rest of one.

        Args:
            epoch: counted from 0. The seed and the epoch decide the order of the images; with the
                batch they decide everything else that is random.
            learning_rate: the learning rate of the whole epoch, or of each of its batches.
            position: where in the epoch to begin.
            on_progress: called with the devices' progress a few times a second, and at the end.
            after_batch: called after one or several batches with the number of batches queued so
                far in the epoch; if it returns true, the epoch ends there. It may call
                :meth:`position` and :meth:`Backend.state`, which then refer to that batch. In a
                team, it is called for the same batches in every worker, and has to return the same.

        Returns:
            The progress when the epoch ended. Fewer batches than :attr:`batches` if
            ``after_batch`` ended it.

        Raises:
            Diverged: if a loss is not finite, or a weight at the end.
        """

    def position(self) -> EpochPosition:
        """The position in the current epoch; waits for the devices."""

    @property
    def losses(self) -> list[float]:
        """The summed loss of each batch that :meth:`run` has trained and read.

        After a :class:`Diverged` error, they end before the first loss that is not finite.
        """

    def statistics(self, epoch: int, snapshot: Arrays) -> Arrays:
        """The statistics that the network would have if its weights had always been those given.

        They are the means over the batches of an epoch, run as in training; nothing else changes.

        Args:
            epoch: counted from 0; it decides what is random.
            snapshot: weights and statistics by place, as from :meth:`Backend.snapshot`.

        Returns:
            The running means and variances of batch normalisations by their place, without those
            that training does not update.
        """


class Backend(Protocol):
    """One network on some devices, with everything needed to train it.

    A fit trains a copy of the weights. :meth:`logits` and :meth:`network` use the published
    weights, which change only by :meth:`publish` and :meth:`restore`. So the published weights are
    always those at the end of a good epoch.

    Example:
        >>> from mxdigits.backends.choose import make_backend
        >>> backend = make_backend("xla", network, TrainingSettings("sgd"))  # doctest: +SKIP
        >>> fit = backend.begin_fit(images, labels, batch_size=100)  # doctest: +SKIP
        >>> fit.run(0, 0.1, EpochPosition(), print, lambda batch: False)  # doctest: +SKIP
        >>> backend.publish()  # doctest: +SKIP
        >>> backend.logits(images).shape  # doctest: +SKIP
        (60000, 10)
    """

    @property
    def name(self) -> str:
        """Its name in recipes, such as ``mxnet``."""

    @property
    def learning_rate(self) -> float:
        """The optimizer's own learning rate, which a schedule may replace."""

    @property
    def team(self) -> Team:
        """The workers that share each batch: this process alone, or with others.

        If there are others, all of them train at the same time; :meth:`FitInProgress.run` and
        :meth:`FitInProgress.position` give the same in each of them, for whole batches.
        """

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits that the network gives for an image of shape (C, H, W)."""

    def logits(self, images: Images) -> Logits:
        """The network's logits for images, computed in bounded memory.

        Args:
            images: uint8 (N, C, H, W), at least one.

        Returns:
            float32 (N, classes).
        """

    def input_gradients(self, images: Floats, weigh: Weighing) -> tuple[Logits, Floats]:
        """The network's logits for images in inference, and their gradients by the pixels.

        Args:
            images: float32 (N, C, H, W) from 0 to 1, computed all at once.
            weigh: gives the weight of each logit, (N, classes), from the logits.

        Returns:
            The logits, float32 (N, classes); and the gradients of the weighted sum of all logits by
            the images, float32 (N, C, H, W).

        Raises:
            UsageError: if the backend has no gradients.
        """

    def begin_fit(self, images: Images, labels: Labels, batch_size: int) -> FitInProgress:
        """Bring a training set to the devices, and start from the published weights.

        The optimizer keeps the state that an earlier fit or :meth:`restore` left.

        Args:
            images: uint8 (N, C, H, W).
            labels: whole numbers (N,), each less than the number of classes.
            batch_size: images per step; the last batch of an epoch holds the remaining images.

        Raises:
            UsageError: if the optimizer cannot train this network.
        """

    def state(self) -> State:
        """The current state of everything that a fit changes; waits for the devices.

        Returns:
            Arrays by name: weights and statistics as ``weight.PLACE``, where PLACE is their place
            in the network, and the optimizer's arrays under other names. And facts, as JSON values.
            Neither depends on the devices or their number.

        Raises:
            CheckpointError: if the optimizer cannot be saved.
        """

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Return to a state that :meth:`state` gave, and publish it; unknown arrays are ignored.

        Raises:
            CheckpointError: if the state is of another network, optimizer or backend, or damaged.
        """

    def snapshot(self) -> Arrays:
        """A copy of the weights and statistics as trained so far, by their place in the network."""

    def averaged(self) -> Arrays:
        """A copy of the moving averages of the weights and statistics, like :meth:`snapshot`.

        It is available only if the settings have ``ema``. :meth:`state` and :meth:`restore` keep
        the averages; after a state without them, they begin with its weights.
        """

    def check_snapshot(self, snapshot: Arrays) -> None:
        """Refuse a snapshot of another network.

        Raises:
            CheckpointError: naming the first array that differs.
        """

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights in training, or those of a snapshot."""

    def network(self) -> tuple[Graph, Arrays]:
        """The network with the published weights, to be saved, exported or executed.

        Returns:
            The graph from ``data``, float32 (N, C, H, W) from 0 to 1, to logits; and the arrays of
            its parameters and auxiliary states by their names in the graph.
        """

    def record(self) -> dict[str, object]:
        """Versions and devices, for a run's record: ``{"versions": {...}, "device": {...}}``."""
