"""Reads a run's network from its files, which anybody may have made: for backends of graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from ...errors import MxdigitsError
from ...foreign import describe
from ...graph.network_files import no_network, read_network_files
from ...graph.symbol_json import read_network
from ..network import GraphNetwork
from .abstract import Abstract, Shaper, check_sizes


def load_graph_network(
    symbol_file: Path,
    parameters_file: Path,
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]],
    shaper: Shaper[Abstract],
) -> GraphNetwork:
    """Read the network that :func:`~mxdigits.graph.network_files.write_network` wrote.

    Nothing that the files ask for is allocated or run before it is checked.

    Args:
        symbol_file: the graph.
        parameters_file: the parameters.
        image_shape: (C, H, W) of an image.
        classes: the number of logits of an image.
        sha256: the hash that each file must have, by file name; a file without one is not checked.
        shaper: the shaper of the backend.

    Raises:
        RunFolderError: if a file is damaged or has changed, or they do not fit each other.
        NetworkError: if the backend cannot run a layer.

    Example:
        >>> import numpy as np
        >>> from mxdigits.backends.xla.loading import SHAPER
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> from mxdigits.graph.network_files import write_network
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> files = Path("symbol.json"), Path("net.params")
        >>> write_network(graph, {"w": np.zeros((10, 784), np.float32)}, *files)
        >>> load_graph_network(*files, (1, 28, 28), 10, None, SHAPER).arrays["w"].shape
        (10, 784)
    """
    graph, arrays = read_network_files(symbol_file, parameters_file, sha256, read_network)
    shaper.check_supported(graph)
    try:
        check_sizes(graph, arrays, image_shape, classes, shaper)
    except MxdigitsError as error:
        raise no_network(symbol_file, parameters_file, str(error)) from error
    except Exception as error:  # the backend's library raises kinds of its own
        raise no_network(symbol_file, parameters_file, describe(error)) from error
    return GraphNetwork(graph, arrays)
