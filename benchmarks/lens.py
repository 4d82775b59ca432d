"""What a camera makes of a page: sides that converge, and lines that the lens bends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.paper import Light, perspective, table_top
from benchmarks.pictures import Random
from benchmarks.sheets import Box

_QUADS = 24  # a bent page is drawn in so many squares a side
_STEPS = 5  # so many steps find where a bent place lies, to a hundredth of a pixel

Places = NDArray[np.float64]  # (N, 2), x and y


def seen_through_a_lens(
    page: Light, boxes: Sequence[Box], random: Random
) -> tuple[Light, list[Box]]:
    """A page that fills the picture or nearly does, and the boxes on it as they are seen there.

    It is turned by up to 4 degrees, its corners lie up to 4 % off, and lines at the picture's edge
    are bent by up to 1 % of its size. The table is seen around most pages.
    """
    high, wide = page.shape
    scale = random.uniform(1, 1.4)
    height, width = round(high * scale), round(wide * scale)
    size, angle = np.array([width, height]), np.radians(random.uniform(-4, 4))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    corners = (square * size) @ turn * (1 - 2 * random.uniform(-0.01, 0.06))
    corners += size / 2 + random.uniform(-0.04, 0.04, (4, 2)) * width
    matrix = perspective(np.array([[0, 0], [wide, 0], [wide, high], [0, high]]), corners)
    bend = random.uniform(-0.01, 0.01)

    def on_page(places: Places) -> Places:
        """Where on the page lies what is seen at some places."""
        return _through(np.linalg.inv(matrix), _bent(places, size, bend))

    def seen(places: Places) -> Places:
        """Where places on the page are seen."""
        straight = there = _through(matrix, places)
        for _ in range(_STEPS):
            there = there + straight - _bent(there, size, bend)
        return there

    there = _drawn(page, (width, height), on_page)
    inside = _drawn(np.ones_like(page), (width, height), on_page) > 0.5
    scene = np.where(inside, there, table_top(height, width, random)).clip(0, 1)
    moved = []
    for left, top, right, bottom in boxes:
        places = seen(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float))
        (x0, y0), (x1, y1) = np.rint([places.min(axis=0), places.max(axis=0)]).astype(int).tolist()
        moved.append((x0, y0, x1, y1))
    return scene, moved


def _bent(places: Places, size: NDArray[Any], bend: float) -> Places:
    """Places moved away from the picture's middle: by the share ``bend`` in its corners."""
    away = places - size / 2
    far = (away**2).sum(axis=1, keepdims=True) / (size**2).sum() * 4
    return np.asarray(size / 2 + away * (1 + bend * far))


def _through(matrix: NDArray[np.float64], places: Places) -> Places:
    seen = np.column_stack([places, np.ones(len(places))]) @ matrix.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


def _drawn(page: Light, size: tuple[int, int], on_page: Callable[[Places], Places]) -> Light:
    """The page as it is seen, drawn in squares; 0 where there is none."""
    edges = [np.linspace(0, side, _QUADS + 1).round().astype(int).tolist() for side in size]
    mesh = []
    for top, bottom in zip(edges[1], edges[1][1:]):
        for left, right in zip(edges[0], edges[0][1:]):
            corners = [[left, top], [left, bottom], [right, bottom], [right, top]]
            quad = on_page(np.array(corners, np.float64))
            mesh.append(((left, top, right, bottom), tuple(quad.ravel().tolist())))
    image = Image.fromarray(np.asarray(page, np.float32))
    seen = image.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    return np.asarray(seen, np.float64)
