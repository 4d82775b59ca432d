"""Pages of many digits, whose places are known, by cameras and scanners.

``CAMERA_PAGES`` has all by their names but those with bent lines, which ``BENT_PAGES`` has.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cameras import box, camera, pen, rule, scan, taken_on_a_table, turn, write
from benchmarks.lens import seen_through_a_lens
from benchmarks.paper import Light, moved_boxes, turn_about_middle
from benchmarks.pictures import Grey, Random
from benchmarks.sheets import Box, Sheet


def a4_form(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A form of boxes, 23 to a row, scanned: any lines, digits that cross them."""
    page, boxes, chosen = _form(images, labels, random)
    file, matrix = scan(page, random)
    return Sheet("a4 form", file, moved_boxes(boxes, matrix), chosen)


def camera_form(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Such a form photographed from a side: its lines converge, and the lens bends them."""
    page, boxes, chosen = _form(images, labels, random)
    scene, seen = seen_through_a_lens(page, boxes, random)
    return Sheet("camera form", camera(scene, random), seen, chosen)


def _form(images: Grey, labels: Grey, random: Random) -> tuple[Light, list[Box], list[int]]:
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
    return page, boxes, chosen


def camera_slip(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A ruled slip with rows of digits, photographed on a table."""
    page, boxes, chosen = rows_of_digits(images, labels, random, True)
    file, matrix = taken_on_a_table(page, random)
    return Sheet("camera slip", file, moved_boxes(boxes, matrix), chosen)


def camera_rows(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows of digits on plain, lined or squared paper that fills the picture, askew."""
    page, boxes, chosen = rows_of_digits(images, labels, random, bool(random.random() < 0.6))
    angle = random.uniform(-10, 10)
    matrix = turn_about_middle(page.shape, angle)
    return Sheet(
        "camera rows", camera(turn(page, angle), random), moved_boxes(boxes, matrix), chosen
    )


CAMERA_PAGES: dict[str, Callable[[Grey, Grey, Random], Sheet]] = {
    each.__name__: each for each in (a4_form, camera_slip, camera_rows)
}
BENT_PAGES = {"camera_form": camera_form}


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
        rule(page, step, random)
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
