"""The sheet of paper in a picture: found on what it lies on, cut out and straightened.

A sheet is the largest light part of the picture that fills a quadrilateral and is darker around it;
or, on a table as light as the sheet, a quadrilateral with a faint edge and an empty table around.
Everything is decided in a small copy of the picture.  Several thresholds are tried, and the one is
taken whose light part fills its quadrilateral best, so that shadows on the sheet and grains of the
desk count little.  Corners are numbered clockwise from the upper left one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from ...arrays import Bools, Doubles, Floats
from ..pixels.components import label
from ..pixels.highest import highest_around
from ..pixels.resizing import reduced
from .drawn_frame import is_drawn
from .quadrilaterals import Corners, inside, inwards, quadrilaterals
from .seen_in_part import seen_in_part
from .straightening import straightened

_WIDE = 16  # longer side over a drawing's plain edge: such edges are over a tenth of the picture
_SMALL = 128  # pixels of the longer side at which sheets are looked for
_LEAST_SIDE = 100  # pixels of the shorter side: a smaller picture has no room for a desk
# Least changes of light at the sheet's edge, logarithms of quotients; a shadow's edge is softer.
_STEPS = (0.6, 0.45, 0.35, 0.27, 0.2, 0.15)
_LIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # of the picture's light: what is lighter may be the sheet
_FILLED = 0.93  # intersection over union of a sheet's light part and its quadrilateral, at least
_DARKER = 0.8  # of the sheet's light: the desk beside it is darker than that
_DARK_OUTSIDE = 0.8  # of what is outside the sheet: least that is as dark
_BESIDE = (2.0, 4.0)  # pixels outside the sheet at which the desk is looked at: a frame is thinner
_AT_EDGE, _SHARP = (-2.0, -1.0, 0.0, 1.0, 2.0), 0.75  # pixels from an edge; least step, of change
_BLACK = 0.02  # luminance: what is darker counts as this
_MARGIN = 1.2  # pixels that are cut off along the sheet's edges
# On a light table: most changes of light off the sheet's edge; pixels of the edge to cut off, too.
_FAINT_STEPS, _EDGE = (0.03, 0.04, 0.05, 0.065, 0.08, 0.12), 1.5
_FAINT = (0.02, 0.45)  # of the sheet's light: by how much its edge differs; ink differs more
_BUSY, _MOST_BUSY = 0.15, 0.5  # change of light at rules, writing inside; most of a side with it
_AS_BUSY = 1.25  # times the edge's change: the same for a faint edge, which pale lines exceed
_INK_STEP, _MOST_INK = 0.25, 0.005  # change of light at ink; most of the table with it, as dirt
_SAMPLES = 24  # places along a side that are looked at


@dataclass(frozen=True, eq=False)
class Sheet:
    """The sheet of a picture: its light, straightened, and how to get back to the picture.

    ``light`` is (H, W); ``matrix`` (3, 3) takes homogeneous places on it to those of the picture.
    If no desk is seen, the sheet is the whole picture.

    Example:
        >>> desk = np.full((300, 400), 0.2, np.float32)
        >>> desk[50:250, 80:320] = 0.9
        >>> sheet = sheet_of(desk, 1000)
        >>> sheet.found, float(sheet.light.min()) > 0.85
        (True, True)
    """

    light: Floats
    matrix: Doubles
    found: bool


def sheet_of(light: Floats, side: int) -> Sheet:
    """The sheet of a picture, at most ``side`` pixels long.

    Args:
        light: luminance from 0 to 1, (H, W).
        side: pixels of the longer side of the result.

    Example:
        >>> sheet_of(np.ones((50, 200), np.float32), side=100).light.shape
        (25, 100)
    """
    return _cut_out(light, find_sheet(light), side)


def sheet_seen_in_part(light: Floats, side: int) -> Sheet:
    """What may be the sheet of a picture in which :func:`sheet_of` has found none.

    Not all of its edge is seen, nor is it darker everywhere beside it.

    Args:
        light: luminance from 0 to 1, (H, W).
        side: pixels of the longer side of the result.

    Example:
        >>> sheet_seen_in_part(np.ones((50, 200), np.float32), side=100).found
        False
    """
    return _cut_out(light, find_sheet_seen_in_part(light), side)


def find_sheet(light: Floats) -> Optional[Corners]:
    """The corners of the sheet in pixels of the picture; None where no desk is seen around one.

    Example:
        >>> desk = np.full((256, 256), 0.2, np.float32)
        >>> find_sheet(desk) is None
        True
        >>> desk[64:192, 64:192] = 0.9
        >>> find_sheet(desk).round().tolist()
        [[68.0, 68.0], [188.0, 68.0], [188.0, 188.0], [68.0, 188.0]]
    """
    small = _small_copy(light)
    if small is None:
        return None
    steps, high, corners = _steps(small), _high(small), None
    if (_border(small) < _DARKER * high).mean() >= 0.05:
        corners = _on_a_dark_desk(small, steps, high)
    if corners is None:
        corners = _on_a_light_table(small, steps, light)
    return None if corners is None else np.asarray(corners * _scale(light, small))


def find_sheet_seen_in_part(light: Floats) -> Optional[Corners]:
    """The corners of what may be a sheet, in pixels of the picture; None where nothing may be one.

    Example:
        >>> desk = np.full((256, 256), 0.2, np.float32)
        >>> find_sheet_seen_in_part(desk) is None
        True
        >>> desk[30:226, 30:226] = 0.9
        >>> desk[80:170, :30] = 0.9  # a hand
        >>> find_sheet_seen_in_part(desk).round().tolist()
        [[34.0, 34.0], [222.0, 34.0], [222.0, 222.0], [34.0, 222.0]]
    """
    small = _small_copy(light)
    if small is None:
        return None
    steps, high = _steps(small), _high(small)
    even, lighter = [steps < most for most in _STEPS], [small > share * high for share in _LIGHTS]
    corners = seen_in_part(even, even + lighter)
    if corners is None:
        return None
    return np.asarray(inwards(corners, small.shape, _MARGIN) * _scale(light, small))


def _cut_out(light: Floats, corners: Optional[Corners], side: int) -> Sheet:
    if corners is None:
        small = reduced(light, side)
        across, down = light.shape[1] / small.shape[1], light.shape[0] / small.shape[0]
        return Sheet(small, np.diag([across, down, 1.0]), found=False)
    return Sheet(*straightened(light, corners, side), found=True)


def _small_copy(light: Floats) -> Optional[Floats]:
    """The copy in which a sheet is looked for; None of a drawing, and of a picture too small."""
    if min(light.shape) < _LEAST_SIDE or _is_a_drawing(light):
        return None
    small = reduced(light, _SMALL)
    border = _border(small)
    if np.ptp(border) == 0 and border[0] == _high(small):  # paper up to the picture's edge
        return None
    return small


def _high(small: Floats) -> float:
    """The light of a picture: that of its paper."""
    at = int(0.9 * small.size)
    return float(np.partition(small, at, axis=None)[at])


def _border(small: Floats) -> Floats:
    return np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])


def _is_a_drawing(light: Floats) -> bool:
    """Whether the picture has a wide edge of one light, and nothing lighter; saves time."""
    wide, corner = -(-max(light.shape) // _WIDE), light[0, 0]
    edges = light[:wide], light[-wide:], light[:, :wide], light[:, -wide:]
    return all(bool((edge == corner).all()) for edge in edges) and bool(corner == light.max())


def _on_a_dark_desk(small: Floats, steps: Floats, high: float) -> Optional[Corners]:
    best, corners = _FILLED, None
    for mask in [steps < most for most in _STEPS] + [small > share * high for share in _LIGHTS]:
        for quad, filled in quadrilaterals(mask):
            outside = small[~inside(quad, small.shape)]
            dark = (outside < _DARKER * high).mean() >= _DARK_OUTSIDE
            if filled > best and dark and _lies_on_a_desk(small, steps, quad):
                best, corners = filled, quad
    return None if corners is None else inwards(corners, small.shape, _MARGIN)


def _on_a_light_table(small: Floats, steps: Floats, light: Floats) -> Optional[Corners]:
    best, corners = _FILLED, None
    for most in _FAINT_STEPS:
        numbers, _ = label(steps < most)
        edges = np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])
        table = np.bincount(edges)
        table[0] = 0
        if table.max() == 0:
            continue
        for quad, filled in quadrilaterals(numbers != table.argmax()):
            beside = ~inside(inwards(quad, small.shape, -_BESIDE[0]), small.shape)
            empty = (steps[beside] > _INK_STEP).mean() < _MOST_INK if beside.any() else False
            if filled <= best or not empty or not _has_a_faint_edge(small, steps, quad):
                continue
            sides = _inner_sides(quad, small.shape)
            if not is_drawn(light, sides, _scale(light, small)):
                best, corners = filled, inwards(quad, small.shape, _EDGE + _MARGIN)
    return corners


def _scale(light: Floats, small: Floats) -> Doubles:
    """Pixels of the picture to a pixel of its small copy, across and down."""
    return np.array([light.shape[1] / small.shape[1], light.shape[0] / small.shape[0]])


def _sides(corners: Corners) -> list[tuple[Doubles, Doubles]]:
    """Points (n, 2) along each side, and the direction outwards; none if a side is too short."""
    along = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*along.T)
    if lengths.min() < 4:
        return []
    share = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES)[:, None]
    return [
        (corner + share * side, np.array([side[1], -side[0]]) / length)
        for corner, side, length in zip(corners, along, lengths)
    ]


def _inner_sides(corners: Corners, shape: tuple[int, ...]) -> list[tuple[Doubles, Doubles]]:
    """The sides that are not the picture's edges."""
    ends = shape[::-1]
    return [
        (places, outwards)
        for places, outwards in _sides(corners)
        if not ((places + outwards < 0) | (places + outwards >= ends)).any(axis=1).all()
    ]


def _has_a_faint_edge(small: Floats, steps: Floats, corners: Corners) -> bool:
    """Whether an edge is seen on two sides or more, and the others are the picture's edges.

    Little is written along the edge of a sheet; the frame of a form has cells along it.
    """
    sides = _inner_sides(corners, small.shape)
    for places, outwards in sides:
        sheet, edge = (_light_at(small, places - far * outwards) for far in (4.0, 0.5))
        others = [_light_at(small, places - far * outwards) for far in (-2.0, -0.5, 1.5)]
        change = np.abs(np.stack([edge, *others]) - sheet).max(axis=0) / np.maximum(sheet, 0.05)
        busy = _light_at(steps, places - 4.0 * outwards) > np.minimum(_BUSY, _AS_BUSY * change)
        if ((change < _FAINT[0]) | (change > _FAINT[1])).mean() > 0.2 or busy.mean() > _MOST_BUSY:
            return False
        if _is_soft(steps, places, outwards, change).mean() > 0.5:
            return False
    return len(sides) >= 2


def _steps(small: Floats) -> Floats:
    """How much the light changes about each pixel, as the logarithm of a quotient."""
    shades = np.log(np.maximum(small, np.float32(_BLACK)))
    return np.asarray(highest_around(shades, 3) + highest_around(-shades, 3))


def _lies_on_a_desk(small: Floats, steps: Floats, corners: Corners) -> bool:
    """Whether it is darker along two sides or more, and the others are the picture's edges."""
    height, width = small.shape
    sides = 0
    for places, outwards in _sides(corners):
        sheet = _light_at(small, places - 2.5 * outwards)
        beside = [_light_at(small, places + far * outwards) for far in _BESIDE]
        outside = [
            ((at := places + far * outwards) < 0).any(axis=1) | (at >= [width, height]).any(axis=1)
            for far in _BESIDE
        ]
        if (outside[0] | outside[1]).mean() > 0.5:
            continue
        lighter = np.maximum(*beside)
        dark = lighter < _DARKER * sheet
        change = np.log(np.maximum(sheet, _BLACK) / np.maximum(lighter, _BLACK))
        soft = _is_soft(steps, places, outwards, change)
        if (dark | outside[1]).mean() < 0.8 or (dark & soft).mean() > 0.5:
            return False
        sides += 1
    return sides >= 2


def _is_soft(steps: Floats, places: Doubles, outwards: Doubles, change: Floats) -> Bools:
    """Where along a side the light changes gradually, as at the edge of a shadow."""
    near = [_light_at(steps, places + far * outwards) for far in _AT_EDGE]
    return np.asarray(np.max(near, axis=0) < _SHARP * change)


def _light_at(small: Floats, places: Doubles) -> Floats:
    height, width = small.shape
    columns = places[:, 0].astype(np.int64).clip(0, width - 1)
    rows = places[:, 1].astype(np.int64).clip(0, height - 1)
    return np.asarray(small[rows, columns])
