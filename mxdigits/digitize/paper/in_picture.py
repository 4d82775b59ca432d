"""Where a box of a sheet lies in the picture of it."""

from __future__ import annotations

import numpy as np

from ...arrays import Doubles
from ..pixels.components import Box


def box_in_picture(box: Box, matrix: Doubles) -> Box:
    """A box of a sheet as one of the picture, around its corners.

    Args:
        box: left, top, right and bottom, in pixels of the sheet.
        matrix: (3, 3), from places on the sheet to those in the picture.

    Example:
        >>> box_in_picture((1, 2, 3, 4), np.diag([2.0, 2.0, 1.0]))
        (2, 4, 6, 8)
    """
    left, top, right, bottom = box
    corners = [[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]]
    places = np.array(corners) @ matrix.T
    places = np.rint(places[:, :2] / places[:, 2:]).astype(int)
    (x0, y0), (x1, y1) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return x0, y0, x1, y1


def angle_in_picture(box: Box, matrix: Doubles) -> float:
    """The direction in the picture of a level line through the middle of a box, in degrees.

    Example:
        >>> angle_in_picture((0, 0, 2, 2), np.array([[1.0, 0, 0], [1, 1, 0], [0, 0, 1]]))
        45.0
    """
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    places = np.array([[x, y, 1], [x + 1, y, 1]]) @ matrix.T
    across, down = np.diff(places[:, :2] / places[:, 2:], axis=0)[0]
    return round(float(np.degrees(np.arctan2(down, across))), 1)
