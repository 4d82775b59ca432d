"""Confidence against accuracy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mxdigits.report.calibration import calibrate
from mxdigits.train.metrics import softmax


def binary(confidences: list[float]) -> np.ndarray:
    """Probabilities of two classes, the first with these."""
    first = np.array(confidences)
    return np.stack([first, 1 - first], axis=1)


def test_a_known_case():
    """Three bins: one of them empty, one too sure by 0.4, one not sure enough by 0.1."""
    prob = binary([0.6, 0.6, 0.9, 0.9, 0.9])
    found = calibrate(prob, np.array([1, 0, 0, 0, 0]), bins=4)
    np.testing.assert_array_equal(found.edges, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(found.counts, [0, 0, 2, 3])
    np.testing.assert_allclose(found.confidence, [math.nan, math.nan, 0.6, 0.9])
    np.testing.assert_allclose(found.accuracy, [math.nan, math.nan, 0.5, 1.0])
    assert found.expected_error == pytest.approx((2 * 0.1 + 3 * 0.1) / 5)
    assert found.maximum_error() == pytest.approx(0.1)
    assert found.mean_confidence == pytest.approx(0.78)
    assert found.mean_accuracy == pytest.approx(0.8)


def test_a_bin_of_few_samples_can_be_left_out_of_the_widest_gap():
    prob = binary([0.6] * 2 + [0.9] * 10)
    found = calibrate(prob, np.array([1, 1] + [0] * 10), bins=4)
    assert found.maximum_error() == pytest.approx(0.6)
    assert found.maximum_error(least=3) == pytest.approx(0.1)
    assert math.isnan(found.maximum_error(least=11))


def test_what_is_right_as_often_as_it_says_has_no_error():
    prob = binary([0.75] * 8)
    labels = np.array([0] * 6 + [1] * 2)
    assert calibrate(prob, labels).expected_error == 0
    assert calibrate(prob, 1 - labels).expected_error == pytest.approx(0.5)


def test_the_bins_are_open_below_and_closed_above():
    """As in the paper: the third of four bins is (0.5, 0.75]."""
    prob = binary([0.5, 0.75, np.nextafter(0.75, 1), 1.0])
    np.testing.assert_array_equal(calibrate(prob, np.zeros(4, int), bins=4).counts, [0, 1, 1, 2])


def test_a_probability_rounded_to_above_one_is_in_the_last_bin():
    prob = np.array([[1.0000001, 0.0]], np.float32)
    assert calibrate(prob, np.array([0])).counts[-1] == 1


@st.composite
def predictions(draw):
    samples, classes = draw(st.integers(1, 40)), draw(st.integers(2, 12))
    logits = draw(hnp.arrays(np.float32, (samples, classes), elements=st.floats(-30, 30, width=32)))
    labels = draw(hnp.arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    return softmax(logits), labels


@given(predictions(), st.integers(1, 30))
def test_every_sample_counts_once_and_the_errors_have_their_bounds(made, bins):
    prob, labels = made
    found = calibrate(prob, labels, bins)
    right = prob.argmax(axis=1) == labels
    assert found.counts.sum() == len(labels)
    assert found.mean_accuracy == pytest.approx(right.mean())
    assert found.mean_confidence == pytest.approx(prob.max(axis=1).mean(), abs=1e-6)
    gap = abs(found.mean_confidence - found.mean_accuracy)
    assert gap - 1e-9 <= found.expected_error <= found.maximum_error() + 1e-9 <= 1 + 1e-6


@given(predictions(), st.randoms(use_true_random=False))
def test_the_order_of_the_samples_does_not_matter(made, random):
    prob, labels = made
    order = random.sample(range(len(labels)), len(labels))
    assert calibrate(prob, labels).expected_error == pytest.approx(
        calibrate(prob[order], labels[order]).expected_error
    )
