"""Ink that is no digit: letters, operators, crosses, scribbles, empty boxes; drawn at run time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.pictures import Random, encoded

_SIDE = 160  # pixels of a picture


def letter(random: Random) -> bytes:
    """A printed letter that is not like a digit: not I, O, S, Z, l, o, q, s, z."""
    return _printed(str(random.choice(list("ACEFGHKMNPRTVWXYadefhkmnrtwxy"))), random)


def letter_like_a_digit(random: Random) -> bytes:
    """A printed letter that a digit is like."""
    return _printed(str(random.choice(list("BDIJLOQSUZbgijloqsuvz"))), random)


def word(random: Random) -> bytes:
    """Three to six letters."""
    letters = random.choice(list("abcdefghijklmnoprstuvwxyz"), int(random.integers(3, 7)))
    return _printed("".join(letters), random)


def operator(random: Random) -> bytes:
    """A sign of arithmetic."""
    return _printed(str(random.choice(list("+-=<>%&?!*#@"))), random)


def cross(random: Random) -> bytes:
    """Two strokes that cross, as on a form."""
    (a, b), (c, d) = random.uniform((30, 30, 105, 105), (55, 55, 130, 130)).reshape(2, 2).tolist()
    return _strokes([[(a, b), (c, d)], [(c, b), (a, d)]], random)


def scribble(random: Random) -> bytes:
    """A stroke that goes to and fro."""
    turns = int(random.integers(6, 20))
    xs = np.linspace(30, 130, turns) + random.normal(0, 8, turns)
    ys = np.where(np.arange(turns) % 2, 40, 120) + random.normal(0, 12, turns)
    return _strokes([list(zip(xs.tolist(), ys.tolist()))], random)


def empty_box(random: Random) -> bytes:
    """A box with nothing in it."""
    low, high = float(random.uniform(10, 40)), float(random.uniform(115, 150))
    return _strokes([[(low, low), (high, low), (high, high), (low, high), (low, low)]], random)


OTHERS: dict[str, Callable[[Random], bytes]] = {
    each.__name__: each
    for each in (letter, letter_like_a_digit, word, operator, cross, scribble, empty_box)
}


def _printed(text: str, random: Random) -> bytes:
    small = Image.new("L", (8 + 8 * len(text), 16), 230)
    ImageDraw.Draw(small).text((4, 2), text, fill=30, font=ImageFont.load_default())
    scale = min(_SIDE / small.width, _SIDE / small.height) * float(random.uniform(0.6, 1))
    size = round(small.width * scale), round(small.height * scale)
    page = Image.new("L", (_SIDE, _SIDE), 230)
    at = (_SIDE - size[0]) // 2, (_SIDE - size[1]) // 2
    page.paste(small.resize(size, Image.Resampling.BICUBIC), at)
    return encoded(page)


def _strokes(strokes: list[list[tuple[float, float]]], random: Random) -> bytes:
    page = Image.new("L", (_SIDE, _SIDE), 230)
    for points in strokes:
        ImageDraw.Draw(page).line(points, fill=30, width=int(random.integers(3, 9)), joint="curve")
    return encoded(page)
