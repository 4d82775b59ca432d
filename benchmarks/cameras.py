"""What cameras and scanners make of digits: cells of forms, notebooks and slips, drawings.

``CELLS`` draws pictures of one digit, ``CAMERA_PAGES`` pages of many whose places are known. Light,
paper, pens and lines are more various here than in ``benchmarks/scenes.py``, and a camera blurs,
sharpens and darkens the corners.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.paper import (
    Light,
    cut_out,
    moved_boxes,
    perspective,
    table_top,
    to_bytes,
    turn_about_middle,
)
from benchmarks.pictures import Grey, Random, encoded
from benchmarks.sheets import Box, Sheet

Ink = NDArray[np.float64]  # (H, W) from 0 to 1


# Pens and lines


def pen(image: Grey, high: int, random: Random) -> Ink:
    """A digit about ``high`` pixels high, cut close, by a pen of any thickness."""
    side = max(14, round(1.35 * high))
    large = Image.fromarray(np.ascontiguousarray(image)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    level, soft = random.uniform(60, 170), max(8.0, 700 / side)
    ink = 1 / (1 + np.exp(-((np.asarray(large, np.float64) - level) / soft).clip(-50, 50)))
    seen = cut_out(np.rint(255 * ink).astype(np.uint8))
    return np.asarray(seen, np.float64) / 255


def write(page: Light, ink: Ink, left: int, top: int, dark: float) -> None:
    """Put ink on a page, as far as it lies on it; a pen leaves the share ``dark`` of the light."""
    x, y = max(0, -left), max(0, -top)
    part = page[top + y : top + ink.shape[0], left + x : left + ink.shape[1]]
    part *= 1 - (1 - dark) * ink[y : y + part.shape[0], x : x + part.shape[1]]


def line(page: Light, band: slice, along: slice, shade: float, dashes: int, level: bool) -> None:
    """A line of a shade, whole or dashed, level or upright."""
    whole = page if level else page.T
    part = whole[band, along]
    there = np.ones(part.shape[1], bool) if not dashes else np.arange(part.shape[1]) % dashes
    there = np.asarray(there, bool) if not dashes else np.asarray(there < 0.6 * dashes)
    part[:, there] = np.minimum(part[:, there], shade)


def box(page: Light, frame: Box, thick: int, shade: float, dashes: int) -> None:
    """The four lines of a box, inside ``frame``."""
    left, top, right, bottom = frame
    for at in (top, bottom - thick):
        line(page, slice(at, at + thick), slice(left, right), shade, dashes, True)
    for at in (left, right - thick):
        line(page, slice(at, at + thick), slice(top, bottom), shade, dashes, False)


# Cameras


def camera(scene: Light, random: Random) -> bytes:
    """A scene as a camera takes it: uneven light, dark corners, blur, sharpening, noise, JPEG."""
    height, width = scene.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y / height - 0.5, x / width - 0.5
    coarse = Image.fromarray(random.uniform(0.75, 1, (3, 3)).astype(np.float32))
    uneven = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    light = uneven * (1 - random.uniform(0, 0.6) * (x * x + y * y))
    light *= random.uniform(0.75, 1.05) / light.max()
    taken = Image.fromarray(to_bytes(scene * light))
    taken = taken.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.3)))
    if random.random() < 0.5:
        taken = taken.filter(ImageFilter.UnsharpMask(2, int(random.integers(50, 150)), 2))
    noisy = np.asarray(taken, np.float64) + random.normal(0, random.uniform(0.5, 5), scene.shape)
    return encoded(to_bytes(noisy / 255), "JPEG", quality=int(random.integers(50, 95)))


def scan(page: Light, random: Random, degrees: float = 1.5) -> tuple[bytes, NDArray[np.float64]]:
    """A page as a scanner takes it, a little askew; and the matrix to places in the picture."""
    angle = random.uniform(-degrees, degrees)
    turned = _turn(page, angle)
    soft = Image.fromarray(to_bytes(turned)).filter(
        ImageFilter.GaussianBlur(random.uniform(0, 0.8))
    )
    noisy = np.asarray(soft) / 255 + random.normal(0, random.uniform(0, 0.02), page.shape)
    matrix = turn_about_middle(page.shape, angle)
    if random.random() < 0.5:
        return encoded(to_bytes(noisy)), matrix
    return encoded(to_bytes(noisy), "JPEG", quality=int(random.integers(60, 95))), matrix


def _turn(page: Light, degrees: float) -> Light:
    image = Image.fromarray(np.asarray(page, np.float32))
    fill = float(np.quantile(page, 0.8))
    return np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill), np.float64)


# One digit


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
    turned = _turn(page, _askew(random))
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
    _rule(page, round(high * random.uniform(0.5, 1.6)), random)
    return camera(_cropped(_turn(page, _askew(random))), random)


def slip_with_one(image: Grey, random: Random) -> bytes:
    """A ruled slip with one digit, photographed on a table."""
    page = _paper(random)
    high = _on_it(page, image, random)
    _rule(page, round(high * random.uniform(0.8, 1.6)), random)
    return _on_a_table(page, random)[0]


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
    return _on_a_table(page, random, flat=True)[0]


CELLS: dict[str, Callable[[Grey, Random], bytes]] = {
    each.__name__: each
    for each in (
        *(cell_inside, cell_with_lines, cell_askew, close_up, notebook, slip_with_one),
        *(drawing, white_sheet),
    )
}


# Pages


def a4_form(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A form of boxes, 23 to a row, scanned: any lines, digits that cross them."""
    page = np.full((2339, 1654), random.uniform(0.9, 1))
    wide, high = int(random.integers(34, 50)), int(random.integers(30, 37))
    across, down = (0, 0) if random.random() < 0.3 else random.integers(4, 12, 2).tolist()
    thick, shade = int(random.integers(1, 4)), random.uniform(0.15, 0.75)
    dashes = int(random.integers(5, 9)) if random.random() < 0.2 else 0
    dark, boxes, chosen = random.uniform(0.1, 0.5), list[Box](), list[int]()
    for row in range(min(50, (page.shape[0] - 120) // (high + down))):
        for column in range(23):
            left, top = 90 + column * (wide + across), 90 + row * (high + down)
            box(page, (left, top, left + wide + thick, top + high + thick), thick, shade, dashes)
            which = int(random.integers(len(images)))
            ink = pen(images[which], round(high * random.uniform(0.6, 0.95)), random)
            x = left + (wide - ink.shape[1]) // 2 + int(random.integers(-3, 4))
            y = top + (high - ink.shape[0]) // 2 + int(random.integers(-3, 4))
            write(page, ink, x, y, dark)
            boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
            chosen.append(int(labels[which]))
    file, matrix = scan(page, random)
    return Sheet("a4 form", file, moved_boxes(boxes, matrix), chosen)


def camera_slip(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A ruled slip with rows of digits, photographed on a table."""
    page, boxes, chosen = rows_of_digits(images, labels, random, True)
    file, matrix = _on_a_table(page, random)
    return Sheet("camera slip", file, moved_boxes(boxes, matrix), chosen)


def camera_rows(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows of digits on plain, lined or squared paper that fills the picture, askew."""
    page, boxes, chosen = rows_of_digits(images, labels, random, bool(random.random() < 0.6))
    angle = random.uniform(-10, 10)
    matrix = turn_about_middle(page.shape, angle)
    return Sheet(
        "camera rows", camera(_turn(page, angle), random), moved_boxes(boxes, matrix), chosen
    )


CAMERA_PAGES: dict[str, Callable[[Grey, Grey, Random], Sheet]] = {
    each.__name__: each for each in (a4_form, camera_slip, camera_rows)
}


# How they are drawn


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


def _rule(page: Light, gap: int, random: Random) -> None:
    """Lines over a page, level or squared."""
    shade, thick = page.max() * random.uniform(0.55, 0.9), int(random.integers(1, 4))
    gap = max(10, gap)
    for at in range(int(random.integers(gap)), page.shape[0] - thick, gap):
        line(page, slice(at, at + thick), slice(None), shade, 0, True)
    if random.random() < 0.4:
        for at in range(int(random.integers(gap)), page.shape[1] - thick, gap):
            line(page, slice(at, at + thick), slice(None), shade, 0, False)


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


def rows_of_digits(
    images: Grey, labels: Grey, random: Random, ruled: bool
) -> tuple[Light, list[Box], list[int]]:
    """Rows of digits with room around them, of uneven height, gap and place."""
    side, rows = int(random.integers(30, 80)), int(random.integers(2, 7))
    columns, gap = int(random.integers(5, 12)), random.uniform(0.25, 0.8)
    step = round(side * random.uniform(1.5, 2.2))
    page = np.full((step * (rows + 2), round(side * (1 + gap)) * (columns + 3)), 1.0)
    page *= random.uniform(0.6, 1)
    dark, boxes, chosen = random.uniform(0.1, 0.55), list[Box](), list[int]()
    if ruled:
        _rule(page, step, random)
    for row in range(rows):
        x = round(1.5 * side * random.uniform(0.8, 1.2))
        for _ in range(columns):
            which = int(random.integers(len(images)))
            ink = pen(images[which], round(side * random.uniform(0.85, 1.15)), random)
            y = step * (row + 2) - len(ink) - round(side * random.uniform(0.1, 0.4))
            write(page, ink, x, y, dark)
            boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
            chosen.append(int(labels[which]))
            x += ink.shape[1] + round(side * gap * random.uniform(0.7, 1.3))
    return page, boxes, chosen


def _on_a_table(
    page: Light, random: Random, flat: bool = False
) -> tuple[bytes, NDArray[np.float64]]:
    """A page photographed from a side on a table; and the matrix to places in the picture."""
    scene, matrix = on_a_table(page, random, flat)
    if flat and random.random() < 0.7:
        return encoded(to_bytes(scene)), matrix
    return camera(scene, random), matrix


def on_a_table(
    page: Light, random: Random, flat: bool = False
) -> tuple[Light, NDArray[np.float64]]:
    """A page that lies on a table, seen from a side; and the matrix to places in the picture."""
    high, wide = page.shape
    scale, angle = random.uniform(1.1, 1.8), np.radians(random.uniform(-15, 15))
    height, width = round(high * scale), round(wide * scale)
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T
    corners *= min(1.0, *(0.97 * np.array([width, height]) / np.ptp(corners, axis=0)))
    corners += np.array([width, height]) / 2
    corners += random.uniform(-0.06, 0.06, (4, 2)) * min(high, wide)
    matrix = perspective(np.array([[0, 0], [wide, 0], [wide, high], [0, high]]), corners)
    back: Any = np.linalg.inv(matrix)
    seen = np.asarray(
        Image.fromarray(np.asarray(page, np.float32)).transform(
            (width, height),
            Image.Transform.PERSPECTIVE,
            tuple((back / back[2, 2]).ravel()[:8]),
            Image.Resampling.BICUBIC,
            fillcolor=-1,
        )
    )
    table = random.uniform(0.08, 0.5) if flat else table_top(height, width, random)
    return np.where(seen < -0.3, table, seen).clip(0, 1), matrix
