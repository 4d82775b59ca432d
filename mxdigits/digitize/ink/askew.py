"""How far a picture of one digit is turned, by its lines: rules, boxes, grids, underlines.

At the right angle each line lies in few rows of pixels.  The angle chosen is the one at which the
thin strokes lie in the fewest rows and columns, if they are lines: one from edge to edge of the
picture, or three or more, both level and upright ones.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Doubles, Shape
from ..pixels.highest import closed
from ..pixels.resizing import reduced
from .pieces import Pieces

_SMALLEST = 60  # pixels, least shorter side: in a smaller picture a line and a stroke look alike
_LONG = 0.3  # of the longer side: least length of a line, or of a piece with lines
_FARTHEST = 16.0  # degrees, the largest angle tried
_LEAST = 2.5  # degrees: smaller angles count as 0; the lines are removed as they are
_STEPS = ((1.0, 128), (0.25, 256), (0.1, 320))  # degrees between angles; pixels of the longer side
_TRIED = 3  # clearest angles that are checked: the clearest may be that of a stroke
_SMALL = 320  # pixels of the longer side at which lines are looked for
_WIDEST = 0.06  # of the longer side: most width of a line; what is wider is ink or shadow
_INKED = 0.12  # least ink of a line, above that around it
_COVERED = 0.8  # of a line's length: least that is inked
_THICKEST = 0.12  # of a line's length: its most thickness
_AT_EDGE = 0.03  # of the longer side: a line that ends so near an edge reaches it
_LINES = 3  # least number of lines that do not reach the edges; a box has four

Line = tuple[Doubles, bool]  # its two ends (2, 2) as x and y; whether it is level


def angle_of_lines(pieces: Pieces) -> float:
    """How far the lines of a picture are turned clockwise, in degrees; 0 where none are clear.

    Example:
        >>> from .pieces import pieces_of
        >>> ink = np.zeros((300, 300), np.float32)
        >>> for x in range(300):
        ...     ink[[x // 5 + at for at in (50, 100, 150)], x] = 1
        >>> round(angle_of_lines(pieces_of(ink)))
        11
    """
    places = _thin_strokes(pieces)
    if places is None:
        return 0.0
    shape = pieces.ink.shape
    angles = _around(0.0, _FARTHEST, _STEPS[0][0])
    for best in _clearest(places, angles, _STEPS[0][1], shape)[:_TRIED]:
        for (reach, _), (step, rows) in zip(_STEPS, _STEPS[1:]):
            best = _clearest(places, _around(best, reach, step), rows, shape)[0]
        if _are_lines(places, best, shape):
            return best if abs(best) >= _LEAST else 0.0
    return 0.0


def _around(middle: float, reach: float, step: float) -> Doubles:
    return np.asarray(middle + step * np.arange(-round(reach / step), round(reach / step) + 1))


def _clearest(places: Doubles, angles: Doubles, rows: int, shape: Shape) -> list[float]:
    """The angles with fewer inked rows and columns than the angles beside them, the best first."""
    scaled = places / max(1.0, max(shape) / rows)
    clear = np.array([_clearness(scaled, each) for each in angles.tolist()])
    beside = np.pad(clear, 1, constant_values=-1)
    peaks = np.flatnonzero((clear >= beside[:-2]) & (clear >= beside[2:]))
    return [float(each) for each in angles[peaks[np.argsort(-clear[peaks], kind="stable")]]]


def _thin_strokes(pieces: Pieces) -> Optional[Doubles]:
    """Places (N, 2) of thin strokes, x and y; None where nothing looks like a line or a box."""
    side = max(pieces.ink.shape)
    if min(pieces.ink.shape) < _SMALLEST or not pieces.may_be_lines(_LONG * side).any():
        return None
    # A top-hat filter: only what is narrower than the window is left, so no shadow.
    small = reduced(pieces.ink, _SMALL)
    window = 2 * round(_WIDEST * max(small.shape) / 2) + 1
    rows, columns = np.nonzero(small + closed(-small, window) > _INKED)
    if not len(rows):
        return None
    return (np.stack([columns, rows], axis=1) + 0.5) * (side / max(small.shape))


def _seen(places: Doubles, degrees: float) -> Doubles:
    """The coordinates (N, 2) of places along and across the direction of an angle."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    return np.asarray(places @ np.array([[cosine, -sine], [sine, cosine]]))


def _clearness(places: Doubles, degrees: float) -> float:
    """How clear an angle is: more if fewer rows and columns hold the places."""
    at = np.rint(_seen(places, degrees)).astype(np.int64)
    return float(sum((np.bincount(each - each.min()) ** 3.0).sum() for each in at.T))


def _are_lines(places: Doubles, degrees: float, shape: Shape) -> bool:
    """Whether there are lines at an angle: one from edge to edge, or as many as a box has."""
    lines = [*_lines(places, degrees, 0, shape), *_lines(places, degrees, 1, shape)]
    far = _AT_EDGE * max(shape)
    for ends, _ in lines:
        beside = (ends < far) | (ends > np.array(shape[::-1]) - 1 - far)
        if beside.any(axis=1).all():
            return True
    return len(lines) >= _LINES and len({level for _, level in lines}) == 2


def _lines(places: Doubles, degrees: float, along: int, shape: Shape) -> list[Line]:
    """The level lines (``along`` is 0) or the upright ones (1) at an angle."""
    side = max(shape)
    bin_ = max(1.0, side / _STEPS[1][1])
    seen = _seen(places, degrees)
    rows = np.rint(seen[:, 1 - along] / bin_).astype(np.int64)
    rows -= rows.min()
    counts = np.bincount(rows)
    likely = np.concatenate([[False], counts >= 0.5 * counts.max(), [False]])
    found = []
    for begin, end in np.flatnonzero(np.diff(likely.astype(np.int8))).reshape(-1, 2).tolist():
        which = np.flatnonzero((rows >= begin) & (rows < end))
        at = seen[which, along]
        long = float(np.ptp(at))
        covered = len(np.unique(np.floor(at / bin_))) * bin_
        thin = (end - begin) * bin_ <= _THICKEST * long + 2 * bin_
        if thin and long >= _LONG * side and covered >= _COVERED * long:
            found.append((places[which[[at.argmin(), at.argmax()]]], along == 0))
    return found
