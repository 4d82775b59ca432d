"""Pictures of one digit by cameras and scanners: cells of forms, notebooks and slips, drawings.

``CELLS`` has all of them by their names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cameras import (
    Ink,
    box,
    camera,
    line,
    pen,
    rule,
    scan,
    taken_on_a_table,
    turn,
    write,
)
from benchmarks.paper import Light, to_bytes
from benchmarks.pictures import Grey, Random, encoded


def cell_inside(image: Grey, random: Random) -> bytes:
    """A cell of a form, cut out inside its box; now and then a bit of a line was cut with it."""
    side = int(random.integers(20, 110))
    page = np.full((side, side), random.uniform(0.8, 1))
    ink = pen(image, round(side * random.uniform(0.5, 0.85)), random)
    write(page, ink, *_about_the_middle(page, ink, 0.06, random), random.uniform(0.1, 0.55))
    if random.random() < 0.3:
        shade, which = random.uniform(0.2, 0.7), int(random.integers(4))
        edge = np.rot90(page, which)[: max(1, round(0.02 * side))]
        np.minimum(edge, shade, out=edge)
    return scan(page, random, 1.0)[0]


def cell_with_lines(image: Grey, random: Random) -> bytes:
    """A cell of a form with its lines: of any thickness and shade, some dashed, some met by ink."""
    return scan(_cell(image, int(random.integers(28, 130)), random), random)[0]


def cell_askew(image: Grey, random: Random) -> bytes:
    """A box with a digit, photographed from near by, 3 to 15 degrees askew."""
    side = int(random.integers(120, 400))
    wide = round(side * random.uniform(0.8, 1.3))
    page = np.full((3 * side, 3 * wide), random.uniform(0.8, 1))
    thick = max(1, round(min(side, wide) * random.uniform(0.01, 0.05)))
    shade, dark = page[0, 0] * random.uniform(0.1, 0.75), random.uniform(0.1, 0.5)
    dashes = int(random.integers(2, 6)) * thick if random.random() < 0.2 else 0
    rows = columns = (1,)
    if random.random() < 0.4:  # a grid
        rows = columns = (0, 1, 2)
    for row in rows:
        for column in columns:
            left, top = column * wide, row * side
            box(page, (left, top, left + wide + thick, top + side + thick), thick, shade, dashes)
    ink = pen(image, round(min(side, 1.3 * wide) * random.uniform(0.4, 0.8)), random)
    write(page, ink, *_about_the_middle(page, ink, 0.02, random), dark)
    turned = turn(page, _askew(random))
    cut = (np.array([side, wide]) * random.uniform(0.7, 0.95, 2)).astype(int)
    return camera(turned[cut[0] : -cut[0], cut[1] : -cut[1]], random)


def close_up(image: Grey, random: Random) -> bytes:
    """A digit on plain paper, which fills the picture, by a pen of any contrast."""
    page = _paper(random)
    _on_it(page, image, random)
    return camera(page, random)


def notebook(image: Grey, random: Random) -> bytes:
    """A digit on lined or squared paper, up to 15 degrees askew, without the paper's edge."""
    page = _paper(random)
    high = _on_it(page, image, random)
    rule(page, round(high * random.uniform(0.5, 1.6)), random)
    return camera(_cropped(turn(page, _askew(random))), random)


def slip_with_one(image: Grey, random: Random) -> bytes:
    """A ruled slip with one digit, photographed on a table."""
    page = _paper(random)
    high = _on_it(page, image, random)
    rule(page, round(high * random.uniform(0.8, 1.6)), random)
    return taken_on_a_table(page, random)[0]


def drawing(image: Grey, random: Random) -> bytes:
    """A digit drawn with a mouse or a finger: any size and place, a thick or thin pen, no noise."""
    side = int(random.integers(100, 420))
    page = np.full((side, round(side * random.uniform(0.8, 1.5))), 1.0)
    ink = pen(image, round(side * random.uniform(0.25, 0.9)), random)
    if random.random() < 0.5:
        ink = np.asarray(ink > 0.5, np.float64)
    free = np.maximum(1, np.array(page.shape) - ink.shape)
    top, left = (random.uniform(0, 1, 2) * free).astype(int).tolist()
    write(page, ink, left, top, random.uniform(0, 0.4))
    return encoded(to_bytes(page if random.random() < 0.7 else 1 - page))


def white_sheet(image: Grey, random: Random) -> bytes:
    """A white sheet on a dark desk, flat in light, straight or askew."""
    page = np.full(tuple(random.integers(200, 700, 2)), random.uniform(0.82, 0.98))
    high = round(min(page.shape) * random.uniform(0.12, 0.7))
    ink = pen(image, high, random)
    write(page, ink, *_about_the_middle(page, ink, 0.2, random), random.uniform(0.05, 0.5))
    return taken_on_a_table(page, random, flat=True)[0]


CELLS: dict[str, Callable[[Grey, Random], bytes]] = {
    each.__name__: each
    for each in (
        *(cell_inside, cell_with_lines, cell_askew, close_up, notebook, slip_with_one),
        *(drawing, white_sheet),
    )
}


def _paper(random: Random) -> Light:
    height, width = random.integers(350, 1000, 2)
    return np.full((int(height), int(width)), random.uniform(0.6, 1))


def _on_it(page: Light, image: Grey, random: Random) -> int:
    """Write a digit somewhere about the middle of a page; how high it is."""
    high = round(min(page.shape) * random.uniform(0.08, 0.5))
    ink = pen(image, max(24, high), random)
    write(page, ink, *_about_the_middle(page, ink, 0.2, random), random.uniform(0.1, 0.6))
    return len(ink)


def _about_the_middle(page: Light, ink: Ink, far: float, random: Random) -> tuple[int, int]:
    """Left and top of ink that lies up to a share of the page beside the middle."""
    away = (np.array(page.shape) - ink.shape) / 2 + random.uniform(-far, far, 2) * page.shape
    top, left = np.rint(away).astype(int).tolist()
    return left, top


def _askew(random: Random) -> float:
    return float(random.choice([-1, 1]) * random.uniform(3, 15))


def _cropped(page: Light) -> Light:
    """Without the corners that turning leaves empty, and some more."""
    height, width = page.shape
    return page[height // 7 : height - height // 7, width // 7 : width - width // 7]


def _cell(image: Grey, side: int, random: Random) -> Light:
    """A box with a digit; the lines of neighbours may go on."""
    wide = round(side * random.uniform(0.8, 1.3))
    page = np.full((side, wide), random.uniform(0.8, 1))
    thick = max(1, round(min(side, wide) * random.uniform(0.01, 0.05)))
    shade, dark = page.max() * random.uniform(0.1, 0.75), random.uniform(0.1, 0.5)
    dashes = int(random.integers(4, 9)) if random.random() < 0.2 else 0
    gaps = random.integers(0, max(1, round(0.12 * side)) + 1, 4).tolist()
    frame = gaps[0], gaps[1], wide - gaps[2], side - gaps[3]
    box(page, frame, thick, shade, dashes)
    if random.random() < 0.4:  # a grid: its lines go on to the edge
        for at in (frame[1], frame[3] - thick):
            line(page, slice(at, at + thick), slice(None), shade, dashes, True)
        for at in (frame[0], frame[2] - thick):
            line(page, slice(at, at + thick), slice(None), shade, dashes, False)
    inner = frame[3] - frame[1] - 2 * thick, frame[2] - frame[0] - 2 * thick
    meets = random.random() < 0.25
    ink = pen(
        image, round(inner[0] * random.uniform(*((0.9, 1.0) if meets else (0.5, 0.8)))), random
    )
    room = np.maximum(0, np.array(inner) - ink.shape)
    top, left = (room * random.uniform(0.1, 0.9, 2)).astype(int).tolist()
    if meets:
        top += int(random.integers(-2 * thick, 2 * thick + 1))
    write(page, ink, frame[0] + thick + left, frame[1] + thick + top, dark)
    return page
