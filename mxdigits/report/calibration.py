"""Calibration: of the predictions with 90 % confidence, 90 % should be right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..arrays import Doubles, Integers, Labels, Probabilities

BINS = 15  # as in the paper's experiments
# With fewer samples, the 95 % interval of a bin's accuracy may be wider than 0.3.
FEW = 30


@dataclass(frozen=True)
class Calibration:
    """Confidence against accuracy, in bins of equal width from 0 to 1.

    ``edges`` has one number more than there are bins; bin i holds the samples whose confidence is
    above ``edges[i]`` and at most ``edges[i + 1]``. ``counts`` are the numbers of samples,
    ``confidence`` and ``accuracy`` their means, nan in an empty bin.

    >>> prob = np.array([[0.9, 0.1], [0.9, 0.1]])
    >>> calibration = calibrate(prob, np.array([0, 1]))
    >>> round(calibration.expected_error, 4), calibration.mean_accuracy
    (0.4, 0.5)
    """

    edges: Doubles
    counts: Integers
    confidence: Doubles
    accuracy: Doubles

    @property
    def mean_confidence(self) -> float:
        return self._mean(self.confidence)

    @property
    def mean_accuracy(self) -> float:
        return self._mean(self.accuracy)

    @property
    def expected_error(self) -> float:
        """The expected calibration error: the mean gap of the bins, weighted by their samples."""
        return self._mean(np.abs(self.confidence - self.accuracy))

    def maximum_error(self, least: int = 1) -> float:
        """The maximum calibration error: the widest gap of a bin of at least ``least`` samples.

        nan if there is no such bin.
        """
        gaps = np.abs(self.confidence - self.accuracy)[self.counts >= least]
        return float(gaps.max()) if len(gaps) else math.nan

    def _mean(self, by_bin: Doubles) -> float:
        held = self.counts > 0
        return math.fsum(by_bin[held] * self.counts[held]) / int(self.counts.sum())


def calibrate(prob: Probabilities, labels: Labels, bins: int = BINS) -> Calibration:
    """Compare the confidence of predictions with their accuracy.

    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger: On Calibration of Modern Neural Networks, ICML
    2017, equations 2, 3 and 5.

    Args:
        prob: probabilities (N, classes), N of at least 1.
        labels: the true classes, integers (N,).
        bins: the number of bins.

    >>> calibrate(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), bins=2).counts
    array([0, 2])
    """
    confidence = prob.max(axis=1).astype(np.float64)
    right = prob.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    # Softmax in float32 may round a confidence to above 1; it still belongs to the last bin.
    which = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    counts = np.bincount(which, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0 / 0 in an empty bin
        return Calibration(
            edges,
            counts,
            np.bincount(which, confidence, minlength=bins) / counts,
            np.bincount(which, right, minlength=bins) / counts,
        )
