"""Which parts of an image decide a network's answer: by gradients, on the way from black.

Sundararajan, Taly, Yan: Axiomatic Attribution for Deep Networks, ICML 2017. The method needs
gradients, which only backends that train have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np

from ..arrays import Doubles, Floats, Logits, Pixels
from ..backends.base import Weighing
from .occlusion import Box, log_odds, window_sums

# Numbers of images between black and the image. The next is tried if the sum is not close enough.
_PLACES = (62, 254, 1022)
_CLOSE = 0.01  # share of the gain that the sum of the evidence may miss

_PIECE = 32  # images per batch: always the same number, because XLA compiles for each size

# From images float32 (N, C, H, W), 0 to 1, and the weights of logits to logits and gradients.
Gradients = Callable[[Floats, Weighing], "tuple[Logits, Floats]"]


@dataclass(frozen=True, eq=False)
class Integrated:
    """What each pixel of an image adds to the log odds of a class.

    ``evidence``, float32 (H, W), is above 0 where a pixel speaks for the class, below 0 where it
    speaks against it. ``gain`` is the log odds of the image less those of a black one; all evidence
    adds up to it. ``box`` is the place that adds most, and ``part`` how much it adds; ``box`` is
    None if no place adds anything.

    Example:
        >>> nothing = Integrated(np.zeros((28, 28), np.float32), 0.0, None, 0.0)
        >>> nothing.missing
        0.0
    """

    evidence: Floats
    gain: float
    box: Optional[Box]
    part: float

    @property
    def missing(self) -> float:
        """The gain less the sum of the evidence: the error of the method."""
        return self.gain - float(self.evidence.sum(dtype=np.float64))


def integrated_gradients(gradients: Gradients, image: Pixels, label: int) -> Integrated:
    """Integrate the gradients of a class's log odds on the straight line from black to an image.

    A pixel's evidence is its value times the mean of its gradients, by Gauss's quadrature. The
    evidence of background is 0.

    Args:
        gradients: as of :meth:`~mxdigits.backends.base.Backend.input_gradients`.
        image: uint8 (C, H, W), 0 for background.
        label: the class to explain.

    Example:
        >>> def gradients(images, weigh):  # class 1 is whatever is light in its left half
        ...     light = images[..., :14].sum(axis=(1, 2, 3))
        ...     logits = np.stack([np.zeros_like(light), light], axis=1)
        ...     found = np.zeros_like(images)
        ...     found[..., :14] = weigh(logits)[:, 1][:, None, None, None]
        ...     return logits, found
        >>> found = integrated_gradients(gradients, np.full((1, 28, 28), 255, np.uint8), label=1)
        >>> float(found.evidence[14, 7]), float(found.evidence[14, 24]), round(found.gain)
        (1.0, 0.0, 392)
    """
    whole = image.astype(np.float32) / np.float32(255)
    for places in _PLACES:
        mean, gain = _along(gradients, whole, label, places)
        evidence = (whole * mean).sum(axis=0).astype(np.float32)
        found = _described(evidence, gain)
        if abs(found.missing) <= _CLOSE * abs(gain):
            break
    return found


def _along(gradients: Gradients, whole: Floats, label: int, places: int) -> tuple[Doubles, float]:
    """The mean of the gradients on the line, (C, H, W), and the gain of the log odds."""
    nodes, weights = np.polynomial.legendre.leggauss(places)  # type: ignore[no-untyped-call]
    shares = np.array([0.0, *(nodes + 1) / 2, 1.0])  # the ends, of weight 0, give the gain
    counts = np.array([0.0, *weights / 2, 0.0])
    mean, odds = np.zeros(whole.shape), []
    for at in range(0, len(shares), _PIECE):
        images = shares[at : at + _PIECE].astype(np.float32)[:, None, None, None] * whole
        logits, found = gradients(images, lambda said: _slope(said, label))
        mean += np.tensordot(counts[at : at + _PIECE], found.astype(np.float64), axes=1)
        odds.append(_odds(logits, label))
    ends = np.concatenate(odds)[[0, -1]]
    return mean, float(ends[1] - ends[0])


def _odds(logits: Logits, label: int) -> Doubles:
    return log_odds(logits, label) if logits.shape[1] > 1 else np.zeros(len(logits))


def _slope(logits: Logits, label: int) -> Logits:
    """The derivatives of a class's log odds by each logit, (N, classes)."""
    slope = np.zeros(logits.shape, np.float32)
    if logits.shape[1] < 2:
        return slope
    others = np.delete(logits, label, axis=1).astype(np.float64)
    shares = np.exp(others - others.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    slope[:] = np.insert(-shares, label, 1.0, axis=1)
    return slope


def _described(evidence: Floats, gain: float) -> Integrated:
    """The evidence with the place that adds most: a window of the size that occlusion uses."""
    boxes, sums = window_sums(evidence)
    best = int(np.argmax(sums))
    if sums[best] <= 0:
        return Integrated(evidence, gain, None, 0.0)
    return Integrated(evidence, gain, boxes[best], sums[best])
