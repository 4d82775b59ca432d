"""What stands among letters is rather one; digits beside words, or that look like none, stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import PIL
import pytest
from PIL import Image, ImageDraw, ImageFont
from read_once import mnist_once

from mxdigits.digitize import find_digits
from mxdigits.digitize.digits.among_letters import chances, without_letters
from mxdigits.digitize.digits.likeness import LEAST, likeness
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.preprocessing import Preprocessing

PILLOW = tuple(map(int, PIL.__version__.split(".")[:2]))
READ = Preprocessing("mnist", (1, 28, 28))
HIGH = 40


def line(*likeness: float, gap: int = 4, wide: int = 12) -> list[Part]:
    """Pieces in a line, 40 pixels high, which look so much like digits."""
    ink = np.ones((HIGH, wide), np.float32)
    lefts = range(10, 10 + (wide + gap) * len(likeness), wide + gap)
    bars = [Part.of(ink, (left, 10, left + wide, 10 + HIGH)) for left in lefts]
    return [replace(bar, likeness=like) for bar, like in zip(bars, likeness)]


def kept(parts: list[Part], ink: object = None) -> list[bool]:
    page = np.zeros((80, 1200), np.float32) if ink is None else ink
    return [part.likeness > 0 for part in without_letters(parts, pieces_of(page))]


@pytest.mark.parametrize(
    ("likeness", "read"),
    [
        ((0.0, 0.0, 0.0, 0.97, 0.0, 0.0), []),  # an l of a word
        ((0.99, 0.05, 0.98, 0.05, 0.99), [0, 1, 2, 3, 4]),  # a number that is badly written
        ((0.99, 0.01, 0.98, 0.99), [0, 1, 2, 3]),
        ((0.99, 0.01, 0.98, 0.01, 0.99), [0, 2, 4]),  # with signs between its digits
        ((0.99, 0.99, 0.0, 0.99, 0.99), [0, 1, 3, 4]),  # a date
        ((0.97,), [0]),
        ((0.004,), [0]),
    ],
)
def test_what_is_among_letters_is_one(likeness, read):
    assert np.flatnonzero(kept(line(*likeness))).tolist() == read


def test_a_number_beside_a_word_is_read():
    word, number = line(*[0.0] * 8), line(0.99, 0.97, 0.98)
    right = word[-1].box[2] + HIGH
    moved = [
        replace(part, box=(part.box[0] + right, 10, part.box[2] + right, 10 + HIGH))
        for part in number
    ]
    assert kept([*word, *moved]) == [False] * 8 + [True] * 3


def test_what_was_cut_out_of_a_piece_tells_as_much_as_its_cuts():
    parts = line(0.0, 0.99, 0.99, 0.0, 0.0)
    assert kept(parts) == [False, True, True, False, False]
    cut = [replace(part, cuts=0.3 if part.likeness else 1.0) for part in parts]
    assert kept(cut) == [False] * 5


def test_zeros_that_touch_do_not_speak_against_each_other():
    zeros = [replace(part, cuts=0.15) for part in line(*[0.97] * 4, gap=0)]
    assert kept(zeros) == [True] * 4


def test_letters_that_were_taken_for_dashes_tell_of_others():
    (part,) = [replace(part, box=(130, 20, 142, 50)) for part in line(0.97)]
    page = np.zeros((80, 300), np.float32)
    for left in (34, 58, 82, 106, 146, 170, 194, 218):  # an n each
        page[20:50, left : left + 22] = 1
        page[30:50, left + 9 : left + 13] = 0
    assert kept([part]) == [True]
    assert kept([part], page) == [False]


def test_no_page_of_digits_is_refused():
    boxes = np.array([part.box for part in line(*[0.5] * 21)])
    assert chances(boxes, np.tile([0.99, 0.99, 0.05], 7), np.ones(21)).min() > 0.5


@pytest.mark.parametrize(("letters", "touching", "read"), [(0, 0, 2), (30, 0, 0), (30, 12, 2)])
def test_a_letter_looks_like_digits_that_touch_and_is_none_where_no_others_do(
    letters, touching, read
):
    looks = [0.99] * 40 + [0.0] * letters + [0.95] * 2 * touching + [0.9, 0.8]
    # Two parts each of what touches, told apart by their cuts; the last two are of the letter.
    cuts = [1.0] * (40 + letters) + [0.6 + at / 1000 for at in range(touching) for _ in "ab"]
    lefts, tops = 200 * (np.arange(len(looks)) % 10), 200 * (np.arange(len(looks)) // 10)
    boxes = np.stack([lefts, tops, lefts + 12, tops + HIGH], axis=1)  # far from each other
    chance = chances(boxes, np.array(looks), np.array([*cuts, 0.4, 0.4]))
    assert (chance[-2:] > 0.5).sum() == read
    assert (chance[:40] > 0.5).all()
    assert (chance[40 + letters : -2] > 0.5).all()


@pytest.mark.parametrize(("lower", "read"), [(0, False), (12, True)])
def test_letters_tell_more_of_what_stands_on_their_line(lower, read):
    letters, (part,) = line(*[0.0] * 6, gap=8), line(0.99)
    left = letters[-1].box[2] + 8
    box = (left, 10 + lower, left + 12, 10 + HIGH + lower)
    assert kept([*letters, replace(part, box=box)])[-1] == read


@pytest.fixture(scope="module")
def images():
    """Images of one of each digit, from 0 on."""
    test = mnist_once().test
    return [test.images[np.flatnonzero(test.labels == digit)[3], 0] for digit in range(10)]


@pytest.mark.skipif(PILLOW < (10, 1), reason="this Pillow prints in one size")
def test_a_name_in_block_letters_is_refused_and_the_number_below_it_read(images):
    size = 36
    drawn = Image.new("L", (900, 300), 242)
    font = ImageFont.load_default(size=size)
    for place, letter in enumerate("KATHARINA"):
        ImageDraw.Draw(drawn).text((40 + size * place, 40), letter, fill=50, font=font)
    page = np.asarray(drawn) / 255
    for place, digit in enumerate((2, 4, 5, 6, 8, 3)):
        rows, columns = ((images[digit] > 60).any(axis=axis).nonzero()[0] for axis in (1, 0))
        cut = images[digit][rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ink = np.asarray(Image.fromarray(cut).resize((size // 2, size))) / 255
        part = page[180 : 180 + size, 60 + 70 * place : 60 + 70 * place + size // 2]
        np.minimum(part, 0.95 - 0.8 * ink, out=part)
    tops = [digit.box[1] for digit in READ.digits(page)]
    assert len([top for top in tops if top > 170]) == 6
    assert len([top for top in tops if top <= 170]) <= 1  # an I


def test_a_digit_in_a_cell_of_a_form_is_one_however_badly_those_beside_it_are_written():
    side, columns = 64, 8
    train = mnist_once().train
    looks = likeness(train.images[:20000, 0])
    bad = np.flatnonzero((looks > 0.005) & (looks < 0.1))[: 2 * columns]
    good = np.flatnonzero(looks > 0.9)[: 4 * columns]
    page = Image.new("L", (columns * side + 60, 6 * side + 60), 255)
    draw = ImageDraw.Draw(page)
    for place, which in enumerate([*good[: 2 * columns], *bad, *good[2 * columns :]]):
        row, column = divmod(place, columns)
        digit = Image.fromarray(255 - train.images[which, 0]).resize((48, 48))
        page.paste(digit, (38 + column * side, 38 + row * side))
    for row in range(7):
        level = 30 + row * side
        draw.line([(30, level), (30 + columns * side, level)], fill=60, width=2)
    for column in range(columns + 1):
        across = 30 + column * side
        draw.line([(across, 30), (across, 30 + 6 * side)], fill=60, width=2)
    assert [digit.likeness > LEAST for digit in find_digits(np.asarray(page))] == [True] * 48
