"""A network's two files, ``symbol.json`` and ``.params``, written so that plain MXNet reads them.

The symbol takes ``data``, float32 (N, C, H, W) from 0 to 1, and gives probabilities (N, classes).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..storage.files import replacing
from .graph import Graph
from .params_file import write_params
from .symbol_json import with_softmax, write_symbol


def write_network(
    graph: Graph, arrays: Mapping[str, NDArray[Any]], symbol_file: Path, parameters_file: Path
) -> None:
    """Write a network that gives logits as a symbol that gives probabilities.

    Args:
        graph: from ``data`` to logits.
        arrays: of its parameters and auxiliary states, by the names that the graph has for them.
        symbol_file: where the graph goes, as JSON.
        parameters_file: where the arrays go.

    Raises:
        OutputError: if a file cannot be written.
    """
    kinds = {
        **dict.fromkeys(graph.parameters, "arg"),
        **dict.fromkeys(graph.auxiliary_states, "aux"),
    }
    content = write_params({f"{kinds[name]}:{name}": array for name, array in arrays.items()})
    # Both files are whole before the first of them takes its place.
    with replacing(symbol_file) as symbol:
        symbol.write_text(write_symbol(with_softmax(graph)), encoding="utf-8")
        with replacing(parameters_file) as parameters:
            parameters.write_bytes(content)
