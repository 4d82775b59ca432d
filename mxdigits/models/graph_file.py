"""Networks from files, MXNet's ``symbol.json``, which any backend can train."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Optional, Union

from ..backends.mxnet.types import Network
from ..backends.network import GraphNetwork
from ..graph import Graph
from ..graph.checked_nodes import MOST_BYTES
from ..graph.hints import Hint, read_hints
from ..graph.network_files import as_float32, matched, names_of, read_content
from ..graph.parameter_shapes import unshaped_parameters
from ..graph.params_file import parse_params
from ..graph.symbol_json import read_graph, write_symbol
from ..storage.files import write_text
from ..values import as_written
from .graph_model import GraphModel


def graph_file(*, classes: int = 10, path: str, parameters: Optional[str] = None) -> GraphModel:
    """A network from a ``symbol.json`` of MXNet; the file is checked, so anybody may have made it.

    Gluon's ``net.export("mine")`` and ``mxdigits models show NAME --graph FILE`` write such files.
    The network trains on every backend, and needs no MXNet.

    Args:
        classes: the number of outputs that it must have.
        path: the file of the graph. Its only input, whatever its name, is images (N, C, H, W)
            float32 from 0 to 1, its output logits (N, classes) or, after a softmax, probabilities.
        parameters: a ``.params`` file with the initial arrays. Without it, the graph's initializer
            for a parameter initialises it, or else the recipe's.

    Raises:
        ValueError: if a path is none.
        RunFolderError: if a file cannot be read or holds no such network, or the files do not fit
            each other.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> write_text(Path("mine-symbol.json"), write_symbol(graph))
        >>> graph_file(path="mine-symbol.json").graph == graph
        True
    """
    symbol_file = _file("path", path)
    content = read_content(symbol_file, MOST_BYTES)
    sha256 = {symbol_file.name: hashlib.sha256(content).hexdigest()}
    if parameters is None:
        graph, arrays = read_graph(content, symbol_file), None
    else:
        parameters_file = _file("parameters", parameters)
        given = read_content(parameters_file, None)
        sha256[parameters_file.name] = hashlib.sha256(given).hexdigest()
        named = parse_params(given, parameters_file)
        graph = read_graph(content, symbol_file, names_of(named))
        arrays = as_float32(matched(graph, named, symbol_file, parameters_file))
    hints = read_hints(content, symbol_file)
    return GraphModel(str(symbol_file), graph, hints, arrays, sha256)


def _file(option: str, value: object) -> Path:
    if not isinstance(value, (str, os.PathLike)):
        raise ValueError(f"{option}: must be the name of a file, got {as_written(value)}")
    return Path(os.path.expanduser(value))


def write_graph_file(network: Union[Network, GraphNetwork], file: Path) -> None:
    """Write the graph of a built model, for :func:`graph_file` to read.

    Args:
        network: an initialised Gluon block, or a GraphNetwork; of its hints only those on how
            parameters learn are kept.
        file: the file to write.

    Raises:
        RunFolderError: if the file could not be read again, for example because of a custom
            operator.
        OutputError: if it cannot be written.

    Example:
        >>> import numpy as np
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
    from ..backends.mxnet.networks.symbols import described_graph  # imports MXNet

    found: tuple[Graph, Mapping[str, Hint]] = described_graph(network)
    return found
