"""Which parts of an image decide what a network says of it: by gradients, all the way from black.

Sundararajan, Taly, Yan: Axiomatic Attribution for Deep Networks, ICML 2017. It asks for gradients,
which only backends that train have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np

from ..arrays import Doubles, Floats, Logits, Pixels
from ..backends.base import Weighing
from .occlusion import Box, log_odds, window_sums

# Images between black and the image. More are taken until the pixels add up to what they should.
_PLACES = (62, 254, 1022)
_CLOSE = 0.01  # of the whole

_PIECE = 32  # images that are computed together: always as many, for XLA compiles for each size

# Of images float32 (N, C, H, W) from 0 to 1 and what each logit counts: the logits, the gradients.
Gradients = Callable[[Floats, Weighing], "tuple[Logits, Floats]"]


@dataclass(frozen=True, eq=False)
class Integrated:
    """What each pixel of an image adds to the log odds of a class.

    ``evidence``, float32 (H, W), says how much: above 0 it speaks for the class, below 0 against
    it. ``gain`` is by how much the log odds of the image are above those of a black one, to which
    all evidence adds up. ``box`` is the place that adds most, and ``part`` how much; None if none
    adds anything.

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
        """What the evidence lacks to the whole: how exact it is."""
        return self.gain - float(self.evidence.sum(dtype=np.float64))


def integrated_gradients(gradients: Gradients, image: Pixels, label: int) -> Integrated:
    """Add up the gradients of a class's log odds on the straight way from black to an image.

    A pixel's evidence is its value times the mean of its gradients, by Gauss's quadrature. Where
    there is nothing but background, the evidence is 0.

    Args:
        gradients: as of :meth:`~mxdigits.backends.base.Backend.input_gradients`.
        image: uint8 (C, H, W), 0 for background.
        label: the class that is asked about.

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
    """The mean of the gradients on the way, (C, H, W), and what the log odds gain by it."""
    nodes, weights = np.polynomial.legendre.leggauss(places)  # type: ignore[no-untyped-call]
    shares = np.array([0.0, *(nodes + 1) / 2, 1.0])  # the ends count nothing: they tell the gain
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
    """How the log odds of a class depend on each logit, (N, classes)."""
    slope = np.zeros(logits.shape, np.float32)
    if logits.shape[1] < 2:
        return slope
    others = np.delete(logits, label, axis=1).astype(np.float64)
    shares = np.exp(others - others.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    slope[:] = np.insert(-shares, label, 1.0, axis=1)
    return slope


def _described(evidence: Floats, gain: float) -> Integrated:
    """The same with the place that adds most: a window as occlusion covers."""
    boxes, sums = window_sums(evidence)
    best = int(np.argmax(sums))
    if sums[best] <= 0:
        return Integrated(evidence, gain, None, 0.0)
    return Integrated(evidence, gain, boxes[best], sums[best])
