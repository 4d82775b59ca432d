"""How far a page is turned, by its rows of writing and its ruled lines; and the page turned level.

At the right angle, rows of writing and rules have free paper between them.  So the angle chosen is
the one at which the ink changes most from one row of pixels to the next.  It is found in a small
copy of the page, and confirmed in a larger one.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from ...arrays import Doubles, Floats
from ..pixels.components import label
from ..pixels.resizing import reduced

_SIDE = 320  # pixels of the longer side at which angles are tried
_CLOSE_SIDE = 960  # the same for a closer look, which tells rows apart that lie close together
_AGREES = 0.5  # of the clearest angle of the closer look: least clearness there of the first one
_INKED = 0.3  # least ink of a pixel that counts
_FARTHEST = 16.0  # degrees: largest angle that is tried
_STEP = 0.5  # degrees between the angles that are tried first
_FINE = 0.1  # degrees between those that are tried around the best of these
_LEAST = 2.5  # degrees: a page turned by less is read as it is
_CLEARER = 1.2  # times as clear as level: least clearness of the best angle
_SMOOTH = 9  # rows of pixels summed together: a stroke in one row of pixels is no row of writing
_ANGLES = np.arange(-_FARTHEST, _FARTHEST + _STEP, _STEP)
_PIECES = 6  # least pieces of a row of writing that shows how a page lies
_LONG = 0.4  # of the longer side: least length of a rule that shows it


def angle_of(ink: Floats) -> float:
    """How far a page's rows are turned clockwise, in degrees; 0 where that is not clear.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.

    Example:
        >>> ink = np.zeros((300, 300), np.float32)
        >>> for x in range(20, 280):
        ...     ink[[x // 5 + at for at in (50, 100, 150)], x] = 1
        >>> round(angle_of(ink))
        11
    """
    small = reduced(ink, _SIDE)
    best = _clearest(small) if _shows_rows(small) else 0.0
    if not best:
        return 0.0
    # Rows that lie closer together than is summed may seem clearest at an angle that is not theirs.
    close = reduced(ink, _CLOSE_SIDE)
    clear = _clearness(close, _ANGLES)
    if clear[np.abs(_ANGLES - best) <= _STEP].max() < _AGREES * clear.max():
        small, best = close, _clearest(close)
        if not best:
            return 0.0
    near = np.arange(best - _STEP, best + _STEP, _FINE)
    return round(float(near[_clearness(small, near).argmax()]), 1)


def turned(ink: Floats, degrees: float) -> tuple[Floats, Doubles]:
    """A page turned back by so many degrees, on paper that is large enough.

    Returns:
        The ink, -1 outside of the page, and the matrix (3, 3) from places on it to those on the
        page before.

    Example:
        >>> ink, matrix = turned(np.zeros((100, 200), np.float32), 10.0)
        >>> ink.shape, (matrix @ [ink.shape[1] / 2, ink.shape[0] / 2, 1]).round().tolist()
        ((134, 215), [100.0, 50.0, 1.0])
    """
    height, width = ink.shape
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    wide = int(np.ceil(width * cosine + height * abs(sine)))
    high = int(np.ceil(height * cosine + width * abs(sine)))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    offset = np.array([width, height]) / 2 - turn @ np.array([wide, high]) / 2
    matrix = np.concatenate([np.concatenate([turn, offset[:, None]], 1), [[0.0, 0.0, 1.0]]])
    seen = Image.fromarray(np.ascontiguousarray(ink, np.float32)).transform(
        (wide, high),
        Image.Transform.AFFINE,
        tuple(matrix.ravel()[:6].tolist()),
        Image.Resampling.BILINEAR,
        fillcolor=-1,
    )
    return np.asarray(seen), matrix


def _shows_rows(small: Floats) -> bool:
    """Whether there are pieces enough for a row, or one as long as a rule."""
    numbers, count = label(small > _INKED)
    if count >= _PIECES:
        return True
    columns = [np.flatnonzero((numbers == each).any(axis=0)) for each in range(1, count + 1)]
    return any(np.ptp(each) > _LONG * max(small.shape) for each in columns)


def _clearest(small: Floats) -> float:
    """The clearest angle; 0 if it is small, or not much clearer than level."""
    clear = _clearness(small, _ANGLES)
    best = float(_ANGLES[clear.argmax()])
    level = clear[np.abs(_ANGLES) < _LEAST].max()
    return 0.0 if abs(best) < _LEAST or clear.max() < _CLEARER * level else best


def _clearness(small: Floats, angles: Doubles) -> Doubles:
    """How much ink changes from row to row of pixels, at each angle."""
    y, x = np.nonzero(small > _INKED)
    weights = small[y, x]
    found = []
    for angle in np.radians(angles).tolist():
        rows = np.rint(y * np.cos(angle) - x * np.sin(angle)).astype(np.int64)
        sums = np.convolve(np.bincount(rows - rows.min(), weights), np.ones(_SMOOTH))
        found.append(float((np.diff(sums) ** 2).sum()))
    return np.array(found)
