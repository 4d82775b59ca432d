"""The picture and the numbers of a data set."""

from __future__ import annotations

from typing import Optional

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mxdigits.data.making import make_dataset
from mxdigits.data.sheet import Description, describe, sample_sheet
from mxdigits.errors import UsageError

LABELS = np.array([0, 1, 1, 2, 1])
IMAGES = np.repeat(np.uint8([10, 20, 30, 60, 50]), 6 * 8).reshape(5, 1, 6, 8)


def dataset(images=IMAGES, labels=LABELS, **more):
    part = images, labels
    return make_dataset("own", {"train": part, "test": (images[:2], labels[:2]), **more})


def box(sheet, value) -> Optional[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of the pixels of one grey value, None if there are none."""
    found = (np.asarray(sheet) == value).all(axis=2).astype(np.uint8)
    return Image.fromarray(found * 255).getbbox()


def test_describe():
    assert describe(dataset(hashes={"file": "5e"}, classes=4)) == Description(
        name="own",
        image_shape=(1, 6, 8),
        classes=("0", "1", "2", "3"),
        counts={"train": (1, 3, 1, 0), "test": (1, 1, 0, 0)},
        hashes={"file": "5e"},
    )


def test_every_sample_is_in_the_row_of_its_class():
    sheet = sample_sheet(dataset(), per_class=3, scale=4)
    zero, *ones = (box(sheet, value) for value in (10, 20, 30, 50))
    two = box(sheet, 60)
    assert {(right - left, bottom - top) for left, top, right, bottom in (zero, *ones, two)} == {
        (32, 24)  # 8 x 6 pixels, each four times as wide and high, and crisp to the edge
    }
    assert [at[0] - zero[0] for at in (zero, *ones, two)] == [0, 0, 36, 72, 0]
    assert [at[1] - zero[1] for at in (zero, *ones, two)] == [0, 28, 28, 28, 56]


def test_no_more_samples_than_asked_for():
    sheet = sample_sheet(dataset(), per_class=2)
    assert box(sheet, 30) is not None
    assert box(sheet, 50) is None


def test_the_names_stand_at_the_left():
    narrow = sample_sheet(dataset(), per_class=2)
    wide = sample_sheet(dataset(classes=["one", "a name of some length", "two"]), per_class=2)
    assert wide.width > narrow.width + 80
    left = box(wide, 10)[0]
    column = np.asarray(wide.convert("L"))[:, :left] < 128
    ink = column.any(axis=0).nonzero()[0]
    assert ink[0] >= 12  # nothing is cut off
    assert ink[-1] <= left - 12


def test_small_images_leave_room_for_the_names():
    images = np.zeros((5, 1, 1, 1), np.uint8)
    small = sample_sheet(dataset(images), scale=1)
    assert 12 + 3 * 6 + 2 * 4 + 12 <= small.height < 12 + 3 * 20 + 12
    nameless = sample_sheet(dataset(images, classes=["", " ", "\t"]), scale=1)
    assert nameless.height == 12 + 3 * 1 + 2 * 4 + 12


def test_pixels_keep_their_places_and_colours():
    image = np.random.default_rng(0).integers(0, 256, (1, 3, 16, 9), dtype=np.uint8)
    sheet = sample_sheet(dataset(image, [0]), per_class=1, scale=2)
    tile = np.asarray(sheet)[12:-12, -12 - 18 : -12]
    assert np.array_equal(tile[::2, ::2], image[0].transpose(1, 2, 0))
    assert np.array_equal(tile[1::2, 1::2], image[0].transpose(1, 2, 0))


@pytest.mark.parametrize("names", [["", " ", "\n"], ["é", "四", "∑x"], ["a\nb", "g" * 300, "\t!"]])
@pytest.mark.parametrize("scale", [1, 9])
def test_names_of_every_kind(names, scale):
    sheet = sample_sheet(dataset(classes=names), scale=scale)
    assert box(sheet, 10) is not None


@settings(deadline=None, max_examples=30)
@given(
    shape=st.tuples(
        st.integers(1, 6), st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)
    ),
    per_class=st.integers(1, 4),
    scale=st.integers(1, 3),
)
def test_every_shape_fits(shape, per_class, scale):
    data = dataset(np.full(shape, 70, np.uint8), np.arange(shape[0]) % 2, classes=3)
    sheet = sample_sheet(data, per_class=per_class, scale=scale)
    assert sheet.mode == "RGB"
    left, top, right, bottom = box(sheet, 70)
    assert right <= sheet.width - 12
    assert bottom <= sheet.height - 12
    assert min(left, top) >= 12


def test_what_cannot_be_drawn():
    with pytest.raises(UsageError) as caught:
        sample_sheet(dataset(np.zeros((5, 2, 4, 4), np.uint8)))
    assert str(caught.value) == (
        "data set 'own': only images of 1 or 3 channels can be drawn, these have 2"
    )


@pytest.mark.parametrize("option", ["per_class", "scale"])
def test_numbers_below_one(option):
    with pytest.raises(UsageError) as caught:
        sample_sheet(dataset(), **{option: 0})
    assert str(caught.value) == f"{option} must be at least 1, got 0"
