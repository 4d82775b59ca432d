"""What a Trainer asks of a backend.

A backend executes one network on some devices and trains it. It knows arrays, a
:class:`~mxdigits.graph.Graph` and numbers; no callback, no schedule, no file. The Trainer knows
nothing of the devices. Between them stand the two protocols of this module; what both are given
stands in ``network.py`` and ``settings.py``:

    backend = MXNetBackend(network, TrainingSettings("sgd", {"learning_rate": 0.1}), devices)
    fit = backend.begin_fit(images, labels, batch_size=100)
    done = fit.run(0, backend.learning_rate, EpochPosition(), on_progress, after_batch)
    backend.publish()
    logits = backend.logits(images)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional, Protocol, Union

import numpy as np
from numpy.typing import NDArray

from ..arrays import Arrays, Floats, Images, Labels, Logits, Numbers
from .team.agreement import Team

if TYPE_CHECKING:
    from ..graph import Graph

State = tuple[dict[str, Numbers], dict[str, object]]  # arrays by name, and facts for JSON

# From logits (N, classes) to as many numbers: what each of them counts.
Weighing = Callable[[Logits], Logits]

# The learning rate of an epoch, or of each of its batches: (batches,).
Rates = Union[float, NDArray[np.float64]]

# Images at a time when nothing is learnt.
PREDICT_BATCH = 1000

# What the outputs of all layers, and of one, may hold where a network comes from a file.
# Per image. The largest networks for small images have outputs of a million elements, and ten
# million in all; networks are evaluated on a thousand images at a time.
MOST_ELEMENTS = 1 << 26
MOST_ELEMENTS_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Progress:
    """How far an epoch has come; every number counts from the start of the epoch.

    ``seconds`` was read after the device had finished these ``batch`` batches.

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
        """Mean loss of a sample."""
        return self.loss_sum / max(self.samples, 1)

    @property
    def accuracy(self) -> float:
        """Share of the samples that were classified correctly."""
        return self.correct / max(self.samples, 1)

    @property
    def samples_per_second(self) -> float:
        """Training speed; 0 before any time has passed."""
        return self.samples / self.seconds if self.seconds > 0 else 0.0

    def since(self, earlier: Progress) -> Progress:
        """What came between an earlier progress of the same epoch and this one."""
        return Progress(
            self.epoch,
            self.batch - earlier.batch,
            self.samples - earlier.samples,
            self.seconds - earlier.seconds,
            self.loss_sum - earlier.loss_sum,
            self.correct - earlier.correct,
        )


@dataclass(frozen=True)
class EpochPosition:
    """How far an epoch has come, as a checkpoint keeps it.

    ``batch`` counts the batches that are done; ``loss_sum`` is the sum of their samples' losses,
    ``correct`` counts their correct answers, and ``seconds`` is the time they took. Without
    arguments it is the beginning of an epoch.

    Example:
        >>> EpochPosition(batch=100, loss_sum=230.5, correct=9000, seconds=0.4).batch
        100
    """

    batch: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0


class FitInProgress(Protocol):
    """A training set on the devices, and everything of a step that is made once.

    Example:
        >>> fit = backend.begin_fit(images, labels, batch_size=100)  # doctest: +SKIP
        >>> done = fit.run(0, 0.1, EpochPosition(), print, lambda batch: False)  # doctest: +SKIP
        >>> done.batch == fit.batches  # doctest: +SKIP
        True
    """

    @property
    def batches(self) -> int:
        """Batches an epoch."""

    def run(
        self,
        epoch: int,
        learning_rate: Rates,
        position: EpochPosition,
        on_progress: Callable[[Progress], None],
        after_batch: Callable[[int], bool],
    ) -> Progress:
        """Train one epoch, or what is left of it.

        Args:
            epoch: counted from 0; with the seed it decides the order of the images, and with the
                batch everything else that is random.
            learning_rate: of the whole epoch, or of each of its batches.
            position: how far the epoch has come already.
            on_progress: told a few times a second how far the devices have come, and at the end.
            after_batch: told how many batches of the epoch have been queued, after each or after
                several at once; if it answers true, the epoch ends there. It may call
                :meth:`position` and :meth:`Backend.state`, which then are of that batch. In a team
                it is told of the same batches as in every other worker, and has to answer alike.

        Returns:
            The progress when the epoch ended. Fewer batches than :attr:`batches` if
            ``after_batch`` ended it.

        Raises:
            Diverged: if a loss or, at the end, a weight is not finite.
        """

    def position(self) -> EpochPosition:
        """How far the epoch in hand has come; waits for the devices."""

    @property
    def losses(self) -> list[float]:
        """The loss of each batch that :meth:`run` has trained and read, summed over its images.

        After a :class:`Diverged` they end before the first that is not finite.
        """

    def statistics(self, epoch: int, snapshot: Arrays) -> Arrays:
        """The statistics that the network would have if it had always had some weights.

        They are the means of what the batches of an epoch give, shown as in training; nothing else
        changes.

        Args:
            epoch: counted from 0; it decides what is random.
            snapshot: weights and statistics by place, as of :meth:`Backend.snapshot`.

        Returns:
            The running means and variances of batch normalisations by their place. None that do
            not move in training.
        """


class Backend(Protocol):
    """One network on some devices, and what it takes to train it.

    A fit trains a copy of the weights. :meth:`logits` and :meth:`network` use the published
    weights, which change only by :meth:`publish` and :meth:`restore`. So these are always the
    weights with which a good epoch ended.

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
        """What recipes call it, such as ``mxnet``."""

    @property
    def learning_rate(self) -> float:
        """The optimizer's own, which a schedule may replace."""

    @property
    def team(self) -> Team:
        """The workers that share each batch: this process alone, or it and others.

        Where there are others, all of them train at the same time; what :meth:`FitInProgress.run`
        and :meth:`FitInProgress.position` give is the same for each, and of the whole batches.
        """

    def classes(self, image_shape: Sequence[int]) -> int:
        """How many logits the network gives for an image of shape (C, H, W)."""

    def logits(self, images: Images) -> Logits:
        """What the network says of images, in bounded memory.

        Args:
            images: uint8 (N, C, H, W), at least one.

        Returns:
            float32 (N, classes).
        """

    def input_gradients(self, images: Floats, weigh: Weighing) -> tuple[Logits, Floats]:
        """What the network says of images in inference, and how that depends on their pixels.

        Args:
            images: float32 (N, C, H, W) from 0 to 1, computed all at once.
            weigh: what each logit counts, (N, classes), from the logits.

        Returns:
            The logits, float32 (N, classes); and of the sum of all logits, each as often as it
            counts, the gradients by the images, float32 (N, C, H, W).

        Raises:
            UsageError: if the backend has no gradients.
        """

    def begin_fit(self, images: Images, labels: Labels, batch_size: int) -> FitInProgress:
        """Bring a training set to the devices, and start from the published weights.

        The optimizer's state stays as an earlier fit or :meth:`restore` left it.

        Args:
            images: uint8 (N, C, H, W).
            labels: whole numbers (N,), each less than the number of classes.
            batch_size: images a step; the last batch of an epoch holds what is left.

        Raises:
            UsageError: if the optimizer cannot train this network.
        """

    def state(self) -> State:
        """What a fit changes, as it is now; waits for the devices.

        Returns:
            Arrays by name: weights and statistics as ``weight.PLACE``, where PLACE is their place
            in the network; the optimizer's under other names. And facts, in values that JSON
            knows. Neither depends on the devices or their number.

        Raises:
            CheckpointError: if the optimizer cannot be saved.
        """

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Go back to what :meth:`state` gave, and publish it; arrays it does not know are ignored.

        Raises:
            CheckpointError: if it is of another network, optimizer or backend, or damaged.
        """

    def snapshot(self) -> Arrays:
        """A copy of the weights and statistics in training, by their place in the network."""

    def averaged(self) -> Arrays:
        """A copy of the moving averages of the weights and statistics, as of :meth:`snapshot`.

        Only where the settings ask for ``ema``. :meth:`state` and :meth:`restore` keep them; a
        state without them lets them begin with its weights.
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
            its parameters and auxiliary states by the names that the graph has for them.
        """

    def record(self) -> dict[str, object]:
        """Versions and devices, for a run's record: ``{"versions": {...}, "device": {...}}``."""
