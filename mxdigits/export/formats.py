"""What a format of networks is, and how to find one by its name."""

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

# A function from float32 images (N, C, H, W), 0 to 1, to the outputs (N, classes).
Predict = Callable[[Numbers], Numbers]


@dataclass(frozen=True, eq=False)
class Network:
    """A network to be written.

    ``graph`` goes from one input, images (N, C, H, W) float32, to one output: for a run's network
    the probabilities of its classes, softmax included. ``arrays`` are its parameters and auxiliary
    states by their names in the graph. ``structure`` returns Gluon's structural names, such as
    ``features.0.weight``, by the names in the graph, as far as they are known.

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

    ``opset`` is the version of ONNX's operators. ``max_drop`` is how much accuracy a format that
    rounds may lose. ``training_images`` takes a number and returns at most so many of the training
    images, float32 (N, C, H, W), for formats that have to measure something. ``say`` is called
    before something that takes long.

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

    The name of its file ends in ``suffix``. ``exact`` says whether its outputs are the network's
    up to rounding in float32: then the probabilities are compared. A format that is not exact is
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
        """Refuse a network that the format cannot hold, before anything is written.

        Raises:
            NetworkError: naming each layer, and what to do instead.
            BackendMissing: if a package that it needs is missing.
        """

    def files(self, target: Path) -> Sequence[Path]:
        """All files that :meth:`write` makes: ``target`` first, then those beside it."""

    def write(self, network: Network, target: Path, options: ExportOptions) -> None:
        """Write the network, with what its description says.

        It is called twice: before the comparison, and after it with the parity in the description.

        Raises:
            MxdigitsError: if the network cannot be written.
        """

    def load(self, target: Path) -> Predict:
        """Return a function from images to outputs that uses nothing but the files."""


def network_format(name: str) -> NetworkFormat:
    """Return the format of a name.

    Raises:
        UsageError: if there is no format of that name.
        PluginError: if it cannot be loaded.

    Example:
        >>> network_format("onnx").suffix
        '.onnx'
    """
    made: NetworkFormat = NETWORK_FORMATS.make(name, {})
    return made
