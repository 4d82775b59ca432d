"""Digits on a pad in a hand: not all of its edge is seen, nor is it dark everywhere beside it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from read_once import mnist_once

from mxdigits.digitize import mnist_form
from mxdigits.digitize.ink.contrast import inks_of
from mxdigits.digitize.ink.page_looks import PageLook, looks_at_page
from mxdigits.digitize.mnist_form import find_digits
from mxdigits.digitize.paper.sheet import find_sheet, find_sheet_seen_in_part

HEIGHT, WIDTH = 900, 800
PLACES = [(x, y) for y in (330, 460, 590) for x in range(240, 520, 70)]
THUMBS = [(510, 640, 620, 800), (110, 310, 215, 390)]
LARGE = [(480, 600, 700, 840), (60, 100, 290, 280)]
# As light as the sheet, and over a corner of it: what is light ends far outside of the corner.
OVER_A_CORNER = [(90, 640, 270, 820), (560, 120, 760, 340)]


def drawn_pad(thumbs: list[tuple[int, int, int, int]]) -> np.ndarray:
    """A lined sheet with three rows of digits on a dark table, thumbs over its edge."""
    picture = np.full((HEIGHT, WIDTH), 0.12, np.float32)
    picture[200:720, 200:600] = 0.85
    for row in range(250, 720, 65):
        picture[row : row + 2, 200:600] = 0.7
    return written_on(picture, thumbs)


def torn_round() -> np.ndarray:
    """Paper without a straight side, with three rows of digits, on a dark table."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    paper = np.hypot((x - 400) / 270, (y - 480) / 300) < 1
    return written_on(np.where(paper, 0.85, 0.12).astype(np.float32), [])


def written_on(picture: np.ndarray, thumbs: list[tuple[int, int, int, int]]) -> np.ndarray:
    for image, (x, y) in zip(mnist_once().test.images[:, 0], PLACES):
        large = Image.fromarray(image).resize((56, 56), Image.Resampling.BICUBIC)
        picture[y : y + 56, x : x + 56] *= 1 - 0.3 * np.asarray(large, np.float32) / 255
    drawn = Image.fromarray((255 * picture).astype(np.uint8))
    drawn = drawn.rotate(-8, Image.Resampling.BICUBIC, fillcolor=30)
    for thumb, light in zip(thumbs, (170, 200, 180, 190)):
        ImageDraw.Draw(drawn).ellipse(thumb, fill=light)
    drawn = drawn.filter(ImageFilter.GaussianBlur(1))
    noise = np.random.default_rng(1).normal(0, 0.01, (HEIGHT, WIDTH))
    return (np.asarray(drawn) / 255 + noise).clip(0, 1).astype(np.float32)


@pytest.mark.parametrize("thumbs", [THUMBS, LARGE, OVER_A_CORNER])
def test_a_sheet_is_found_by_what_is_seen_of_its_sides(thumbs):
    picture = drawn_pad(thumbs)
    assert find_sheet(picture) is None
    corners = find_sheet_seen_in_part(picture)
    turn = np.radians(8)
    across, down = np.array([[-200, 200, 200, -200], [-250, -250, 270, 270]])
    there = np.stack(
        [
            across * np.cos(turn) - down * np.sin(turn) + WIDTH / 2,
            across * np.sin(turn) + down * np.cos(turn) + HEIGHT / 2,
        ],
        axis=1,
    )
    assert np.abs(corners - there).max() < 25


@pytest.mark.parametrize("thumbs", [THUMBS, LARGE, OVER_A_CORNER])
def test_digits_on_it_are_found(thumbs):
    found = [digit for digit in find_digits(drawn_pad(thumbs)) if digit.likeness > 0.5]
    assert len(found) == len(PLACES)
    assert {round(digit.angle) for digit in found} <= {7, 8, 9}


def test_digits_are_found_where_no_sheet_is_seen():
    picture = torn_round()
    assert find_sheet_seen_in_part(picture) is None
    assert sum(digit.likeness > 0.5 for digit in find_digits(picture)) >= len(PLACES)


@pytest.mark.parametrize("count", [1, 3])
def test_one_piece_alone_on_what_may_be_a_sheet_is_rather_a_side_of_it(count, monkeypatch):
    blank = np.full((200, 300), 0.9, np.float32)
    digits = blank.copy()
    for place in range(count):
        digits[60:120, 60 + 70 * place : 68 + 70 * place] = 0.1
    looks = [PageLook(inks_of(light, page=True), np.eye(3)) for light in (blank, digits)]
    monkeypatch.setattr(mnist_form, "looks_at_page", lambda light, side: iter(looks))
    assert len(find_digits(blank)) == (0 if count == 1 else count)


@pytest.mark.parametrize("enough", [True, False])
def test_what_may_be_a_sheet_is_read_too_where_much_is_read_already(enough, monkeypatch):
    few, many = (np.full((400, 900), 0.9, np.float32) for _ in range(2))
    for number in range(12):
        few[60:120, 60 + 70 * number : 68 + 70 * number] = 0.1
        for row in (60, 200):
            many[row : row + 60, 60 + 70 * number : 68 + 70 * number] = 0.1
    first, second = (inks_of(light, page=True) for light in (few, many))
    looks = [PageLook(first, np.eye(3), enough=enough), PageLook(second, np.eye(3))]
    monkeypatch.setattr(mnist_form, "looks_at_page", lambda light, side: iter(looks))
    assert len(find_digits(few)) == (12 if enough else 24)


def test_only_a_picture_with_what_may_be_a_sheet_is_not_read_enough_at_first():
    def enough(picture):
        return [look.enough for look in looks_at_page(picture, 2400)]

    assert enough(drawn_pad(THUMBS)) == [False, False, True, True]
    assert enough(torn_round()) == [True, True]


@pytest.mark.parametrize(("darker", "inked"), [(0.02, False), (0.06, True)])
def test_ink_of_a_few_greys_on_black_is_none(darker, inked):
    light = np.full((200, 200), 0.1, np.float32)
    light[50:150, 60:66] = light[50:150, 100:106] = 0.1 - darker
    seen = [each for look in looks_at_page(light, 200) for each in look.inks]
    assert any(bool(each.ink.any()) for each in seen) == inked
