"""The inside of a quadrilateral of a picture as a rectangle."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ...arrays import Doubles, Floats, Numbers
from ..pixels.median import median
from ..pixels.resizing import reduced


def straightened(light: Floats, corners: Doubles, side: int) -> tuple[Floats, Doubles]:
    """The inside of a quadrilateral as a rectangle.

    Args:
        light: (H, W).
        corners: (4, 2), x and y, clockwise from the left upper one; also outside the picture.
        side: pixels of the longer side of the result at most.

    Returns:
        The rectangle, and the matrix (3, 3) that takes homogeneous places on it to the picture's.

    Example:
        >>> light = np.zeros((100, 100), np.float32)
        >>> light[20:60, 30:90] = 1
        >>> corners = np.array([[30, 20], [90, 20], [90, 60], [30, 60]])
        >>> inside, matrix = straightened(light, corners, 60)
        >>> inside.shape, float(inside.min()), (matrix @ [0, 0, 1]).round().tolist()
        ((40, 60), 1.0, [30.0, 20.0, 1.0])
    """
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    part = light[top:bottom, left:right]
    # Straightening looks up single pixels, so the part is first reduced to its final size.
    seen = reduced(part, side)
    scale = np.array([part.shape[1] / seen.shape[1], part.shape[0] / seen.shape[0]])
    quad = (corners - [left, top]) / scale
    sides = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    width = max(1, round(float(sides[0] + sides[2]) / 2))
    height = max(1, round(float(sides[1] + sides[3]) / 2))
    matrix = perspective(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64), quad
    )
    beyond = bool((quad < 0).any() or (quad > seen.shape[::-1]).any())
    paper = median(seen) if beyond else None  # outside the picture is paper, too, and no ink
    image = Image.fromarray(np.ascontiguousarray(seen, np.float32))
    straight = image.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        tuple(matrix.ravel()[:8]),
        Image.Resampling.BILINEAR,
        fillcolor=paper,
    )
    back = np.array([[scale[0], 0, left], [0, scale[1], top], [0, 0, 1]]) @ matrix
    return np.asarray(straight), np.asarray(back)


def perspective(here: Numbers, there: Numbers) -> Doubles:
    """The matrix (3, 3) that takes four places to four others, in homogeneous coordinates.

    Example:
        >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        >>> perspective(square, square + 1).round(6).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
    """
    rows: list[list[float]] = []
    values: list[float] = []
    for (x, y), (u, v) in zip(here.tolist(), there.tolist()):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    solved = np.linalg.solve(np.array(rows, np.float64), np.array(values, np.float64))
    return np.append(solved, 1).reshape(3, 3)
