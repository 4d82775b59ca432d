"""python -m benchmarks.marks: how often the marks beside digits are told, for docs/digits.md.

Pages of numbers with points, commas, minus signs, dashes, colons and slashes are drawn, by test
images of MNIST; then the pages of ``benchmarks.digits``, which have no such marks.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.arguments import count
from benchmarks.camera_pages import CAMERA_PAGES
from benchmarks.cameras import Ink, camera, pen, rule, scan, turn, write
from benchmarks.hands_and_sizes import HELD
from benchmarks.paper import moved_boxes, turn_about_middle
from benchmarks.pictures import Grey, Random
from benchmarks.rows import ROWS
from benchmarks.scenes import PAGES
from benchmarks.sheets import STYLES, Box, Sheet, Tally, compare, make_sheet
from mxdigits.data.dataset import Split
from mxdigits.data.mnist import mnist
from mxdigits.digitize.mnist_form import SIZE, open_picture
from mxdigits.digitize.preprocessing import MNIST, Preprocessing

# A page, and the mark before each of its digits.
Written = tuple[Sheet, list[str]]

# How numbers of each kind are written: 0 stands for any digit.
WRITTEN = {
    "point": ("0.00", "00.00", "000.00", "0.0"),
    "comma": ("0,00", "00,00", "000,0", "0,0"),
    "minus": ("-0", "-00", "-000"),
    "dash": ("00-00", "000-00", "00-00-0000"),
    "colon": ("0:00", "00:00"),
    "slash": ("0/00/0000", "00/00/0000"),
}
READ = Preprocessing(MNIST, (1, SIZE, SIZE))  # as predict reads pictures for a network of digits


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.marks", description=__doc__)
    parser.add_argument("--pages", type=count, default=20, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=1)
    settings = parser.parse_args()
    test = mnist().test
    print("| mark | there | told | as another | extra digits |\n| --- | --: | --: | --: | --: |")
    for kind in WRITTEN:
        seen = _counted(partial(marked, kind=kind), test, settings.pages, settings.seed)
        told = seen["told"], seen["as another"], seen["extra digits"]
        print(f"| {kind} | {seen['there']} | {' | '.join(map(str, told))} |", flush=True)
    print("\n| page without marks | digits | told |\n| --- | --: | --: |")
    for name, make in _unmarked():
        seen = _counted(make, test, settings.pages, settings.seed)
        print(f"| {name} | {seen['digits']} | {seen['where none is']} |", flush=True)


def _unmarked() -> Iterator[tuple[str, Callable[[Grey, Grey, Random], Written]]]:
    """The pages of ``benchmarks.digits``."""
    styles = {style: partial(make_sheet, style=style) for style in STYLES}
    for name, make in {**styles, **PAGES, **ROWS, **CAMERA_PAGES, **HELD}.items():
        yield name.replace("_", " "), partial(_without_marks, make)


def _without_marks(
    make: Callable[..., Sheet], images: Grey, labels: Grey, random: Random
) -> Written:
    sheet = make(images, labels, random)
    return sheet, [""] * len(sheet.boxes)


def _counted(
    make: Callable[[Grey, Grey, Random], Written], split: Split, pages: int, seed: int
) -> Counter[str]:
    random, seen = np.random.default_rng(seed), Counter[str]()
    for _ in range(pages):
        sheet, before = make(split.images[:, 0], split.labels, random)
        found = READ.digits(open_picture(sheet.file))
        tally = Tally()
        pairs = dict(compare(sheet, [digit.box for digit in found], tally))
        seen["digits"] += len(before)
        seen["extra digits"] += tally.extra
        seen["where none is"] += sum(bool(mark) for digit in found for mark in digit.marks)
        for at, mark in enumerate(before):
            if mark:
                seen["there"] += 1
                said = found[pairs[at]].marks[0] if at in pairs else ""
                # A mark with much room behind it is told after the digit before it.
                if not said and at - 1 in pairs:
                    said = found[pairs[at - 1]].marks[1]
                seen["told"] += said == mark
                seen["as another"] += said not in ("", mark)
    return seen


def marked(images: Grey, labels: Grey, random: Random, kind: str) -> Written:
    """Rows of numbers with marks of a kind, by any pen, scanned or photographed."""
    side, rows = int(random.integers(32, 80)), int(random.integers(3, 7))
    step = round(side * random.uniform(1.6, 2.2))
    wide = 16 * side
    page = np.full((step * (rows + 2), wide), random.uniform(0.7, 1))
    if random.random() < 0.3:
        rule(page, step, random)
    dark, gap = random.uniform(0.1, 0.5), random.uniform(0.1, 0.3)
    thick = side * random.uniform(0.07, 0.14)
    boxes, chosen, before = list[Box](), list[int](), list[str]()
    for row in range(rows):
        x, base = round(side * random.uniform(0.8, 1.4)), step * (row + 2) - round(0.3 * side)
        while True:
            number = str(random.choice(WRITTEN[kind])) if random.random() < 0.8 else "000"
            if x + len(number) * side > wide:
                break
            sign = ""
            for each in number:
                if each == "0":
                    which = int(random.integers(len(images)))
                    ink = pen(images[which], round(side * random.uniform(0.9, 1.1)), random)
                    top = base - ink.shape[0] + round(side * random.uniform(-0.06, 0.06))
                    write(page, ink, x, top, dark)
                    boxes.append((x, top, x + ink.shape[1], top + ink.shape[0]))
                    chosen.append(int(labels[which]))
                    before.append(sign)
                    sign = ""
                else:
                    ink, down = mark(each, side, thick, random)
                    write(page, ink, x, base + down, dark)
                    sign = each
                x += ink.shape[1] + round(side * gap * random.uniform(0.6, 1.4))
            x += round(side * random.uniform(1.2, 1.8))
    if random.random() < 0.5:
        file, matrix = scan(page, random)
    else:
        angle = random.uniform(-4, 4)
        file, matrix = camera(turn(page, angle), random), turn_about_middle(page.shape, angle)
    return Sheet(kind, file, moved_boxes(boxes, matrix), chosen), before


def mark(sign: str, side: int, thick: float, random: Random) -> tuple[Ink, int]:
    """The ink of a sign beside digits ``side`` high, and how far its top lies below their foot."""
    lines = _strokes(sign, side, thick, random)
    places = np.array(lines).reshape(-1, 2)
    shift = places.min(axis=0) - thick
    wide, high = np.ceil(places.max(axis=0) + thick - shift).astype(int).tolist()
    drawn = Image.new("L", (4 * wide, 4 * high), 0)
    draw = ImageDraw.Draw(drawn)
    for line in lines:
        line = [tuple((4 * (np.array(place) - shift)).tolist()) for place in line]
        draw.line(line, fill=255, width=max(1, round(4 * thick)), joint="curve")
        for x, y in line:
            r = 2 * thick
            draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
    ink = np.asarray(drawn.resize((wide, high), Image.Resampling.BOX), np.float64) / 255
    return ink, round(shift[1])


def _strokes(sign: str, side: int, thick: float, random: Random) -> list[list[tuple[float, float]]]:
    """The lines of a mark, in pixels from its left and from the foot of the digits."""
    u = random.uniform
    y = side * u(-0.08, 0.05)
    if sign == ".":
        r = thick * u(0.0, 0.5)
        return [[(0, y - thick / 2), (r, y - thick / 2 + r * u(-1, 1))]]
    if sign == ",":
        long, lean = side * u(0.15, 0.35), u(0.1, 0.7)
        return [[(lean * long, y - 0.3 * long), (0, y + 0.7 * long)]]
    if sign == "-":
        long, at = side * u(0.25, 0.6), -side * u(0.35, 0.6)
        return [[(0, at), (long, at + long * np.tan(np.radians(u(-8, 8))))]]
    if sign == ":":
        r = thick * u(0.0, 0.4)
        up = side * u(0.35, 0.6)
        return [[(0, y), (r, y)], [(u(-0.05, 0.05) * side, y - up), (r, y - up)]]
    high, lean = side * u(1.0, 1.5), np.tan(np.radians(u(12, 40)))
    low = y + side * u(0, 0.2)
    return [[(lean * high, low - high), (0, low)]]


if __name__ == "__main__":
    main()
