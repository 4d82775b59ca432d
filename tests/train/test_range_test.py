"""The range test: its losses against a plain loop, and what is read from a curve."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.batches import epoch_order
from mxdigits.backends.choose import choose_devices
from mxdigits.backends.network import GraphNetwork
from mxdigits.data.dataset import Split
from mxdigits.errors import Diverged, UsageError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.train.range_test import RateCurve, RateRange, range_test
from mxdigits.train.trainer import Trainer

CLASSES, SIZE = 4, 8


@pytest.fixture
def split():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, CLASSES, 75)
    images = rng.integers(0, 60, (75, 1, SIZE, SIZE), dtype=np.uint8)
    images[np.arange(75), 0, labels] += 190  # a bright row for each class
    return Split(images, labels)


def trainer_of(backend, rate=0.1):
    dense = operation(
        "FullyConnected", "dense", [Output(0), Output(1)], num_hidden=CLASSES, no_bias=True
    )
    graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
    network = GraphNetwork(graph, {"w": np.zeros((CLASSES, SIZE * SIZE), np.float32)})
    choice = choose_devices("cpu", backend)
    return Trainer(
        network, "sgd", {"learning_rate": rate}, contexts=choice.contexts, backend=backend
    )


def plain_loop(split, batch_size, rates):
    """The mean loss of each batch, by the formulas of softmax regression."""
    x = split.images.reshape(len(split), -1) / 255
    w, losses, epoch = np.zeros((CLASSES, x.shape[1])), [], 0
    while len(losses) < len(rates):
        order = epoch_order(len(x), 0, epoch)
        for begin in range(0, len(x), batch_size):
            places = order[begin : begin + batch_size]
            logits = x[places] @ w.T
            prob = np.exp(logits - logits.max(axis=1, keepdims=True))
            prob /= prob.sum(axis=1, keepdims=True)
            own = np.arange(len(places)), split.labels[places]
            losses.append(-np.log(prob[own]).mean())
            if len(losses) <= len(rates):
                prob[own] -= 1
                w -= rates[len(losses) - 1] / len(places) * prob.T @ x[places]
        epoch += 1
    return losses[: len(rates)]


@pytest.mark.parametrize("backend", TRAINING)
def test_the_losses_are_those_of_a_plain_loop(backend, split):
    """Over more than an epoch, whose last batch is smaller."""
    over = RateRange(1e-3, 1, steps=20)
    curve = range_test(trainer_of(backend), split, 10, over)
    np.testing.assert_allclose(curve.losses, plain_loop(split, 10, over.rates), rtol=2e-4)
    assert curve.rates.tolist() == over.rates.tolist()
    assert curve.losses[0] == pytest.approx(math.log(CLASSES), rel=1e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_a_curve_ends_before_the_loss_is_not_finite(backend, split):
    white = Split(np.full_like(split.images, 255), split.labels)  # nothing to be right about
    curve = range_test(trainer_of(backend), white, 5, RateRange(1e28, 3e38, steps=45))
    assert 10 <= len(curve.losses) < 45
    assert np.isfinite(curve.losses).all()
    assert len(curve.rates) == len(curve.losses)
    assert curve.diverged


@pytest.mark.mxnet
def test_what_diverges_at_once_makes_no_curve(split):
    with pytest.raises(Diverged, match="the loss became nan"):
        range_test(trainer_of("mxnet"), split, 5, RateRange(2e38, 3e38, steps=15))


@pytest.mark.mxnet
def test_only_as_many_images_are_taken_as_there_are_steps_for(split, monkeypatch):
    trainer, taken = trainer_of("mxnet"), []
    begin = trainer.backend.begin_fit
    monkeypatch.setattr(
        trainer.backend, "begin_fit", lambda x, y, n: taken.extend(y.tolist()) or begin(x, y, n)
    )
    range_test(trainer, split, 5, RateRange(steps=10))
    assert len(taken) == 50
    assert set(taken) == set(range(CLASSES))  # by chance, not the first of them


def bowl(least, falls=2.0, *, low=1e-4, high=1.0, end=9.0):
    """A loss that is flat, falls around 0.01, is lowest at a rate, and grows."""
    rates = np.geomspace(low, high, 200)
    losses = 2.3 - falls / (1 + np.exp(-6 * np.log10(rates / 0.01)))
    return RateCurve(rates, np.where(rates > least, losses + end * (rates - least), losses))


def test_the_rate_midway_from_the_steepest_to_the_least_is_proposed():
    curve = bowl(0.2)
    assert curve.steepest == pytest.approx(0.01, rel=0.15)
    assert curve.proposed == float(f"{(curve.steepest * curve.least) ** 0.5:.2g}")
    assert curve.least == pytest.approx(0.15, rel=0.3)
    assert (curve.fell, curve.rises_after) == (True, True)


def test_noise_does_not_move_it_far():
    curve = bowl(0.2)
    noise = np.random.default_rng(1).normal(0, 0.05, len(curve.rates))
    noisy = RateCurve(curve.rates, curve.losses + noise)
    assert noisy.steepest == pytest.approx(0.01, rel=0.5)


def test_a_fall_by_chance_is_none():
    noise = np.random.default_rng(2).normal(0, 0.5, (50, 40))
    curves = [RateCurve(np.geomspace(1e-9, 1e-8, 40), 2.3 + each) for each in noise]
    assert sum(curve.fell for curve in curves) <= 2


def test_a_steep_fall_behind_the_least_loss_does_not_count():
    rates = np.geomspace(1e-4, 1, 200)
    losses = np.where(rates < 0.01, 2.3 - np.log10(rates / 1e-4), 0.3)
    losses = np.where((rates > 0.1) & (rates < 0.5), 60, losses + (rates > 0.1))
    assert RateCurve(rates, losses).steepest < 0.011


@pytest.mark.parametrize(
    ("curve", "fell", "rises_after", "proposed"),
    [
        (RateCurve(np.geomspace(1e-9, 1e-6, 50), np.full(50, 2.3)), False, False, None),
        (RateCurve(np.geomspace(1, 10, 50), np.linspace(2.3, 9, 50)), False, True, None),
        (bowl(1.0), True, False, 0.1),
        # It grows without bounds from one batch to the next.
        (replace(bowl(1.0), diverged=True), True, True, 0.1),
    ],
)
def test_what_a_range_shows_and_what_it_leaves_open(curve, fell, rises_after, proposed):
    assert (curve.fell, curve.rises_after) == (fell, rises_after)
    assert curve.proposed == (proposed and pytest.approx(proposed, rel=0.15))


def test_the_smooth_losses_of_a_constant_are_that_constant():
    np.testing.assert_allclose(RateCurve(np.geomspace(1, 2, 37), np.full(37, 2.3)).smooth, 2.3)


def test_what_is_shown_ends_where_the_loss_has_exploded():
    curve = bowl(0.2, end=1e4)
    assert curve.shown.rates[-1] < 0.3
    assert bowl(0.2, falls=1, end=0).shown.rates[-1] == 1.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((0, 1, 20), "the rates must rise from a number above 0, got 0 to 1"),
        ((1, 1, 20), "the rates must rise from a number above 0, got 1 to 1"),
        ((1e-3, math.inf, 20), "the rates must rise from a number above 0, got 0.001 to inf"),
        ((math.nan, 1, 20), "the rates must rise from a number above 0, got nan to 1"),
        ((1e-3, 1, 9), "a range test takes at least 10 steps, got 9"),
    ],
)
def test_a_range_that_is_none(given, message):
    with pytest.raises(UsageError) as caught:
        RateRange(*given)
    assert str(caught.value) == message
