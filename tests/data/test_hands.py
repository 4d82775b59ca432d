"""Digits written by a model: form, styles, what follows from the seed, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from read_once import mnist_once

from mxdigits.data.hands.curves import curves_of
from mxdigits.data.hands.dataset import hands, written
from mxdigits.data.hands.drawing import draw, step
from mxdigits.data.hands.styles import STYLES
from mxdigits.data.hands.writing import PENS, write
from mxdigits.data.load import load_dataset
from mxdigits.errors import UsageError

DOCS = Path(__file__).parents[2] / "docs" / "hands.md"


@pytest.fixture(scope="module")
def digits():
    return hands(images=2000, test_images=500)


def test_shapes_classes_and_form(digits):
    assert digits.train.images.shape == (2000, 1, 28, 28)
    assert digits.test.images.shape == (500, 1, 28, 28)
    assert digits.classes == tuple("0123456789")
    assert digits.preprocessing == "mnist"
    assert np.bincount(digits.train.labels).tolist() == [200] * 10
    assert np.bincount(digits.test.labels).tolist() == [50] * 10


def boxes(images):
    """Left, top, right and bottom of the ink of each image (N, H, W), the last two just beyond."""
    ends = []
    for axis in (1, 2):
        inked = images.any(axis=axis)
        ends.append(inked.argmax(axis=1))
        ends.append(inked.shape[1] - inked[:, ::-1].argmax(axis=1))
    left, right, top, bottom = ends
    return left, top, right, bottom


@pytest.mark.parametrize(("size", "box"), [(28, 20), (56, 40), (20, 14), (140, 100)])
def test_the_ink_fills_a_box_of_20_pixels_of_28_about_its_centre_of_mass(size, box):
    images = written(STYLES, 200, seed=3, size=size).images[:, 0]
    left, top, right, bottom = boxes(images)
    longer = np.maximum(right - left, bottom - top)
    assert longer.max() <= box
    # The outermost row may be inked so little that nothing is left of it.
    assert np.quantile(longer, 0.05) >= box - 2
    mass = images.sum(axis=(1, 2), dtype=float)
    for axis, low, high in ((1, left, right), (2, top, bottom)):
        centre = images.sum(axis=axis) @ np.arange(size) / mass
        free = (low > 1) & (high < size - 1)  # else the edge is in the way
        assert np.abs(centre - size / 2)[free].max() <= 0.51
    assert images.max(axis=(1, 2)).min() == 255


@pytest.mark.parametrize(("size", "preprocessing"), [(28, "mnist"), (40, "none")])
def test_only_images_of_mnists_size_have_its_form(size, preprocessing):
    assert hands(images=10, test_images=10, size=size).preprocessing == preprocessing


def test_they_are_as_bright_as_those_of_mnist(digits):
    ours, theirs = (
        images.mean() for images in (digits.train.images, mnist_once().train.images[:2000])
    )
    assert ours == pytest.approx(theirs, rel=0.1)


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_digits(digits):
    again = hands(images=2000, test_images=500)
    other = hands(images=2000, test_images=500, seed=1)
    assert np.array_equal(again.train.images, digits.train.images)
    assert np.array_equal(again.test.labels, digits.test.labels)
    assert again.hashes == digits.hashes
    assert other.hashes["train"] != digits.hashes["train"] != digits.hashes["test"]
    assert list(digits.hashes) == ["train", "test"]


def test_no_two_images_are_alike(digits):
    parts = [digits.train, digits.test, hands(images=2000, test_images=500, seed=1).train]
    images = np.concatenate([part.images for part in parts])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


@pytest.mark.parametrize(
    ("styles", "labels"),
    [(["7 crossed"], {7}), (["7"], {7}), ([1, "0 slashed"], {0, 1}), (None, set(range(10)))],
)
def test_styles_are_chosen_by_name_or_digit(styles, labels):
    assert set(hands(images=200, test_images=1, styles=styles).train.labels.tolist()) == labels


def test_styles_come_by_their_weights_and_as_they_would_alone():
    both = [style for style in STYLES if style.full_name in ("1 bar", "1 bent")]
    bars = round(100 * both[0].weight / (both[0].weight + both[1].weight))
    parts = written(both[:1], bars, seed=0), written(both[1:], 100 - bars, seed=0)
    apart = np.concatenate([part.images for part in parts]).reshape(100, -1)
    mixed = written(both, 100, seed=0).images.reshape(100, -1)
    assert np.array_equal(np.unique(apart, axis=0), np.unique(mixed, axis=0))


def test_every_style_is_distinct_and_listed_with_its_share_in_the_docs():
    assert len({style.full_name for style in STYLES}) == len(STYLES)
    rows = re.findall(r"^\| (\d) \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.M)
    listed = {
        int(digit): re.findall(r"([^,(]+) \((\d+) %\)(?:, )?", styles) for digit, styles in rows
    }
    for digit in range(10):
        of_digit = [style for style in STYLES if style.digit == digit]
        total = sum(style.weight for style in of_digit)
        shares = [(s.name, f"{100 * s.weight / total:.0f}") for s in of_digit]
        assert listed[digit] == shares


def test_pens_are_all_that_is_written_with():
    assert sum(pen.share for pen in PENS) == pytest.approx(1)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.full_name)
def test_the_curves_of_a_style_lead_through_its_points(style):
    curves = curves_of(style.strokes, 2.5)
    places = curves.exact @ curves.points
    for point in curves.points:
        assert np.hypot(*(places - point).T).min() <= 2.5
    for weights in (curves.exact, curves.quick):
        assert weights.sum(axis=1) == pytest.approx(1)
    starts = curves.from_end == 0
    assert starts.sum() == curves.is_end.sum()
    assert np.allclose(
        (curves.quick @ curves.points)[starts], curves.points[curves.is_end], atol=0.1
    )


def test_places_of_a_stroke_are_equally_far_apart():
    places = curves_of("0,0 50,0* 50,100", 5.0).exact @ [[0, 0], [50, 0], [50, 100]]
    assert np.hypot(*np.diff(places, axis=0).T) == pytest.approx(5.0, abs=0.05)


def test_a_stroke_is_drawn_whole_at_any_size():
    for size in (28, 64, 200):
        random = np.random.default_rng(0)
        bars = draw(write(curves_of("20,0 20,50 20,100", step(size)), 20, random), size, random)
        _, top, _, bottom = boxes(bars)
        for image, first, last in zip(bars, top, bottom):
            assert image[first:last].any(axis=1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": 0}, "option images: must be a whole number from 1 to 10000000, got 0"),
        ({"images": 1e3}, "option images: must be a whole number from 1 to 10000000, got 1000.0"),
        (
            {"test_images": True},
            "option test_images: must be a whole number from 1 to 10000000, got true",
        ),
        ({"seed": -1}, "option seed: must be a whole number from 0 on, got -1"),
        ({"size": 7}, "option size: must be a whole number from 8 to 512, got 7"),
        ({"size": 513}, "option size: must be a whole number from 8 to 512, got 513"),
        ({"styles": "7"}, "option styles: must be a list such as [7 crossed, 1], got '7'"),
        ({"styles": 7}, "option styles: must be a list such as [7 crossed, 1], got 7"),
        ({"styles": []}, "option styles: must name at least one; leave it out for all"),
        ({"styles": ["7 crosed"]}, "option styles: unknown '7 crosed'; did you mean '7 crossed'?"),
        (
            {"styles": ["seven"]},
            "option styles: unknown 'seven'; known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        ),
    ],
)
def test_options_that_are_wrong(options, message):
    with pytest.raises(UsageError) as caught:
        hands(**options)
    assert str(caught.value) == message


def test_it_is_a_part_of_a_mix_and_the_test_set_is_mnists():
    parts = ["mnist", {"name": "hands", "share": 0.01, "images": 300, "test_images": 1}]
    found = load_dataset("mix", {"parts": parts})
    assert [part.taken for part in found.mixed_from] == [60000, 606]
    assert len(found.test) == 10000
    assert {"hands/train", "hands/test"} < set(found.hashes)
