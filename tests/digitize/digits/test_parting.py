"""Digits that touch, and digits that are broken."""

import numpy as np
import pytest
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.digits.mending import mended
from mxdigits.digitize.digits.parting import parted
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.mnist_form import find_digits


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:40, 0]


def large(image, side=90):
    """A digit's ink from 0 to 255, cut close."""
    ink = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
    rows, columns = (np.flatnonzero((ink > 60).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def row(inks, overlap):
    """Ink side by side on paper, each overlapping the one before it by so many pixels."""
    page = np.zeros((120, 40 + sum(ink.shape[1] for ink in inks)), np.uint8)
    left = 20
    for ink in inks:
        top = (120 - len(ink)) // 2
        place = page[top : top + len(ink), left : left + ink.shape[1]]
        np.maximum(place, ink, out=place)
        left += ink.shape[1] - overlap
    return 255 - page


@pytest.mark.parametrize("which", [[0, 1], [0, 10], [5, 3], [2, 3], [12, 1]])
def test_digits_that_touch_are_parted(images, which):
    inks = [large(images[i]) for i in which]
    page = row(inks, overlap=9 if which[0] != 12 else 3)
    assert len(find_digits(page, only_digits=False)) == 1
    found = find_digits(page)
    assert found[0].box[0] == 20
    assert [digit.likeness > 0.6 for digit in found] == [True, True]
    widths = [digit.box[2] - digit.box[0] for digit in found]
    assert widths == pytest.approx([ink.shape[1] for ink in inks], abs=12)


def test_of_many_pairs_that_touch_most_are_parted():
    inks = [large(image) for image in mnist_once().test.images[100:180, 0]]
    found = [find_digits(row(pair, overlap=4)) for pair in zip(inks[::2], inks[1::2])]
    assert sum(len(digits) == 2 for digits in found) >= 38  # of 40


def test_what_is_parted_quickly_is_parted_where_that_is_easy(images):
    page = row([large(images[0]), large(images[1])], overlap=2)
    ink = 1 - page / np.float32(255)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    whole = Part.of(ink, (0, 0, ink.shape[1], ink.shape[0]))
    assert len(parted(whole)) == len(parted(whole, quick=True)) == 2
    assert parted(whole, usual=2.0 * len(ink)) == [whole]  # what is so low is a part of a digit


def test_single_digits_stay_whole(images):
    for image in images:
        assert len(find_digits(row([large(image)], overlap=0))) == 1


@pytest.mark.parametrize("which", [3, 8, 11, 14])
@pytest.mark.parametrize("turned", [False, True])
def test_a_digit_with_a_gap_is_one(images, which, turned):
    ink = large(images[which]).copy()
    middle = ink.shape[turned] // 2
    (ink.T if turned else ink)[middle - 1 : middle + 2] = 0
    (digit,) = find_digits(row([ink], overlap=0))
    left, top, right, bottom = digit.box
    assert abs(right - left - ink.shape[1]) <= 4
    assert abs(bottom - top - ink.shape[0]) <= 4


def test_scraps_alone_are_none(images):
    bar = Part.of(np.ones((40, 6), np.float32), (10, 10, 16, 50))
    scrap = np.ones((6, 6), np.float32), (200, 10, 206, 16)
    assert [part.box for part in mended([bar], [scrap])] == [bar.box]
    assert mended([], [scrap]) == []


def test_what_is_far_too_wide_is_left_whole():
    line = Part.of(np.ones((6, 200), np.float32), (10, 10, 210, 16))
    assert parted(line) == [line]


def test_digits_that_touch_one_above_the_other_are_parted():
    large = [
        np.asarray(Image.fromarray(image).resize((84, 84)))
        for image in mnist_once().test.images[:24, 0]
    ]
    cut = [each[np.flatnonzero((each > 60).any(axis=1))] for each in large]
    page = np.zeros((460, 1200), np.uint8)
    for at, (alone, upper, lower) in enumerate(zip(cut[:8], cut[8:16], cut[16:])):
        columns = slice(40 + 140 * at, 124 + 140 * at)
        page[30 : 30 + len(alone), columns] = page[140 : 140 + len(alone), columns] = alone
        page[260 : 260 + len(upper), columns] = upper
        touching = page[258 + len(upper) : 258 + len(upper) + len(lower), columns]
        np.maximum(touching, lower, out=touching)
    assert len(find_digits(255 - page)) >= 30  # of 32; not parted they are 24
