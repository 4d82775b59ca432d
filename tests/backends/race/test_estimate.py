"""How many operations a network takes, from its graph alone."""

from __future__ import annotations

import pytest

from mxdigits.backends.race.estimate import operations, processor_speed
from mxdigits.graph.building import INPUT, GraphBuilder
from mxdigits.models.deep import deep
from mxdigits.models.graphs import lenet, mlp


def built(*layers):
    """A graph of layers, each an operator, how many parameters it takes, and its attributes."""
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    for number, (operator, parameters, attributes) in enumerate(layers):
        own = [build.variable(f"w{number}_{each}") for each in range(parameters)]
        x = build(operator, x, *own, **attributes)
    return build.graph(x)


DENSE = ("FullyConnected", 2, {"num_hidden": 10})
WINDOW = {"kernel": (3, 3), "num_filter": 4}


@pytest.mark.parametrize(
    ("graph", "shape", "multiplications"),
    [
        (mlp().graph, (1, 28, 28), 784 * 128 + 128 * 64 + 64 * 10),
        (
            lenet().graph,
            (1, 28, 28),
            20 * 24 * 24 * 25 + 50 * 8 * 8 * 20 * 25 + 800 * 500 + 500 * 10,
        ),
        (
            built(
                ("Convolution", 2, {**WINDOW, "stride": (2, 2), "pad": (1, 1), "dilate": (2, 2)}),
                ("relu", 0, {}),
                ("Pooling", 0, {"kernel": (2, 2), "stride": (2, 2), "pad": (1, 1)}),
                DENSE,
            ),
            (3, 9, 9),
            4 * 4 * 4 * 27 + 4 * 3 * 3 * 10,
        ),
        (
            built(("Convolution", 2, {**WINDOW, "num_group": 2}), DENSE),
            (2, 5, 5),
            4 * 3 * 3 * 9 + 36 * 10,
        ),
        (
            built(
                ("Pooling", 0, {"global_pool": True, "kernel": (1, 1)}), ("Flatten", 0, {}), DENSE
            ),
            (6, 4, 4),
            60,
        ),
        (
            built(
                (
                    "Pooling",
                    0,
                    {"kernel": (2, 2), "stride": (2, 2), "pooling_convention": "full"},
                ),
                DENSE,
            ),
            (1, 5, 5),
            90,
        ),
    ],
)
def test_products_and_convolutions_are_counted(graph, shape, multiplications):
    assert operations(graph, shape) == 2 * multiplications


def test_a_network_with_batch_normalisation_and_squeeze_excitation_is_known():
    assert operations(deep().graph, (1, 28, 28)) > 100e6


@pytest.mark.parametrize(
    ("graph", "shape"),
    [
        (built(("transpose", 0, {}), DENSE), (1, 8, 8)),
        (built(("mean", 0, {"axis": (1,)}), DENSE), (1, 8, 8)),
        (built(("Convolution", 2, WINDOW), DENSE), (1, 2, 2)),
    ],
)
def test_what_is_not_known_is_not_guessed(graph, shape):
    assert operations(graph, shape) is None


def test_a_processor_has_a_speed():
    assert 1e8 < processor_speed() < 1e16
