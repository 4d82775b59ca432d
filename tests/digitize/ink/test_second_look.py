"""A digit of which the first look makes nothing is found by another, and blank paper by none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mxdigits.digitize.digits.likeness import likeness
from mxdigits.digitize.ink.straight import is_straight
from mxdigits.digitize.mnist_form import digitize
from mxdigits.digitize.preprocessing import MNIST, Preprocessing

MNIST_FORM = Preprocessing(MNIST, (1, 28, 28))
FOUR = [[(0.6, 0.08), (0.2, 0.62), (0.82, 0.58)], [(0.66, 0.35), (0.6, 0.95)]]
TWO = [[(0.25, 0.3), (0.4, 0.14), (0.62, 0.16), (0.7, 0.32), (0.5, 0.6), (0.22, 0.85), (0.8, 0.84)]]


def drawn(strokes, side, pen):
    """The ink of strokes, float (side, side) from 0 to 1."""
    page = Image.new("L", (4 * side, 4 * side))
    for stroke in strokes:
        path = [(4 * x * side, 4 * y * side) for x, y in stroke]
        ImageDraw.Draw(page).line(path, fill=255, width=round(4 * pen), joint="curve")
    return np.asarray(page.resize((side, side), Image.Resampling.BOX), np.float64) / 255


def hard_pencil(ink):
    """Pale strokes, paler here and there, that leave gaps."""
    y, x = np.mgrid[: len(ink), : len(ink)] / len(ink)
    page = 0.8 * (1 - 0.2 * (0.65 + 0.35 * np.sin(25 * x + 18 * y)) * ink)
    soft = np.asarray(Image.fromarray(np.uint8(255 * page)).filter(ImageFilter.GaussianBlur(0.7)))
    return soft / 255 + np.random.default_rng(3).normal(0, 0.004, ink.shape)


def on_bent_squares(ink):
    """On squared paper that does not lie flat."""
    y, x = np.mgrid[: len(ink), : len(ink)].astype(float)
    u, v = x + 5 * np.sin(y / 60), y + 5 * np.sin(x / 70)
    return np.where((u % 36 < 2) | (v % 36 < 2), 0.72, 0.95) * (1 - 0.85 * ink)


def beside_two_things(ink):
    """Pale strokes beside a dark thing and a paler one that lies on it."""
    page = 0.85 * (1 - 0.15 * ink)
    page[:20, : len(ink) // 3] = 0.1
    page[20:34, : len(ink) // 4] = 0.45
    return page + np.random.default_rng(3).normal(0, 0.004, ink.shape)


def in_shade(ink):
    """In the soft shadow of a hand, which is as narrow as the digit and darker than the pen."""
    y, x = np.mgrid[: len(ink), : len(ink)] / len(ink)
    far = np.hypot(x - 0.45, 0.7 * (y - 0.4))
    page = 0.9 * (1 - 0.55 / (1 + np.exp((far - 0.22) / 0.03))) * (1 - 0.35 * ink)
    return page + np.random.default_rng(3).normal(0, 0.006, ink.shape)


def sketched(ink):
    """Many thin strokes beside each other."""
    many = np.max([np.roll(ink, (dx, 2 * dx), (0, 1)) for dx in (-6, -3, 0, 3, 6)], axis=0)
    return 0.95 - 0.8 * many


SCENES = {hard_pencil: 2.6, on_bent_squares: 16.0, beside_two_things: 3.2, in_shade: 5.0}
SCENES[sketched] = 1.5


@pytest.mark.parametrize("strokes", [FOUR, TWO], ids=["4", "2"])
@pytest.mark.parametrize("scene", SCENES)
def test_a_digit_is_found_by_another_look(scene, strokes):
    ink = drawn(strokes, 480, SCENES[scene])
    found = digitize(np.float32(scene(ink)))
    expected = digitize(np.float32(0.95 - 0.8 * drawn(strokes, 480, 16.0)))
    assert likeness(found[None])[0] > 0.9
    assert np.abs(found.astype(float) - expected).sum() < 0.6 * expected.sum(dtype=float)


@pytest.mark.parametrize("scene", SCENES)
def test_without_the_digit_there_is_none(scene):
    assert MNIST_FORM.counted_digit(np.float32(scene(np.zeros((480, 480)))))[1] == 0


@pytest.mark.parametrize("strokes", [FOUR, TWO], ids=["4", "2"])
def test_a_thing_at_the_edge_is_not_read_as_a_one(strokes):
    page = 0.85 * (1 - 0.3 * drawn(strokes, 480, 5.0))
    page[180:330, -30:] = 0.15
    found = digitize(np.float32(page + np.random.default_rng(4).normal(0, 0.004, page.shape)))
    expected = digitize(np.float32(0.95 - 0.8 * drawn(strokes, 480, 16.0)))
    assert np.abs(found.astype(float) - expected).sum() < 0.6 * expected.sum(dtype=float)


@pytest.mark.parametrize("strokes", [FOUR, TWO], ids=["4", "2"])
@pytest.mark.parametrize("part", [slice(0, 40), slice(45, None)])
def test_a_thick_line_of_a_cell_is_not_read_as_a_one(strokes, part):
    page = 0.95 * (1 - 0.4 * drawn(strokes, 80, 4.0))
    page[part, 70:76] = 0.1
    found = digitize(np.float32(page))
    assert not is_straight(found)
    assert likeness(found[None])[0] > 0.9


def test_a_one_along_the_edge_is_kept_where_there_is_nothing_else():
    page = np.full((150, 90), 0.9, np.float32)
    page[20:130, :10] = 0.1
    assert MNIST_FORM.counted_digit(page)[1] == 1


def test_strokes_from_edge_to_edge_are_kept():
    """They are as straight as a fold, and as long as a rule of the paper."""
    page = np.ones((64, 64), np.float32)
    page[:40, 18] = page[40, 18:44] = page[30:, 44] = 0
    image, count = MNIST_FORM.counted_digit(page)[0].image, MNIST_FORM.counted_digit(page)[1]
    assert count == 1
    assert likeness(image)[0] > 0.9


@pytest.mark.parametrize("angle", [0, 12, 45, 80])
def test_a_faint_straight_line_is_no_digit(angle):
    line = drawn([[(0.5, 0.1), (0.5, 0.9)]], 480, 2.5)
    turned = Image.fromarray(np.float32(0.85 - 0.12 * line)).rotate(angle, fillcolor=0.85)
    noise = np.random.default_rng(angle).normal(0, 0.004, line.shape)
    assert MNIST_FORM.counted_digit(np.float32(turned + noise))[1] == 0


def test_only_digits_are_looked_at_again():
    """The stem of this 9 is taken for a rule: what is left of it looks like no digit."""
    page = Image.new("L", (64, 64), 255)
    ring = [(43, 4), (30, 3), (21, 12), (23, 26), (33, 30), (43, 29)]
    ImageDraw.Draw(page).line(ring, fill=0)
    ImageDraw.Draw(page).line([(43, 3), (43, 61)], fill=0)
    light = np.float32(page) / 255
    digit, _ = MNIST_FORM.counted_digit(light)
    letter, _ = Preprocessing(MNIST, (1, 28, 28), only_digits=False).counted_digit(light)
    assert [float(likeness(each.image)[0]) > 0.5 for each in (digit, letter)] == [True, False]
