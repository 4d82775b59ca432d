"""What is no digit: noise, shadow, specks, lines."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.mnist_form import digitize, digitize_one, find_digits

SIZE = (500, 700)


def noise(random):
    return 0.8 + random.normal(0, 0.03, SIZE)


def clipped_noise(random):
    return (1 + random.normal(0, 0.012, SIZE)).clip(0, 1)


def shadow(random):
    across = np.linspace(0, 1, SIZE[1])[None] + np.zeros((SIZE[0], 1))
    return 0.9 - 0.3 * across + random.normal(0, 0.01, SIZE)


def specks(random):
    page = np.full(SIZE, 0.93)
    for y, x in random.integers(0, 495, (600, 2)):
        page[y : y + 3, x : x + 3] = 0.2
    return page


def rules(random):
    page = np.full(SIZE, 0.93)
    page[20::50] = 0.4
    return page


def one_line(random):
    page = np.full(SIZE, 0.93)
    page[250:254, 200:420] = 0.2
    return page


def from_a_line():
    """How far pixels lie from a line that is askew."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return (x - 300) * np.cos(0.5) + (y - 250) * np.sin(0.5)


def fold(random):
    return 0.85 - 0.3 * np.exp(-((from_a_line() / 2) ** 2)) + random.normal(0, 0.01, SIZE)


def sharp_shadow(random):
    edge = 1 / (1 + np.exp(-(from_a_line() / 3).clip(-50, 50)))
    return 0.88 * (1 - 0.4 * edge) + random.normal(0, 0.015, SIZE)


def cloth(random):
    grain = random.normal(0, 1, (SIZE[0] // 4, SIZE[1] // 4))
    return 0.8 + 0.04 * np.kron(grain, np.ones((4, 4)))


def white_noise(random):
    return random.uniform(0, 1, SIZE)


@pytest.mark.parametrize(
    "draw",
    [
        *(noise, clipped_noise, white_noise, shadow, sharp_shadow, fold, cloth, specks, rules),
        one_line,
    ],
)
def test_paper_without_digits_shows_none(draw):
    picture = draw(np.random.default_rng(0))
    assert not digitize(picture).any()
    assert find_digits(picture) == []


@pytest.mark.parametrize(("left", "top"), [(0, 100), (300, 0), (674, 100), (300, 440)])
def test_a_digit_that_lies_at_the_edge_is_read(left, top):
    page = np.full(SIZE, 0.93)
    page[top : top + 60, left : left + 26] = 0.15
    page[top + 10 : top + 50, left + 8 : left + 18] = 0.93
    assert digitize(page).any()
    assert len(find_digits(page)) == 1


def strokes():
    """A bar of 10 x 60, and beside it a square and a level line."""
    ink = np.zeros((200, 200), np.float32)
    ink[20:80, 20:30] = ink[20:40, 60:80] = ink[120:124, 20:180] = 1
    return pieces_of(ink)


def test_a_bar_is_written_a_blot_and_a_line_are_not():
    pieces = strokes()
    assert pieces.boxes.tolist() == [[20, 20, 30, 80], [60, 20, 80, 40], [20, 120, 180, 124]]
    assert pieces.look_written().tolist() == [True, True, False]
    assert pieces.are_large().tolist() == [True, False, True]
    assert pieces.border.tolist() == [140, 80, 328]


@pytest.mark.parametrize("count", [0, 30])
def test_a_thin_soft_stroke_is_written_where_many_others_are_as_high(count):
    """A pencil's, for one; alone it might be a shadow."""
    ink = np.zeros((200, 800), np.float32)
    for number in range(count):
        ink[20:60, 20 + 20 * number : 24 + 20 * number] = 1
    for column, shade in zip(range(700, 707), (0.25, 0.4, 0.6, 0.7, 0.6, 0.4, 0.25)):
        ink[22:58, column] = shade
    assert pieces_of(ink).look_written_on_a_page()[-1] == (count > 0)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_several_digits_where_one_was_expected_are_counted(count):
    page = np.full((100, 80 * count), 255, np.uint8)
    for left in range(30, 80 * count, 80):
        page[20:80, left : left + 6] = 0
    image, seen = digitize_one(page)
    assert (seen, image.any()) == (count, True)


@pytest.mark.parametrize("degrees", [40, 60, 75, -55])
def test_a_fold_on_a_page_is_no_digit_and_turns_no_page(degrees):
    y, x = np.mgrid[:700, :640]
    angle = np.radians(degrees)
    far = (x - 320) * np.sin(angle) - (y - 350) * np.cos(angle)
    assert find_digits(0.85 - 0.3 * np.exp(-((far / 2) ** 2))) == []


@pytest.mark.parametrize("degrees", [65, 75, 100, 110])
def test_a_fold_turns_no_picture_of_one_digit(degrees):
    y, x = np.mgrid[:700, :640]
    angle = np.radians(degrees)
    far = (x - 320) * np.sin(angle) - (y - 350) * np.cos(angle)
    noise = np.random.default_rng(0).normal(0, 0.01, far.shape)
    assert not digitize(0.85 - 0.3 * np.exp(-((far / 2) ** 2)) + noise).any()


@pytest.mark.parametrize("degrees", [-13, 13])
def test_a_one_that_crosses_a_long_rule_is_no_fold_with_it(degrees):
    """Together they are thin on average, and reach from edge to edge."""
    y, x = np.mgrid[:600, :356]
    below = (y - 170) * np.cos(np.radians(degrees)) - (x - 60) * np.sin(np.radians(degrees))
    rules = np.abs((below + 90) % 180 - 90) < 1.5
    one = (np.abs(x - 65 + (y - 190) / 20) < 9) & (np.abs(y - 190) < 60)
    noise = np.random.default_rng(0).normal(0, 0.004, x.shape)
    digit, count = digitize_one(0.8 - 0.2 * rules - 0.35 * one + noise)
    assert count == 1
    assert digit.any()


def test_a_short_fold_over_a_corner_is_no_digit():
    y, x = np.mgrid[:180, :106]
    noise = np.random.default_rng(0).normal(0, 0.01, x.shape)
    page = 0.85 - 0.3 * np.exp(-(((x + y - 220) / 5) ** 2)) + noise
    assert not digitize(page).any()
    assert find_digits(page) == []


def grainy(digit: bool):
    """Ink of 300 grains of 3 pixels, and of a digit of 30, or of grains that touch each other."""
    ink = np.zeros((300, 300), np.float32)
    for y, x in np.random.default_rng(0).integers(0, 280, (300, 2)):
        ink[y : y + 3, x : x + 2] = 1
    ink[100:150, 100:150] = 0
    long = 40 if digit else 12
    ink[105 : 105 + long, 110 : 112 + 8 * digit] = 1
    return pieces_of(ink)


@pytest.mark.parametrize(("digit", "lost"), [(True, False), (False, True)])
def test_what_many_grains_outweigh_is_noise(digit, lost):
    pieces = grainy(digit)
    mass = pieces.mass[pieces.numbers[110, 110] - 1]
    assert pieces.among_noise([(110, 105, 120, 145 if digit else 117)], mass * 3) == lost


def test_the_edge_of_a_picture_that_was_turned_cuts_as_any_other():
    ink = np.zeros((60, 60), np.float32)
    outside = np.zeros((60, 60), bool)
    for y in range(60):
        outside[y, : 20 - y // 4] = True
    ink[10:50, 20:30] = 1
    ink[outside] = 0
    ink[10:50, 5:30] = np.where(outside[10:50, 5:30], 0, 1)
    (left, top, right, bottom) = pieces_of(ink, outside).at_edge[0].tolist()
    assert (left, top, right, bottom) == (30, 0, 0, 0)
