"""The format ``safetensors``: the weights alone, by Gluon's structural names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Optional

import numpy as np

from ..backends.choose import choose_devices, outputs
from ..errors import BackendMissing
from ..graph import Graph
from ..installing import install_command
from .formats import ExportOptions, Network, Predict


class Safetensors:
    """One file of named arrays; its metadata say what the network takes and gives.

    It holds no graph, so the comparison puts the weights of the file into the network's own.

    Example:
        >>> Safetensors().files(Path("lenet.safetensors"))[0].name
        'lenet.safetensors'
    """

    suffix = ".safetensors"
    exact = True

    def __init__(self) -> None:
        self._graph: Graph
        self._names: Optional[Mapping[str, str]] = None

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse nothing, but need the package ``safetensors``."""
        library()

    def files(self, target: Path) -> Sequence[Path]:
        """The one file."""
        return (target,)

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write the file."""
        if self._names is None:
            self._graph, self._names = network.graph, network.structure()
        arrays = {
            self._names.get(name, name): np.ascontiguousarray(array)
            for name, array in network.arrays.items()
        }
        target.write_bytes(library().save(arrays, network.description.texts()))

    def load(self, target: Path) -> Predict:
        """Return a function that predicts with the network and the weights of the file."""
        held = library().load_file(str(target))
        graph = self._graph
        called = self._names or {}
        names = (*graph.parameters, *graph.auxiliary_states)
        arrays = {name: held[called.get(name, name)] for name in names}
        choice = choose_devices("cpu")
        return lambda images: outputs(choice, graph, arrays, images)


def library() -> ModuleType:
    """The module ``safetensors.numpy``.

    Raises:
        BackendMissing: if it is not installed.

    Example:
        >>> library().__name__
        'safetensors.numpy'
    """
    try:
        return import_module("safetensors.numpy")
    except ModuleNotFoundError as error:
        raise BackendMissing(
            f"safetensors is not installed: {install_command('safetensors')}"
        ) from error
