"""Digits on lined paper whose lines are bent, and in tables drawn by hand, are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.bent_lines import without_bent_lines
from mxdigits.digitize.mnist_form import find_digits

HEIGHT, WIDTH = 640, 960
DIGIT = 56
LINES = range(70, 600, 75)  # rows at the left edge


def row_of_line(line: int, bend: float, fan: float) -> np.ndarray:
    """The row of a line in every column: a curve, and a slope that is another for each line."""
    x = np.arange(WIDTH) / WIDTH
    return line + bend * (x * (1 - x)) * 4 + fan * x * (line - HEIGHT / 2) / HEIGHT


APART, CLOSE = tuple(range(120, 520, 80)), (300, 344, 388)  # columns of digits


def lined_page(
    bend: float, fan: float, margin: bool, columns: Sequence[int] = APART
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """A page, luminance (H, W), and the left upper corners of its digits; each meets its line."""
    page = np.random.default_rng(4).normal(0.9, 0.01, (HEIGHT, WIDTH))
    for line in LINES:
        for x, y in enumerate(row_of_line(line, bend, fan)):
            page[round(y) : round(y) + 2, x] = 0.45
    if margin:
        page[:, 80:82] = 0.45
    places = []
    images = iter(mnist_once().test.images[:, 0])
    for line in LINES:
        for x in columns:
            y = round(row_of_line(line, bend, fan)[x + DIGIT // 2]) - DIGIT + 12
            digit = Image.fromarray(next(images)).resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
            dark = 0.9 - 0.7 * np.asarray(digit, float) / 255
            part = page[y : y + DIGIT, x : x + DIGIT]
            np.minimum(part, dark, out=part)
            places.append((x, y))
    return page.astype(np.float32), places


def test_a_bent_line_that_is_thick_is_taken_away():
    ink = np.zeros((800, 1200), np.float32)
    ink[330:470, 500:506] = ink[330:470, 800:806] = 1
    for x, y in enumerate(np.rint(row_of_line(400, 25, 0) - 25).astype(int)):
        ink[y - 4 : y + 4, x + 20] = 0.8
    boxes = without_bent_lines(pieces_of(ink)).boxes
    assert boxes.tolist() == [[500, 330, 506, 470], [800, 330, 806, 470]]


@pytest.mark.parametrize("over", [-2, 0, 2])
@pytest.mark.parametrize("bend", [25, -20])
def test_zeros_that_stand_on_a_bent_line_keep_their_feet(bend, over):
    """Where foot and line run beside each other, the line is where it is elsewhere."""
    drawn = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(drawn)
    line = np.rint(row_of_line(400, bend, 0)).astype(int)
    draw.line(list(enumerate(line.tolist())), fill=255, width=3)
    for x in range(100, 800, 140):
        foot = int(line[x + 25]) + over
        draw.ellipse((x, foot - 60, x + 50, foot), outline=255, width=4)
    found = find_digits(1 - 0.8 * np.asarray(drawn, np.float32) / 255)
    assert len(found) == 5
    assert min(each.likeness for each in found) > 0.9


@pytest.mark.parametrize("columns", [APART, CLOSE])
@pytest.mark.parametrize("margin", [False, True])
@pytest.mark.parametrize(("bend", "fan"), [(25, 0), (-20, 0), (0, 130), (15, -90)])
def test_digits_on_bent_lines_are_found(bend, fan, margin, columns):
    page, places = lined_page(bend, fan, margin, columns)
    found = find_digits(page)
    near = 0
    for x, y in places:
        there = [each.box for each in found if abs(each.box[1] + each.box[3] - 2 * y - DIGIT) < 16]
        near += any(x <= left and right <= x + DIGIT for left, _, right, _ in there)
    assert near >= 0.97 * len(places)
    assert sum(each.likeness > 0.5 for each in found) <= len(places)


def drawn_table(seed: int, rows: int = 3, columns: int = 6) -> np.ndarray:
    """A table whose lines a hand drew, each a little crooked and too long, with a digit a cell."""
    random = np.random.default_rng(seed)
    image = Image.new("L", (2 * WIDTH, 2 * HEIGHT), 215)
    draw = ImageDraw.Draw(image)
    across = np.linspace(80, 860, columns + 1) + random.normal(0, 12, columns + 1)
    down = np.linspace(180, 450, rows + 1)

    def line(begin: tuple[float, float], end: tuple[float, float]) -> None:
        path = np.linspace(begin, end, 12) + np.cumsum(random.normal(0, 0.8, (12, 2)), axis=0)
        draw.line([(2 * x, 2 * y) for x, y in path.tolist()], fill=60, width=5)

    for y in down:
        line((across[0] - 6, y + random.normal(0, 4)), (across[-1] + 6, y + random.normal(0, 6)))
    for x in across:
        line((x + random.normal(0, 4), down[0] - 6), (x + random.normal(0, 8), down[-1] + 15))
    page = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)).astype(float)
    for cell, digit in enumerate(
        mnist_once().test.images[20 * seed : 20 * seed + rows * columns, 0]
    ):
        row, column = divmod(cell, columns)
        x = round(across[column : column + 2].mean()) - DIGIT // 2
        y = round(down[row : row + 2].mean()) - DIGIT // 2
        large = Image.fromarray(digit).resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
        part = page[y : y + DIGIT, x : x + DIGIT]
        np.minimum(part, 215 - 155 * np.asarray(large, float) / 255, out=part)
    return ((page + random.normal(0, 2, page.shape)) / 255).clip(0, 1).astype(np.float32)


def test_digits_in_tables_drawn_by_hand_are_found():
    counts = [len(find_digits(drawn_table(seed))) for seed in range(6)]
    assert sum(abs(count - 18) for count in counts) <= 3, counts


def test_straight_strokes_of_large_digits_are_no_lines():
    ink = np.zeros((300, 500), np.float32)
    ink[40:44, 40:200] = ink[40:260, 196:200] = 1  # a seven
    ink[30:270, 300:303] = 1  # a one
    pieces = pieces_of(ink)
    assert without_bent_lines(pieces) is pieces
