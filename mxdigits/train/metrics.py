"""Scores, counted exactly from logits: every sample once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Doubles, Integers, Labels, Numbers, Probabilities
from .frames import html_table, import_pandas

if TYPE_CHECKING:
    from pandas import DataFrame

# Each k of a top-k accuracy that is counted by default, if there are more classes than k.
TOP_K = (5,)


@dataclass(frozen=True, repr=False)
class Scores:
    """How well a network did on labelled images.

    ``loss`` is the mean softmax cross-entropy of a sample. ``confusion[i, j]`` counts the samples
    of class i that were predicted as class j. ``top_k`` maps k to the share of samples whose class
    is among the k most probable.

    Example:
        >>> scores = Scores(0.3, np.array([[9, 1], [0, 10]]), {})
        >>> scores.accuracy, scores.samples, scores.per_class
        (0.95, 20, [0.9, 1.0])
    """

    loss: float
    confusion: Integers
    top_k: dict[int, float]

    @property
    def samples(self) -> int:
        return int(self.confusion.sum())

    @property
    def correct(self) -> int:
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        return self.correct / self.samples

    @property
    def per_class(self) -> list[float]:
        """The accuracy within each class; nan for a class without samples."""
        rows = self.confusion.sum(axis=1)
        return [float(self.confusion[i, i] / n) if n else math.nan for i, n in enumerate(rows)]

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % confidence interval of the accuracy."""
        return wilson_interval(self.correct, self.samples)

    def __repr__(self) -> str:
        """The accuracy with its interval, the loss and the number of images; no arrays."""
        if not self.samples:
            return f"Scores(no images, {len(self.confusion)} classes)"
        low, high = self.interval()
        return (
            f"Scores(accuracy {self.accuracy:.4f}, 95 % interval {low:.4f} to {high:.4f}, "
            f"loss {self.loss:.4f}, {self.correct:,} of {self.samples:,} images, "
            f"{len(self.confusion)} classes)"
        )

    def to_pandas(self, classes: Sequence[str] = ()) -> DataFrame:
        """The confusion matrix: a row for each true class, a column for each predicted class.

        Args:
            classes: their names; by default they are numbered from 0.

        Raises:
            SetupError: if pandas is not installed.
            ValueError: if there are more or fewer names than classes.

        Example:
            >>> scores = Scores(0.3, np.array([[9, 1], [0, 10]]), {})
            >>> scores.to_pandas(["minus", "plus"]).loc["minus", "plus"]  # doctest: +SKIP
            1
        """
        names: Sequence[object] = list(classes) or range(len(self.confusion))
        if len(names) != len(self.confusion):
            raise ValueError(f"{len(names)} names for {len(self.confusion)} classes")
        pandas = import_pandas()
        table: DataFrame = pandas.DataFrame(
            self.confusion.copy(),
            index=pandas.Index(names, name="class"),
            columns=pandas.Index(names, name="taken for"),
        )
        return table

    def _repr_html_(self) -> str:
        """The accuracy, and a table of the classes, for notebooks."""
        from html import escape

        rows = [
            [i, int(n), share]
            for i, (n, share) in enumerate(zip(self.confusion.sum(axis=1), self.per_class))
        ]
        return f"<p>{escape(repr(self))}</p>{html_table(['class', 'images', 'accuracy'], rows)}"


def confusions(scores: Scores, classes: Sequence[str]) -> list[tuple[str, str, int]]:
    """(true class, predicted class, count) of all confusions, the most frequent first.

    Example:
        >>> confusions(Scores(0.3, np.array([[9, 1], [0, 10]]), {}), ["minus", "plus"])
        [('minus', 'plus', 1)]
    """
    wrong = scores.confusion.copy()
    np.fill_diagonal(wrong, 0)
    where = np.argwhere(wrong)
    order = np.argsort(-wrong[tuple(where.T)], kind="stable")
    return [(classes[i], classes[j], int(wrong[i, j])) for i, j in where[order].tolist()]


def wilson_interval(correct: int, samples: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a proportion (E. B. Wilson, 1927), by default at 95 %.

    Unlike the normal approximation it stays within 0 and 1 and is sound near them.

    Example:
        >>> "%.3f to %.3f" % wilson_interval(correct=95, samples=100)
        '0.888 to 0.978'
    """
    share = correct / samples
    scale = 1 + z * z / samples
    middle = (share + z * z / (2 * samples)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / samples + z * z / (4 * samples**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def score(
    logits: Numbers,
    labels: Labels,
    *,
    label_smoothing: float = 0.0,
    top_k: tuple[int, ...] = (),
) -> Scores:
    """Score logits (N, classes) against labels (N,), N of at least 1.

    Args:
        logits: one row a sample.
        labels: the true classes.
        label_smoothing: that of the training loss, so that both losses can be compared.
        top_k: each k of a top-k accuracy to count; k of ``classes`` and more are left out.

    Example:
        >>> score(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1])).accuracy
        1.0
    """
    samples, classes = logits.shape
    log_prob = log_softmax(logits)
    losses = -(1 - label_smoothing) * log_prob[np.arange(samples), labels]
    losses -= label_smoothing * log_prob.mean(axis=1)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
    wanted = [k for k in top_k if k < classes]
    rank = _rank(logits, labels) if wanted else np.zeros(0)
    return Scores(float(losses.mean()), confusion, {k: float(np.mean(rank < k)) for k in wanted})


def softmax(logits: Numbers) -> Probabilities:
    """Probabilities, float32, along the last axis.

    Example:
        >>> softmax(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    prob = _shifted(logits)
    np.exp(prob, out=prob)
    prob /= prob.sum(axis=0)
    return np.ascontiguousarray(np.moveaxis(prob, 0, -1), np.float32)


def log_softmax(logits: Numbers) -> Doubles:
    """Logarithms of the probabilities, float64, along the last axis.

    Example:
        >>> np.exp(log_softmax(np.array([[0.0, 0.0]]))).tolist()
        [[0.5, 0.5]]
    """
    log_prob = _shifted(logits)
    log_prob -= np.log(np.exp(log_prob).sum(axis=0))
    return np.ascontiguousarray(np.moveaxis(log_prob, 0, -1))


def _shifted(logits: Numbers) -> Doubles:
    """Float64 logits (classes, ...) with a maximum of 0; classes first is three times as fast."""
    first: Doubles = np.array(np.moveaxis(logits, -1, 0), np.float64, order="C")
    first -= first.max(axis=0)
    return first


def _rank(logits: Numbers, labels: Labels) -> Integers:
    """The number of classes before the label; among equal logits the first wins, as in argmax."""
    own = logits[np.arange(len(labels)), labels][:, None]
    before = np.arange(logits.shape[1]) < labels[:, None]
    ahead = (logits > own) | ((logits == own) & before)
    rank: Integers = np.count_nonzero(ahead, axis=1)
    return rank
