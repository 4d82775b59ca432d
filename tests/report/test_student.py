"""Student's t distribution against tables, and the tests of means by hand."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.report.student import (
    fold_share,
    mean_interval,
    paired_folds,
    t_p,
    t_quantile,
    welch,
)


@pytest.mark.parametrize(
    ("degrees", "quantile"),  # two-sided, 95 %, from any table
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (30, 2.0423), (120, 1.9799)],
)
def test_quantiles(degrees, quantile):
    assert t_quantile(degrees) == pytest.approx(quantile, abs=6e-5)
    assert t_p(quantile, degrees) == pytest.approx(0.05, abs=1e-5)


@pytest.mark.parametrize("t", [0.0, 0.1, 0.5, 1.0, 3.0, 50.0])
def test_p_of_one_and_of_two_degrees_has_a_closed_form(t):
    assert t_p(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), abs=1e-12)
    assert t_p(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), abs=1e-12)


@given(st.floats(0.01, 30), st.floats(0.3, 1e5))
def test_p_is_that_of_a_sum_of_the_density(t, degrees):
    """By Simpson's rule over the density between -t and t."""
    log = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    front = math.exp(log) / math.sqrt(degrees * math.pi)

    def density(x):
        return front * (1 + x * x / degrees) ** (-(degrees + 1) / 2)

    steps = 4000
    h = t / steps
    inner = sum((4 if i % 2 else 2) * density(i * h) for i in range(1, steps))
    inside = 2 * h / 3 * (density(0) + inner + density(t))
    assert t_p(t, degrees) == pytest.approx(1 - inside, abs=1e-6)
    assert t_p(-t, degrees) == t_p(t, degrees)


def test_many_degrees_are_the_normal_distribution():
    assert t_p(1.5, 1e8) == pytest.approx(2 * (1 - NormalDist().cdf(1.5)), abs=1e-7)
    assert t_p(math.inf, 3) == 0


def test_welch_by_hand():
    first, second = [0.95, 0.96, 0.97], [0.90, 0.93, 0.92]
    found = welch(first, second)
    shares = 0.0001 / 3, 0.0007 / 3 / 3  # the variances over the number of runs
    error = math.sqrt(sum(shares))
    degrees = sum(shares) ** 2 / (shares[0] ** 2 / 2 + shares[1] ** 2 / 2)
    assert found.difference == pytest.approx(0.13 / 3)
    assert found.p == pytest.approx(t_p(0.13 / 3 / error, degrees))
    reach = t_quantile(degrees) * error
    assert (found.low, found.high) == pytest.approx((0.13 / 3 - reach, 0.13 / 3 + reach))
    other = welch(second, first)
    assert (other.difference, other.p) == pytest.approx((-found.difference, found.p))


def test_folds_by_hand():
    """The variance of the differences, 0.0001, times 1/5 + 1/4: more than the plain 1/5."""
    second = [0.9, 0.91, 0.92, 0.93, 0.94]
    first = [each + more for each, more in zip(second, (0.0, 0.01, 0.01, 0.02, 0.01))]
    variance = 2 * 0.01**2 / 4
    found = paired_folds(first, second)
    assert found.difference == pytest.approx(0.01)
    assert found.p == pytest.approx(t_p(0.01 / math.sqrt(variance * 0.45), 4))
    assert found.p > t_p(0.01 / math.sqrt(variance / 5), 4)
    assert fold_share(2) == 1.5


@pytest.mark.parametrize("test", [welch, paired_folds])
def test_runs_that_come_out_equal_may_differ_by_less_than_an_image(test):
    equal, higher = [0.95, 0.95], [0.96, 0.96]
    assert test(equal, equal).p == 1
    assert test(higher, equal).p == 0
    assert test(higher, equal, grain=0.01).p > 0.01  # a hundred images: one of them
    assert test(higher, equal, grain=0.0001).p < test(higher, equal, grain=0.01).p


def test_the_interval_of_a_mean():
    reach = 4.3027 * 0.01 / math.sqrt(3)
    assert mean_interval([0.95, 0.96, 0.97], 1 / 3) == pytest.approx(
        (0.96 - reach, 0.96 + reach), abs=1e-6
    )
