"""A data set in an NPZ file: which arrays are taken, and what is said when they do not fit."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest

from mxdigits.data.npz_set import holds_data_set, npz
from mxdigits.errors import DataError, UsageError

IMAGES = np.arange(6 * 2 * 5, dtype=np.uint8).reshape(6, 2, 5)
LABELS = np.array([0, 1, 2, 0, 1, 2])
KERAS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:3] + 100, "y_test": LABELS[:3]}


@pytest.fixture
def save(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(**arrays):
        np.savez("mine.npz", **arrays)
        return "mine.npz"

    return save


def message(error=DataError, **options) -> str:
    with pytest.raises(error) as caught:
        npz(**options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("images", "labels"), [("x_{}", "y_{}"), ("{}_images", "{}_labels"), ("Data_{}", "{}_target")]
)
@pytest.mark.parametrize("train", ["train", "training"])
def test_the_usual_names(save, images, labels, train):
    path = save(
        **{
            images.format(train): IMAGES,
            labels.format(train): LABELS.astype(np.uint8)[:, None],
            images.format("test"): IMAGES[:3] + 100,
            labels.format("test"): LABELS[:3],
        }
    )
    data = npz(path=path)
    assert (data.name, data.classes) == ("mine.npz", ("0", "1", "2"))
    assert np.array_equal(data.train.images, IMAGES[:, None])
    assert np.array_equal(data.test.images, IMAGES[:3, None] + 100)
    assert data.train.labels.tolist() == LABELS.tolist()
    assert data.validation is None
    assert data.hashes[images.format(train)] == hashlib.sha256(IMAGES.tobytes()).hexdigest()


def test_a_validation_part_names_of_classes_and_other_arrays(save):
    path = save(**KERAS, x_val=IMAGES[4:], y_val=LABELS[4:], weights=np.zeros(3), x=LABELS)
    data = npz(path=path, classes=["a", "b", "c"])
    assert data.validation.labels.tolist() == [1, 2]
    assert data.classes == ("a", "b", "c")
    assert data.notes == ("mine.npz: passed over weights, x",)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((4, 8, 9), (4, 1, 8, 9)),
        ((4, 1, 8, 9), (4, 1, 8, 9)),
        ((4, 3, 8, 3), (4, 3, 8, 3)),
        ((4, 8, 9, 1), (4, 1, 8, 9)),
        ((4, 8, 9, 3), (4, 3, 8, 9)),
    ],
)
def test_channels_may_come_last(save, shape, expected):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    data = npz(path=save(x_train=images, y_train=[0, 1, 0, 1], x_test=images, y_test=[0, 1, 0, 1]))
    assert data.train.images.shape == expected
    moved = images if images.ndim == 3 or shape[1] == expected[1] else np.moveaxis(images, 3, 1)
    assert np.array_equal(data.train.images, moved.reshape(expected))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"x_test": None},
            "has no x_test; its arrays are x_train, y_train, y_test; save all it needs: "
            "numpy.savez('mine.npz', x_train=..., y_train=..., x_test=..., y_test=...)",
        ),
        (
            {"x_val": IMAGES},
            "has no y_validation; its arrays are x_train, y_train, x_test, y_test, x_val; save all "
            "it needs: numpy.savez('mine.npz', x_train=..., y_train=..., x_test=..., y_test=..., "
            "x_validation=..., y_validation=...)",
        ),
        (
            {"train_images": IMAGES},
            "x_train and train_images might each be its train images",
        ),
        (
            {"x_train": IMAGES / 255},
            "x_train must be uint8, it is float64; save (x_train * 255).round().astype('uint8') of "
            "numbers from 0 to 1, x_train.astype('uint8') of numbers from 0 to 255",
        ),
        (
            {"x_train": IMAGES > 30},
            "x_train must be uint8, it is bool; save (x_train * 255).astype('uint8')",
        ),
        (
            {"x_test": IMAGES.astype(np.uint16)},
            "x_test must be uint8, it is uint16; save x_test.astype('uint8') of numbers from 0 to "
            "255, (x_test // 257).astype('uint8') of numbers from 0 to 65535",
        ),
        ({"x_test": IMAGES.astype("U3")}, "x_test must be uint8, it is <U3"),
        (
            {"x_test": IMAGES.reshape(6, 10)},
            "x_test: images must be uint8 of shape (N, H, W) or (N, C, H, W), got uint8 of shape "
            "(6, 10); write images.reshape(-1, H, W) with their height and width",
        ),
        (
            {"x_test": np.zeros((3, 64), np.uint8)},
            "x_test: images must be uint8 of shape (N, H, W) or (N, C, H, W), got uint8 of shape "
            "(3, 64); write images.reshape(-1, 8, 8)",
        ),
        (
            {"y_train": np.eye(6)},
            "y_train: labels must be integers of shape (N,), got float64 of shape (6, 6); of one "
            "column a class write labels.argmax(axis=1)",
        ),
        (
            {"y_train": np.eye(6, dtype=int)},
            "y_train: labels must be integers of shape (N,), got int64 of shape (6, 6); of one "
            "column a class write labels.argmax(axis=1)",
        ),
        (
            {"y_train": LABELS + 0.5},
            "y_train: labels must be whole numbers, the number of each image's class",
        ),
        (
            {"y_train": np.array(["a", "b", "c"])[LABELS]},
            "y_train: labels must be integers of shape (N,), got <U1 of shape (6,); of names write "
            "numpy.unique(labels, return_inverse=True)[1]",
        ),
        (
            {"y_train": LABELS.astype(object)},
            "not a sound NPZ file: y_train.npy holds Python objects, which are never read; save "
            "an array of numbers",
        ),
    ],
)
def test_arrays_that_do_not_fit(save, changed, problem):
    path = save(**{name: each for name, each in {**KERAS, **changed}.items() if each is not None})
    assert message(path=path) == f"mine.npz: {problem}"


@pytest.mark.parametrize("labels", [LABELS / 1, LABELS[:, None].astype("f4")])
def test_labels_of_whole_floats(save, labels):
    data = npz(path=save(**{**KERAS, "y_train": labels}))
    assert data.train.labels.tolist() == LABELS.tolist()
    assert data.train.labels.dtype == np.int64


def test_labels_that_count_from_another_number(save):
    path = save(**{**KERAS, "y_train": LABELS + 1, "y_test": LABELS[:3] + 1})
    data = npz(path=path)
    assert (data.classes, data.train.labels.tolist()) == (tuple("0123"), [1, 2, 3, 1, 2, 3])
    assert data.notes == (
        "mine.npz: the labels are 1 to 3; if there is no class 0, write first_label: 1",
    )
    data = npz(path=path, first_label=1)
    assert (data.classes, data.train.labels.tolist(), data.notes) == (tuple("123"), [*LABELS], ())
    assert message(path=path, classes=["a", "b", "c"]) == (
        "mine.npz: the labels are 1 to 3, and there are 3 classes; write first_label: 1"
    )
    assert message(UsageError, path=path, first_label="1") == (
        "option first_label: must be a whole number, got '1'"
    )


def test_what_is_no_file(tmp_path):
    assert message(path=tmp_path / "no.npz") == f"{tmp_path / 'no.npz'}: no such file"
    assert (
        message(UsageError, path=3)
        == "option path: must be a file, got 3; write ./ before a name that is a number"
    )


def test_a_table_is_none(tmp_path):
    table, archive = tmp_path / "train.csv", str(tmp_path / "train.npz")
    table.write_text("label,pixel0\n1,0\n")
    with pytest.raises(DataError) as raised:
        npz(path=table)
    assert str(raised.value) == (
        f"{table}: not an NPZ file; a table of pixels is read as an NPZ file: write "
        f"numpy.savez({archive!r}, x_train=..., y_train=..., x_test=..., y_test=...)"
    )


@pytest.mark.parametrize("name", ["usps.h5", "X.npy", "svhn.MAT", "digits.pt"])
def test_arrays_of_other_formats_are_none(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(b"arrays")
    with pytest.raises(DataError) as raised:
        npz(path=file)
    assert str(raised.value) == (
        f"{file}: not an NPZ file; its arrays are read as an NPZ file: write numpy.savez("
        f"'{file.with_suffix('.npz')}', x_train=..., y_train=..., x_test=..., y_test=...)"
    )


def test_an_npz_file_may_have_another_name(save, tmp_path):
    file = save(**KERAS)
    other = tmp_path / "mnist.zip"
    shutil.copyfile(file, other)
    assert npz(path=other).classes == npz(path=file).classes


def test_what_is_known_of_the_images_form(save):
    images, labels = np.full((3, 28, 28), 255, np.uint8), np.arange(3)
    path = save(x_train=images, y_train=labels, x_test=images, y_test=labels)
    assert npz(path=path).preprocessing == "none"
    assert npz(path=path, preprocessing="mnist").preprocessing == "mnist"
    assert message(UsageError, path=save(**KERAS), preprocessing="mnist") == (
        "option preprocessing: images of MNIST's form are 28x28, these are 1x2x5; leave the option "
        "out"
    )
    assert message(UsageError, path=path, preprocessing=True) == (
        "option preprocessing: must be mnist or none, got true"
    )


def test_a_data_set_is_told_from_other_archives(save, tmp_path):
    assert holds_data_set(save(**KERAS))
    assert not holds_data_set(save(images=IMAGES))
    (tmp_path / "text.npz").write_text("no archive")
    assert not holds_data_set(tmp_path / "text.npz")
