"""Scores against known values, and against counting one sample after another."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mxdigits.train.metrics import Scores, log_softmax, score, softmax, wilson_interval

LOGITS = np.array([[2, 1, 0], [0, 3, 1], [1, 1, 1], [5, 0, 5]], np.float32)
LABELS = np.array([0, 2, 1, 2])


def test_a_case_by_hand():
    found = score(LOGITS, LABELS, top_k=(1, 2, 3, 9))
    log3 = math.log(math.exp(2) + math.exp(1) + 1)
    losses = [
        log3 - 2,
        math.log(1 + math.exp(3) + math.exp(1)) - 1,
        math.log(3),
        math.log(2 * math.exp(5) + 1) - 5,
    ]
    assert found.loss == pytest.approx(sum(losses) / 4, rel=1e-12)
    # Of equals the first counts, as in argmax: sample 2 is taken for 0, and so is sample 3.
    assert found.confusion.tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert found.top_k == {1: 0.25, 2: 1.0}
    assert (found.samples, found.correct, found.accuracy) == (4, 1, 0.25)
    assert found.per_class == [1.0, 0.0, 0.0]
    assert found.interval() == wilson_interval(1, 4)


def test_a_class_without_samples_has_no_accuracy():
    found = score(np.eye(3, dtype=np.float32)[:2], np.array([0, 1]))
    assert found.per_class[:2] == [1.0, 1.0]
    assert math.isnan(found.per_class[2])
    assert found.top_k == {}


def test_label_smoothing_by_hand():
    """Each class is given smoothing / classes of the label, the true one the rest besides."""
    prob = np.array([0.7, 0.2, 0.1])
    found = score(np.log(prob)[None], np.array([1]), label_smoothing=0.3)
    target = np.array([0.1, 0.8, 0.1])
    assert found.loss == pytest.approx(-(target * np.log(prob)).sum(), rel=1e-12)


def test_labels_of_any_integer_type():
    for kind in (np.uint8, np.int32, np.int64):
        assert score(LOGITS, LABELS.astype(kind)).correct == 1


def test_large_logits_neither_overflow_nor_vanish():
    logits = np.array([[1e30, 0], [-1e30, 0], [3e38, 3e38]], np.float32)
    assert softmax(logits).tolist() == [[1, 0], [0, 1], [0.5, 0.5]]
    assert score(logits, np.array([0, 1, 0])).loss == pytest.approx(math.log(2) / 3)
    assert log_softmax(np.array([[0.0, -800.0]]))[0, 1] == pytest.approx(-800)


def test_softmax_is_float32_and_its_logarithm_float64():
    assert softmax(LOGITS).dtype == np.float32
    assert log_softmax(LOGITS).dtype == np.float64
    assert softmax(np.zeros((0, 3), np.float32)).shape == (0, 3)


# Wilson's interval


@pytest.mark.parametrize(
    ("correct", "samples", "low", "high"),
    [
        # SciPy's binomtest(correct, samples).proportion_ci(method="wilson")
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (9880, 10000, 0.9857, 0.9900),
        (10, 10, 0.7225, 1.0000),
        (1, 1, 0.2065, 1.0000),
    ],
)
def test_known_intervals(correct, samples, low, high):
    assert wilson_interval(correct, samples) == pytest.approx((low, high), abs=5e-5)


counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
@example((10**6, 10**6))
def test_the_bounds_solve_wilsons_equation(drawn):
    """Each bound p is as far from the share as z standard errors at p itself."""
    correct, samples = drawn
    low, high = wilson_interval(correct, samples)
    share = correct / samples
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for bound in (low, high):
        error = 1.959964 * math.sqrt(bound * (1 - bound) / samples)
        assert abs(abs(share - bound) - error) < 1e-7


@given(counts)
def test_the_interval_is_the_same_seen_from_the_other_side(drawn):
    correct, samples = drawn
    low, high = wilson_interval(correct, samples)
    assert wilson_interval(samples - correct, samples) == pytest.approx((1 - high, 1 - low))


# Counting one after another

# Few different values, so that there are many equals.
logits_and_labels = st.tuples(st.integers(1, 8), st.integers(1, 6)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float32, shape, elements=st.integers(-3, 3) | st.floats(-50, 50, width=32)),
        arrays(np.int64, shape[:1], elements=st.integers(0, shape[1] - 1)),
    )
)


def by_hand(logits, labels, smoothing, top_k):
    classes = logits.shape[1]
    confusion = [[0] * classes for _ in range(classes)]
    losses, hits = [], dict.fromkeys([k for k in top_k if k < classes], 0)
    for row, label in zip(logits.tolist(), labels.tolist()):
        order = sorted(range(classes), key=lambda i: (-row[i], i))
        confusion[label][order[0]] += 1
        for k in hits:
            hits[k] += label in order[:k]
        log_sum = math.log(math.fsum(math.exp(x - max(row)) for x in row)) + max(row)
        target = [smoothing / classes + (1 - smoothing) * (i == label) for i in range(classes)]
        losses.append(math.fsum(t * (log_sum - x) for t, x in zip(target, row)))
    shares = {k: float(Fraction(n, len(labels))) for k, n in hits.items()}
    return math.fsum(losses) / len(losses), confusion, shares


@settings(deadline=None)
@given(logits_and_labels, st.sampled_from([0.0, 0.1, 0.5]), st.sets(st.integers(1, 7)))
def test_scores_are_what_counting_gives(drawn, smoothing, ranks):
    logits, labels = drawn
    found = score(logits, labels, label_smoothing=smoothing, top_k=tuple(ranks))
    loss, confusion, shares = by_hand(logits, labels, smoothing, ranks)
    assert found.confusion.tolist() == confusion
    assert found.top_k == pytest.approx(shares)
    assert found.loss == pytest.approx(loss, rel=1e-9, abs=1e-12)
    assert found.samples == len(labels)
    if 1 in found.top_k:
        assert found.top_k[1] == pytest.approx(found.accuracy)


@settings(deadline=None)
@given(logits_and_labels)
def test_probabilities(drawn):
    prob = softmax(drawn[0])
    assert (prob >= 0).all()
    assert prob.sum(axis=1) == pytest.approx(np.ones(len(prob)), rel=1e-5)
    assert np.exp(log_softmax(drawn[0])) == pytest.approx(prob, rel=1e-6, abs=1e-12)


def test_scores_are_frozen():
    found = score(LOGITS, LABELS)
    assert isinstance(found, Scores)
    with pytest.raises(AttributeError):
        found.loss = 0.0  # type: ignore[misc]
