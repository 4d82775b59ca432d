"""What lies around digits on paper: desks, frames, boxes, underlines, words.

``SINGLE`` draws pictures of one digit, ``PAGES`` pages of many whose places are known. Everything
is drawn at run time, digits from images of MNIST.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.paper import (
    Light,
    cut_out,
    moved_boxes,
    photograph_of,
    put_into,
    to_bytes,
    turn_about_middle,
    turned_by,
)
from benchmarks.pictures import Grey, Random, encoded, page_of, photographed, resized
from benchmarks.sheets import Box, Sheet

# One digit


def desk(digit: Grey, random: Random) -> bytes:
    """A white sheet that lies straight on a dark desk."""
    height, width = 600, 800
    left, top = random.integers(30, 200, 2)
    right, bottom = width - random.integers(30, 200), height - random.integers(30, 120)
    sheet = _with_digit(digit, bottom - top, right - left, random)
    picture = np.full((height, width), random.uniform(0.1, 0.5))
    picture[top:bottom, left:right] = sheet
    return encoded(to_bytes(picture))


def desk_askew(digit: Grey, random: Random) -> bytes:
    """A sheet photographed from a side on a desk with a grain, in a falling light."""
    sheet = _with_digit(digit, *random.integers(300, 700, 2), random)
    picture, _ = photograph_of(sheet, random)
    return encoded(picture, "JPEG", quality=int(random.integers(60, 95)))


def light_table(digit: Grey, random: Random) -> bytes:
    """A white sheet, photographed from a side, on a table that is white or light grey."""
    sheet = _with_digit(digit, *random.integers(300, 700, 2), random)
    picture, _ = photograph_of(sheet, random, light=True)
    return encoded(picture, "JPEG", quality=int(random.integers(60, 95)))


def frame_at_the_edge(digit: Grey, random: Random) -> bytes:
    """A cell cut on its lines, which are 1 to 8 % of its side; some are cut away in part."""
    side = int(random.integers(60, 200))
    cell = _with_digit(digit, side, side, random, least=0.45, most=0.75)
    thick = max(1, round(side * random.uniform(0.01, 0.08)))
    for turned in range(4):
        if random.random() < 0.85:
            edge = np.rot90(cell, turned)[: max(1, round(thick * random.uniform(0.5, 1)))]
            edge[:] = 0.15
    return encoded(to_bytes(turned_by(cell, random.uniform(-2, 2))))


def frame_inside(digit: Grey, random: Random) -> bytes:
    """A cell cut outside its lines, which are 1 to 8 % of its side."""
    side = int(random.integers(60, 200))
    thick = max(1, round(side * random.uniform(0.01, 0.08)))
    cell = np.full((side, side), 0.95)
    gap = int(random.integers(1, max(2, round(0.12 * side))))
    cell[gap : side - gap, gap : side - gap] = 0.15
    inner = side - 2 * (gap + thick)
    at = gap + thick
    cell[at : at + inner, at : at + inner] = _with_digit(
        digit, inner, inner, random, least=0.5, most=0.8
    )
    return encoded(to_bytes(turned_by(cell, random.uniform(-2, 2))))


def box_touched(digit: Grey, random: Random) -> bytes:
    """A digit so large for its box that it meets or crosses a line of it."""
    side = int(random.integers(90, 240))
    ink = np.zeros((side, side))
    drawn = cut_out(resized(digit, round(0.85 * side)))
    high, wide = drawn.shape
    gap, thick = round(0.1 * side), max(1, round(side * random.uniform(0.01, 0.03)))
    top = gap + int(random.integers(0, max(1, side - 2 * gap - high + 1)))
    left = gap + int(random.integers(0, max(1, side - 2 * gap - wide + 1)))
    if random.random() < 0.5:
        top = side - gap - high + thick  # it crosses the lower line
    ink[top : top + high, left : left + wide] = drawn[: side - top, : side - left]
    lines = np.zeros((side, side), bool)
    lines[gap : side - gap, gap : side - gap] = True
    lines[gap + thick : side - gap - thick, gap + thick : side - gap - thick] = False
    return encoded(to_bytes(np.where(lines, np.minimum(page_of(ink), 0.3), page_of(ink))))


def underlined(digit: Grey, random: Random) -> bytes:
    """A digit over a line of any length, close to it or touching it."""
    side = int(random.integers(100, 300))
    page = np.full((side, side), 0.93)
    high = round(side * random.uniform(0.4, 0.6))
    drawn = cut_out(resized(digit, round(high * 1.3)))
    top, left = round(0.15 * side), (side - drawn.shape[1]) // 2
    put_into(page, drawn, left, top)
    bottom = top + drawn.shape[0] + round(high * random.uniform(-0.03, 0.2))
    long = round(side * random.uniform(0.5, 1) / 2)
    thick = max(1, round(side * random.uniform(0.005, 0.03)))
    page[bottom : bottom + thick, side // 2 - long : side // 2 + long] = 0.25
    return encoded(to_bytes(page + random.normal(0, 0.01, page.shape)))


SINGLE: dict[str, Callable[[Grey, Random], bytes]] = {
    each.__name__: each
    for each in (
        *(desk, desk_askew, light_table, frame_at_the_edge, frame_inside, box_touched),
        underlined,
    )
}


# Pages


def form(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A page of ruled boxes, most of them filled, scanned a little askew."""
    cell, page, page_labels, boxes = (
        int(random.integers(44, 70)),
        np.full((1754, 1240), 0.96),
        [],
        [],
    )
    thick, joined = int(random.integers(1, 4)), bool(random.random() < 0.5)
    step = cell if joined else round(cell * random.uniform(1.15, 1.4))
    for y in range(80, 1754 - step - 60, round(step * (1.3 if joined else 1.1))):
        for x in range(70, 1240 - step - 60, step):
            page[y : y + cell + thick, x : x + cell + thick] = np.minimum(
                page[y : y + cell + thick, x : x + cell + thick],
                np.pad(np.full((cell - thick, cell - thick), 0.96), thick, constant_values=0.2),
            )
            if random.random() < 0.8:
                which = int(random.integers(len(images)))
                boxes.append(_written(page, images[which], x, y, cell, random))
                page_labels.append(int(labels[which]))
    angle = random.uniform(-1.5, 1.5)
    matrix = turn_about_middle(page.shape, angle)
    noisy = turned_by(page, angle) + random.normal(0, 0.02, page.shape)
    return Sheet("form", encoded(to_bytes(noisy), "JPEG"), moved_boxes(boxes, matrix), page_labels)


def underlines(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows of digits on short lines, one a digit or one a group, of any gap and thickness."""
    side = int(random.integers(40, 110))
    page = np.full((900, 1400), 0.94)
    boxes, chosen = [], []
    lines, gap, thick = (
        random.random() < 0.7,
        random.uniform(-0.1, 0.25),
        int(random.integers(1, 5)),
    )
    for row in range(int(random.integers(2, 5))):
        y, x = 60 + row * round(1.9 * side), 60
        for _ in range(int(random.integers(6, 11))):
            which = int(random.integers(len(images)))
            digit = cut_out(resized(images[which], side))
            top = y + side - digit.shape[0]
            put_into(page, digit, x, top)
            boxes.append((x, top, x + digit.shape[1], top + digit.shape[0]))
            chosen.append(int(labels[which]))
            below = y + side + round(gap * side)
            long = round(0.95 * side) if lines else round(1.6 * side)
            page[below : below + thick, x - side // 8 : x - side // 8 + long] = 0.3
            x += round(1.3 * side)
            if x > 1400 - 2 * side:
                break
    picture = photographed(page, random)
    return Sheet("underlines", encoded(picture, "JPEG", quality=85), boxes, chosen)


def slip(images: Grey, labels: Grey, random: Random, light: bool = False) -> Sheet:
    """A ruled slip of paper, photographed on a table."""
    side = int(random.integers(34, 60))
    rows, columns = int(random.integers(3, 7)), int(random.integers(6, 12))
    page = np.full((round(1.7 * side * (rows + 1)), round(1.5 * side * (columns + 1.5))), 0.93)
    boxes, chosen = [], []
    for row in range(rows):
        base = round(1.7 * side * (row + 1))
        for column in range(columns):
            which = int(random.integers(len(images)))
            digit = cut_out(resized(images[which], round(side * random.uniform(0.9, 1.1))))
            x = round(side * (1 + 1.5 * column + random.uniform(-0.1, 0.1)))
            top = base - digit.shape[0] + round(side * random.uniform(-0.1, 0.1))
            put_into(page, digit, x, top)
            boxes.append((x, top, x + digit.shape[1], top + digit.shape[0]))
            chosen.append(int(labels[which]))
        page[base : base + 2] = np.minimum(page[base : base + 2], random.uniform(0.5, 0.75))
    picture, matrix = photograph_of(page, random, light)
    return Sheet("slip", encoded(picture, "JPEG", quality=85), moved_boxes(boxes, matrix), chosen)


def slip_on_a_light_table(images: Grey, labels: Grey, random: Random) -> Sheet:
    """A ruled slip of paper on a table that is about as light."""
    return slip(images, labels, random, light=True)


def words(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Digits of one size, with a printed line of small letters over each row."""
    side, page = 60, np.full((800, 1100), 0.95)
    drawing = Image.new("L", (1100, 800), 0)
    draw = ImageDraw.Draw(drawing)
    boxes, chosen = [], []
    for row in range(4):
        y = 90 + 180 * row
        text = "".join(random.choice(list("abcdehilmnorstuw "), 40))
        draw.text((60, y - 40), text, fill=255)
        for column in range(int(random.integers(5, 11))):
            which = int(random.integers(len(images)))
            digit = cut_out(resized(images[which], side))
            x = 60 + 95 * column
            put_into(page, digit, x, y)
            boxes.append((x, y, x + digit.shape[1], y + digit.shape[0]))
            chosen.append(int(labels[which]))
    page = np.minimum(page, page_of(np.asarray(drawing)))
    return Sheet("words", encoded(to_bytes(page)), boxes, chosen)


def touching(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Pairs of digits that touch."""
    page, boxes, chosen = np.full((500, 900), 0.95), [], []
    for row in range(4):
        x = 60
        for _ in range(4):
            left = x
            for _ in range(2):
                which = int(random.integers(len(images)))
                digit = cut_out(resized(images[which], 70))
                y = 40 + 110 * row + (70 - digit.shape[0]) // 2
                put_into(page, digit, left, y)
                boxes.append((left, y, left + digit.shape[1], y + digit.shape[0]))
                chosen.append(int(labels[which]))
                left += digit.shape[1] - 3
            x += 200
    return Sheet("touching", encoded(to_bytes(page)), boxes, chosen)


PAGES: dict[str, Callable[[Grey, Grey, Random], Sheet]] = {
    each.__name__: each for each in (form, underlines, slip, slip_on_a_light_table, words, touching)
}


# How they are drawn


def _with_digit(
    digit: Grey, height: int, width: int, random: Random, least: float = 0.25, most: float = 0.7
) -> Light:
    """A sheet with one digit somewhere on it."""
    page = np.full((height, width), 0.92)
    high = max(12, round(min(height, width) * random.uniform(least, most)))
    drawn = cut_out(resized(digit, round(high * 1.3)))[:height, :width]
    free = np.maximum(1, np.array(page.shape) - drawn.shape)
    at = [int(side * random.uniform(0.3, 0.7)) for side in free]
    put_into(page, drawn, at[1], at[0])
    return page


def _written(page: Light, image: Grey, x: int, y: int, cell: int, random: Random) -> Box:
    digit = cut_out(resized(image, round(cell * random.uniform(0.75, 0.95))))
    high, wide = digit.shape
    left = x + (cell - wide) // 2 + int(random.integers(-3, 4))
    top = y + (cell - high) // 2 + int(random.integers(-3, 4))
    put_into(page, digit, left, top)
    return left, top, left + wide, top + high
