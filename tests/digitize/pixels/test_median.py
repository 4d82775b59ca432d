"""Medians and quantiles against NumPy's, which take longer."""

import numpy as np
import pytest

from mxdigits.digitize.pixels.median import median, quantiles


def some_values(count, dtype, seed=0):
    random = np.random.default_rng(seed)
    return np.asarray(random.choice(random.random(1 + count // 2) * 100, count), dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 101, 4096])
def test_the_median_is_numpys(count, dtype):
    values = some_values(count, dtype)
    assert median(values) == float(np.median(values))


def test_the_median_is_of_all_axes():
    values = some_values(60, np.float32).reshape(5, 12)
    assert median(values.T) == float(np.median(values))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 101, 4096])
def test_quantiles_are_numpys(count, dtype):
    values = some_values(count, dtype)
    shares = [0.0, 0.05, 0.25, 0.5, 0.77, 1.0]
    expected = np.quantile(values.astype(np.float64), shares)
    np.testing.assert_allclose(quantiles(values, shares), expected, rtol=1e-6)


def test_values_stay_in_their_order():
    values = some_values(100, np.float64)
    before = values.copy()
    median(values), quantiles(values, [0.3])
    np.testing.assert_array_equal(values, before)


def in_noise(random):
    return random.normal(size=300_001).astype(np.float32)


def in_two_values(random):
    return np.asarray(random.random(300_001) < 0.7, np.float32)


def in_an_order_that_a_sample_is_blind_to(random):
    # Of each so many numbers one is looked at: it alone is high.
    return np.asarray(np.arange(300_000) % 19 == 0, np.float32) + random.random(300_000)


@pytest.mark.parametrize("draw", [in_noise, in_two_values, in_an_order_that_a_sample_is_blind_to])
def test_of_many_values_they_are_the_same(draw):
    values = draw(np.random.default_rng(7))
    assert median(values) == float(np.median(values))
    shares = [0.0, 0.05, 0.25, 0.7, 1.0]
    expected = np.quantile(values.astype(np.float64), shares)
    np.testing.assert_allclose(quantiles(values, shares), expected, rtol=1e-6)
