"""The shapes of a graph's parameters: the layers' own rules, and what each backend finds."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest

from mxdigits.backends.choose import BACKENDS
from mxdigits.errors import NetworkError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.parameter_shapes import parameter_shapes, unshaped_parameters

BACKEND = [
    pytest.param("mxnet", marks=pytest.mark.mxnet),
    "xla",
    "torch",
]


def chain(*layers):
    """A graph of layers, one after the other: (operator, attributes), each with its parameters."""
    from mxdigits.graph import OPERATORS

    nodes, last = [Variable("data", "input")], Output(0)
    for number, (operator, attributes) in enumerate(layers):
        known = OPERATORS[operator]
        names = known.input_names(known.completed(attributes))[1:]
        inputs = [last]
        for name in names:
            role = "auxiliary" if name in known.auxiliary else "parameter"
            inputs.append(Output(len(nodes)))
            nodes.append(Variable(f"p{number}_{name}", role))
        last = Output(len(nodes))
        nodes.append(operation(operator, f"layer{number}", inputs, **attributes))
    return Graph(tuple(nodes), (last,))


def shapes(backend, graph, image=(3, 8, 8), classes=10, known=()):
    if backend != "mxnet":
        pytest.importorskip({"xla": "jax"}.get(backend, backend))
    return resolve_name(BACKENDS[backend].parameter_shapes)(graph, image, classes, dict(known))


DENSE = ("FullyConnected", {"num_hidden": 10})

LAYERS = [
    (DENSE, {"weight": (10, 192), "bias": (10,)}),
    (("FullyConnected", {"num_hidden": 5, "no_bias": True}), {"weight": (5, 192)}),
    (("FullyConnected", {"num_hidden": 5, "flatten": False}), {"weight": (5, 8), "bias": (5,)}),
    (
        ("Convolution", {"kernel": (3, 2), "num_filter": 6, "num_group": 3}),
        {"weight": (6, 1, 3, 2), "bias": (6,)},
    ),
    (
        ("Deconvolution", {"kernel": (2, 3), "num_filter": 6, "num_group": 3}),
        {"weight": (3, 2, 2, 3)},
    ),
    (("BatchNorm", {}), dict.fromkeys(["gamma", "beta", "moving_mean", "moving_var"], (3,))),
    (
        ("BatchNorm", {"axis": 3}),
        dict.fromkeys(["gamma", "beta", "moving_mean", "moving_var"], (8,)),
    ),
    (("InstanceNorm", {}), {"gamma": (3,), "beta": (3,)}),
    (("LayerNorm", {"axis": -1}), {"gamma": (8,), "beta": (8,)}),
    (("LayerNorm", {"axis": 1}), {"gamma": (3,), "beta": (3,)}),
    (("GroupNorm", {"num_groups": 3}), {"gamma": (3,), "beta": (3,)}),
    (("LeakyReLU", {"act_type": "prelu"}), {"gamma": (3,)}),
]


@pytest.mark.parametrize("backend", BACKEND)
@pytest.mark.parametrize(("layer", "expected"), LAYERS, ids=lambda each: str(each)[:40])
def test_layers_give_their_parameters_shapes(backend, layer, expected):
    graph = chain(layer, DENSE)
    found = shapes(backend, graph)
    own = {name[3:]: shape for name, shape in found.items() if name.startswith("p0_")}
    assert own == expected
    node = next(graph.operations)
    said = parameter_shapes(node, (2, 3, 8, 8))
    assert {name: said[name] for name in expected} == expected


def test_other_operators_say_nothing():
    node = operation("relu", "r", [Output(0)])
    assert parameter_shapes(node, (2, 3)) == {}


def test_a_layer_that_cannot_take_that_is_named():
    node = operation("Convolution", "c", [Output(0)] * 3, kernel=(2, 2), num_filter=4)
    with pytest.raises(ValueError, match=r"^'c' \(Convolution\) cannot take 2$"):
        parameter_shapes(node, (2,))


def scaled():
    """A network with a parameter that no layer of its own gives a shape."""
    nodes = (
        Variable("data", "input"),
        Variable("scale"),
        operation("broadcast_mul", "mul", [Output(0), Output(1)]),
        Variable("w"),
        Variable("b"),
        operation("FullyConnected", "out", [Output(2), Output(3), Output(4)], num_hidden=10),
    )
    return Graph(nodes, (Output(5),))


@pytest.mark.parametrize("backend", BACKEND)
def test_where_no_layer_says_it_the_file_has_to(backend):
    assert unshaped_parameters(scaled()) == {"scale"}
    found = shapes(backend, scaled(), known={"scale": (1, 3, 1, 1)})
    assert found == {"scale": (1, 3, 1, 1), "w": (10, 192), "b": (10,)}
    with pytest.raises(NetworkError) as caught:
        shapes(backend, scaled())
    assert str(caught.value) == (
        "the shape of the parameter 'scale' does not follow from its layer; the file has to give "
        "it as __shape__"
    )


@pytest.mark.parametrize("backend", BACKEND)
def test_a_file_may_say_that_a_prelu_has_one_slope(backend):
    graph = chain(("LeakyReLU", {"act_type": "prelu"}), DENSE)
    assert shapes(backend, graph, known={"p0_gamma": (1,)})["p0_gamma"] == (1,)


@pytest.mark.parametrize("backend", BACKEND)
@pytest.mark.parametrize(
    ("layers", "image", "classes", "message"),
    [
        ([DENSE], (3, 8, 8), 4, "its output for 2 images has the shape (2, 10)"),
        (
            [("FullyConnected", {"num_hidden": 1 << 20}), DENSE],
            (64, 256, 256),
            10,
            None,  # its weights are checked by whoever makes them
        ),
        (
            [("tile", {"reps": (1, 1, 4096, 1)}), ("mean", {"axis": (2, 3)}), DENSE],
            (3, 64, 8),
            10,
            "its outputs for an image would take too much memory",
        ),
        ([("Convolution", {"kernel": (9, 9), "num_filter": 2}), DENSE], (3, 8, 8), 10, ""),
    ],
)
def test_what_does_not_suit_the_images(backend, layers, image, classes, message):
    if message is None:
        found = shapes(backend, chain(*layers), image, classes)
        assert found["p0_weight"] == (1 << 20, 1 << 22)  # nothing of that size was allocated
        return
    with pytest.raises(NetworkError) as caught:
        shapes(backend, chain(*layers), image, classes)
    assert message in str(caught.value)
    assert len(caught.value.lines) == 1
