"""McNemar's test and Holm's adjustment, against values computed elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.report.significance import EXACT_UP_TO, binomial_p, chi_squared_p, holm, mcnemar


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [  # scipy.stats.binomtest(first, first + second).pvalue
        (0, 0, 1.0),
        (0, 1, 1.0),
        (3, 3, 1.0),
        (0, 6, 0.03125),
        (5, 15, 0.04138946533203125),
        (6, 16, 0.052478790283203125),
        (86, 150, 3.7159361395713866e-05),
        (470, 530, 0.06202319509836343),
    ],
)
def test_the_exact_p_value(first, second, p):
    assert binomial_p(first, second) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [  # scipy.stats.chi2.sf((abs(first - second) - 1) ** 2 / (first + second), 1)
        (0, 0, 1.0),
        (7, 7, 1.0),
        (6, 16, 0.055008833629265896),
        (86, 150, 4.114562281345944e-05),
        (470, 530, 0.062077215795988405),
    ],
)
def test_the_p_value_by_chi_squared(first, second, p):
    assert chi_squared_p(first, second) == pytest.approx(p, rel=1e-9)


def test_four_kinds_of_samples_are_counted():
    first = np.array([1, 1, 1, 1, 0, 0, 0], bool)
    second = np.array([1, 1, 1, 0, 1, 1, 0], bool)
    found = mcnemar(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither) == (3, 1, 2, 1)
    assert (found.p, found.exact) == (1.0, True)


def test_many_disagreements_are_approximated():
    first = np.zeros(EXACT_UP_TO + 1, bool)
    first[:550] = True
    found = mcnemar(first, ~first)
    assert not found.exact
    assert found.p == chi_squared_p(550, EXACT_UP_TO + 1 - 550)
    assert mcnemar(first[1:], ~first[1:]).exact


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_p_value_is_a_probability_and_does_not_know_who_came_first(first, second):
    for p_value in (binomial_p, chi_squared_p):
        assert 0 <= p_value(first, second) <= 1
        assert p_value(first, second) == p_value(second, first)


@given(st.integers(0, 1000))
def test_where_the_exact_value_ends_the_approximation_is_as_good(first):
    second = EXACT_UP_TO - first
    assert chi_squared_p(first, second) == pytest.approx(binomial_p(first, second), abs=1e-3)


def test_holm_adjusts_the_papers_way():
    assert holm([]) == []
    assert holm([0.03]) == [0.03]
    # The least by 4, the next by 3, then 2 and 1; none below one before it; at most 1.
    assert holm([0.04, 0.01, 0.03, 0.6]) == pytest.approx([0.09, 0.04, 0.09, 0.6])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_only_raises(p_values):
    adjusted = holm(p_values)
    assert all(a >= p for a, p in zip(adjusted, p_values))
    assert all(a <= 1 for a in adjusted)
    assert all(
        a <= b for p, a in zip(p_values, adjusted) for q, b in zip(p_values, adjusted) if p < q
    )
