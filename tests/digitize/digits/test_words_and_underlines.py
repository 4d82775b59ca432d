"""On a page: printed words are no digits, and underlines of a row tell of each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import PIL
import pytest
from PIL import Image, ImageDraw, ImageFont
from read_once import mnist_once

from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.digits.words import without_words
from mxdigits.digitize.preprocessing import Preprocessing

PILLOW = tuple(map(int, PIL.__version__.split(".")[:2]))
READ = Preprocessing("mnist", (1, 28, 28))
WIDTH, HEIGHT = 900, 400


@pytest.fixture(scope="module")
def images():
    """Images of one of each digit, from 0 on."""
    test = mnist_once().test
    return [test.images[np.flatnonzero(test.labels == digit)[3], 0] for digit in range(10)]


def written(page: np.ndarray, image: np.ndarray, left: int, top: int, side: int) -> None:
    """Write a digit on a page, cut close, ``side`` pixels high."""
    rows, columns = (
        np.flatnonzero((image > 60).any(axis=1)),
        np.flatnonzero((image > 60).any(axis=0)),
    )
    cut = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    wide = max(4, round(side * cut.width / cut.height))
    ink = np.asarray(cut.resize((wide, side), Image.Resampling.BICUBIC)) / 255
    part = page[top : top + side, left : left + wide]
    np.minimum(part, 0.95 - 0.8 * ink, out=part)


def form(images, text: str, size: int) -> np.ndarray:
    """A page with a printed text, and six digits beside it."""
    drawn = Image.new("L", (WIDTH, HEIGHT), 242)
    font = ImageFont.load_default(size=size)
    ImageDraw.Draw(drawn).text((30, 60), text, fill=50, font=font)
    page = np.asarray(drawn) / 255
    for place, digit in enumerate((2, 4, 5, 6, 8, 3)):
        written(page, images[digit], 500 + 60 * place, 200, 40)
    return page


@pytest.mark.skipif(PILLOW < (10, 1), reason="this Pillow prints in one size")
@pytest.mark.parametrize("text", ["Account number", "Postal code", "Signature of the applicant"])
@pytest.mark.parametrize("size", [22, 28, 44])
def test_a_printed_word_beside_digits_is_refused(images, text, size):
    boxes = [digit.box for digit in READ.digits(form(images, text, size))]
    assert len([box for box in boxes if box[1] >= 190]) == 6
    assert len([box for box in boxes if box[1] < 190]) <= 1


def parts(*likeness: float, high: int = 20) -> list[Part]:
    """Bars close together in a line, which look so much like digits."""
    bar = np.ones((high, 4), np.float32)
    lefts = range(10, 10 + 9 * len(likeness), 9)
    made = [Part.of(bar, (left, 10, left + 4, 10 + high)) for left in lefts]
    return [Part(part.ink, part.box, part.image, like) for part, like in zip(made, likeness)]


@pytest.mark.parametrize(
    ("likeness", "kept"),
    [
        ((0.99, 0.98, 0.001), True),  # one bad digit
        ((0.99, 0.001, 0.99, 0.98, 0.97, 0.99, 0.001, 0.99), True),  # two hyphens
        ((0.001, 0.99), True),  # no more than two
        ((0.99, 0.26, 0.001), True),  # three
        ((0.9, 0.001, 0.1), False),
        ((0.99, 0.3, 0.001, 0.9, 0.002, 0.95, 0.1), False),
    ],
)
def test_a_word_is_judged_as_a_whole(likeness, kept):
    seen = [part.likeness for part in without_words(parts(*likeness))]
    assert seen == (list(likeness) if kept else [0.0] * len(likeness))


@pytest.mark.parametrize(
    ("likeness", "kept"),
    [
        ((0.34, 0.001, 0.17, 0.99, 0.98, 0.97), 3),  # a number of three digits close to a word
        ((0.99, 0.98, 0.97, 0.001, 0.1, 0.002, 0.001), 3),
        ((0.34, 0.001, 0.17, 0.99, 0.98, 0.02), 0),
    ],
)
def test_a_number_close_to_a_word_is_none_of_its_letters(likeness, kept):
    seen = [part.likeness for part in without_words(parts(*likeness))]
    assert seen == [like if kept and like > 0.9 else 0.0 for like in likeness]
    assert sum(like > 0 for like in seen) == kept


def test_what_is_lower_than_the_digits_of_a_page_is_sooner_a_word():
    digits = [
        replace(part, box=(part.box[0] + 300, part.box[1], part.box[2] + 300, part.box[3]))
        for part in parts(*[0.99] * 6, high=40)
    ]
    letters = parts(0.99, 0.5, 0.001)
    assert [part.likeness for part in without_words(letters)] == [0.99, 0.5, 0.001]
    assert [part.likeness for part in without_words([*letters, *digits])][:3] == [0.0] * 3


def test_digits_that_begin_where_their_underline_does_are_read(images):
    page = np.full((HEIGHT, WIDTH), 0.95)
    for place, digit in enumerate((9, 8, 4, 6, 9, 8, 4, 3)):
        left = 60 + 90 * place
        beside = 18 if place in (2, 3, 6, 7) else 1  # in the middle of its line, or at its left end
        written(page, images[digit], left + beside, 100, 46)
        page[140:143, left : left + 66] = 0.15
    boxes = [digit.box for digit in READ.digits(page)]
    assert len(boxes) == 8
    assert max(right - left for left, _, right, _ in boxes) < 60
