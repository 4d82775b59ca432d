"""A batch in parts: what is learnt from it, by its parts alone."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.batches import epoch_order, pieces
from mxdigits.backends.network import GraphNetwork
from mxdigits.errors import UsageError
from mxdigits.graph.building import GraphBuilder
from mxdigits.train.trainer import Trainer

CLASSES, SEED = 4, 3


def network(normalised: bool) -> GraphNetwork:
    random = np.random.default_rng(1)
    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    arrays = {"weight": random.normal(0, 0.1, (CLASSES, 256)).astype(np.float32)}
    if normalised:
        learnt = [build.variable(each) for each in ("gamma", "beta")]
        moving = [build.variable(each, "auxiliary") for each in ("mean", "var")]
        x = build("BatchNorm", x, *learnt, *moving, fix_gamma=False)
        for name in ("gamma", "beta", "mean", "var"):
            arrays[name] = random.uniform(0.5, 1, 256).astype(np.float32)
    dense = build("FullyConnected", x, build.variable("weight"), num_hidden=CLASSES, no_bias=True)
    return GraphNetwork(build.graph(dense), arrays)


def trained(backend, data, *, batch_size=130, normalised=False, start=None, **options):
    """The weights after an epoch, and its record."""
    made = network(normalised)
    if start is not None:
        made = GraphNetwork(made.graph, start)
    trainer = Trainer(made, "sgd", {"learning_rate": 0.5}, backend=backend, seed=SEED, **options)
    history = trainer.fit(data, epochs=1, batch_size=batch_size)
    return trainer.backend.snapshot(), history[0]


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize(("batch_size", "parts"), [(130, 2), (130, 3), (40, 4)])
def test_the_result_is_that_of_the_whole_batch(backend, batch_size, parts, digits):
    whole, told = trained(backend, digits["train"], batch_size=batch_size)
    found, same = trained(backend, digits["train"], batch_size=batch_size, accumulate=parts)
    np.testing.assert_allclose(found["weight"], whole["weight"], atol=2e-6)
    assert same.train_loss == pytest.approx(told.train_loss, rel=1e-5)
    assert same.train_accuracy == told.train_accuracy


@pytest.mark.parametrize("backend", TRAINING)
def test_layers_that_measure_see_a_part_at_a_time(backend, digits):
    images, labels = digits["train"]
    order = epoch_order(len(labels), SEED, 0)
    start = network(normalised=True).arrays
    expected = {name: start[name].copy() for name in ("weight", "gamma", "beta")}
    statistics = {name: start[name] for name in ("mean", "var")}
    for begin, end in pieces(0, len(labels), 3):
        rows = order[begin:end]
        alone, _ = trained(
            backend,
            (images[rows], labels[rows]),
            batch_size=len(rows),
            normalised=True,
            start={**start, **statistics},
        )
        for name, array in expected.items():
            array += (alone[name] - start[name]) * len(rows) / len(labels)
        statistics = {name: alone[name] for name in statistics}
    found, _ = trained(backend, digits["train"], normalised=True, accumulate=3)
    for name, array in {**expected, **statistics}.items():
        np.testing.assert_allclose(found[name], array, atol=1e-5, err_msg=name)
    plain, _ = trained(backend, digits["train"], normalised=True)
    assert np.abs(plain["mean"] - found["mean"]).max() > 1e-3


@pytest.mark.parametrize("backend", TRAINING)
def test_a_bound_is_of_the_gradient_of_the_whole_batch(backend, digits):
    whole, _ = trained(backend, digits["train"], clip_global_norm=0.1)
    found, _ = trained(backend, digits["train"], clip_global_norm=0.1, accumulate=4)
    np.testing.assert_allclose(found["weight"], whole["weight"], atol=2e-6)


def test_parts_must_be_counted():
    with pytest.raises(
        UsageError, match=r"^accumulate: must be a whole number of at least 1, got 0$"
    ):
        Trainer(network(False), accumulate=0)
