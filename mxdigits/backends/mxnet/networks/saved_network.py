"""Reads a network's two files as a Gluon block.

:mod:`mxdigits.graph.network_files` says what they hold, and writes them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Callable, Optional

from ....errors import PluginError, RunFolderError
from ....graph import Graph
from ....graph.checked_nodes import INPUT
from ....graph.limits import NOT_RUN
from ....graph.network_files import no_network, read_network_files
from ....graph.symbol_json import read_network, with_softmax, write_symbol
from ...network import GraphNetwork
from ..runtime import import_mxnet
from ..types import Device, Network
from .graph_network import block_of
from .sizes import check_sizes
from .symbols import graph_of, symbol_of, trace, with_checks

mx = import_mxnet()

# The environment variable that lets a file's graph use any operator.
TRUST = "MXDIGITS_TRUST"


def check_reloading(
    network: Network, image_shape: Sequence[int], classes: int, say: Callable[[str], None]
) -> None:
    """Check before training that the network's files can be loaded again afterwards.

    Args:
        network: an initialised HybridBlock that gives logits.
        image_shape: (C, H, W).
        classes: the number of logits of an image.
        say: called with a line about operators that load only if the user trusts the file.

    Raises:
        PluginError: if :func:`load_network` would refuse it.

    Example:
        >>> dense = mx.gluon.nn.Dense(10)
        >>> dense.initialize()
        >>> dense(mx.nd.zeros((1, 1, 28, 28))).shape
        (1, 10)
        >>> check_reloading(dense, (1, 28, 28), 10, print)
    """
    graph = trace(network)
    parameters = {name: each.data() for name, each in network.collect_params().items()}
    try:
        content = write_symbol(with_softmax(graph)).encode()
        read_network(content, "the network as it will be saved", _version())
    except RunFolderError as error:
        if not str(error).endswith(NOT_RUN):
            raise PluginError(f"{error}; the trained network could not be used") from None
        say(f"{error}; the trained network can be used with {TRUST}=1 only")
    try:
        check_sizes(symbol_of(graph), parameters, image_shape, classes)
    except ValueError as error:
        shape = "x".join(map(str, image_shape))
        raise PluginError(
            f"the network on images of {shape}: {error}; the trained network could not be used"
        ) from None


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[Device],
    image_shape: Optional[Sequence[int]] = None,
    classes: Optional[int] = None,
    sha256: Optional[Mapping[str, str]] = None,
) -> Network:
    """Read what :func:`~mxdigits.graph.network_files.write_network` wrote, as a network of logits.

    Anybody may have made the files, so nothing is allocated or run before it is checked: first each
    file by itself, then the graph's results for the parameters and an image.

    Args:
        symbol_file: the graph.
        parameters_file: the parameters.
        contexts: the devices for the parameters.
        image_shape: (C, H, W) of an image; with None the sizes of the outputs are not checked.
        classes: how many logits an image gets; None for any number.
        sha256: the hash that each file must have, by file name; a file without one is not checked.

    Raises:
        RunFolderError: if a file is damaged or has changed, the files do not fit each other, or the
            graph has an operator that is not known to be harmless and MXDIGITS_TRUST is not 1.

    Example:
        >>> from mxdigits.backends.mxnet.networks.symbols import neutral_form
        >>> from mxdigits.graph.network_files import write_network
        >>> dense = mx.gluon.nn.Dense(10, in_units=784)
        >>> dense.initialize()
        >>> files = Path("symbol.json"), Path("net.params")
        >>> write_network(*neutral_form(dense), *files)
        >>> load_network(*files, [mx.cpu()])(mx.nd.zeros((2, 1, 28, 28))).shape
        (2, 10)
    """
    graph, parameters = read_network_files(symbol_file, parameters_file, sha256, _graph_of)
    try:
        logits = symbol_of(with_checks(graph))
        if image_shape is not None:
            check_sizes(logits, parameters, image_shape, classes)
        block = block_of(GraphNetwork(graph, parameters), contexts)
        if image_shape is not None:
            block(mx.nd.zeros((1, *image_shape), ctx=contexts[0])).wait_to_read()
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise no_network(symbol_file, parameters_file, lines[-1].strip()) from error
    return block


def load_weights(network: Network, source: Network, symbol_file: Path) -> None:
    """Give a network the parameters and statistics of another.

    They are matched by their place in the graph, because names differ between processes.

    Args:
        network: an initialised HybridBlock.
        source: a network of the same architecture, as from :func:`load_network`.
        symbol_file: the file of ``source``, for messages.

    Raises:
        RunFolderError: if the networks have different architectures.

    Example:
        >>> dense, other = mx.gluon.nn.Dense(10, in_units=784), mx.gluon.nn.Dense(10, in_units=784)
        >>> dense.initialize("ones")
        >>> other.initialize()
        >>> load_weights(other, dense, Path("symbol.json"))
        >>> float(other.weight.data().min().asscalar())
        1.0
    """
    from_source, to_fill = source.collect_params(), network.collect_params()
    theirs = [(name, from_source[name].data()) for name in _names(source)]
    ours = [to_fill[name] for name in _names(network)]
    if len(ours) != len(theirs):
        raise RunFolderError(
            f"{symbol_file} holds another network: it has {len(theirs)} arrays of parameters, "
            f"this one {len(ours)}"
        )
    for parameter, (name, value) in zip(ours, theirs):
        if parameter.shape != value.shape:
            raise RunFolderError(
                f"{symbol_file} holds another network: its {name} is of shape {value.shape}, "
                f"here it is {parameter.shape}"
            )
    for parameter, (_, value) in zip(ours, theirs):
        parameter.set_data(value.astype(parameter.dtype))


def _names(network: Network) -> list[str]:
    """The names of a network's parameters and statistics, in the order of use in its graph."""
    return [name for name in network(mx.sym.var(INPUT)).list_inputs() if name != INPUT]


def _graph_of(content: bytes, file: Path) -> Graph:
    return _trusted(content) or _checked(content, file)


def _checked(content: bytes, file: Path) -> Graph:
    try:
        return read_network(content, file, _version())
    except RunFolderError as error:
        if not str(error).endswith(NOT_RUN):
            raise
        raise RunFolderError(f"{error}; {TRUST}=1 runs it, if you trust who made it") from None


def _trusted(content: bytes) -> Optional[Graph]:
    """The graph without checks, if the user trusts the file: plugins may use any operator."""
    if os.environ.get(TRUST) != "1":
        return None
    try:
        logits = mx.sym.load_json(content.decode("utf-8")).get_children()
        return graph_of(logits)
    except (mx.MXNetError, ValueError):
        return None  # the check will report what is wrong


def _version() -> int:
    """MXNet's version as written in its files: 10901 for 1.9.1."""
    major, minor, patch = (int(part) for part in re.findall(r"\d+", mx.__version__)[:3])
    return 10000 * major + 100 * minor + patch
