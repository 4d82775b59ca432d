"""Whole graphs by the backend torch: random numbers, refusals, types, and the process around."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from backends.one_operation import one

torch = pytest.importorskip("torch", reason="the backend torch needs PyTorch")

from backends.cases import Case

from mxdigits.backends.torch.drawing import Drawn, Generator
from mxdigits.backends.torch.execute import check_network, evaluate
from mxdigits.backends.torch.settings import computing
from mxdigits.backends.torch.support import check_supported
from mxdigits.errors import NetworkError
from mxdigits.graph import Graph, Operation, Output, Variable, operation

CPU = torch.device("cpu")


def drawing(batch: int = 3) -> Generator:
    draw = Generator(CPU)
    draw.begin(1, 2, batch)
    return draw


def result(graph: Graph, training: bool = True, draw: Any = None, **arrays: Any) -> np.ndarray:
    given = {name: torch.as_tensor(array) for name, array in arrays.items()}
    return evaluate(graph, given, training=training, draw=draw).outputs[0].numpy()


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
    drawn = result(graph, draw=drawing(), **given)
    assert (drawn.shape, drawn.dtype) == ((50, 200), np.float32)
    assert low <= drawn.min() < drawn.max() <= high
    assert abs(drawn.mean() - mean) < 0.05
    assert abs(drawn.std() - deviation) < 0.05
    np.testing.assert_array_equal(drawn, result(graph, draw=drawing(), **given))
    assert not np.array_equal(drawn, result(graph, draw=drawing(4), **given))


def test_dropout_keeps_some_and_enlarges_them():
    graph = one("Dropout", "data", p=0.25)
    data = np.ones((100, 100), np.float32)
    kept = result(graph, draw=drawing(), data=data)
    assert set(np.unique(kept)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((kept == 0).mean() - 0.25) < 0.02
    np.testing.assert_array_equal(result(graph, training=False, data=data), data)
    always = one("Dropout", "data", p=0.25, mode="always")
    assert (result(always, training=False, draw=drawing(), data=data) == 0).any()


def test_dropout_lets_the_gradient_through_where_it_let_the_data():
    data = torch.ones(5, 40, requires_grad=True)
    graph = one("Dropout", "data", p=0.5)
    kept = evaluate(graph, {"data": data}, training=True, draw=drawing()).outputs[0]
    (gradient,) = torch.autograd.grad(kept.sum(), data)
    np.testing.assert_array_equal(gradient, kept.detach())


def test_dropout_drops_whole_axes():
    graph = one("Dropout", "data", p=0.5, axes=(2, 3))
    dropped = result(graph, draw=drawing(), data=np.ones((8, 9, 3, 3)))
    np.testing.assert_array_equal(dropped.min((2, 3)), dropped.max((2, 3)))
    assert len(np.unique(dropped)) == 2


def test_random_slopes_lie_between_their_bounds():
    graph = one("LeakyReLU", "data", act_type="rrelu", lower_bound=0.1, upper_bound=0.3)
    slopes = -result(graph, draw=drawing(), data=np.full((50, 50), -1, np.float32))
    assert 0.1 <= slopes.min() < 0.12
    assert 0.28 < slopes.max() <= 0.3


def test_each_layer_draws_for_itself():
    node = operation("_random_uniform", "a", [], shape=(4,))
    graph = Graph((node, node), (Output(0), Output(1)))
    first, second = evaluate(graph, {}, draw=drawing()).outputs
    assert not torch.equal(first, second)


def test_who_draws_without_a_source_is_told():
    message = r"^the network draws random numbers: it needs something to draw from$"
    with pytest.raises(ValueError, match=message):
        result(one("Dropout", "data", p=0.5), data=np.ones(3))


def test_a_step_that_is_repeated_draws_the_numbers_of_its_batch():
    """What a GPU has captured reads the same memory each time."""
    graph = one("Dropout", "data", p=0.5)
    draw = drawing()
    drawn = Drawn(draw)
    data = torch.ones(20, 20)
    drawn.begin()
    evaluate(graph, {"data": data}, training=True, draw=drawn)
    drawn.known()
    for batch in (3, 8):
        draw.begin(1, 2, batch)
        drawn.refill()
        drawn.begin()
        found = evaluate(graph, {"data": data}, training=True, draw=drawn).outputs[0]
        np.testing.assert_array_equal(found, result(graph, draw=drawing(batch), data=data))


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
    given = dict(zip(names, (torch.ones(4, 3), *(torch.ones(3) for _ in range(4)))))
    after = evaluate(graph, given, training=True).auxiliary
    # 1 towards 2, then towards 1, as MXNet comes to the last layer first.
    np.testing.assert_allclose(after["mean"], 1.25)


# Types


def test_a_network_in_half_precision_stays_in_it():
    graph = Case("BatchNorm", ()).graph()
    arrays = {n: torch.ones((2, 3, 4) if n == "data" else 3) for n in graph.parameters}
    arrays |= {name: torch.ones(3) for name in graph.auxiliary_states}
    arrays["data"] = arrays["data"].bfloat16()
    done = evaluate(graph, arrays, training=True)
    assert done.outputs[0].dtype == torch.bfloat16
    assert {each.dtype for each in done.auxiliary.values()} == {torch.float32}


@pytest.mark.parametrize(
    ("graph", "kind"),
    [
        (one("Cast", "data", dtype="float64"), np.float64),
        (one("Cast", "data", dtype="int64"), np.int64),
        (one("softmax", "data", dtype="float64"), np.float64),
        (one("norm", "data", out_dtype="float64"), np.float64),
    ],
)
def test_wide_numbers_are_there(graph, kind):
    """As with MXNet; the backend xla lacks them."""
    assert result(graph, data=np.ones(3, np.float32)).dtype == kind


# What is refused


REFUSALS = [
    (
        one("take", "data", "i", mode="raise"),
        "mode='raise' stops at a wrong index, which a compiled program cannot; write 'clip'",
    ),
    (one("dot", "data", "b", forward_stype="csr"), "it has no csr arrays"),
    (one("SoftmaxOutput", "data", "l", out_grad=True), "it has no out_grad; leave it out"),
    (
        Graph((Variable("data"), Operation("Custom", "layer", (Output(0),))), (Output(1),)),
        "it has no such operator",
    ),
]


@pytest.mark.parametrize(("graph", "why"), REFUSALS)
def test_what_cannot_be_run_is_refused_by_name(graph, why):
    operator = graph.nodes[-1].operator
    message = f"the backend torch cannot run layer 'layer' ({operator}): {why}"
    for refuse in (check_supported, check_network):
        with pytest.raises(NetworkError, match="^" + re.escape(message) + "$"):
            refuse(graph)


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
            one("squeeze", "data", axis=(0,)),
            {"data": (2, 3)},
            "layer 'layer' (squeeze) cannot take (2, 3): "
            "ValueError: its axis 0 is of size 2, not 1",
        ),
        (
            one("SliceChannel", "data", num_outputs=2),
            {"data": (2, 3)},
            "layer 'layer' (SliceChannel) cannot take (2, 3): "
            "ValueError: its axis of 3 has no 2 equal parts",
        ),
        (one("relu", "data"), {}, "the network's variable 'data' has no array"),
    ],
)
def test_what_does_not_fit_is_said_with_the_layer(graph, shapes, message):
    arrays = {name: torch.zeros(shape) for name, shape in shapes.items()}
    with pytest.raises(NetworkError, match="^" + re.escape(message) + "$"):
        evaluate(graph, arrays)


def test_a_network_has_one_input_and_one_output():
    graph = one("elemwise_add", "a", "b")
    with pytest.raises(NetworkError, match=r"^it takes 0 inputs and gives 1 outputs, not one$"):
        check_network(graph)


# The process


def test_what_pytorch_is_set_to_is_set_back():
    def settings():
        cudnn = torch.backends.cudnn
        return (
            torch.get_deterministic_debug_mode(),
            torch.backends.cuda.matmul.allow_tf32,
            *(cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark),
            torch.utils.deterministic.fill_uninitialized_memory,
        )

    before = settings()
    with computing("tf32", repeatable=True):
        assert settings() == (2, True, True, True, False, False)
    assert settings() == before
    with pytest.raises(ZeroDivisionError), computing(repeatable=True):
        _ = 1 / 0
    assert settings() == before


def test_no_mxnet_and_no_compiler_is_loaded():
    code = """
        import sys
        import mxdigits.backends.torch.backend, mxdigits.backends.torch.devices
        from mxdigits.backends.torch.settings import computing
        with computing(repeatable=True):
            pass
        heavy = "mxnet", "torch._dynamo", "torch._inductor"
        print([name for name in heavy if name in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, timeout=300
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(("text", "threads"), [("1", 1), ("2", 2), ("2,1", 2)])
def test_threads_are_those_that_the_user_has_set_whatever_mxnet_did(text, threads):
    code = """
        from mxdigits.backends.mxnet.runtime import import_mxnet, mxnet_installed
        if mxnet_installed():
            import_mxnet()
        from mxdigits.backends.torch.runtime import import_torch, take_cpus
        take_cpus()
        print(import_torch().get_num_threads())
    """
    environment = {**os.environ, "OMP_NUM_THREADS": text}
    command = [sys.executable, "-c", dedent(code)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == (f"{threads}\n", "")
