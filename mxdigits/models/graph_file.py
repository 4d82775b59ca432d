"""A network that is given as a graph: MXNet's ``symbol.json``, which any backend can train."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name
from typing import Optional, Union

import numpy as np

from ..arrays import Arrays
from ..backends.base import GraphNetwork, ParameterSettings
from ..backends.choose import BACKENDS, choose_devices
from ..backends.initializers import Initializer, Random, initial_value
from ..backends.mxnet.types import Network
from ..errors import NetworkError
from ..graph import Graph
from ..graph.hints import Hint, read_hints
from ..graph.network_files import read_content, read_network_files
from ..graph.parameter_shapes import unshaped_parameters
from ..graph.symbol_json import MOST_BYTES, read_graph, write_symbol
from ..storage.files import sha256_of, write_text

# Numbers in all parameters of a network that a file describes: a gigabyte of float32.
MOST_NUMBERS = 1 << 28

# Gluon writes of a constant array only that there is one.
_CONSTANT = "Constant_"


@dataclass(frozen=True)
class GraphFile:
    """A graph as a file gives it, whose parameters have no shapes yet.

    Args:
        path: of the file, for messages.
        graph: from images (n, C, H, W) float32 from 0 to 1 to logits.
        hints: what the file says of each parameter.
        arrays: what the parameters begin with; None for an initializer to draw them.
        sha256: of each file that was read, by its name.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> GraphFile(Path("mine-symbol.json"), graph, {}).arrays is None
        True
    """

    path: Path
    graph: Graph
    hints: Mapping[str, Hint]
    arrays: Optional[Arrays] = None
    sha256: Mapping[str, str] = field(default_factory=dict)

    def network(
        self,
        *,
        classes: int,
        image_shape: Sequence[int],
        initializer: Initializer,
        seed: int,
        backend: Optional[str] = None,
    ) -> GraphNetwork:
        """The network for images of a size, with every parameter initialised.

        Args:
            classes: the number of outputs that it must have.
            image_shape: (C, H, W) of its input.
            initializer: of the parameters that have none of their own.
            seed: of what it draws.
            backend: that will run it; by default the first that is installed.

        Raises:
            NetworkError: if it does not suit such images and classes, a parameter cannot begin, or
                the backend cannot run a layer.
        """
        name = backend or choose_devices("cpu").backend
        find = BACKENDS[name].parameter_shapes
        if find is None:
            raise NetworkError([f"the backend {name} trains no graph"])
        unshaped = unshaped_parameters(self.graph)
        known = {
            parameter: hint.shape
            for parameter, hint in self.hints.items()
            if parameter in unshaped and hint.shape is not None
        }
        if self.arrays is not None:
            known = {parameter: self.arrays[parameter].shape for parameter in unshaped}
        try:
            shapes = resolve_name(find)(self.graph, image_shape, classes, known)
            _check_size(shapes)
            arrays = self._arrays(shapes, initializer, seed)
        except (NetworkError, ValueError) as error:
            shape = "x".join(map(str, image_shape))
            problems = getattr(error, "problems", None) or [str(error)]
            raise NetworkError(
                [f"{self.path}, images of {shape}: {problem}" for problem in problems]
            ) from error
        return GraphNetwork(self.graph, arrays, self._settings(), self.sha256)

    def _arrays(
        self, shapes: Mapping[str, tuple[int, ...]], initializer: Initializer, seed: int
    ) -> Arrays:
        names = [*self.graph.parameters, *self.graph.auxiliary_states]
        if self.arrays is not None:
            for name in names:
                if self.arrays[name].shape != shapes[name]:
                    raise ValueError(
                        f"the parameter {name!r} has the shape {self.arrays[name].shape}, it "
                        f"should have {shapes[name]}"
                    )
            return {name: np.asarray(self.arrays[name], np.float32) for name in names}
        random = Random(seed)
        try:
            return {
                name: initial_value(name, shapes[name], self._hint(name).init, initializer, random)
                for name in names
            }
        except ValueError as error:
            raise ValueError(f"{error}; or give its values in a file, as parameters") from None

    def _settings(self) -> dict[str, ParameterSettings]:
        settings = {}
        for name in (*self.graph.parameters, *self.graph.auxiliary_states):
            hint = self._hint(name)
            learns = name in self.graph.parameters and hint.lr_mult > 0
            trained = learns and not hint.init.startswith(_CONSTANT)
            settings[name] = ParameterSettings(name, trained, hint.lr_mult, hint.wd_mult)
        return settings

    def _hint(self, name: str) -> Hint:
        return self.hints.get(name, Hint())


def graph_file(*, classes: int = 10, path: str, parameters: Optional[str] = None) -> GraphFile:
    """A network from a file: a ``symbol.json`` of MXNet, checked as strangers' files are.

    Gluon's ``net.export("mine")`` writes one, and ``mxdigits models show NAME --graph FILE`` does.
    It trains on every backend, and needs no MXNet.

    Args:
        classes: the number of outputs that it must have.
        path: of the graph: from ``data``, images (N, C, H, W) float32 from 0 to 1, to logits
            (N, classes) or, with a softmax at its end, to probabilities.
        parameters: a ``.params`` file with the arrays to begin with; without it they are
            initialised, each by the initializer that the graph has for it, else by the recipe's.

    Raises:
        RunFolderError: if a file cannot be read, is no such network, or they do not fit.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> write_text(Path("mine-symbol.json"), write_symbol(graph))
        >>> graph_file(path="mine-symbol.json").graph == graph
        True
    """
    symbol_file = Path(os.path.expanduser(path))
    content = read_content(symbol_file, MOST_BYTES)
    graph = read_graph(content, symbol_file)
    hints = read_hints(content, symbol_file)
    sha256 = {symbol_file.name: hashlib.sha256(content).hexdigest()}
    arrays = None
    if parameters is not None:
        parameters_file = Path(os.path.expanduser(parameters))
        _, arrays = read_network_files(symbol_file, parameters_file, sha256, lambda *_: graph)
        sha256[parameters_file.name] = sha256_of(parameters_file)
    return GraphFile(symbol_file, graph, hints, arrays, sha256)


def write_graph_file(network: Union[Network, GraphNetwork], file: Path) -> None:
    """Write the graph of a built model, for :func:`graph_file` to read.

    Args:
        network: an initialised Gluon block, or a GraphNetwork, which keeps of its hints how its
            parameters learn.
        file: where it goes.

    Raises:
        RunFolderError: if it could not be read again, such as for an operator of somebody's own.
        OutputError: if it cannot be written.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> write_graph_file(network, Path("mine-symbol.json"))
        >>> graph_file(path="mine-symbol.json").graph == graph
        True
    """
    graph, hints = _described(network)
    text = write_symbol(graph, hints)
    read_hints(text.encode(), file)
    read_graph(text.encode(), file)
    write_text(file, text)


def _described(network: Union[Network, GraphNetwork]) -> tuple[Graph, Mapping[str, Hint]]:
    if isinstance(network, GraphNetwork):
        unshaped = unshaped_parameters(network.graph)
        return network.graph, {
            name: Hint(
                tuple(network.arrays[name].shape) if name in unshaped else None,
                lr_mult=learning.lr_mult,
                wd_mult=learning.wd_mult,
            )
            for name, learning in network.parameters.items()
        }
    from ..backends.mxnet.symbols import described_graph  # imports MXNet

    found: tuple[Graph, Mapping[str, Hint]] = described_graph(network)
    return found


def _check_size(shapes: Mapping[str, tuple[int, ...]]) -> None:
    numbers = sum(int(np.prod(shape, dtype=np.float64)) for shape in shapes.values())
    if numbers > MOST_NUMBERS:
        raise ValueError(f"its parameters would be {numbers:,} numbers, at most {MOST_NUMBERS:,}")
