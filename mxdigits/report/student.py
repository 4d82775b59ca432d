"""Student's t distribution, and the tests of means that need it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

_TINY = 1e-300
_STEPS = 300


@dataclass(frozen=True)
class Compared:
    """The difference of two means (first minus second) and its two-sided p-value.

    ``low`` to ``high`` is its 95 % interval.

    >>> Compared(0.01, 0.004, 0.016, p=0.002).p
    0.002
    """

    difference: float
    low: float
    high: float
    p: float


def t_p(t: float, degrees: float) -> float:
    """Return the two-sided p-value of a statistic that has Student's t distribution.

    Args:
        t: the statistic.
        degrees: of freedom, not necessarily a whole number.

    >>> round(t_p(2.776, 4), 4), round(t_p(-1.0, 1), 4)
    (0.05, 0.5)
    """
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def t_quantile(degrees: float, level: float = 0.95) -> float:
    """Return how many standard errors an interval of this level extends to each side of a mean.

    >>> round(t_quantile(4), 3), round(t_quantile(1e6), 2)
    (2.776, 1.96)
    """
    low, high = 0.0, 1.0
    while t_p(high, degrees) > 1 - level:
        low, high = high, 2 * high
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_p(middle, degrees) > 1 - level else (low, middle)
    return high


def welch(first: Sequence[float], second: Sequence[float], grain: float = 0.0) -> Compared:
    """Welch's t test: do two groups of independent runs have the same mean?

    B. L. Welch: The generalization of "Student's" problem when several different population
    variances are involved, Biometrika 34, 1947. For comparing algorithms by runs with different
    seeds it is recommended by C. Colas, O. Sigaud and P.-Y. Oudeyer: A hitchhiker's guide to
    statistical comparisons of reinforcement learning algorithms, 2019. It accounts for the random
    seed, and takes the test images as fixed.

    Args:
        first: accuracies of one group, at least two.
        second: accuracies of the other, at least two.
        grain: the smallest possible difference, such as the share of one image. Equal accuracies
            may hide smaller differences, so the variance is at least that of rounding to it.

    >>> round(welch([0.95, 0.96, 0.97], [0.90, 0.93, 0.92]).p, 4)
    0.0199
    """
    shares = [_variance(each, grain) / len(each) for each in (first, second)]
    square = sum(shares)
    difference = fmean(first) - fmean(second)
    if not square:
        return Compared(difference, difference, difference, 0.0 if difference else 1.0)
    parts = zip(shares, (len(first), len(second)))
    degrees = square**2 / sum(share**2 / (count - 1) for share, count in parts)
    return _compared(difference, math.sqrt(square), degrees)


def paired_folds(first: Sequence[float], second: Sequence[float], grain: float = 0.0) -> Compared:
    """The corrected resampled t test: do two recipes do equally well on the same folds?

    C. Nadeau and Y. Bengio: Inference for the generalization error, Machine Learning 52, 2003. The
    networks of two folds have learnt from mostly the same images, so their accuracies are not
    independent, and the plain paired test would call too many differences significant. Here the
    variance is multiplied by 1/k + 1/(k - 1); the plain test multiplies it by 1/k.

    Args:
        first: the accuracy of one recipe on each fold, at least two.
        second: the accuracy of the other on the same folds, in the same order.
        grain: as for :func:`welch`.

    >>> round(paired_folds([0.95, 0.96, 0.97], [0.94, 0.94, 0.94]).p, 4)
    0.1598
    """
    differences = [a - b for a, b in zip(first, second)]
    mean = fmean(differences)
    error = math.sqrt(_variance(differences, grain) * fold_share(len(differences)))
    if not error:
        return Compared(mean, mean, mean, 0.0 if mean else 1.0)
    return _compared(mean, error, len(differences) - 1)


def fold_share(folds: int) -> float:
    """Return the factor from the variance over folds to the variance of their mean.

    >>> fold_share(5)
    0.45
    """
    return 1 / folds + 1 / (folds - 1)


def mean_interval(values: Sequence[float], share: float) -> tuple[float, float]:
    """Return the 95 % interval of a mean of accuracies, limited to 0 to 1.

    Args:
        values: at least two.
        share: the factor from their variance to that of the mean: 1/n if they are independent,
            :func:`fold_share` for folds.

    >>> [round(end, 4) for end in mean_interval([0.95, 0.96, 0.97], 1 / 3)]
    [0.9352, 0.9848]
    >>> mean_interval([0.3, 0.9], 1 / 2)
    (0.0, 1.0)
    """
    mean, error = fmean(values), math.sqrt(variance(values) * share)
    reach = t_quantile(len(values) - 1) * error
    return max(mean - reach, 0.0), min(mean + reach, 1.0)


def _compared(difference: float, error: float, degrees: float) -> Compared:
    reach = t_quantile(degrees) * error
    p = t_p(difference / error, degrees)
    return Compared(difference, difference - reach, difference + reach, p)


def _variance(values: Sequence[float], grain: float) -> float:
    return max(variance(values), grain**2 / 12)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction would converge slowly
        return 1 - _incomplete_beta(1 - x, b, a)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log + a * math.log(x) + b * math.log1p(-x)) / a
    fraction, c, d = 1.0, 1.0, 0.0
    for i in range(_STEPS):  # Lentz's method
        m = i // 2
        if i == 0:
            term = 1.0
        elif i % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + term * d)
        c = _away_from_zero(1 + term / c)
        fraction *= c * d
        if abs(1 - c * d) < 1e-15 and i:
            break
    return front * (fraction - 1)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
