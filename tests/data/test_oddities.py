"""What is odd about a data set that could be read: what is said, and what passes in silence."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.data.load import load_dataset
from mxdigits.data.making import make_dataset
from mxdigits.data.oddities import dark_on_light, oddities

DARK = np.zeros((6, 8, 9), np.uint8)
DARK[:, 2:6, 3:6] = 200
LABELS = np.array([0, 1, 2, 0, 1, 2])


def made(train=DARK, test=DARK, **keys):
    return make_dataset("mine", {"train": (train, LABELS), "test": (test, LABELS), **keys})


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["Eins", "eins", "zwei"], "'Eins' and 'eins'"),
        (["zwei", "eins", "eins "], "'eins' and 'eins '"),
        (["1", "2", " 1"], "'1' and ' 1'"),
        (["new line", "x", "New  Line"], "'new line' and 'New  Line'"),
        (["a", "A", "b"], ""),  # letters of both cases are classes of their own
        (["eins", "zwei", "drei"], ""),
    ],
)
def test_class_names_that_are_nearly_one(names, told):
    said = [
        f"mine: the classes {told} differ in case or spaces alone; if they are one class, call "
        "them alike"
    ]
    assert oddities(made(classes=names)) == said * bool(told)


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (255 - DARK, DARK, ("train", "dark on light", "test", "light on dark")),
        (DARK, 255 - DARK, ("train", "light on dark", "test", "dark on light")),
        (DARK, DARK, ()),
        (255 - DARK, 255 - DARK, ()),
        (DARK // 2 + 64, DARK, ()),  # grey all over is neither
    ],
)
def test_parts_that_are_inverted(train, test, told):
    said = [
        f"mine: the {told[0]} images are {told[1]}, the {told[2]} images {told[3]}; invert one of "
        "them, as 255 - images"
        for _ in told[:1]
    ]
    assert oddities(made(train, test)) == said


def test_a_validation_part_that_is_inverted():
    data = made(validation=(255 - DARK, LABELS))
    assert oddities(data) == [
        "mine: the train images are light on dark, the validation images dark on light; invert one "
        "of them, as 255 - images"
    ]


def test_images_that_cannot_have_the_form_that_is_said():
    images = np.zeros((6, 28, 28), np.uint8)
    images[:, 9:20, 12:16] = 255
    light = 255 - images
    assert oddities(made(images, images, preprocessing="mnist")) == []
    assert oddities(made(light, light, preprocessing="mnist")) == [
        "mine: the images are dark on light, and MNIST's form is light on dark; invert them, as "
        "255 - images"
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mnist", {}),
        ("hands", {"images": 40, "test_images": 20}),
        ("mix", {"parts": ["mnist", {"name": "hands", "images": 40, "test_images": 20}]}),
        ("fold", {"of": "mnist", "fold": 0, "folds": 5}),
    ],
)
def test_what_comes_with_mxdigits_is_not_odd(name, options):
    told = []
    load_dataset(name, options, told.append)
    assert told == []


def test_it_is_said_when_a_data_set_is_read(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=255 - DARK, y_train=LABELS, x_test=DARK, y_test=LABELS)
    told = []
    load_dataset("npz", {"path": str(path)}, told.append)
    assert told == [
        "npz: the train images are dark on light, the test images light on dark; invert one of "
        "them, as 255 - images"
    ]


@pytest.mark.parametrize(
    ("images", "expected"), [(DARK, False), (255 - DARK, True), (DARK + 100, None)]
)
def test_what_paper_is(images, expected):
    assert dark_on_light(images) is expected
