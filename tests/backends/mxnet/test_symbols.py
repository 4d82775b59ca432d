"""Graphs become symbols of MXNet, and symbols graphs, without a change to what they compute."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.backends.mxnet.networks.symbols import (
    graph_of,
    outputs,
    symbol_of,
    trace,
    with_checks,
)
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.graph import Graph, Output, Variable, operation

mx = import_mxnet()


def reshaped(shape, **more) -> Graph:
    reshape = operation("Reshape", "r", [Output(0)], shape=shape, **more)
    return Graph((Variable("data", "input"), reshape), (Output(1),))


@pytest.mark.parametrize(("codes", "more"), [((0, 4), {}), ((0,), {"reverse": True})])
def test_a_reshape_that_loses_elements_is_refused_by_mxnet(codes, more):
    """MXNet's own Reshape writes beyond its output."""
    symbol = symbol_of(with_checks(reshaped(codes, **more)))
    with pytest.raises(RuntimeError, match=r"\(8 vs\. 128\)"):
        symbol.simple_bind(mx.cpu(), data=(2, 1, 8, 8))


AFFINE = {"transform_type": "affine", "sampler_type": "bilinear", "target_shape": (3, 2)}


def of_two(operator, *inputs, **attributes) -> Graph:
    variables = [Variable(name, "input") for name in ("data", "other")]
    node = operation(operator, "n", [Output(i) for i in inputs], **attributes)
    return Graph((*variables, node), (Output(2),))


@pytest.mark.parametrize(
    ("graph", "fits", "too_few"),
    [
        (of_two("SpatialTransformer", 0, 1, **AFFINE), (4, 6), (1, 6)),
        (of_two("where", 1, 0, 0), (4, 1, 5, 5), (2, 1, 5, 5)),
    ],
    ids=["SpatialTransformer", "where"],
)
def test_layers_that_would_read_beyond_what_they_are_given_are_refused(graph, fits, too_few):
    """MXNet's own operators read on behind maps and conditions that are too few."""
    checked = symbol_of(with_checks(graph))
    with pytest.raises(mx.MXNetError):
        checked.infer_shape(data=(4, 1, 5, 5), other=too_few)
    random = np.random.default_rng(0)
    given = {
        "data": mx.nd.array(random.standard_normal((4, 1, 5, 5))),
        "other": mx.nd.array(random.integers(0, 2, fits)),
    }
    answers = [each.bind(mx.cpu(), given).forward()[0] for each in (symbol_of(graph), checked)]
    np.testing.assert_allclose(answers[0].asnumpy(), answers[1].asnumpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "more"),
    [
        *((codes, {}) for codes in [(0, -1), (-1, 6), (0, -3), (0, -2), (0, -4, 1, -1, -2)]),
        ((-4, -1, 2, 0, 0), {}),
        *((codes, {"reverse": True}) for codes in [(-1, 0), (-1, 2, 0), (2, -1, 0, 0), (-2, 0)]),
    ],
)
def test_a_reshape_gives_what_mxnets_own_gives(shape, more):
    data = mx.nd.array(np.arange(48).reshape(4, 3, 4))
    expected = mx.nd.Reshape(data, shape=shape, **more).asnumpy()
    for graph in (reshaped(shape, **more), with_checks(reshaped(shape, **more))):
        executor = symbol_of(graph).bind(mx.cpu(), {"data": data})
        np.testing.assert_array_equal(executor.forward()[0].asnumpy(), expected)


@pytest.mark.parametrize(
    "following",
    [("softmax", {"axis": -1}), ("transpose", {"axes": (0, 2, 1)})],
    ids=["softmax", "transpose"],
)
def test_a_reshape_of_what_onednn_has_laid_out_in_blocks_is_right(following):
    """With npx.reshape alone the softmax was of other numbers, and the transposition failed."""
    random = np.random.default_rng(0)
    images = random.random((8, 1, 28, 28), np.float32)
    weight = random.standard_normal((32, 1, 7, 7)).astype(np.float32)
    operator, attributes = following
    nodes = (
        Variable("data", "input"),
        Variable("w"),
        operation(
            "Convolution",
            "patches",
            [Output(0), Output(1)],
            kernel=(7, 7),
            stride=(7, 7),
            num_filter=32,
            no_bias=True,
        ),
        operation("Reshape", "rows", [Output(2)], shape=(0, 0, -1)),
        operation(operator, "last", [Output(3)], **attributes),
    )
    patches = images.reshape(8, 4, 7, 4, 7).transpose(0, 1, 3, 2, 4).reshape(8, 16, 49)
    rows = mx.nd.array((patches @ weight.reshape(32, 49).T).transpose(0, 2, 1))
    expected = getattr(mx.nd, operator)(rows, **attributes).asnumpy()
    found = outputs(Graph(nodes, (Output(4),)), {"w": weight}, images, mx.cpu())
    np.testing.assert_allclose(found, expected, atol=1e-4)


class Unusual(mx.gluon.HybridBlock):
    """Control flow, an operator that the table lacks, statistics, and a random draw."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.norm = mx.gluon.nn.BatchNorm()
            self.output = mx.gluon.nn.Dense(3)

    def hybrid_forward(self, F, x):
        x = F.depth_to_space(self.norm(x), block_size=2)
        sums, _ = F.contrib.foreach(lambda row, state: (row + state, state), x, F.sum(x, axis=0))
        return self.output(sums)


def test_any_symbol_survives_becoming_a_graph():
    network = Unusual()
    network.initialize()
    images = mx.nd.random.uniform(shape=(2, 4, 4, 4))
    expected = network(images).asnumpy()
    symbol = network(mx.sym.var("data"))
    graph = graph_of(symbol)
    assert graph == trace(network) or len(graph.nodes) == len(trace(network).nodes)
    assert graph.inputs == ("data",)
    assert len(graph.auxiliary_states) == 2
    assert {"depth_to_space", "_foreach", "BatchNorm"} <= graph.operators
    again = symbol_of(graph)
    assert again.list_arguments() == symbol.list_arguments()
    assert again.list_auxiliary_states() == symbol.list_auxiliary_states()
    assert graph_of(again) == graph
    arrays = {p.name: p.data() for p in network.collect_params().values()}
    executor = again.bind(
        mx.cpu(),
        {**{name: arrays[name] for name in graph.parameters}, "data": images},
        aux_states={name: arrays[name] for name in graph.auxiliary_states},
    )
    np.testing.assert_array_equal(executor.forward()[0].asnumpy(), expected)
