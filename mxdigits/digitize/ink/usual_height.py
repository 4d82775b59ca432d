"""The usual height of the pieces of ink of a page."""

from __future__ import annotations

from ...arrays import Bools, Numbers
from ..pixels.weighted_median import weighted_median

_FEW = 2  # most pieces that are far higher than digits, such as shadows; more may be digits
_MANY = 10  # least digits beside these, for the usual height to be theirs
_FAR_LOWER = 0.4  # of the higher pieces' height: most height of these digits
LOW = 0.6  # times the usual height: what is about as high is no lower
HIGH = 1.6  # times the usual height: what is about as high is no higher


def usual_height(high: Numbers, mass: Numbers, strokes: Bools) -> float:
    """The median height of pieces, weighted by their ink.

    One or two far higher pieces, with more ink than all others, do not count if many others look
    like digits.

    Args:
        high: the height of each piece in pixels, (N,), at least one.
        mass: how much ink is in each, (N,).
        strokes: which may be a digit, (N,).

    Example:
        >>> import numpy as np
        >>> high, mass = np.array([30] * 10 + [600]), np.array([200] * 10 + [40_000])
        >>> [usual_height(high, mass, np.full(11, all_may_be)) for all_may_be in (True, False)]
        [30.0, 600.0]
    """
    usual = weighted_median(high, mass)
    low = high < _FAR_LOWER * usual
    if (~low).sum() > _FEW or low.sum() < _MANY:
        return usual
    theirs = weighted_median(high[low], mass[low])
    alike = low & strokes & (high >= LOW * theirs) & (high <= HIGH * theirs)
    return theirs if alike.sum() >= _MANY else usual
