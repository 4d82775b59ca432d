"""Whole graphs by the backend xla: random numbers, refusals, types, and the process around."""

from __future__ import annotations

import re
import subprocess
import sys
from textwrap import dedent
from typing import Any

import pytest
from backends.one_operation import one

pytest.importorskip("jax", reason="the backend xla needs JAX")

import jax
import jax.numpy as jnp
import numpy as np
from backends.cases import Case

from mxdigits.backends.graphs.stochastic import is_stochastic
from mxdigits.backends.xla.execute import (
    evaluate,
    inference_function,
)
from mxdigits.backends.xla.support import check_supported
from mxdigits.errors import NetworkError
from mxdigits.graph import Graph, Operation, Output, Variable, operation

KEY = jax.random.PRNGKey(3)


def result(graph: Graph, training: bool = True, key: Any = KEY, **arrays: Any) -> np.ndarray:
    return np.asarray(evaluate(graph, arrays, training=training, key=key).outputs[0])


# Random numbers


@pytest.mark.parametrize(
    ("graph", "low", "high", "mean", "deviation"),
    [
        (one("_random_uniform", low=-1.0, high=3.0, shape=(50, 200)), -1, 3, 1, 4 / 12**0.5),
        (one("_random_normal", loc=2.0, scale=0.5, shape=(50, 200)), -1, 5, 2, 0.5),
        (one("_random_uniform_like", "data", low=-1.0, high=3.0), -1, 3, 1, 4 / 12**0.5),
        (one("_random_normal_like", "data", loc=2.0, scale=0.5), -1, 5, 2, 0.5),
    ],
    ids=["uniform", "normal", "uniform_like", "normal_like"],
)
def test_random_numbers_are_as_they_should_be(graph, low, high, mean, deviation):
    given = {"data": np.zeros((50, 200), np.float32)} if graph.inputs else {}
    drawn = result(graph, **given)
    assert (drawn.shape, drawn.dtype) == ((50, 200), np.float32)
    assert low <= drawn.min() < drawn.max() <= high
    assert abs(drawn.mean() - mean) < 0.05
    assert abs(drawn.std() - deviation) < 0.05
    np.testing.assert_array_equal(drawn, result(graph, **given))
    assert not np.array_equal(drawn, result(graph, key=jax.random.PRNGKey(4), **given))


def test_dropout_keeps_some_and_enlarges_them():
    graph = one("Dropout", "data", p=0.25)
    data = np.ones((100, 100), np.float32)
    kept = result(graph, data=data)
    assert set(np.unique(kept)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((kept == 0).mean() - 0.25) < 0.02
    np.testing.assert_array_equal(result(graph, training=False, key=None, data=data), data)
    always = one("Dropout", "data", p=0.25, mode="always")
    assert (result(always, training=False, data=data) == 0).any()


def test_dropout_lets_the_gradient_through_where_it_let_the_data():
    graph = one("Dropout", "data", p=0.5)
    run = lambda data: evaluate(graph, {"data": data}, training=True, key=KEY).outputs[0]  # noqa: E731
    kept, backward = jax.vjp(run, jnp.ones((5, 40)))
    np.testing.assert_array_equal(backward(jnp.ones((5, 40)))[0], kept)


def test_dropout_drops_whole_axes():
    dropped = result(one("Dropout", "data", p=0.5, axes=(2, 3)), data=np.ones((8, 9, 3, 3)))
    np.testing.assert_array_equal(dropped.min((2, 3)), dropped.max((2, 3)))
    assert len(np.unique(dropped)) == 2


def test_random_slopes_lie_between_their_bounds():
    graph = one("LeakyReLU", "data", act_type="rrelu", lower_bound=0.1, upper_bound=0.3)
    slopes = -result(graph, data=np.full((50, 50), -1, np.float32))
    assert 0.1 <= slopes.min() < 0.12
    assert 0.28 < slopes.max() <= 0.3


def test_each_layer_draws_for_itself():
    node = operation("_random_uniform", "a", [], shape=(4,))
    graph = Graph((node, node), (Output(0), Output(1)))
    first, second = evaluate(graph, {}, key=KEY).outputs
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("graph", "training", "expected"),
    [
        (one("Dropout", "data", p=0.5), True, True),
        (one("Dropout", "data", p=0.5), False, False),
        (one("Dropout", "data", p=0.0), True, False),
        (one("Dropout", "data", p=0.5, mode="always"), False, True),
        (one("LeakyReLU", "data", act_type="rrelu"), True, True),
        (one("LeakyReLU", "data", act_type="rrelu"), False, False),
        (one("LeakyReLU", "data", act_type="leaky"), True, False),
        (one("_random_uniform_like", "data"), False, True),
        (one("relu", "data"), True, False),
    ],
)
def test_what_draws_is_known(graph, training, expected):
    assert is_stochastic(graph, training=training) is expected
    if expected:
        with pytest.raises(ValueError, match=r"^the network draws random numbers: it needs a key$"):
            result(graph, training, key=None, data=np.ones(3, np.float32))


# What MXNet on a CPU cannot do itself


@pytest.mark.parametrize(("kind", "expected"), [("max", [2, 4, 6, 6]), ("avg", [1, 3, 5, 6])])
def test_windows_of_the_convention_same_end_with_the_data(kind, expected):
    graph = one(
        "Pooling", "data", kernel=(3,), stride=(2,), pool_type=kind, pooling_convention="same"
    )
    data = np.arange(7, dtype=np.float32).reshape((1, 1, 7))
    np.testing.assert_array_equal(result(graph, data=data), [[expected]])


@pytest.mark.parametrize("operator", ["Convolution", "Deconvolution"])
def test_channels_may_come_last(operator):
    options = {"kernel": (3, 2), "stride": (2, 1), "pad": (1, 0), "num_filter": 6, "num_group": 2}
    first = Case(operator, (), {**options, "no_bias": False})
    random = np.random.default_rng(0)
    rows, columns = (6, 2) if operator == "Convolution" else (4, 3)
    data = random.standard_normal((2, 4, 5, 6)).astype(np.float32)
    weight = random.standard_normal((rows, columns, 3, 2)).astype(np.float32)
    bias = random.standard_normal(6).astype(np.float32)
    expected = result(first.graph(), data=data, weight=weight, bias=bias)
    last = Case(operator, (), {**options, "no_bias": False, "layout": "NHWC"}).graph()
    moved = (each.transpose((0, 2, 3, 1)) for each in (data, weight))
    found = result(last, **dict(zip(("data", "weight"), moved)), bias=bias)
    np.testing.assert_allclose(found.transpose((0, 3, 1, 2)), expected, rtol=1e-5, atol=1e-5)


def test_layers_that_share_statistics_move_them_one_after_the_other():
    names = ["data", "gamma", "beta", "mean", "var"]
    variables = [Variable("data", "input"), Variable("gamma"), Variable("beta")]
    variables += [Variable("mean", "auxiliary"), Variable("var", "auxiliary")]
    norm = operation("BatchNorm", "norm", [Output(i) for i in range(5)], momentum=0.5)
    double = operation("_mul_scalar", "double", [Output(0)], scalar=2.0)
    again = operation("BatchNorm", "again", [Output(6), *map(Output, range(1, 5))], momentum=0.5)
    graph = Graph((*variables, norm, double, again), (Output(5), Output(7)))
    given = dict(zip(names, (np.ones((4, 3)), *(np.ones(3) for _ in range(4)))))
    given = {name: array.astype(np.float32) for name, array in given.items()}
    after = evaluate(graph, given, training=True).auxiliary
    # 1 towards 2, then towards 1, as MXNet comes to the last layer first.
    np.testing.assert_allclose(after["mean"], 1.25)


# Types


def test_a_network_in_half_precision_stays_in_it():
    graph = Case("BatchNorm", ()).graph()
    arrays = {n: np.ones((2, 3, 4) if n == "data" else 3, np.float32) for n in graph.parameters}
    arrays |= {name: np.ones(3, np.float32) for name in graph.auxiliary_states}
    arrays["data"] = jnp.asarray(arrays["data"], jnp.bfloat16)
    done = evaluate(graph, arrays, training=True)
    assert done.outputs[0].dtype == jnp.bfloat16
    assert {each.dtype for each in done.auxiliary.values()} == {np.dtype(np.float32)}


def test_products_are_exact_unless_told_otherwise():
    graph = one("FullyConnected", "data", "weight", num_hidden=2, no_bias=True)
    given = {"data": np.ones((2, 3), np.float32), "weight": np.ones((2, 3), np.float32)}
    exact = jax.make_jaxpr(lambda arrays: evaluate(graph, arrays).outputs)(given)
    usual = jax.make_jaxpr(lambda arrays: evaluate(graph, arrays, precision=None).outputs)(given)
    assert "HIGHEST" in str(exact)
    assert "HIGHEST" not in str(usual)


# What is refused


REFUSALS = [
    (one("Cast", "data", dtype="float64"), "it has no float64; write float32"),
    (one("Cast", "data", dtype="int64"), "it has no int64; write int32"),
    (one("softmax", "data", dtype="float64"), "it has no float64; write float32"),
    (one("norm", "data", out_dtype="int64"), "it has no int64; write int32"),
    (
        one("take", "data", "i", mode="raise"),
        "mode='raise' stops at a wrong index, which a compiled program cannot; write 'clip'",
    ),
    (one("dot", "data", "b", forward_stype="csr"), "it has no csr arrays"),
    (one("SoftmaxOutput", "data", "l", out_grad=True), "it has no out_grad; leave it out"),
    (
        one("Pooling", "data", kernel=(2, 2), pool_type="lp", p_value=4),
        "it has no p_value 4; write 1, 2 or 3",
    ),
    (
        one("Pooling", "data", kernel=(2, 2), pooling_convention="same"),
        "pooling_convention='same' is for one dimension; write 'full' or 'valid'",
    ),
    (one("_npx_reshape", "data", newshape=(-1,), order="F"), "it has no order 'F'; write 'C'"),
    (one("Reshape", "data"), "it lacks a shape"),
    (
        one("UpSampling", "data", scale=2, sample_type="bilinear", num_args=1),
        "bilinear sampling takes an image and a weight",
    ),
]


@pytest.mark.parametrize(("graph", "why"), REFUSALS)
def test_what_cannot_be_run_is_refused_by_name(graph, why):
    operator = graph.nodes[-1].operator
    message = f"the backend xla cannot run layer 'layer' ({operator}): {why}"
    for refuse in (check_supported, inference_function):
        with pytest.raises(NetworkError, match="^" + re.escape(message) + "$"):
            refuse(graph)


def test_every_layer_that_cannot_be_run_is_named():
    data = Variable("data", "input")
    own = Operation("Custom", "mine", (Output(0),))
    cast = operation("Cast", "wide", [Output(1)], dtype="float64")
    graph = Graph((data, own, cast), (Output(2),))
    with pytest.raises(NetworkError) as caught:
        check_supported(graph)
    assert caught.value.exit_code == 3
    assert caught.value.lines == [
        "the backend xla cannot run layer 'mine' (Custom): it has no such operator",
        "the backend xla cannot run layer 'wide' (Cast): it has no float64; write float32",
    ]


@pytest.mark.parametrize(
    ("graph", "shapes", "message"),
    [
        (
            one("FullyConnected", "data", "w", num_hidden=3, no_bias=True),
            {"data": (2, 5), "w": (2, 5)},
            "layer 'layer' (FullyConnected) cannot take (2, 5), (2, 5): "
            "ValueError: its weight has 2 rows, not 3",
        ),
        (
            one("Pooling", "data", kernel=(4, 4)),
            {"data": (1, 1, 3, 3)},
            "layer 'layer' (Pooling) cannot take (1, 1, 3, 3): "
            "ValueError: its kernel of 4 is larger than its input of 3",
        ),
        (
            one("Reshape", "data", shape=(0, 0, 0)),
            {"data": (2, 3)},
            "layer 'layer' (Reshape) cannot take (2, 3): "
            "ValueError: the shape (0, 0, 0) asks for more sizes than (2, 3) has",
        ),
        (
            one("Reshape", "data", shape=(-4, 2, 2)),
            {"data": (5,)},
            "layer 'layer' (Reshape) cannot take (5,): ValueError: 5 is not 2 times 2",
        ),
        (one("relu", "data"), {}, "the network's variable 'data' has no array"),
    ],
)
def test_what_does_not_fit_is_said_with_the_layer(graph, shapes, message):
    arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    with pytest.raises(NetworkError, match="^" + re.escape(message) + "$"):
        evaluate(graph, arrays)


def test_a_network_has_one_input_and_one_output():
    graph = one("elemwise_add", "a", "b")
    with pytest.raises(NetworkError, match=r"^it takes 0 inputs and gives 1 outputs, not one$"):
        inference_function(graph)


def test_the_gradient_of_whole_numbers_is_none():
    graph = one("SoftmaxOutput", "data", "label")
    labels = np.array([0, 1], np.int32)
    run = lambda data: evaluate(graph, {"data": data, "label": labels}).outputs[0].sum()  # noqa: E731
    slope = jax.grad(run)(jnp.zeros((2, 2)))
    np.testing.assert_allclose(slope, [[-0.5, 0.5], [0.5, -0.5]])


# The process


def test_nothing_is_set_for_the_process_and_no_mxnet_is_loaded():
    code = """
        import sys, jax
        before = dict(jax.config.values)
        import mxdigits.backends.xla.execute, mxdigits.backends.graphs.optimizers
        assert dict(jax.config.values) == before
        assert "mxnet" not in sys.modules
        from jax._src import xla_bridge
        print(xla_bridge.backends_are_initialized())
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, timeout=300
    )
    # No device is touched by an import either.
    assert (done.stdout, done.stderr) == ("False\n", "")
