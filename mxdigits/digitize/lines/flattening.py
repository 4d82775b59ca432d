"""Flattens a page whose lines converge or are bent, as a photograph of a form has them.

Between one strip of the page and the next, its lines rise or fall a little.  How much they do all
over the page is fitted by a polynomial, for level and for upright lines.  So all lines are made
straight, also where strokes cross them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np
from PIL import Image

from ...arrays import Bools, Doubles, Floats, Integers
from .rules import INKED

_STRIPS, _PARTS = 20, 8  # strips of the page beside each other; parts of the length of a strip
_STEEPEST = 0.12  # rise over run: most by which lines leave the direction of the page
_AWAY = 4  # rows from a row to those that it is compared with: more than a line is thick
_SURE = 0.5  # of the likeness of a strip to itself: least likeness to the next one, moved
_LEAST = 0.3  # of the places where strips are compared: least that agree with each other
_OFF = 1.5  # pixels: most by which a place that agrees is off
_ROUNDS = 4  # fits, each by the places that agreed with the one before
_BENT = 1.5  # pixels: least by which a line leaves a straight one if the page is flattened
_TIMES = 3  # most times that a page is flattened: what is left is smaller each time
_SIDE = 48  # pixels: side of the squares that the page is drawn in

Curve = Doubles  # factors of the terms of a polynomial, (6,); see _rise
Curves = tuple[Curve, Curve]  # of level and of upright lines


@dataclass(frozen=True, eq=False)
class Flattened:
    """A flattened page, and the curves of the lines that it had, in the order of their flattening.

    Example:
        >>> page = Flattened(np.zeros((4, 4)), np.zeros((4, 4)), [])
        >>> page.boxes_before(np.array([[1, 1, 3, 3]])).tolist()
        [[1, 1, 3, 3]]
    """

    ink: Floats
    dark: Floats
    curves: Sequence[Curves]

    def boxes_before(self, boxes: Integers) -> Integers:
        """Boxes (N, 4) on the page as it was, around their corners."""
        corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2).astype(np.float64)
        places = _before(corners, self.ink.shape, self.curves).reshape(-1, 4, 2)
        ends = np.concatenate([places.min(axis=1), places.max(axis=1)], axis=1)
        return np.asarray(np.rint(ends).astype(np.int64))


def flattened(ink: Floats, dark: Floats) -> Optional[Flattened]:
    """The page with its lines straight; None if it has no lines both ways, or they are straight.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink; below 0 outside of the page.
        dark: (H, W), the luminance in which it is dark.

    Example:
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for at in range(50, 351, 50):
        ...     ink[at, 50:351] = ink[50:351, at] = 1
        >>> flattened(ink, 1 - ink) is None
        True
    """
    curves: list[Curves] = []
    made = ink
    for _ in range(_TIMES):
        found = _curves(made)
        if found is None:
            break
        curves.append(found)
        made = _drawn(ink, curves)
    return Flattened(made, _drawn(dark, curves), curves) if curves else None


def _curves(ink: Floats) -> Optional[Curves]:
    """The curves of level and upright lines; None if there are none, or they are straight."""
    inked = ink > INKED
    level = _curve(inked)
    upright = None if level is None else _curve(inked.T)
    if level is None or upright is None:
        return None
    bent = max(_bending(level, ink.shape), _bending(upright, ink.T.shape)) >= _BENT
    return (level, upright) if bent else None


def _curve(inked: Bools) -> Optional[Curve]:
    """How level lines rise along a page; None if there are none, or they do not agree."""
    wide = inked.shape[1] // _STRIPS
    most = int(np.ceil(_STEEPEST * wide))
    if not 1 <= most <= inked.shape[0] // (4 * _PARTS):
        return None
    shift, sure = _shifts(_strips(inked, wide), most)
    number, part = np.nonzero(sure)
    x = (number + 1) * wide - inked.shape[1] / 2
    y = (part + 0.5) * (inked.shape[0] // _PARTS) - inked.shape[0] / 2
    slopes, rise = _slopes(x, y, inked.shape), shift[sure] / wide
    agree, least = np.ones(len(rise), bool), _LEAST * sure.size
    for _ in range(_ROUNDS):
        if agree.sum() < least:
            return None
        curve = np.linalg.lstsq(slopes[agree], rise[agree], rcond=None)[0]
        agree = np.abs(slopes @ curve - rise) * wide <= _OFF
    return np.asarray(curve) if agree.sum() >= least else None


def _strips(inked: Bools, wide: int) -> Doubles:
    """How much more is inked in each row of each strip than a few rows away, (strips, H)."""
    strips = inked[:, : wide * _STRIPS].reshape(len(inked), _STRIPS, wide).mean(axis=2).T
    around = (np.roll(strips, _AWAY, axis=1) + np.roll(strips, -_AWAY, axis=1)) / 2
    return np.asarray(strips - around)


def _shifts(strips: Doubles, most: int) -> tuple[Doubles, Bools]:
    """How many rows lower each part of a strip is in the next strip, and whether that is sure."""
    high = strips.shape[1] // _PARTS

    def in_parts(some: Doubles) -> Doubles:
        return some[:, : high * _PARTS].reshape(len(some), _PARTS, high)

    here, there = in_parts(strips[:-1]), in_parts(strips[1:])
    alike = np.stack(
        [
            (here * in_parts(np.roll(strips[1:], -by, axis=1))).sum(axis=2)
            for by in range(-most, most + 1)
        ]
    )
    itself = np.sqrt((here**2).sum(axis=2) * (there**2).sum(axis=2))
    sure = (itself > 0) & (alike.max(axis=0) >= _SURE * itself)
    at = alike.argmax(axis=0).clip(1, 2 * most - 1)
    before, best, after = (np.take_along_axis(alike, at[None] + by, 0)[0] for by in (-1, 0, 1))
    # The highest point of the parabola through three values.
    peak = (before - after) / np.minimum(2 * (before - 2 * best + after), -1e-9)
    return at - most + peak.clip(-1, 1), sure


def _slopes(x: Doubles, y: Doubles, shape: tuple[int, ...]) -> Doubles:
    """What each term of a curve adds to its rise over run at some places, (N, 6)."""
    u, v = 2 * x / max(shape), 2 * y / max(shape)
    return np.stack([np.ones_like(u), v, v**2, 2 * u, 2 * u * v, 3 * u**2], axis=1)


def _rise(curve: Curve, x: Doubles, y: Doubles, shape: tuple[int, ...]) -> Doubles:
    """How far a line is from where it is in the middle column, in pixels, at some places."""
    u, v = 2 * x / max(shape), 2 * y / max(shape)
    terms = np.stack([u, u * v, u * v**2, u**2, u**2 * v, u**3], axis=-1)
    return np.asarray(terms @ curve * max(shape) / 2)


def _bending(curve: Curve, shape: tuple[int, ...]) -> float:
    """The most by which lines leave straight lines that are parallel, in pixels."""
    height, width = shape
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, 9) * width, np.linspace(-0.4, 0.4, 9) * height)
    rise = _rise(curve, x, y, shape)
    return float(np.abs(rise - x * (rise * x).sum() / (x * x).sum()).max())


def _before(places: Doubles, shape: tuple[int, ...], curves: Sequence[Curves]) -> Doubles:
    """Where places (N, 2), x and y, of the flattened page lie on the page as it was."""
    height, width = shape
    middle = np.array([width, height]) / 2
    x, y = (places - middle).T
    for level, upright in reversed(curves):
        flat_x, flat_y = x, y
        for _ in range(_ROUNDS):
            y = flat_y + _rise(level, x, flat_y, shape)
            x = flat_x + _rise(upright, y, flat_x, shape)
    return np.asarray(np.stack([x, y], axis=1) + middle)


def _drawn(page: Floats, curves: Sequence[Curves]) -> Floats:
    """The flattened page; -1 where it has nothing."""
    height, width = page.shape
    down, across = (np.append(np.arange(0, side, _SIDE), side).tolist() for side in (height, width))
    x, y = np.meshgrid(across, down)
    places = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    corners = _before(places, page.shape, curves).reshape(*x.shape, 2)
    mesh = []
    for row in range(len(down) - 1):
        for column in range(len(across) - 1):
            quad = corners[[row, row + 1, row + 1, row], [column, column, column + 1, column + 1]]
            frame = across[column], down[row], across[column + 1], down[row + 1]
            mesh.append((frame, tuple(quad.ravel().tolist())))
    image = Image.fromarray(np.ascontiguousarray(page, np.float32))
    seen = image.transform(
        (width, height), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=-1
    )
    return np.asarray(seen)
