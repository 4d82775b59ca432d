"""A run's network from its files, which anybody may have made: for every backend of graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from ..errors import MxdigitsError, describe
from ..graph.network_files import no_network, read_network_files
from ..graph.symbol_json import read_network
from .abstract import Shaper, check_sizes
from .base import GraphNetwork


def load_graph_network(
    symbol_file: Path,
    parameters_file: Path,
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]],
    shaper: Shaper,
) -> GraphNetwork:
    """The network of :func:`~mxdigits.graph.network_files.write_network`.

    Nothing that the files ask for is allocated or run before it is checked.

    Args:
        symbol_file: the graph.
        parameters_file: the parameters.
        image_shape: (C, H, W) of an image.
        classes: how many logits an image gets.
        sha256: what the files must hash to, by their names; a name that is left out is not checked.
        shaper: of the backend.

    Raises:
        RunFolderError: if a file is damaged or has changed, or they do not fit each other.
        NetworkError: if the backend cannot run a layer.
    """
    graph, arrays = read_network_files(symbol_file, parameters_file, sha256, read_network)
    shaper.check_supported(graph)
    try:
        check_sizes(graph, arrays, image_shape, classes, shaper)
    except MxdigitsError as error:
        raise no_network(symbol_file, parameters_file, str(error)) from error
    except Exception as error:
        raise no_network(symbol_file, parameters_file, describe(error)) from error
    return GraphNetwork(graph, arrays)
