"""What mxdigits accepts as a data set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mxdigits.data.dataset import Dataset, Split
from mxdigits.data.making import make_dataset
from mxdigits.errors import DataError

IMAGES = np.arange(4 * 2 * 3, dtype=np.uint8).reshape(4, 2, 3)
LABELS = np.array([0, 1, 2, 1])
GOOD = {"train": (IMAGES, LABELS), "test": (IMAGES[:2], LABELS[:2])}


def message(made) -> str:
    with pytest.raises(DataError) as caught:
        make_dataset("own", made)
    assert len(caught.value.lines) == 1
    return str(caught.value)


# What is right


def test_a_mapping():
    data = make_dataset("own", GOOD)
    assert data.name == "own"
    assert data.train.images.shape == (4, 1, 2, 3)
    assert data.test.images.shape == (2, 1, 2, 3)
    assert data.train.labels.dtype == np.int64
    assert data.image_shape == (1, 2, 3)
    assert data.classes == ("0", "1", "2")
    assert data.hashes == {}
    assert len(data.train) == 4


def test_a_dataset_keeps_what_it_holds():
    first = make_dataset("own", {**GOOD, "classes": ["a", "b", "c"], "hashes": {"file": "5e"}})
    again = make_dataset("other", first)
    assert isinstance(again, Dataset)
    assert again.name == "other"
    assert again.classes == ("a", "b", "c")
    assert again.hashes == {"file": "5e"}
    assert again.train.images is first.train.images  # checked, not copied


def test_labels_may_count_the_classes_in_another_order():
    data = make_dataset("own", {**GOOD, "classes": ["a", "b", "c"]})
    other = data.in_order_of(("c", "x", "b", "a"))
    assert other.classes == ("c", "x", "b", "a")
    assert other.train.labels.tolist() == [3, 2, 0, 2]
    assert other.test.labels.tolist() == [3, 2]
    assert other.train.images is data.train.images
    assert data.in_order_of(["a", "b", "c"]) is data
    assert data.in_order_of(("a", "b")) is data


def test_a_validation_part_and_notes():
    part = (IMAGES[:3] + 100, LABELS[:3])
    data = make_dataset("own", {**GOOD, "validation": part, "notes": ["guessed"]})
    assert list(data.parts) == ["train", "validation", "test"]
    assert data.notes == ("guessed",)
    assert make_dataset("own", {**GOOD, "notes": "one line"}).notes == ("one line",)
    assert list(make_dataset("other", data).parts) == list(data.parts)
    assert data.part("validation") is data.validation
    assert data.part("all").labels.tolist() == [0, 1, 2, 1, 0, 1, 2, 0, 1]
    assert len(data.part("all").images) == 9
    moved = data.relabelled(("c", "b", "a"), [2, 1, 0])
    assert moved.classes == ("c", "b", "a")
    assert moved.part("validation").labels.tolist() == [2, 1, 0]
    with pytest.raises(DataError) as caught:
        make_dataset("own", GOOD).part("validation")
    assert str(caught.value) == "own has no part 'validation'; it has train, test"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (3, "validation: expected a pair (images, labels)"),
        ((IMAGES[:0], LABELS[:0]), "validation: is empty: images of shape (0, 2, 3)"),
        (
            (IMAGES.swapaxes(1, 2), LABELS),
            "train images are 1x2x3 and validation images 1x3x2; they must be alike",
        ),
    ],
)
def test_a_validation_part_that_is_none(part, problem):
    assert message({**GOOD, "validation": part}) == f"data set 'own': {problem}"


def test_splits_in_a_mapping():
    data = make_dataset("own", {"train": Split(IMAGES, LABELS), "test": [IMAGES, LABELS]})
    assert np.array_equal(data.train.images, data.test.images)


def test_colour():
    part = np.zeros((4, 3, 2, 5), np.uint8), LABELS
    assert make_dataset("own", {"train": part, "test": part}).image_shape == (3, 2, 5)


def test_images_become_contiguous():
    part = IMAGES.swapaxes(1, 2), LABELS
    data = make_dataset("own", {"train": part, "test": part})
    assert data.train.images.flags.c_contiguous
    assert np.array_equal(data.train.images[:, 0], part[0])


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (None, ("0", "1", "2")),
        (5, ("0", "1", "2", "3", "4")),
        (["x", "y", "z"], ("x", "y", "z")),
        (range(1, 4), ("1", "2", "3")),
        (np.array(["x", "y", "z"]), ("x", "y", "z")),
    ],
)
def test_classes(classes, names):
    assert make_dataset("own", {**GOOD, "classes": classes}).classes == names


@settings(deadline=None)
@given(labels=st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_every_label_has_a_name(labels):
    part = np.zeros((len(labels), 1, 1), np.uint8), labels
    data = make_dataset("own", {"train": part, "test": part})
    assert len(data.classes) == max(labels) + 1
    assert [data.classes[label] for label in data.train.labels] == [str(label) for label in labels]


def test_a_split_is_cut_by_slices_and_by_indices():
    split = make_dataset("own", GOOD).train
    assert split[1:3].labels.tolist() == [1, 2]
    assert np.array_equal(split[1:3].images, IMAGES[1:3, None])
    assert split[np.array([2, 0])].labels.tolist() == [2, 0]
    assert np.array_equal(split[LABELS == 1].images, IMAGES[[1, 3], None])


# What is wrong


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            None,
            "data set 'own': expected a Dataset or a mapping with 'train' and 'test', got NoneType",
        ),
        ({}, "data set 'own': has no 'train'"),
        ({"train": (IMAGES, LABELS)}, "data set 'own': has no 'test'"),
        (
            {**GOOD, "valid": GOOD["test"]},
            "data set 'own': unknown key 'valid'; known: train, test, validation, classes, "
            "hashes, preprocessing, notes",
        ),
        (
            {**GOOD, "train": (np.zeros((4, 28, 28, 1), np.uint8), LABELS)},
            "data set 'own': train: images of shape (4, 28, 28, 1) seem to have their channels "
            "last; write images.transpose(0, 3, 1, 2), or of a data set of Gluon or PyTorch have "
            "it transformed by ToTensor()",
        ),
        ({**GOOD, "test": IMAGES}, "data set 'own': test: expected a pair (images, labels)"),
        ({**GOOD, "train": None}, "data set 'own': train: expected a pair (images, labels)"),
        (
            {**GOOD, "train": (IMAGES / 255, LABELS)},
            "data set 'own': train: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            "got float64 of shape (4, 2, 3)",
        ),
        (
            {**GOOD, "train": (IMAGES.reshape(4, 6), LABELS)},
            "data set 'own': train: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            "got uint8 of shape (4, 6); write images.reshape(-1, H, W) with their height and width",
        ),
        (
            {**GOOD, "test": (IMAGES, LABELS / 1)},
            "data set 'own': test: labels must be integers of shape (N,), "
            "got float64 of shape (4,)",
        ),
        (
            {**GOOD, "test": (IMAGES, np.eye(4, dtype=int))},
            "data set 'own': test: labels must be integers of shape (N,), "
            "got int64 of shape (4, 4)",
        ),
        ({**GOOD, "test": (IMAGES, LABELS[:3])}, "data set 'own': test: 4 images but 3 labels"),
        (
            {**GOOD, "test": (IMAGES[:0], LABELS[:0])},
            "data set 'own': test: is empty: images of shape (0, 2, 3)",
        ),
        (
            {**GOOD, "test": (IMAGES[:, :0], LABELS)},
            "data set 'own': test: is empty: images of shape (4, 0, 3)",
        ),
        (
            {**GOOD, "test": (IMAGES[:, :1], LABELS)},
            "data set 'own': train images are 1x2x3 and test images 1x1x3; they must be alike",
        ),
        (
            {**GOOD, "preprocessing": "MNIST"},
            "data set 'own': preprocessing must be mnist or none, got 'MNIST'",
        ),
        (
            {**GOOD, "classes": 2},
            "data set 'own': train: label 2 is outside 0 to 1 (classes: 2)",
        ),
        (
            {**GOOD, "test": (IMAGES, LABELS - 1)},
            "data set 'own': test: label -1 is outside 0 to 2 (classes: 3)",
        ),
        (
            {"train": (IMAGES, LABELS * 0 - 3), "test": (IMAGES, LABELS * 0 - 3)},
            "data set 'own': train: label -3 is outside 0 to 0 (classes: 1)",
        ),
        (
            {"train": (IMAGES % 2, LABELS), "test": (IMAGES % 2, LABELS)},
            "data set 'own': the largest pixel is 1, and white is 255; "
            "multiply images of 0 and 1 by 255",
        ),
        (
            {**GOOD, "classes": ["a", "b", "a"]},
            "data set 'own': 2 classes are called 'a'",
        ),
        (
            {**GOOD, "classes": "abc"},
            "data set 'own': classes must be a list of names or a number from 1 to 65536, "
            "got 'abc'",
        ),
        (
            {**GOOD, "train": (IMAGES, LABELS * 10**12)},
            "data set 'own': classes must be a list of names or a number from 1 to 65536, "
            "got 2000000000001",
        ),
    ],
)
def test_contradictions(made, said):
    assert message(made) == said


class OfAnotherLibrary:
    """An array that NumPy would read number by number, as MXNet's are."""

    def __init__(self, array):
        self._array = array

    def asnumpy(self):
        return self._array

    def __len__(self):
        return len(self._array)

    def __getitem__(self, place):
        raise AssertionError("read number by number")


def test_arrays_of_another_library_are_taken_whole():
    pair = OfAnotherLibrary(IMAGES), OfAnotherLibrary(LABELS)
    data = make_dataset("own", {"train": pair, "test": pair})
    assert data.train.labels.tolist() == LABELS.tolist()
    assert np.array_equal(data.test.images[:, 0], IMAGES)
