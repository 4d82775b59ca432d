"""Pages of digits as people hold and write them: a pad in a hand, pencil, two sizes, amounts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.camera_pages import rows_of_digits
from benchmarks.cameras import camera, on_a_table, pen, write
from benchmarks.paper import Light, moved_boxes
from benchmarks.pictures import Grey, Random
from benchmarks.sheets import Box, Sheet


def pad_in_a_hand(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A ruled pad with rings along its top, held: a thumb lies on it, and things as light as it."""
    page, boxes, chosen = rows_of_digits(images, labels, random, True)
    top = round(0.05 * page.shape[0])
    for x in range(top, page.shape[1] - top, 2 * top):  # the holes of the rings
        page[:top, x : x + top] = random.uniform(0.1, 0.4)
    scene, matrix = on_a_table(page, random)
    places = np.array(moved_boxes(boxes, matrix))[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    corners = _corners(page, matrix)
    for corner, other in zip(corners, np.roll(corners, -1, axis=0)):
        if random.random() < 0.6:
            at = corner + random.uniform(0.1, 0.9) * (other - corner)
            scene = _thumb(scene, at, places, page.max() * random.uniform(0.6, 1.05), random)
    return Sheet("pad in a hand", camera(scene, random), moved_boxes(boxes, matrix), chosen)


def pencil(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows by a pen and by a pencil, whose strokes the grain of the paper breaks, on one page."""
    page, boxes, chosen = np.full((800, 1200), random.uniform(0.7, 1)), list[Box](), list[int]()
    side, dark = int(random.integers(70, 110)), random.uniform(0.1, 0.4)
    grain = Image.fromarray(random.integers(0, 256, page.shape, np.uint8))
    rough = np.asarray(grain.filter(ImageFilter.GaussianBlur(1.2)), np.float64)
    rough = 1 + (rough - rough.mean()) / rough.std() * random.uniform(0.15, 0.35)
    rough = rough.clip(0, 1)
    for row in range(4):
        soft = row % 2 == 1
        x = 60
        while x < 1200 - 2 * side:
            which = int(random.integers(len(images)))
            ink = pen(images[which], side, random)
            y = 60 + row * 180
            if soft:
                ink = ink * rough[y : y + ink.shape[0], x : x + ink.shape[1]]
            write(page, ink, x, y, dark + soft * random.uniform(0.2, 0.35))
            boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
            chosen.append(int(labels[which]))
            x += ink.shape[1] + round(side * random.uniform(0.4, 0.9))
    return Sheet("pencil", camera(page, random), boxes, chosen)


def two_sizes(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows of large digits, and rows of small ones, a third to a fifth as high."""
    page, boxes, chosen = np.full((1200, 1300), random.uniform(0.7, 1)), list[Box](), list[int]()
    side, dark = int(random.integers(130, 200)), random.uniform(0.1, 0.5)
    small = round(side / random.uniform(2.6, 5))
    y = 50
    for high in random.permutation([side, side, small, small]).tolist():
        x = 60
        while x < 1300 - 2 * high:
            which = int(random.integers(len(images)))
            ink = pen(images[which], round(high * random.uniform(0.9, 1.1)), random)
            write(page, ink, x, y, dark)
            boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
            chosen.append(int(labels[which]))
            x += ink.shape[1] + round(high * random.uniform(0.4, 0.9))
        y += round(1.5 * high) + small
    return Sheet("two sizes", camera(page, random), boxes, chosen)


def amounts(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Numbers that end in zeros, each of which shares a side with the one before it."""
    page, boxes, chosen = np.full((800, 1100), random.uniform(0.8, 1)), list[Box](), list[int]()
    side, dark = int(random.integers(40, 80)), random.uniform(0.1, 0.4)
    zeros, others = np.flatnonzero(labels == 0), np.flatnonzero(labels != 0)
    for row in range(5):
        x = 60
        for _ in range(3):
            first, noughts = int(random.integers(1, 3)), int(random.integers(2, 4))
            for k in range(first + noughts):
                which = int(random.choice(others if k < first else zeros))
                ink = pen(images[which], round(side * random.uniform(0.9, 1.1)), random)
                if k > first:
                    x -= round(side * random.uniform(0.24, 0.36))
                y = 60 + row * 140 + (side - len(ink)) // 2
                write(page, ink, x, y, dark)
                boxes.append((x, y, x + ink.shape[1], y + ink.shape[0]))
                chosen.append(int(labels[which]))
                x += ink.shape[1] + round(0.2 * side)
            x += side
    return Sheet("amounts", camera(page, random), boxes, chosen)


HELD: dict[str, Callable[[Grey, Grey, Random], Sheet]] = {
    each.__name__: each for each in (pad_in_a_hand, pencil, two_sizes, amounts)
}


def _corners(page: Light, matrix: np.ndarray) -> np.ndarray:
    """Where the corners of a page lie in the picture."""
    high, wide = page.shape
    there = matrix @ np.array([[0, wide, wide, 0], [0, 0, high, high], [1, 1, 1, 1]])
    return np.asarray((there[:2] / there[2]).T)


def _thumb(scene: Light, at: np.ndarray, kept: np.ndarray, light: float, random: Random) -> Light:
    """A thumb over a side of a page, as far from every place that is kept."""
    far = 0.9 * float(np.hypot(*(kept - at).T).min())
    long, thick = min(far, 0.25 * max(scene.shape)), min(far, 0.07 * max(scene.shape))
    turn = np.linspace(0, 2 * np.pi, 60)
    angle = random.uniform(0, np.pi)
    x = at[0] + long * np.cos(turn) * np.cos(angle) - thick * np.sin(turn) * np.sin(angle)
    y = at[1] + long * np.cos(turn) * np.sin(angle) + thick * np.sin(turn) * np.cos(angle)
    drawn = Image.new("L", scene.shape[::-1], 0)
    ImageDraw.Draw(drawn).polygon(list(zip(x.tolist(), y.tolist())), fill=255)
    share = np.asarray(drawn.filter(ImageFilter.GaussianBlur(2)), np.float64) / 255
    shade = light * random.uniform(0.7, 1)
    return np.asarray(scene * (1 - share) + shade * share)
