"""What to write instead: the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """A phrase for a message: what ``name`` was perhaps meant to be, or the ``known`` names.

    Example:
        >>> nearest("lennet", ["mlp", "lenet"])
        "did you mean 'lenet'?"
    """
    known = sorted(known)
    folded = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"known: {', '.join(known)}" if known else "none are known"
