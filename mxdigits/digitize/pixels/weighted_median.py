"""The median of numbers with weights."""

from __future__ import annotations

import numpy as np

from ...arrays import Numbers


def weighted_median(values: Numbers, weights: Numbers) -> float:
    """The value with half the weight at lower values and half at higher ones.

    Args:
        values: at least one, (N,).
        weights: how much each counts, (N,).

    Example:
        >>> weighted_median(np.array([1, 2, 30]), np.array([1, 1, 5]))
        30.0
    """
    order = np.argsort(values, kind="stable")
    below = weights[order].cumsum()
    return float(values[order][np.searchsorted(below, below[-1] / 2)])
