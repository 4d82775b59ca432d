"""Images in MNIST's form to tell digits from what is none: both, and what lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.likeness.marks import MARKS
from mxdigits.data.hands.curves import curves_of
from mxdigits.data.hands.drawing import draw, step
from mxdigits.data.hands.writing import write
from mxdigits.digitize.mnist_form import in_form

Random = np.random.Generator
Images = NDArray[np.uint8]  # (N, 28, 28), or one (H, W)
Ink = NDArray[np.float32]  # (H, W) from 0 to 1

NONE = 10  # the label of what is no digit
_LARGE = 56  # pixels of the height at which digits and letters are put together
# Of MNIST's digits, what is none where it is turned a quarter, or seen in a mirror.
_TURNED, _MIRRORED = (3, 4, 7, 8, 1), (3, 4, 6, 7, 9)


def marks(count: int, random: Random) -> Images:
    """Letters and signs, as many of each."""
    each = -(-count // len(MARKS))
    drawn = []
    for styles in MARKS.values():
        for style in styles:
            curves = curves_of(style, step(28))
            written = write(curves, -(-each // len(styles)), random, has_bowls=True)
            drawn.append(draw(written, 28, random))
    return random.permutation(np.concatenate(drawn))[:count]


def words(letters: Images, random: Random) -> Ink:
    """Two to six letters beside each other."""
    return _row(letters, int(random.integers(2, 7)), random.uniform(-0.05, 0.3), random)


def numbers(digits: Images, random: Random) -> Ink:
    """Two or three digits that touch, or overlap a little."""
    return _row(digits, 2 if random.random() < 0.8 else 3, random.uniform(-0.12, 0.02), random)


def with_a_part(digits: Images, random: Random) -> Ink:
    """A digit, and beside it the end of another that touches it."""
    whole, other = (_cut(_enlarged(digits[i])) for i in random.integers(len(digits), size=2))
    wide = max(4, round(other.shape[1] * random.uniform(0.3, 0.7)))
    part = other[:, :wide]
    if random.random() < 0.5:
        return _beside([whole, part], -2)
    return _beside([other[:, -wide:], whole], -2)


def part(digits: Images, random: Random) -> Ink:
    """A digit of which a good part is cut off: a half or less is left."""
    whole = _cut(_enlarged(digits[random.integers(len(digits))]))
    whole = np.rot90(whole, int(random.integers(4)))
    left = whole[:, : max(3, round(whole.shape[1] * random.uniform(0.3, 0.65)))]
    return np.rot90(left, int(random.integers(4)) if random.random() < 0.3 else 0)


def scribble(random: Random) -> Ink:
    """A stroke that goes to and fro, or anywhere."""
    turns = int(random.integers(5, 20))
    x, y = random.uniform(8, 92, (2, turns))
    if random.random() < 0.5:
        x, y = np.linspace(8, 92, turns), np.where(np.arange(turns) % 2, 20, 80).astype(float)
        x, y = x + random.normal(0, 5, turns), y + random.normal(0, 10, turns)
    return _stroked([list(zip(x.tolist(), y.tolist()))], random)


def strokes(random: Random) -> Ink:
    """Two to five straight strokes anywhere."""
    ends = random.uniform(8, 92, (int(random.integers(2, 6)), 2, 2))
    return _stroked([[tuple(end) for end in each] for each in ends.tolist()], random)


def blot(random: Random) -> Ink:
    """A spot of any outline, without strokes."""
    angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 12))))
    reach = random.uniform(25, 45, len(angles))
    wide, turn = random.uniform(0.5, 1), random.uniform(0, np.pi)
    x, y = reach * np.cos(angles), wide * reach * np.sin(angles)
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    page = Image.new("L", (100, 100))
    ImageDraw.Draw(page).polygon(list(zip((50 + x).tolist(), (50 + y).tolist())), fill=255)
    return np.asarray(page, np.float32) / 255


def stain(random: Random) -> Ink:
    """Soft noise, cut at a level: the edges of shadows, texture, dirt."""
    side = int(random.integers(4, 9))
    noise = Image.fromarray(random.normal(0, 1, (side, side)).astype(np.float32))
    soft = np.asarray(noise.resize((64, 64), Image.Resampling.BICUBIC))
    level = np.quantile(soft, random.uniform(0.5, 0.85))
    return np.asarray(np.clip((soft - level) * random.uniform(1, 8), 0, 1), np.float32)


def others(digits: Images, labels: Images, count: int, random: Random) -> Images:
    """Images of all kinds that are no digits, ``count`` of them."""
    letters = marks(2 * count // 5, random)
    parts: list[tuple[float, Callable[[], Ink]]] = [
        (0.09, lambda: words(letters, random)),
        (0.14, lambda: numbers(digits, random)),
        (0.07, lambda: with_a_part(digits, random)),
        (0.05, lambda: part(digits, random)),
        (0.04, lambda: scribble(random)),
        (0.04, lambda: strokes(random)),
        (0.03, lambda: blot(random)),
        (0.04, lambda: stain(random)),
        (0.10, lambda: _other_way(digits, labels, random)),
    ]
    made = [letters]
    for share, make in parts:
        made.append(np.stack([in_form(_some(make)) for _ in range(round(share * count))]))
    return np.concatenate(made)


def warped(image: Images, random: Random) -> Images:
    """An image turned, leant and squeezed a little, in MNIST's form again."""
    turn, lean = np.radians(random.normal(0, 7)), random.normal(0, 0.1)
    wide, high = np.exp(random.normal(0, 0.1, 2))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[wide, lean], [0, high]]) / 2
    offset = np.array([14, 14]) - matrix @ np.array([28, 28])
    placed = np.concatenate([matrix, offset[:, None]], axis=1).ravel().tolist()
    seen = Image.fromarray(image).transform(
        (56, 56), Image.Transform.AFFINE, placed, Image.Resampling.BICUBIC
    )
    ink = np.asarray(seen, np.float32) / 255
    return in_form(_cut(ink)) if ink.max() > 0.3 else image


def coarse(image: Images, random: Random) -> Images:
    """An image as a coarse scan in black and white shows it, in MNIST's form again."""
    side = int(random.integers(13, 26))
    small = Image.fromarray(image).resize((side, side), Image.Resampling.BOX)
    ink = np.asarray(small, np.float32) / 255 > random.uniform(0.2, 0.5)
    large = np.kron(ink, np.ones((4, 4), np.float32)).astype(np.float32)
    return in_form(_cut(large)) if large.any() else image


def _other_way(digits: Images, labels: Images, random: Random) -> Ink:
    turn = random.random() < 0.5
    which = np.flatnonzero(np.isin(labels, _TURNED if turn else _MIRRORED))
    image = digits[random.choice(which)]
    turned = np.rot90(image, int(random.choice([1, 3]))) if turn else image[:, ::-1]
    return _cut(_enlarged(turned))


def _some(make: Callable[[], Ink]) -> Ink:
    while True:
        ink = make()
        if ink.max(initial=0) > 0.3:
            return _cut(ink)


def _row(images: Images, count: int, gap: float, random: Random) -> Ink:
    chosen = [
        _cut(_enlarged(images[i], random.uniform(0.85, 1.15)))
        for i in random.integers(len(images), size=count)
    ]
    return _beside(chosen, round(gap * _LARGE))


def _beside(inks: list[Any], gap: int) -> Ink:
    high = max(len(ink) for ink in inks)
    wide = sum(ink.shape[1] for ink in inks) + abs(gap) * len(inks)
    row, left = np.zeros((high, wide + 4), np.float32), 0
    for ink in inks:
        top = (high - len(ink)) // 2
        part = row[top : top + len(ink), left : left + ink.shape[1]]
        np.maximum(part, ink, out=part)
        left = max(1, left + ink.shape[1] + gap)
    return _cut(row)


def _enlarged(image: Images, share: float = 1.0) -> Ink:
    side = round(_LARGE * 1.4 * share)
    large = Image.fromarray(np.ascontiguousarray(image)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    return np.asarray(large, np.float32) / 255


def _cut(ink: Any) -> Any:
    rows, columns = (np.flatnonzero((ink > 0.2).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _stroked(lines: list[list[Any]], random: Random) -> Ink:
    page = Image.new("L", (100, 100))
    wide = int(random.integers(4, 12))
    for points in lines:
        ImageDraw.Draw(page).line(points, fill=255, width=wide, joint="curve")
    return np.asarray(page, np.float32) / 255
