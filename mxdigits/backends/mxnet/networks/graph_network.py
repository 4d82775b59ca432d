"""Networks given as graphs, for MXNet: their shapes, and the block that runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np

from ....arrays import Shape
from ....errors import NetworkError
from ....graph import Graph
from ....graph.building import in_use
from ....graph.checked_nodes import INPUT
from ....graph.parameter_shapes import recurrent_shapes
from ...network import GraphNetwork, ParameterSettings
from ..runtime import import_mxnet
from ..types import Device, Network
from .sizes import check_sizes
from .symbols import symbol_of, with_checks

mx = import_mxnet()


def parameter_shapes(
    graph: Graph, image_shape: Sequence[int], classes: int, known: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shape of every parameter and auxiliary state, by name.

    Args:
        graph: a graph from images (n, C, H, W) to logits.
        image_shape: (C, H, W).
        classes: the number of logits that an image must get.
        known: the shapes that a file gives for parameters whose layers do not imply them.

    Raises:
        NetworkError: if shapes cannot be found, or the network does not fit such images and
            classes, or takes too much memory.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> parameter_shapes(graph, (1, 28, 28), 10, {})
        {'w': (10, 784)}
    """
    logits = symbol_of(with_checks(graph))
    given = {**known, INPUT: (2, *image_shape)}
    try:
        with redirect_stdout(None):  # MXNet prints shapes that do not fit
            given.update(_recurrent_shapes(with_checks(graph), given))
            arguments, _, statistics = logits.infer_shape_partial(**given)
        names = [*logits.list_arguments(), *logits.list_auxiliary_states()]
        shapes = dict(zip(names, [*arguments, *statistics]))
        shapes.pop(INPUT)
        _check_known(shapes)
        stand_ins = {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes.items()}
        check_sizes(logits, stand_ins, image_shape, classes)
    except (mx.MXNetError, ValueError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise NetworkError([lines[-1].strip()]) from error
    return shapes


def block_of(network: GraphNetwork, devices: Sequence[Device]) -> Network:
    """The Gluon block of a graph, with its arrays on some devices.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> block = block_of(network, [mx.cpu()])
        >>> block(mx.nd.zeros((2, 1, 28, 28))).shape
        (2, 10)
    """
    symbol = symbol_of(with_checks(network.graph))
    block = mx.gluon.SymbolBlock(symbol, mx.sym.var(INPUT, dtype="float32"))
    parameters = block.collect_params()
    parameters.load_dict(
        {name: mx.nd.array(array, dtype=array.dtype) for name, array in network.arrays.items()},
        ctx=list(devices),
        cast_dtype=True,
        dtype_source="saved",
    )
    block._reg_params = {}  # Gluon finds a parameter's place in the network by it
    for name, parameter in parameters.items():
        learning = network.parameters.get(name, ParameterSettings(name))
        block._reg_params[learning.place] = parameter
        parameter.shape = network.arrays[name].shape  # a SymbolBlock leaves it open
        parameter.lr_mult, parameter.wd_mult = learning.lr_mult, learning.wd_mult
        if not learning.trained:
            parameter.grad_req = "null"
    block.hybridize(static_alloc=True)
    return block


def _recurrent_shapes(graph: Graph, given: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of recurrent layers' weights, which MXNet does not find by itself."""
    found: dict[str, Shape] = {}
    for node in graph.operations:
        if node.operator == "RNN":
            taken = symbol_of(in_use(replace(graph, heads=node.inputs[:1])))
            names = {*taken.list_arguments(), *taken.list_auxiliary_states()}
            known = {name: shape for name, shape in {**given, **found}.items() if name in names}
            _, (shape,), _ = taken.infer_shape_partial(**known)
            found.update(recurrent_shapes(graph, node, shape))
    return found


def _check_known(shapes: Mapping[str, Shape]) -> None:
    for name, shape in shapes.items():
        if not shape or min(shape) < 1:  # MXNet writes open shapes as (), 0 or -1
            raise ValueError(
                f"the shape of the parameter {name!r} does not follow from its layer; the file has "
                "to give it as __shape__"
            )
