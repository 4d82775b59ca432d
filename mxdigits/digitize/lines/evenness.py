"""How evenly the lines of a form lie: the sides of boxes have few distances from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Doubles
from .rules import Rules

LEAST_STEP = 10  # pixels: least distance of lines
OFF_STEP = 2  # pixels: most difference of equal distances
_HAVE_NEXT = 0.5  # of the lines: least that have another one a step apart


def evenness(lines: Rules) -> float:
    """The share of the distances between lines that are one of the two most frequent ones.

    Boxes are as wide, or as high, and have the same gaps between them.

    Example:
        >>> evenness(Rules(0.0, [(0, 2), (40, 42), (50, 52), (90, 92), (100, 102)]))
        1.0
        >>> evenness(Rules(0.0, [(0, 2), (40, 42), (50, 52), (70, 72), (90, 92)]))
        0.75
    """
    apart = np.diff(middles(lines.bands))
    near = np.abs(apart[:, None] - apart) <= OFF_STEP
    others = near[~near[near.sum(axis=1).argmax()]]
    return float((near.sum(axis=1).max() + others.sum(axis=1).max(initial=0)) / len(apart))


def steps_between(places: Doubles) -> list[float]:
    """The least distances, two at most, at which most lines have another line.

    Boxes that lie apart have two: their width, and the gap between them.

    Example:
        >>> steps_between(np.array([0.0, 40, 52, 92, 104, 144]))
        [12.0, 40.0]
    """
    apart = np.abs(places[:, None] - places)
    steps: list[float] = []
    for step in np.unique(apart[apart > LEAST_STEP]).tolist():
        far = not steps or step - steps[-1] > 2 * OFF_STEP
        if far and (np.abs(apart - step) <= OFF_STEP).any(axis=1).mean() >= _HAVE_NEXT:
            steps.append(float(step))
        if len(steps) == 2:
            break
    return steps


def middles(lines: Sequence[tuple[int, int]]) -> Doubles:
    """The middle rows of lines, each given by its first row and its last (exclusive).

    Example:
        >>> middles([(0, 2), (10, 13)]).tolist()
        [1.0, 11.5]
    """
    return np.asarray(np.array(lines, np.float64).reshape(-1, 2).mean(axis=1))
