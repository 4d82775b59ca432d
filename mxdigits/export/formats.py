"""What a format of networks is, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Protocol

from ..arrays import Arrays, Floats, Numbers
from ..graph import Graph
from ..plugins.registry import NETWORK_FORMATS
from ..runs.description import Description
from ..wording import Say

# Float32 images (N, C, H, W), 0 to 1, to the outputs (N, classes).
Predict = Callable[[Numbers], Numbers]


@dataclass(frozen=True, eq=False)
class Network:
    """A network to be written.

    ``graph`` goes from one input, images (N, C, H, W) float32, to one output: for a run's network
    the probabilities of its classes, softmax included. ``arrays`` are those of its parameters and
    auxiliary states by the names that the graph has for them; ``structure`` finds out what Gluon
    calls them by their place in the block, as far as that is known.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> network = Network(graph, {}, Description(name="mine", image_shape=(1, 28, 28)))
        >>> network.described(run="runs/mine").description.run
        'runs/mine'
    """

    graph: Graph
    arrays: Arrays
    description: Description
    structure: Callable[[], Mapping[str, str]] = dict

    def described(self, **more: object) -> Network:
        """The same network with more in its description."""
        return replace(self, description=self.description.model_copy(update=more))


@dataclass(frozen=True)
class ExportOptions:
    """Options of all formats.

    ``opset`` is the version of ONNX's operators; ``max_drop`` how much accuracy a format may lose
    that rounds; ``training_images`` gives up to so many of the images that the network learnt from,
    float32 (N, C, H, W), for formats that have to measure something; ``say`` is told what takes
    long.

    Example:
        >>> import numpy as np
        >>> nothing = np.zeros((0, 1, 28, 28), np.float32)
        >>> ExportOptions(17, 0.01, training_images=lambda most: nothing, say=print).opset
        17
    """

    opset: int
    max_drop: float
    training_images: Callable[[int], Floats]
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
            BackendMissing: if a package that it needs is missing.
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
        """A function from images to outputs that uses nothing but the files."""


def network_format(name: str) -> NetworkFormat:
    """A format by its name.

    Raises:
        UsageError: if there is none of that name.
        PluginError: if it cannot be loaded.

    Example:
        >>> network_format("onnx").suffix
        '.onnx'
    """
    made: NetworkFormat = NETWORK_FORMATS.make(name, {})
    return made
