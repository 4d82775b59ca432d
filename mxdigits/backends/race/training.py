"""A training, as work for a race."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

from ...arrays import Images, Labels
from ...graph import Graph
from ...values import Json
from ..base import PREDICT_BATCH, EpochPosition, FitInProgress
from ..choose import BACKENDS, DeviceChoice, make_backend
from ..network import GraphNetwork
from ..settings import TrainingSettings
from .estimate import operations
from .work import TIMED, Figure, image_seconds

# Training computes each product once forward and twice for the gradients.
_LEARNT = 3
_CONVOLUTIONS = frozenset({"Convolution", "Deconvolution"})
# A backend that seems to take so many times as long as the best cannot be the fastest.
_HOPELESS = 3
# Learning rates affect only the weights, which a race does not keep.
_NO_RATE = 0.0


@dataclass(frozen=True, eq=False)
class Training:
    """A training.

    Args:
        graph: the graph of the network.
        make_network: gives the network for a backend; only its speed matters, its weights are not
            changed.
        settings: how it learns; with the optimizer's name, and the augmentation as a graph.
        images: the training images, uint8 (N, C, H, W).
        labels: their labels (N,).
        batch_size: images per step.
        epochs: the number of epochs.
        evaluated: the number of images that are predicted after each epoch.
        best: the estimate in seconds of a backend that was measured before.

    Example:
        >>> from functools import partial
        >>> import numpy as np
        >>> settings = TrainingSettings("sgd", {"learning_rate": 0.1})
        >>> images, labels = np.zeros((200, 1, 28, 28), np.uint8), np.zeros(200, np.int64)
        >>> own = network.graph, partial(build, "mlp")  # doctest: +SKIP
        >>> work = Training(*own, settings, images, labels, 100, 10, 50)  # doctest: +SKIP
        >>> work.seconds(Figure(1.0, 0.5, 0.01, 0.0001))  # doctest: +SKIP
        1.75
    """

    graph: Graph
    make_network: Callable[[str], GraphNetwork]
    settings: TrainingSettings
    images: Images
    labels: Labels
    batch_size: int
    epochs: int
    evaluated: int
    best: float = math.inf

    def beside(self, best: float) -> Training:
        """The same training, beside a backend that takes so many seconds."""
        return replace(self, best=best)

    def facts(self) -> dict[str, Json]:
        """The graphs, the optimizer without its learning rate, the precision and the batches."""
        settings = self.settings
        graph, teacher = settings.augmentation, settings.teacher
        options = {n: v for n, v in settings.optimizer_options.items() if n != "learning_rate"}
        return {
            "work": "training",
            "graph": self.graph.fingerprint(),
            "augmentation": graph.fingerprint() if isinstance(graph, Graph) else None,
            "optimizer": f"{settings.optimizer} {dict(sorted(options.items()))}",
            "teacher": None if teacher is None else teacher.network.graph.fingerprint(),
            "minimised": settings.minimises_cross_entropy,
            "accumulate": settings.accumulate,
            "averaged": settings.ema is not None,
            "clipped": settings.clip_global_norm is not None,
            "precision": settings.precision,
            "images": [*map(int, self.images.shape)],
            "batch_size": self.batch_size,
        }

    def measure(self, backend: str, devices: Sequence[object]) -> Figure:
        """Train some batches, and predict some images.

        A backend that cannot be nearly the fastest is measured by one batch; its predictions, which
        may have to be compiled, then count as much as training.
        """
        began = time.perf_counter()
        made = make_backend(backend, self.make_network(backend), self.settings, devices)
        fit = made.begin_fit(self.images, self.labels, self.batch_size)
        batches = _Batches(fit)
        batches.some(0)
        compiled = time.perf_counter()
        batches.some(0)
        step = time.perf_counter() - compiled
        hopeless = Figure(0.0, compiled - began, step, step / self.batch_size)
        if self.seconds(hopeless) > _HOPELESS * self.best:
            return hopeless
        shown = self.images[:PREDICT_BATCH]
        made.logits(shown)
        ready = time.perf_counter() - began
        return Figure(0.0, ready, batches.seconds(TIMED), image_seconds(made, shown))

    def seconds(self, figure: Figure) -> float:
        """The time for start, compiling, and all epochs with their evaluations."""
        batches = -(-len(self.images) // self.batch_size)
        epoch = batches * figure.step + self.evaluated * figure.image
        return figure.start + figure.ready + self.epochs * epoch

    def operations(self) -> Optional[float]:
        """The operations of the network only: forward, and twice as many for the gradients."""
        each = operations(self.graph, self.images.shape[1:])
        images = _LEARNT * len(self.images) + self.evaluated
        return None if each is None else each * images * self.epochs

    def usual(self) -> tuple[Sequence[str], str]:
        """The usual order: XLA first for networks without convolutions, otherwise last."""
        if self.graph.operators & _CONVOLUTIONS:
            return ("mxnet", "torch", "xla"), "networks with convolutions"
        return ("xla", "mxnet", "torch"), "networks without convolutions"

    def check(self, choice: DeviceChoice) -> None:
        """Check that a backend has the layers and the optimizer."""
        if BACKENDS[choice.backend].check_trainable is not None:
            choice.check_trainable(self.make_network(choice.backend), self.settings)


class _Batches:
    """Trains batches of a fit, one after the other, across epochs."""

    def __init__(self, fit: FitInProgress):
        self._fit, self._epoch, self._at = fit, 0, EpochPosition()

    def some(self, seconds: float) -> int:
        """Train as many batches as fit into some seconds, at least one, and give their number."""
        until = time.perf_counter() + seconds
        done = self._fit.run(
            self._epoch,
            _NO_RATE,
            self._at,
            lambda progress: None,
            lambda batch: time.perf_counter() >= until,
        )
        count = done.batch - self._at.batch
        if done.batch == self._fit.batches:
            self._epoch, self._at = self._epoch + 1, EpochPosition()
        else:
            self._at = self._fit.position()
        return count

    def seconds(self, timed: float) -> float:
        """The mean time of a batch in seconds, measured over some seconds."""
        began, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - began) < timed:
            count += self.some(timed - passed)
        return passed / count
