"""Writes a network's two files for plain MXNet, ``symbol.json`` and ``.params``, and reads them.

The symbol takes ``data``, float32 (N, C, H, W) from 0 to 1, and gives probabilities (N, classes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from ..arrays import Arrays, Numbers
from ..errors import RunFolderError
from ..storage.files import replacing
from ..wording import Say, say_nothing, some_of
from .checked_nodes import MOST_BYTES
from .graph import Graph
from .params_file import parse_params, write_params
from .symbol_json import read_exported, read_network, variables_in, with_softmax, write_symbol


def write_network(graph: Graph, arrays: Arrays, symbol_file: Path, parameters_file: Path) -> None:
    """Write a network that gives logits as a symbol that gives probabilities.

    Args:
        graph: a graph from ``data`` to logits.
        arrays: the arrays of its parameters and auxiliary states, by their names in the graph.
        symbol_file: the file to write the graph to, as JSON.
        parameters_file: the file to write the arrays to.

    Raises:
        OutputError: if a file cannot be written.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> files = Path("symbol.json"), Path("net.params")
        >>> write_network(graph, {"w": np.zeros((10, 784), np.float32)}, *files)
        >>> read_network_files(*files)[0] == graph
        True
    """
    content = params_of(graph, arrays)
    # Both files are complete before the first of them takes its place.
    with replacing(symbol_file) as symbol:
        symbol.write_text(write_symbol(with_softmax(graph)), encoding="utf-8")
        with replacing(parameters_file) as parameters:
            parameters.write_bytes(content)


def params_of(graph: Graph, arrays: Arrays) -> bytes:
    """The content of a ``.params`` file, which marks each array as a parameter or auxiliary state.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"), Variable("w")), (Output(0),))
        >>> parse_params(params_of(graph, {"w": np.ones(3)}), "net.params")["arg:w"].tolist()
        [1.0, 1.0, 1.0]
    """
    kinds = {
        **dict.fromkeys(graph.parameters, "arg"),
        **dict.fromkeys(graph.auxiliary_states, "aux"),
    }
    return write_params({f"{kinds[name]}:{name}": array for name, array in arrays.items()})


def read_network_files(
    symbol_file: Path,
    parameters_file: Path,
    sha256: Optional[Mapping[str, str]] = None,
    read_graph: Callable[[bytes, Path], Graph] = read_network,
) -> tuple[Graph, dict[str, Numbers]]:
    """Read what :func:`write_network` wrote: the graph of the logits, and its arrays.

    Nothing that the files ask for is allocated or run, whoever made them.

    Args:
        symbol_file: the graph.
        parameters_file: the arrays.
        sha256: the hash that each file must have, by file name; a file without one is not checked.
        read_graph: makes a graph of the first file's bytes; its second argument is the name for
            errors.

    Returns:
        The graph from ``data`` to logits; and the arrays as views of the second file's bytes, by
        their names in the graph. Shapes are not checked.

    Raises:
        RunFolderError: if a file is damaged or has changed, or they do not fit each other.

    Example:
        >>> read_network_files(Path("symbol.json"), Path("net.params"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFolderError: symbol.json: cannot be read: No such file or directory
    """
    symbol = read_content(symbol_file, MOST_BYTES)
    parameters = read_content(parameters_file, None)
    graph = read_graph(symbol, symbol_file)
    named = parse_params(parameters, parameters_file)
    for file, content in ((symbol_file, symbol), (parameters_file, parameters)):
        _check_unchanged(file, content, (sha256 or {}).get(file.name))
    return graph, matched(graph, named, symbol_file, parameters_file)


def read_exported_files(
    symbol_file: Path, parameters_file: Path, say: Say = say_nothing
) -> tuple[Graph, dict[str, Numbers]]:
    """Read what ``HybridBlock.export`` or ``Module.save_checkpoint`` wrote: a graph and its arrays.

    Nothing that the files ask for is allocated or run, whoever made them.

    Args:
        symbol_file: the graph, of one input of any name.
        parameters_file: the arrays.
        say: called with a line about arrays that the graph does not use, for example because it was
            made of one of several outputs.

    Returns:
        The whole graph; and the arrays as views of the second file's bytes, by their names in the
        graph. Shapes are not checked.

    Raises:
        RunFolderError: if a file is damaged, or they do not fit each other.

    Example:
        >>> files = Path("lenet-symbol.json"), Path("lenet-0000.params")
        >>> graph, arrays = read_exported_files(*files)  # doctest: +SKIP
    """
    symbol = read_content(symbol_file, MOST_BYTES)
    named = parse_params(read_content(parameters_file, None), parameters_file)
    names = names_of(named)
    variables = variables_in(symbol)
    if variables and not names & variables:
        raise no_network(
            symbol_file,
            parameters_file,
            f"the file calls its arrays {some_of(sorted(names), 3)}, the graph "
            f"{some_of(sorted(variables), 3)}; have net.export(NAME) write both, or "
            "net.collect_params().save(FILE) the arrays",
        )
    graph = read_exported(symbol, symbol_file, names)
    used = {*graph.parameters, *graph.auxiliary_states}
    if unused := names - used:
        say(f"{parameters_file}: {some_of(sorted(unused), 3)}: not in the graph, and passed over")
        named = {name: each for name, each in named.items() if _plain(name) in used}
    return graph, matched(graph, named, symbol_file, parameters_file)


def names_of(named: Arrays) -> set[str]:
    """The names of arrays of a ``.params`` file, without ``arg:`` or ``aux:``.

    Example:
        >>> sorted(names_of({"arg:w": 0, "aux:mean": 0, "b": 0}))
        ['b', 'mean', 'w']
    """
    return {_plain(name) for name in named}


def _plain(name: str) -> str:
    """An array's name without ``arg:`` or ``aux:``; ``collect_params().save`` writes neither."""
    kind, colon, rest = name.partition(":")
    return rest if colon and kind in ("arg", "aux") else name


def as_float32(arrays: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """A network's arrays as float32, also if the network was cast to another type such as float16.

    Example:
        >>> import numpy as np
        >>> as_float32({"w": np.ones(3, np.float16)})["w"].dtype
        dtype('float32')
    """
    return {name: array.astype(np.float32, copy=False) for name, array in arrays.items()}


def matched(
    graph: Graph, named: Arrays, symbol_file: Path, parameters_file: Path
) -> dict[str, Numbers]:
    """The arrays of a ``.params`` file by their names in the graph.

    Raises:
        RunFolderError: if the file's names and the graph's differ.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"), Variable("w")), (Output(0),))
        >>> files = Path("net-symbol.json"), Path("net-0000.params")
        >>> matched(graph, {"arg:w": np.ones(2, np.float32)}, *files)["w"].tolist()
        [1.0, 1.0]
    """
    arrays = {_plain(name): array for name, array in named.items()}
    expected = {*graph.parameters, *graph.auxiliary_states}
    problem = None
    if len(arrays) != len(named) or arrays.keys() != expected:
        problem = _difference(expected, arrays)
    elif any(array.dtype.kind != "f" for array in arrays.values()):
        problem = "some parameters are integers"  # MXNet could divide them by zero
    if problem is not None:
        raise no_network(symbol_file, parameters_file, problem)
    return arrays


def no_network(symbol_file: Path, parameters_file: Path, problem: str) -> RunFolderError:
    """The error where each file is sound, but together they are not a network.

    Example:
        >>> str(no_network(Path("symbol.json"), Path("net.params"), "the parameter 'w' is missing"))
        "symbol.json and net.params hold no network: the parameter 'w' is missing"
    """
    return RunFolderError(f"{symbol_file} and {parameters_file.name} hold no network: {problem}")


def read_content(file: Path, most: Optional[int]) -> bytes:
    """A file's bytes; of a longer file the first ``most`` and one more.

    Raises:
        RunFolderError: if it cannot be read.

    Example:
        >>> Path("net.params").write_bytes(b"0123456789")
        10
        >>> read_content(Path("net.params"), 3)
        b'0123'
    """
    try:
        with open(file, "rb") as opened:
            return opened.read(-1 if most is None else most + 1)
    except OSError as error:
        raise RunFolderError(f"{file}: cannot be read: {error.strerror or error}") from None


def _check_unchanged(file: Path, content: bytes, sha256: Optional[str]) -> None:
    if sha256 is not None and (own := hashlib.sha256(content).hexdigest()) != sha256:
        raise RunFolderError(
            f"{file} has changed since the run saved it: "
            f"its SHA-256 is {own}, the run's record says {sha256}"
        )


def _difference(expected: Collection[str], given: Collection[str]) -> str:
    """How the graph's names and the file's names differ."""
    lacking, unknown = sorted(set(expected) - set(given)), sorted(set(given) - set(expected))
    if lacking:
        return f"the parameter {lacking[0]!r} is missing"
    return f"the graph has no parameter {unknown[0]!r}" if unknown else "two parameters are alike"
