"""Finds where boxes of a sheet lie in the picture of it."""

from __future__ import annotations

import numpy as np

from ...arrays import Doubles, Integers, Numbers
from ..pixels.components import Box

_CORNERS = [[0, 1], [2, 1], [2, 3], [0, 3]]  # of a box: the numbers of x and y


def boxes_in_picture(boxes: Integers, matrix: Doubles) -> list[Box]:
    """Boxes of a sheet as boxes of the picture, around their corners.

    Args:
        boxes: left, top, right and bottom, in pixels of the sheet, (N, 4).
        matrix: (3, 3), from places on the sheet to those in the picture.

    Example:
        >>> boxes_in_picture(np.array([[1, 2, 3, 4]]), np.diag([2.0, 2.0, 1.0]))
        [(2, 4, 6, 8)]
    """
    places = np.rint(_in_picture(boxes[:, _CORNERS], matrix)).astype(np.int64)
    frames = np.concatenate([places.min(axis=1), places.max(axis=1)], axis=1).tolist()
    return [(left, top, right, bottom) for left, top, right, bottom in frames]


def angles_in_picture(boxes: Integers, matrix: Doubles) -> list[float]:
    """The directions in the picture of level lines through the middles of boxes, in degrees.

    Example:
        >>> askew = np.array([[1.0, 0, 0], [1, 1, 0], [0, 0, 1]])
        >>> angles_in_picture(np.array([[0, 0, 2, 2]]), askew)
        [45.0]
    """
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    ends = _in_picture(np.stack([middles, middles + np.array([1, 0])], axis=1), matrix)
    across, down = (ends[:, 1] - ends[:, 0]).T
    return [round(each, 1) for each in np.degrees(np.arctan2(down, across)).tolist()]


def _in_picture(places: Numbers, matrix: Doubles) -> Doubles:
    """Places on a sheet, (N, K, 2), as those in the picture."""
    there = np.concatenate([places, np.ones_like(places[..., :1])], axis=2) @ matrix.T
    return np.asarray(there[..., :2] / there[..., 2:])
