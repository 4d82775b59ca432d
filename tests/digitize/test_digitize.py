"""Digitizing: MNIST's form from whatever a picture was, by comparing pictures alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from digitize.reading import far
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from read_once import mnist_once

from mxdigits.digitize.digits.reading import reading_lines
from mxdigits.digitize.mnist_form import digitize, find_digits
from mxdigits.errors import UsageError


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:100, 0]


def drawn(width, height, pen, *, seven=True):
    """A 7, or a bar, in dark ink on light paper, float32 from 0 to 1."""
    image = Image.new("L", (width, height), 225)
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = (0.3 * width, 0.2 * height, 0.7 * width, 0.8 * height)
    path = [(left, top), (right, top), (left, bottom)] if seven else [(left, top), (left, bottom)]
    draw.line(path, fill=40, width=pen, joint="curve")
    return np.asarray(image, np.float32) / 255


def test_images_of_mnist_stay_as_they_are(images):
    seen = np.stack([digitize(image) for image in images])
    assert np.median([far(a, b) for a, b in zip(seen, images)]) < 0.03


def test_the_other_polarity_is_the_same(images):
    for image in images:
        np.testing.assert_array_equal(digitize(255 - image), digitize(image))


def cut_close(image, bold, margin):
    """A digit with bold strokes and so much paper around it as a share of its longer side."""
    large = Image.fromarray(image).resize((140, 140), Image.Resampling.BICUBIC)
    # A filter of one pixel changes nothing, and ends the process in Pillow 12.3.
    ink = np.asarray(large if bold == 1 else large.filter(ImageFilter.MaxFilter(bold)))
    down, across = np.nonzero(ink > 128)
    cut = ink[down.min() : down.max() + 1, across.min() : across.max() + 1]
    return np.pad(cut, round(margin * max(cut.shape)))


@pytest.mark.parametrize("bold", [1, 7, 11])
def test_bold_strokes_in_a_close_cut_are_told_from_the_paper_between_them(images, bold):
    """With more paper around them there is no doubt."""
    wanted = [digitize(cut_close(image, bold, 0.6)) for image in images[:12]]
    for margin in (0, 0.02, 0.08):
        cuts = [cut_close(image, bold, margin) for image in images[:12]]
        for pages in (cuts, [255 - cut for cut in cuts]):
            unlike = [far(digitize(page), each) > 0.35 for page, each in zip(pages, wanted)]
            assert sum(unlike) <= 1, margin


@pytest.mark.parametrize("light", [True, False])
def test_rows_of_bold_strokes_in_a_close_cut_are_told_from_the_paper(images, light):
    row = np.hstack([cut_close(images[0], 9, 0.04)] * 4)
    assert len(find_digits(row if light else 255 - row)) == 4


@pytest.mark.parametrize("times", [2, 5, 16])
def test_enlarged_images_come_back(images, times):
    side = 28 * times
    found = []
    for image in images[:20]:
        large = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
        found.append(far(digitize(large), image))
    assert np.median(found) < 0.15


def test_the_place_does_not_matter(images):
    for image in images[:20]:
        field = np.zeros((90, 130), np.uint8)
        field[50:78, 9:37] = image
        assert far(digitize(field), digitize(image)) < 0.05


def test_light_from_one_side_and_a_shadow_do_not_matter(images):
    y, x = np.mgrid[:84, :84] / 84
    light = (1 - 0.5 * x) * (1 - 0.4 / (1 + np.exp((1 - x - y) / 0.03)))
    found = []
    for image in images[:20]:
        large = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
        page = (0.9 - 0.75 * large / 255) * light
        found.append(far(digitize(page), digitize(large)))
    assert np.median(found) < 0.15


def test_rules_are_taken_away(images):
    found = []
    for image in images[:20]:
        ink = np.pad(np.asarray(Image.fromarray(image).resize((112, 112))), 50)
        page = 0.9 - 0.75 * ink / 255
        ruled = page.copy()
        ruled[::40] = np.minimum(ruled[::40], 0.6)
        ruled[:, 20::53] = np.minimum(ruled[:, 20::53], 0.6)
        found.append(far(digitize(ruled), digitize(page)))
    assert np.median(found) < 0.1


@settings(max_examples=60)
@given(
    width=st.integers(12, 300),
    height=st.integers(12, 300),
    pen=st.floats(0.01, 0.1),
    dark=st.booleans(),
    seven=st.booleans(),
)
# Ink so even that NumPy 2 has no bins for it.
@example(width=13, height=294, pen=0.0625, dark=False, seven=True)
def test_any_size_and_polarity_gives_the_form(width, height, pen, dark, seven):
    light = drawn(width, height, max(1, round(pen * min(width, height))), seven=seven)
    image = digitize(light if dark else 1 - light)
    assert (image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255)
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert max(tall, wide) == 20
    mass = image / image.sum()
    for axis, span in ((1, rows), (0, columns)):
        centre = mass.sum(axis=axis) @ np.arange(28)
        # Where the ink would leave the image, it stays at its edge.
        assert abs(centre - 14) <= 0.51 or span[0] == 0 or span[-1] == 27


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(0, 1))
def test_a_blank_picture_has_no_digit(width, height, grey):
    blank = np.full((height, width), grey, np.float32)
    assert not digitize(blank).any()
    assert find_digits(blank) == []


def test_noise_alone_is_no_digit():
    noise = 0.7 + np.random.default_rng(0).normal(0, 0.03, (120, 160))
    assert not digitize(noise).any()


@pytest.mark.parametrize("shape", [(28,), (28, 28, 3), (0, 5)])
def test_another_shape_is_refused(shape):
    for ask in (digitize, find_digits):
        with pytest.raises(UsageError) as caught:
            ask(np.zeros(shape))
        assert str(caught.value) == f"a picture is an array (H, W), got one of shape {shape}"


@pytest.mark.parametrize("picture", ["three.png", Path("three.png"), None, [["3"]]])
def test_what_is_no_array_is_refused(picture):
    for ask in (digitize, find_digits):
        with pytest.raises(UsageError) as caught:
            ask(picture)
        assert str(caught.value) == (
            f"a picture is an array (H, W) of numbers, got {type(picture).__name__}; "
            "mxdigits.digitize.open_picture(path) reads one from a file"
        )


@pytest.mark.parametrize(
    ("picture", "problem"),
    [
        (np.full((9, 9), np.nan), "it holds NaN or infinity"),
        (np.full((9, 9), np.inf, np.float32), "it holds NaN or infinity"),
        (
            np.full((9, 9), 255, np.int64),
            "got int64 from 255 to 255; divide it by the value of white",
        ),
        (
            np.linspace(-1, 1, 81).reshape(9, 9),
            "got float64 from -1 to 1; divide it by the value of white",
        ),
    ],
)
def test_other_numbers_are_refused(picture, problem):
    for ask in (digitize, find_digits):
        with pytest.raises(UsageError) as caught:
            ask(picture)
        assert str(caught.value) == f"a picture is luminance from 0 to 1, or uint8; {problem}"


def sheet(images, places):
    page = np.zeros((max(y for _, y in places) + 50, max(x for x, _ in places) + 50), np.uint8)
    for image, (x, y) in zip(images, places):
        page[y : y + 28, x : x + 28] = image
    return 255 - page


def test_digits_are_found_in_reading_order(images):
    places = [(x, y + x // 20) for y in (20, 80, 140) for x in range(20, 380, 60)]
    found = find_digits(sheet(images, places))
    assert len(found) == len(places)
    for digit, image, (x, y) in zip(found, images, places):
        left, top, right, bottom = digit.box
        assert x <= left < right <= x + 28
        assert y <= top < bottom <= y + 28
        assert far(digit.image, image) < 0.2


def test_boxes_are_those_of_the_picture_itself(images):
    """A page is looked at smaller than it may be."""
    small = sheet(images, [(20, 20), (80, 20)])
    large = np.kron(small, np.ones((30, 30), np.uint8))
    for digit, same in zip(find_digits(large), find_digits(small)):
        np.testing.assert_allclose(np.array(digit.box) / 30, same.box, atol=1)


def test_specks_are_no_digits(images):
    page = sheet(images, [(20, 20), (80, 20), (140, 20)])
    page[60:62, 100:102] = 0
    assert len(find_digits(page)) == 3


def test_reading_order_of_lines_askew():
    boxes = np.array(
        [[x, y + x // 10, x + 20, y + x // 10 + 30] for y in (0, 50) for x in (0, 99, 300)]
    )
    order = np.random.default_rng(0).permutation(6)
    assert [order[line].tolist() for line in reading_lines(boxes[order])] == [[0, 1, 2], [3, 4, 5]]
    assert reading_lines(boxes[:0]) == []
