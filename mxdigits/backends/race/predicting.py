"""Predictions with a trained network, as work for a race."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Callable, Optional

import numpy as np

from ...arrays import Shape
from ...errors import MxdigitsError
from ...graph.checked_nodes import MOST_BYTES
from ...graph.network_files import read_content
from ...graph.symbol_json import read_graph
from ...values import Json, Options
from ..base import PREDICT_BATCH
from ..choose import BACKENDS, DeviceChoice, make_backend
from ..settings import TrainingSettings
from .estimate import operations
from .work import Figure, image_seconds


@dataclass(frozen=True)
class NetworkFiles:
    """A trained network's files: the arguments of a backend's ``load_network``.

    Example:
        >>> NetworkFiles(Path("model-symbol.json"), Path("model-0000.params"), (1, 28, 28), 10,
        ...              {}).classes
        10
    """

    symbol_file: Path
    parameters_file: Path
    image_shape: Shape
    classes: int
    sha256: Options


@dataclass(frozen=True)
class Predicting:
    """Predictions with a trained network.

    Args:
        files: the network's files.
        images: the number of images to predict.
        at_once: the number of images predicted together.

    Example:
        >>> files = NetworkFiles(Path("symbol.json"), Path("net.params"), (1, 28, 28), 10, {})
        >>> Predicting(files, images=10000).seconds(Figure(1.0, 0.5, 0.0, 0.0001))
        2.5
    """

    files: NetworkFiles
    images: int
    at_once: int = PREDICT_BATCH

    def beside(self, best: float) -> Predicting:
        """The same predictions: measuring them takes hardly any time."""
        return self

    def facts(self) -> dict[str, Json]:
        """The network's files, and the number of images predicted together."""
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
        return Figure(0.0, ready, 0.0, image_seconds(made, images))

    def seconds(self, figure: Figure) -> float:
        """The time for start, loading, compiling, and all images."""
        return figure.start + figure.ready + self.images * figure.image

    def operations(self) -> Optional[float]:
        """The operations for all images; None for a server, whose digits come one by one."""
        if self.at_once == 1:
            return None
        try:
            graph = read_graph(read_content(self.files.symbol_file, MOST_BYTES), "the network")
        except MxdigitsError:  # loading it will report the error
            return None
        each = operations(graph, self.files.image_shape)
        return None if each is None else each * self.images

    def usual(self) -> tuple[Sequence[str], str]:
        """The backends, the one that starts fastest first."""
        return ("onnx", "xla", "mxnet", "torch"), "predictions of few images"

    def check(self, choice: DeviceChoice) -> None:
        """Check that a backend has the network's layers."""
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
