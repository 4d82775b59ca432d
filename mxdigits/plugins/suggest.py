"""What to write instead: the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Optional

_LEAST = 3  # characters: shorter names are too much alike to compare
_ALIKE = 0.7


def nearest(name: str, known: Iterable[str]) -> str:
    """A phrase for a message: what ``name`` was perhaps meant to be, or the ``known`` names.

    Example:
        >>> nearest("lennet", ["mlp", "lenet"])
        "did you mean 'lenet'?"
    """
    known = sorted(known)
    meant = closest(name, known)
    if meant is not None:
        return f"did you mean {meant!r}?"
    return f"known: {', '.join(known)}" if known else "none are known"


def closest(name: str, known: Iterable[str]) -> Optional[str]:
    """The known name that ``name`` was perhaps meant to be, in any case; None if none is near.

    A name is near if they differ by one typing error, if one begins with the other, or if both
    begin with the same letter and are much alike. Sharing some letters is not enough.

    Example:
        >>> closest("sdg", ["adam", "sgd"]), closest("epochs", ["report", "output"])
        ('sgd', None)
    """
    given = name.lower()
    near = {each: _alike(given, each.lower()) for each in known}
    best = max(near, key=lambda each: near[each], default=None)
    return best if best is not None and near[best] else None


def _alike(one: str, other: str) -> float:
    """The similarity of two names, up to 1; 0 if they are not near."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) < _LEAST:
        return 0.0
    alike = SequenceMatcher(None, one, other).ratio()
    begins = one.startswith(other) or other.startswith(one)
    much = one[0] == other[0] and alike >= _ALIKE
    return alike if begins or much or _is_a_slip(one, other) else 0.0


def _is_a_slip(one: str, other: str) -> bool:
    """Whether two names differ by one letter that is missing, added or another, or by a swap."""
    begin = _same(one, other)
    one, other = one[begin:], other[begin:]
    end = _same(one[::-1], other[::-1])
    rests = one[: len(one) - end], other[: len(other) - end]
    if sorted(map(len, rests)) == [1, 1]:
        return begin + end >= _LEAST
    return sorted(map(len, rests)) == [0, 1] or (len(rests[0]) == 2 and rests[0] == rests[1][::-1])


def _same(one: str, other: str) -> int:
    """The number of equal letters at the beginning."""
    pairs = enumerate(zip(one, other))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
