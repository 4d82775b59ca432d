"""Scores of each class: rows of a table, and shades for the confusion matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Integers
from ..train.metrics import Scores, wilson_interval


@dataclass(frozen=True)
class ClassRow:
    """The scores of a class: ``recall`` is its accuracy, ``low`` to ``high`` its 95 % interval.

    ``precision`` is the share of true answers among all answers of this class, ``f1`` the harmonic
    mean of both; they are nan if they would divide by 0.

    >>> from mxdigits.train.metrics import score
    >>> scores = score(np.array([[2.0, 0.0], [0.0, 2.0], [2.0, 0.0]]), np.array([0, 1, 1]))
    >>> row = by_class(scores, ("no", "yes"))[1]
    >>> row.recall, row.precision, row.taken_for
    (0.5, 1.0, 'no (1)')
    """

    name: str
    samples: int
    correct: int
    recall: float
    low: float
    high: float
    precision: float
    f1: float
    taken_for: str


def by_class(scores: Scores, classes: tuple[str, ...]) -> list[ClassRow]:
    """Return one row per class.

    >>> from mxdigits.train.metrics import score
    >>> scores = score(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1]))
    >>> [(row.name, row.correct) for row in by_class(scores, ("no", "yes"))]
    [('no', 1), ('yes', 1)]
    """
    rows = []
    for i, name in enumerate(classes):
        samples, taken = int(scores.confusion[i].sum()), int(scores.confusion[:, i].sum())
        correct = int(scores.confusion[i, i])
        low, high = wilson_interval(correct, samples) if samples else (math.nan, math.nan)
        others = scores.confusion[i].copy()
        others[i] = 0
        rows.append(
            ClassRow(
                *(name, samples, correct, scores.per_class[i], low, high),
                precision=correct / taken if taken else math.nan,
                f1=2 * correct / (samples + taken) if samples + taken else math.nan,
                taken_for=f"{classes[others.argmax()]} ({others.max()})" if others.any() else "",
            )
        )
    return rows


def shaded(confusion: Integers) -> list[list[tuple[int, int]]]:
    """Return each count with a shade from 0 to 100: the square root of its share of the row.

    >>> shaded(np.array([[9, 1], [0, 10]]))
    [[(9, 95), (1, 32)], [(0, 0), (10, 100)]]
    """
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    shades = np.ceil(100 * np.sqrt(share)).astype(int)
    return [list(zip(*rows)) for rows in zip(confusion.tolist(), shades.tolist())]
