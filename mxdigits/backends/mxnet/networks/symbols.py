"""Converts between a :class:`~mxdigits.graph.Graph` and MXNet's symbols."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Optional

from ....arrays import Arrays, Numbers
from ....errors import NetworkError
from ....foreign import describe
from ....graph import Graph, Node, Operation, Output, operation
from ....graph.checked_nodes import INPUT
from ....graph.hints import Hint
from ....graph.parameter_shapes import unshaped_parameters
from ....graph.symbol_json import write_symbol
from ....graph.traced import read_symbol
from ...network import GraphNetwork, ParameterSettings
from ..runtime import import_mxnet
from ..types import Device, Network, Symbol

mx = import_mxnet()

# Reshape's codes 0 (keep a size), -2 (all that remain), -3 (join two) and -4 (split one).
_CODES = {0: -2, -1: -1, -2: -4, -3: -5, -4: -6}


def graph_of(symbol: Symbol, inputs: Collection[str] = (INPUT,)) -> Graph:
    """The graph of a symbol.

    Args:
        symbol: an ``mxnet.sym.Symbol`` of any operators.
        inputs: the names of the variables that differ from batch to batch.

    Example:
        >>> graph_of(mx.sym.relu(mx.sym.var("data"), name="relu")).inputs
        ('data',)
    """
    text = symbol.tojson()
    return read_symbol(text, inputs=inputs, auxiliary=symbol.list_auxiliary_states())


def symbol_of(graph: Graph) -> Symbol:
    """The ``mxnet.sym.Symbol`` of a graph.

    Example:
        >>> symbol_of(graph_of(mx.sym.relu(mx.sym.var("data"), name="relu"))).list_outputs()
        ['relu_output']
    """
    return mx.sym.load_json(write_symbol(graph))


def trace(network: Network) -> Graph:
    """The graph of a network that takes ``data``.

    Args:
        network: an initialised HybridBlock.

    Example:
        >>> dense = mx.gluon.nn.Dense(10, in_units=784, prefix="dense_")
        >>> trace(dense).parameters
        ('dense_weight', 'dense_bias')
    """
    return graph_of(network(mx.sym.var(INPUT)))


def neutral_form(network: Network) -> tuple[Graph, dict[str, Numbers]]:
    """The graph of a network, and its arrays by their names in the graph.

    Args:
        network: an initialised HybridBlock without open shapes.

    Example:
        >>> dense = mx.gluon.nn.Dense(10, in_units=784, prefix="dense_")
        >>> dense.initialize()
        >>> graph, arrays = neutral_form(dense)
        >>> {name: array.shape for name, array in arrays.items()}
        {'dense_weight': (10, 784), 'dense_bias': (10,)}
    """
    graph = trace(network)
    known = {*graph.parameters, *graph.auxiliary_states}
    # Each device has its own statistics; as in MXNet's files, their mean is given.
    arrays = {
        name: parameter._reduce().asnumpy()
        for name, parameter in network.collect_params().items()
        if name in known
    }
    return graph, arrays


def graph_network(network: Network) -> GraphNetwork:
    """A network in the form that other backends take.

    Args:
        network: an initialised HybridBlock without open shapes.

    Example:
        >>> dense = mx.gluon.nn.Dense(10, in_units=784, prefix="dense_")
        >>> dense.initialize()
        >>> graph_network(dense).parameters["dense_bias"].place
        'bias'
    """
    graph, arrays = neutral_form(network)
    # Names by place in the network, because Gluon's own names count the blocks of a process.
    places = {p.name: place for place, p in network._collect_params_with_prefix().items()}
    learning = {
        name: ParameterSettings(places.get(name, name), p.grad_req != "null", p.lr_mult, p.wd_mult)
        for name, p in network.collect_params().items()
        if name in arrays
    }
    return GraphNetwork(graph, arrays, learning)


def described_graph(network: Network) -> tuple[Graph, dict[str, Hint]]:
    """The graph of a network, and the hints about its parameters for a file.

    Args:
        network: an initialised HybridBlock without open shapes.

    Example:
        >>> dense = mx.gluon.nn.Dense(10, in_units=784, prefix="dense_")
        >>> dense.initialize()
        >>> graph, hints = described_graph(dense)
        >>> graph.parameters, hints["dense_bias"].init
        (('dense_weight', 'dense_bias'), 'zeros')
    """
    graph = trace(network)
    unshaped = unshaped_parameters(graph)
    hints = {}
    for name, parameter in network.collect_params().items():
        untrained = parameter.grad_req == "null" and name in graph.parameters
        init = parameter.init or ""
        hints[name] = Hint(
            tuple(parameter.shape) if name in unshaped else None,
            init if isinstance(init, str) else init.dumps(),
            0.0 if untrained else parameter.lr_mult,
            parameter.wd_mult,
        )
    return graph, hints


def outputs(graph: Graph, arrays: Arrays, images: Numbers, device: Device) -> Numbers:
    """The output of a graph with one input and one head, as a NumPy array.

    Raises:
        NetworkError: if MXNet cannot run it on such an input.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> import numpy as np
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> outputs(graph, {}, np.array([[-1.0, 2.0]], np.float32), mx.cpu()).tolist()
        [[0.0, 2.0]]
    """
    # Not by Symbol.bind, with which oneDNN adds the results of two convolutions wrongly.
    (name,) = graph.inputs
    try:
        symbol = symbol_of(with_checks(graph))
        block = mx.gluon.SymbolBlock(symbol, mx.sym.var(name, dtype="float32"))
        parameters = {n: mx.nd.array(array, dtype=array.dtype) for n, array in arrays.items()}
        block.collect_params().load_dict(
            parameters, ctx=[device], cast_dtype=True, dtype_source="saved"
        )
        result: Numbers = block(mx.nd.array(images, device, dtype=images.dtype)).asnumpy()
    except mx.MXNetError as error:
        reason = describe(error).replace("MXNetError: ", "")[-200:]
        raise NetworkError([f"MXNet cannot run it on {images.shape}: {reason}"]) from error
    return result


def with_checks(graph: Graph) -> Graph:
    """A graph from a file, with unsafe operators replaced by operators that check their inputs.

    MXNet's ``Reshape`` does not check that its output has as many elements as its input, and writes
    beyond its memory; the operator behind ``mxnet.npx.reshape`` does the same with a check. But it
    misreads what oneDNN has laid out in blocks, such as a convolution's output: a softmax behind it
    is wrong without a word, and a transposition fails. So a ``Reshape`` that keeps all sizes comes
    first, which brings the array into the usual layout. ``SpatialTransformer`` and ``where`` read
    beyond the end if there are too few maps or conditions. The first is replaced by its two parts,
    which check; the second gets a condition multiplied by ones in the wanted shape.

    Example:
        >>> flat = graph_of(mx.sym.reshape(mx.sym.var("data"), shape=(-1,), name="flat"))
        >>> [node.operator for node in with_checks(flat).operations]
        ['_npx_reshape']
        >>> image = mx.sym.relu(mx.sym.var("data"))
        >>> flat = graph_of(mx.sym.reshape(image, shape=(0, -1), name="flat"))
        >>> [node.operator for node in with_checks(flat).operations]
        ['relu', 'Reshape', '_npx_reshape']
    """
    nodes: list[Node] = []
    places: list[int] = []

    def add(operator: str, name: str, inputs: Sequence[Output], **attributes: object) -> Output:
        nodes.append(operation(operator, name, inputs, **attributes))
        return Output(len(nodes) - 1)

    for node in graph.nodes:
        if isinstance(node, Operation):
            node = replace(node, inputs=_moved(node.inputs, places))
            if (reshape := _checked_reshape(node)) is not None:
                if isinstance(nodes[node.inputs[0].node], Operation):
                    usual = add("Reshape", f"{node.name}_usual", node.inputs, shape=(-2,))
                    reshape = replace(reshape, inputs=(usual,))
                node = reshape
            if node.operator == "SpatialTransformer":
                data, maps = node.inputs
                shape = node.attributes["target_shape"]
                grid = f"{node.name}_grid"
                places_in = add(
                    "GridGenerator", grid, [maps], transform_type="affine", target_shape=shape
                )
                node = operation("BilinearSampler", node.name, [data, places_in])
            elif node.operator == "where":
                condition, *others = node.inputs
                ones = add("ones_like", f"{node.name}_ones", others[:1])
                whole = add("elemwise_mul", f"{node.name}_condition", [condition, ones])
                node = replace(node, inputs=(whole, *others))
        places.append(len(nodes))
        nodes.append(node)
    return Graph(tuple(nodes), _moved(graph.heads, places))


def _moved(outputs: Sequence[Output], places: Sequence[int]) -> tuple[Output, ...]:
    return tuple(replace(each, node=places[each.node]) for each in outputs)


def _checked_reshape(node: Operation) -> Optional[Operation]:
    attributes = node.attributes
    if node.operator != "Reshape" or not attributes["shape"]:
        return None  # files that may be read always have a shape
    newshape = [_CODES.get(size, size) for size in attributes["shape"]]
    reverse = attributes["reverse"]
    return operation("_npx_reshape", node.name, node.inputs, newshape=newshape, reverse=reverse)
