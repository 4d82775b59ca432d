"""What a format of networks is, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Protocol

import numpy as np
from numpy.typing import NDArray

from ..arrays import Arrays
from ..graph import Graph
from ..plugins.registry import NETWORK_FORMATS
from ..runs.description import Description
from ..wording import Say

# Float32 images (N, C, H, W), 0 to 1, to the outputs (N, classes).
Predict = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Network:
    """A network to be written.

    ``graph`` goes from one input, images (N, C, H, W) float32, to one output: for a run's network
    the probabilities of its classes, softmax included. ``arrays`` are those of its parameters and
    auxiliary states by the names that the graph has for them; ``structure`` finds out what Gluon
    calls them by their place in the block, as far as that is known.
    """

    graph: Graph
    arrays: Arrays
    description: Description
    structure: Callable[[], Mapping[str, str]] = dict

    def described(self, **more: Any) -> Network:
        """The same network that says more of itself."""
        return replace(self, description=self.description.model_copy(update=more))


@dataclass(frozen=True)
class ExportOptions:
    """What formats may be told.

    ``opset`` is the version of ONNX's operators; ``max_drop`` how much accuracy a format may lose
    that rounds; ``training_images`` gives up to so many of the images that the network learnt from,
    float32 (N, C, H, W), for formats that have to measure something; ``say`` is told what takes
    long.
    """

    opset: int
    max_drop: float
    training_images: Callable[[int], NDArray[np.float32]]
    say: Say


class NetworkFormat(Protocol):
    """A format: an entry point of the group ``mxdigits.network_formats``, called without arguments.

    ``suffix`` ends the name of its file; ``exact`` says whether it gives the same numbers but for
    rounding in float32, so that the comparison is of probabilities. One that is not exact is
    compared by its accuracy.

    Example:
        >>> class Npz:
        ...     suffix, exact = ".npz", True
        ...     def check(self, network, options): ...
        ...     def files(self, target): return (target,)
        ...     def write(self, network, target, options): np.savez(target, **network.arrays)
        ...     def load(self, target): return lambda images: ...
    """

    suffix: str
    exact: bool

    def check(self, network: Network, options: ExportOptions) -> None:
        """Refuse what the format does not hold, before anything is written.

        Raises:
            NetworkError: naming each layer, and what to do instead.
            BackendMissing: if a package lacks that it needs.
        """

    def files(self, target: Path) -> Sequence[Path]:
        """All files that :meth:`write` makes, ``target`` first; the others lie beside it."""

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write the network, with what its description says.

        It is called twice: before the comparison, and after it with the parity in the description.

        Raises:
            MxdigitsError: if that cannot be done.
        """

    def load(self, target: Path) -> Predict:
        """What the files give for images, as whoever gets them would compute it."""


def network_format(name: str) -> NetworkFormat:
    """A format by its name.

    Raises:
        UsageError: if there is none of that name.
        PluginError: if it cannot be loaded.
    """
    made: NetworkFormat = NETWORK_FORMATS.make(name, {})
    return made
