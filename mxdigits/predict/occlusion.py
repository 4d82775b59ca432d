"""Which parts of an image decide a network's answer: cover them, one after the other.

Zeiler, Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014. The method needs
only predictions, so every backend can do it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np

from ..arrays import AnyArray, Doubles, Floats, Images, Logits, Pixels, Probabilities
from ..train.metrics import softmax

_WINDOW_SHARE = 6  # the image's shorter side, divided by the window's
_MOST_PLACES = 40  # most windows along a side: of a large image they are farther apart

_PIECE = 128  # images per batch: always the same number, because XLA compiles for each size

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels; the last two are outside


@dataclass(frozen=True, eq=False)
class Occlusion:
    """How covering parts of an image changes a network's answer.

    ``evidence``, float32 (H, W), is how much the log odds of the class fall if a pixel is covered:
    above 0 the pixel speaks for the class, below 0 against it. ``box`` is the window that costs the
    class most when it is covered, and ``prob``, float32 (classes,), the network's answer then; both
    are None if no window costs anything.

    Example:
        >>> nothing = Occlusion(np.zeros((28, 28), np.float32), None, None)
        >>> float(nothing.evidence.max())
        0.0
    """

    evidence: Floats
    box: Optional[Box]
    prob: Optional[Probabilities]


def occlusion(
    logits: Callable[[Images], Logits], image: Pixels, label: int, *, step: int = 1
) -> Occlusion:
    """Cover each part of an image with background, and measure the effect on a class.

    The window is a sixth as wide as the image: 5 x 5 pixels of 28 x 28. A pixel's evidence is the
    mean over all windows that cover it; it is 0 if all of these hold only background.

    Args:
        logits: from images uint8 (N, C, H, W) to float32 (N, classes), such as ``Trainer.logits``.
        image: uint8 (C, H, W), 0 for background.
        label: the class to explain.
        step: pixels between two windows; 2 needs a quarter of the time. It is larger in a large
            image, but at most the window's side, so that no pixel is left out.

    Example:
        >>> def logits(images):  # class 1 is whatever is light in its left half
        ...     light = images[..., :14].mean(axis=(1, 2, 3))
        ...     return np.stack([np.zeros_like(light), light], axis=1).astype(np.float32)
        >>> found = occlusion(logits, np.full((1, 28, 28), 255, np.uint8), label=1)
        >>> found.evidence[14, [7, 24]] > 0
        array([ True, False])
    """
    _, height, width = image.shape
    side = _side(height, width)
    step = min(max(step, -(-max(height, width) // _MOST_PLACES)), side)
    boxes = list(_boxes(height, width, side, step))
    changed = [box for box in boxes if _part(image, box).any()]
    evidence = np.zeros((height, width), np.float32)
    said = _said(logits, image, [(0, 0, 0, 0), *changed])  # the first box covers nothing
    if not changed or said.shape[1] < 2:
        return Occlusion(evidence, None, None)
    odds = log_odds(said, label)
    fall = odds[0] - odds[1:]
    times = np.zeros((height, width), np.int64)
    for box in boxes:
        _part(times, box)[...] += 1
    for box, each in zip(changed, fall.tolist()):
        _part(evidence, box)[...] += each
    evidence /= np.maximum(times, 1)
    worst = int(fall.argmax())
    if fall[worst] <= 0:
        return Occlusion(evidence, None, None)
    return Occlusion(evidence, changed[worst], softmax(said[worst + 1 : worst + 2])[0])


def log_odds(logits: Logits, label: int) -> Doubles:
    """Return the log odds of a class against all others together, (N,).

    They are computed from logits, so they are exact even if the probability rounds to 1.

    Example:
        >>> log_odds(np.array([[0.0, np.log(3.0)]]), label=1).round(3)
        array([1.099])
    """
    others: Doubles = np.delete(logits, label, axis=1).astype(np.float64)
    most = others.max(axis=1)
    rest = most + np.log(np.exp(others - most[:, None]).sum(axis=1))
    odds: Doubles = logits[:, label].astype(np.float64) - rest
    return odds


def window_sums(evidence: Floats) -> tuple[list[Box], list[float]]:
    """Return all places of a window in an image, and the sum of the evidence in each.

    Example:
        >>> boxes, sums = window_sums(np.eye(12, dtype=np.float32))
        >>> boxes[0], max(sums)
        ((0, 0, 1, 1), 2.0)
    """
    height, width = evidence.shape
    boxes = list(_boxes(height, width, _side(height, width), 1))
    return boxes, [float(_part(evidence, box).sum()) for box in boxes]


def _side(height: int, width: int) -> int:
    """The side of the window."""
    return max(1, round(min(height, width) / _WINDOW_SHARE))


def _boxes(height: int, width: int, side: int, step: int) -> Iterator[Box]:
    """Windows, also over the edges, so that every pixel is covered by equally many."""
    for top in range(1 - side, height, step):
        for left in range(1 - side, width, step):
            yield max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)


def _said(logits: Callable[[Images], Logits], image: Pixels, boxes: Sequence[Box]) -> Logits:
    """The logits with each box covered, (boxes, classes)."""
    said = []
    for at in range(0, len(boxes), _PIECE):
        images = np.repeat(image[None], _PIECE, axis=0)
        piece = boxes[at : at + _PIECE]
        for each, box in zip(images, piece):
            _part(each, box)[...] = 0
        said.append(logits(images)[: len(piece)])
    return np.concatenate(said)


def _part(array: AnyArray, box: Box) -> AnyArray:
    left, top, right, bottom = box
    return array[..., top:bottom, left:right]
