"""Work to be timed: a training, or predictions with a network that is trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Callable, Optional, Protocol

import numpy as np

from ...arrays import Images, Labels
from ...errors import MxdigitsError
from ...graph import Graph
from ...graph.network_files import read_content
from ...graph.symbol_json import MOST_BYTES, read_graph
from ...values import Json, Options
from ..base import (
    PREDICT_BATCH,
    Backend,
    EpochPosition,
    FitInProgress,
    GraphNetwork,
    TrainingSettings,
)
from ..choose import BACKENDS, DeviceChoice, make_backend
from .estimate import operations

# Seconds of steady work that are timed.
_TIMED = 0.3
# A training computes each product once forward and twice for the gradients.
_LEARNT = 3
_CONVOLUTIONS = frozenset({"Convolution", "Deconvolution"})
# Learning rates: nothing depends on them but the weights, which nobody keeps.
_NO_RATE = 0.0


@dataclass(frozen=True)
class Figure:
    """What was measured of a backend, in seconds.

    ``start`` is until it can compute anything, mostly its import, in seconds of a CPU; ``ready``
    until it has done the work once, compiling included; ``step`` is a batch of training, and
    ``image`` an image of a prediction.

    Example:
        >>> Figure(start=1.0, ready=0.5, step=0.01, image=0.0001).step
        0.01
    """

    start: float
    ready: float
    step: float
    image: float


class Work(Protocol):
    """Work that backends do a little of.

    Example:
        >>> work.seconds(Figure(1.0, 0.5, 0.01, 0.0001))  # doctest: +SKIP
        62.1
    """

    def facts(self) -> dict[str, Json]:
        """What decides how fast it is done, besides machine, device and backend."""

    def measure(self, backend: str, devices: Sequence[object]) -> Figure:
        """Do a little of it in this process; ``start`` of the figure is left 0.

        Raises:
            MxdigitsError: if the backend cannot do it.
        """

    def seconds(self, figure: Figure) -> float:
        """How long all of it will take."""

    def operations(self) -> Optional[float]:
        """The additions and multiplications of all of it; None where that is not known."""

    def usual(self) -> tuple[Sequence[str], str]:
        """The backends in the order in which they are usually fast at it, and what is like it."""

    def check(self, choice: DeviceChoice) -> None:
        """See in this process that a backend can do it.

        Raises:
            MxdigitsError: if it cannot.
        """


@dataclass(frozen=True, eq=False)
class Training:
    """A training.

    Args:
        graph: of the network.
        make_network: gives it for a backend; only its speed matters, its weights are not changed.
        settings: how it learns; the optimizer by its name, the augmentation as a graph.
        images: of the training set, uint8 (N, C, H, W).
        labels: (N,).
        batch_size: images a step.
        epochs: how many.
        evaluated: images that are predicted after each epoch.

    Example:
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

    def facts(self) -> dict[str, Json]:
        """The graphs, the optimizer but for its rate, the precision and the batches."""
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
        """Train some batches, and predict some images."""
        began = time.perf_counter()
        made = make_backend(backend, self.make_network(backend), self.settings, devices)
        fit = made.begin_fit(self.images, self.labels, self.batch_size)
        batches = _Batches(fit)
        batches.some(0)
        shown = self.images[:PREDICT_BATCH]
        made.logits(shown)
        ready = time.perf_counter() - began
        return Figure(0.0, ready, batches.seconds(_TIMED), _image_seconds(made, shown))

    def seconds(self, figure: Figure) -> float:
        """Start, compiling, and every epoch with its evaluation."""
        batches = -(-len(self.images) // self.batch_size)
        epoch = batches * figure.step + self.evaluated * figure.image
        return figure.start + figure.ready + self.epochs * epoch

    def operations(self) -> Optional[float]:
        """Of the network alone: forward and, as much twice more, for the gradients."""
        each = operations(self.graph, self.images.shape[1:])
        images = _LEARNT * len(self.images) + self.evaluated
        return None if each is None else each * images * self.epochs

    def usual(self) -> tuple[Sequence[str], str]:
        """XLA first where the network has no convolutions, and last where it has."""
        if self.graph.operators & _CONVOLUTIONS:
            return ("mxnet", "torch", "xla"), "networks with convolutions"
        return ("xla", "mxnet", "torch"), "networks without convolutions"

    def check(self, choice: DeviceChoice) -> None:
        """See that a backend has its layers and its optimizer."""
        if BACKENDS[choice.backend].check_trainable is not None:
            choice.check_trainable(self.make_network(choice.backend), self.settings)


class _Batches:
    """Batches of a fit, one after the other, from epoch to epoch."""

    def __init__(self, fit: FitInProgress):
        self._fit, self._epoch, self._at = fit, 0, EpochPosition()

    def some(self, seconds: float) -> int:
        """Train as many as fit into some seconds, and at least one; how many those were."""
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
        """Seconds of a batch, over some time."""
        began, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - began) < timed:
            count += self.some(timed - passed)
        return passed / count


def _image_seconds(backend: Backend, images: Images, timed: float = _TIMED / 3) -> float:
    """Seconds of an image that is predicted, over some time."""
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < timed:
        backend.logits(images)
        count += len(images)
    return passed / count


@dataclass(frozen=True)
class NetworkFiles:
    """Where a trained network lies; the arguments of a backend's ``load_network``.

    Example:
        >>> NetworkFiles(Path("model-symbol.json"), Path("model-0000.params"), (1, 28, 28), 10,
        ...              {}).classes
        10
    """

    symbol_file: Path
    parameters_file: Path
    image_shape: tuple[int, ...]
    classes: int
    sha256: Options


@dataclass(frozen=True)
class Predicting:
    """Predictions with a network that is trained.

    Args:
        files: its own.
        images: how many are to be predicted.
        at_once: how many together.

    Example:
        >>> files = NetworkFiles(Path("symbol.json"), Path("net.params"), (1, 28, 28), 10, {})
        >>> Predicting(files, images=10000).seconds(Figure(1.0, 0.5, 0.0, 0.0001))
        2.5
    """

    files: NetworkFiles
    images: int
    at_once: int = PREDICT_BATCH

    def facts(self) -> dict[str, Json]:
        """The network's files, and how many images are predicted together."""
        return {
            "work": "predicting",
            "files": {name: str(each) for name, each in sorted(self.files.sha256.items())},
            "image_shape": [*map(int, self.files.image_shape)],
            "at_once": self.at_once,
        }

    def measure(self, backend: str, devices: Sequence[object]) -> Figure:
        """Load the network, and predict some images."""
        began = time.perf_counter()
        network = self._loaded(backend, devices)
        made = make_backend(backend, network, TrainingSettings(), devices[:1])
        images = np.zeros((self.at_once, *self.files.image_shape), np.uint8)
        made.logits(images)
        ready = time.perf_counter() - began
        return Figure(0.0, ready, 0.0, _image_seconds(made, images))

    def seconds(self, figure: Figure) -> float:
        """Start, loading, compiling, and every image."""
        return figure.start + figure.ready + self.images * figure.image

    def operations(self) -> Optional[float]:
        """Of the network's graph; not known of a server's digits, which come one by one."""
        if self.at_once == 1:
            return None
        try:
            graph = read_graph(read_content(self.files.symbol_file, MOST_BYTES), "the network")
        except MxdigitsError:  # whoever loads it says so
            return None
        each = operations(graph, self.files.image_shape)
        return None if each is None else each * self.images

    def usual(self) -> tuple[Sequence[str], str]:
        """In the order in which they start."""
        return ("onnx", "xla", "mxnet", "torch"), "predictions of few images"

    def check(self, choice: DeviceChoice) -> None:
        """See that a backend has its layers."""
        self._loaded(choice.backend, choice.contexts)

    def _loaded(self, backend: str, devices: Sequence[object]) -> object:
        files = self.files
        load: Callable[..., object] = resolve_name(BACKENDS[backend].load_network)
        return load(
            files.symbol_file,
            files.parameters_file,
            devices[:1],
            files.image_shape,
            files.classes,
            files.sha256,
        )


def figure_of(plain: object) -> Optional[Figure]:
    """A figure that was written as JSON; None for anything else.

    Example:
        >>> figure_of({"start": 1.0, "ready": 0.5, "step": 0.01, "image": 0.0001}).ready
        0.5
        >>> figure_of({"start": "soon"}) is None
        True
    """
    names = Figure.__dataclass_fields__
    if not isinstance(plain, dict) or plain.keys() != names.keys():
        return None
    if not all(isinstance(each, (int, float)) and 0 <= each < 1e9 for each in plain.values()):
        return None
    return Figure(**plain)
