"""The accuracies of several runs of one recipe: their mean, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal, Optional

from .student import fold_share, mean_interval


@dataclass(frozen=True)
class Accuracies:
    """``values`` are the accuracies of several runs of one recipe; ``kind`` is seeds or folds.

    Networks of two folds have learnt from mostly the same images, so the interval of folds is
    wider; see :func:`mxdigits.report.student.paired_folds`.

    >>> print(Accuracies([0.95, 0.96, 0.97], "seeds").sentence)
    mean accuracy 0.9600, 95 % interval 0.9352 to 0.9848
    >>> print(Accuracies([0.95, 0.96, 0.97], "folds").sentence)
    mean accuracy 0.9600, 95 % interval 0.9207 to 0.9993
    """

    values: Sequence[float]
    kind: Literal["seeds", "folds"]

    @property
    def mean(self) -> float:
        """The mean of the accuracies."""
        return fmean(self.values)

    @property
    def deviation(self) -> float:
        """The sample standard deviation of the accuracies; 0 for one run."""
        return stdev(self.values) if len(self.values) > 1 else 0.0

    @property
    def interval(self) -> Optional[tuple[float, float]]:
        """The 95 % interval of the mean, on these images; None for one run."""
        runs = len(self.values)
        if runs < 2:
            return None
        share = fold_share(runs) if self.kind == "folds" else 1 / runs
        return mean_interval(self.values, share)

    @property
    def interval_in_words(self) -> str:
        """The interval; empty for one run."""
        return "{:.4f} to {:.4f}".format(*self.interval) if self.interval else ""

    @property
    def sentence(self) -> str:
        """The mean and its interval in words."""
        mean = f"mean accuracy {self.mean:.4f}"
        return f"{mean}, 95 % interval {self.interval_in_words}" if self.interval else mean
