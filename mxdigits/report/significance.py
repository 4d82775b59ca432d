"""McNemar's test: is one network better than another, or is the difference chance?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..arrays import Bools

# The accepted chance that a difference is called significant although there is none.
LEVEL = 0.05

# Up to this many disagreements the binomial distribution is summed exactly; above, the error of
# the approximation by chi-squared is too small to matter.
EXACT_UP_TO = 1000


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of two classifiers on the same samples.

    ``only_first`` counts the samples that only the first had right, ``only_second`` those that
    only the second had right; ``p`` is the two-sided p-value of the hypothesis that both err
    equally often.

    >>> test = mcnemar(np.array([True, True, False]), np.array([True, False, False]))
    >>> test.both, test.only_first, test.only_second, test.neither
    (1, 1, 0, 1)
    >>> test.named()
    "McNemar's test, exact: p = 1.000"
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    p: float
    exact: bool

    def named(self, p: Optional[float] = None, tests: int = 1) -> str:
        """The test and its p-value in words; ``p`` is the p-value if it was adjusted."""
        how = "exact" if self.exact else "with chi-squared"
        adjusted = f", adjusted for {tests} tests" if tests > 1 else ""
        p = self.p if p is None else p
        value = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        return f"McNemar's test, {how}{adjusted}: {value}"


def mcnemar(first_right: Bools, second_right: Bools) -> McNemar:
    """Test two classifiers on paired samples.

    Q. McNemar: Note on the sampling error of the difference between correlated proportions or
    percentages, Psychometrika 12, 1947; recommended for classifiers trained once by T. G.
    Dietterich: Approximate statistical tests for comparing supervised classification learning
    algorithms, Neural Computation 10, 1998. It accounts for the random choice of test images, not
    for that of the seed.

    Args:
        first_right: whether the first classifier was right, booleans (N,).
        second_right: the same of the second, for the same samples in the same order.

    >>> first, second = np.array([True] * 20), np.array([True] * 10 + [False] * 10)
    >>> round(mcnemar(first, second).p, 5)
    0.00195
    """
    both, only_first, only_second, neither = (
        int(np.count_nonzero(which))
        for which in (
            first_right & second_right,
            first_right & ~second_right,
            ~first_right & second_right,
            ~first_right & ~second_right,
        )
    )
    exact = only_first + only_second <= EXACT_UP_TO
    p = (binomial_p if exact else chi_squared_p)(only_first, only_second)
    return McNemar(both, only_first, only_second, neither, p, exact)


def binomial_p(first: int, second: int) -> float:
    """Return the exact two-sided p-value of ``first`` heads and ``second`` tails of a fair coin.

    >>> binomial_p(1, 3)
    0.625
    """
    tosses = first + second
    tail = sum(math.comb(tosses, k) for k in range(min(first, second) + 1))
    return min(1.0, float(2 * tail / 2**tosses))


def chi_squared_p(first: int, second: int) -> float:
    """Return the two-sided p-value by chi-squared, one degree of freedom, continuity-corrected.

    A. L. Edwards: Note on the correction for continuity in testing the significance of the
    difference between correlated proportions, Psychometrika 13, 1948.

    >>> round(chi_squared_p(600, 500), 5)
    0.00284
    """
    tosses = first + second
    if not tosses:
        return 1.0
    statistic = max(abs(first - second) - 1, 0) ** 2 / tosses
    return math.erfc(math.sqrt(statistic / 2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the number of tests, in the given order.

    S. Holm: A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = least
    return adjusted
