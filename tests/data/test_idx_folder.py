"""A folder with four IDX files: which names are found, and what is said when they do not fit."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import struct
import tracemalloc

import numpy as np
import pytest

from mxdigits.data.idx import write_idx
from mxdigits.data.idx_folder import holds_idx, idx
from mxdigits.errors import DataError, UsageError
from mxdigits.values import as_written

USUAL = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
TRAIN = np.arange(6 * 2 * 3, dtype=np.uint8).reshape(6, 2, 3)
TEST = TRAIN[:3] + 100
TRAIN_LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)
TEST_LABELS = np.array([2, 1, 0], np.uint8)
ARRAYS = (TRAIN, TRAIN_LABELS, TEST, TEST_LABELS)


def fill(folder, names=USUAL, arrays=ARRAYS):
    for name, array in zip(names, arrays):
        write_idx(folder / name, array)
    return folder


def message(error=DataError, **options) -> str:
    with pytest.raises(error) as caught:
        idx(**options)
    assert len(caught.value.lines) == 1
    return str(caught.value)


# Names


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("prefix", ["", "emnist-digits-", "my_own_"])
@pytest.mark.parametrize("test", ["t10k", "test"])
@pytest.mark.parametrize("joint", ["-", "."])
def test_the_usual_names(tmp_path, suffix, prefix, test, joint):
    names = [
        prefix + name.replace("t10k", test).replace("-idx", f"{joint}idx") + suffix
        for name in USUAL
    ]
    data = idx(path=fill(tmp_path, names))
    assert data.name == str(tmp_path)
    assert np.array_equal(data.train.images, TRAIN[:, None])
    assert np.array_equal(data.test.images, TEST[:, None])
    assert data.train.labels.tolist() == TRAIN_LABELS.tolist()
    assert data.test.labels.tolist() == TEST_LABELS.tolist()
    assert data.train.labels.dtype == np.int64
    assert data.classes == ("0", "1", "2")
    assert list(data.hashes) == [name[: len(name) - len(suffix)] for name in names]


def test_the_hashes_are_those_of_the_uncompressed_files(tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "packed").mkdir()
    plain = idx(path=fill(tmp_path / "plain"))
    packed = idx(path=fill(tmp_path / "packed", [name + ".gz" for name in USUAL]))
    assert (
        plain.hashes
        == packed.hashes
        == {
            name: hashlib.sha256((tmp_path / "plain" / name).read_bytes()).hexdigest()
            for name in USUAL
        }
    )


def test_a_plain_file_is_hashed_when_somebody_asks_and_must_be_the_one_that_was_read(tmp_path):
    data = idx(path=fill(tmp_path))
    first, *_, last = USUAL
    digest = data.hashes[first]
    assert digest == hashlib.sha256((tmp_path / first).read_bytes()).hexdigest()
    fill(tmp_path, arrays=[array[::-1] for array in ARRAYS])
    assert data.hashes[first] == digest  # it was found out before
    with pytest.raises(DataError) as caught:
        data.hashes[last]
    assert str(caught.value) == f"{tmp_path / last}: has changed since it was read"
    (tmp_path / last).unlink()
    with pytest.raises(DataError) as caught:
        data.hashes[last]
    assert str(caught.value) == f"{tmp_path / last}: no such file"


def test_plain_goes_before_compressed(tmp_path):
    fill(tmp_path, [name + ".gz" for name in USUAL], [array[::-1] for array in ARRAYS])
    fill(tmp_path)
    assert np.array_equal(idx(path=tmp_path).train.images, TRAIN[:, None])


def test_folders_and_other_files_do_not_count(tmp_path):
    fill(tmp_path, [name.replace("-idx", ".idx") for name in USUAL])
    for name in USUAL:
        (tmp_path / name).mkdir()
    (tmp_path / "train-images-idx3-ubyte.zip").write_text("not this")
    (tmp_path / "train-labels-idx2-int.gz").write_text("nor this")
    (tmp_path / "pretrain-images-idx3-ubyte").write_text("nor that")
    assert len(idx(path=tmp_path).train) == 6


def test_the_path_may_begin_at_home(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    fill(tmp_path / "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert idx(path="~/mine").name == f"{tmp_path}/mine"


def test_the_options_are_keywords():
    kinds = {option.kind for option in inspect.signature(idx).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


# Options


def test_transpose(tmp_path):
    data = idx(path=fill(tmp_path), transpose=True)
    assert data.image_shape == (1, 3, 2)
    assert np.array_equal(data.train.images[0, 0], TRAIN[0].T)
    assert np.array_equal(data.test.images[2, 0], TEST[2].T)
    assert data.train.images.flags.c_contiguous


def test_what_is_known_of_the_images_form(tmp_path):
    images = np.full((3, 28, 28), 255, np.uint8)
    labels = np.arange(3, dtype=np.uint8)
    fill(tmp_path, arrays=(images, labels, images, labels))
    assert idx(path=tmp_path).preprocessing == "none"
    assert idx(path=tmp_path, preprocessing="mnist").preprocessing == "mnist"


def test_transpose_takes_no_memory_of_its_own(tmp_path):
    random = np.random.default_rng(0)
    train = random.integers(0, 256, (2500, 40, 30)).astype(np.uint8)
    fill(tmp_path, arrays=(train, np.zeros(2500, np.uint8), train[:3], np.zeros(3, np.uint8)))
    tracemalloc.start()
    try:
        data = idx(path=tmp_path, transpose=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.array_equal(data.train.images[:, 0], train.swapaxes(1, 2))
    assert peak < 1.75 * train.nbytes  # a thousand images at a time, of 2500


def test_classes_by_number_and_by_name(tmp_path):
    fill(tmp_path)
    assert idx(path=tmp_path, classes=4).classes == ("0", "1", "2", "3")
    assert idx(path=tmp_path, classes=["one", "two", "three"]).classes == ("one", "two", "three")


def test_classes_count_from_both_parts(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS, TEST, TEST_LABELS + 1))
    assert idx(path=tmp_path).classes == ("0", "1", "2", "3")


@pytest.mark.parametrize("classes", ["abc", True, False, 0, -1, 1.5, 10**9])
def test_classes_of_a_wrong_kind(tmp_path, classes):
    assert message(path=fill(tmp_path), classes=classes) == (
        f"data set '{tmp_path}': classes must be a list of names or a number from 1 to 65536, "
        f"got {as_written(classes)}"
    )


def test_too_few_classes(tmp_path):
    fill(tmp_path)
    said = f"data set '{tmp_path}': train: label 2 is outside 0 to 1 (classes: 2)"
    assert message(path=tmp_path, classes=2) == said
    assert message(path=tmp_path, classes=["a", "b"]) == said


def test_options_of_a_wrong_kind(tmp_path):
    assert (
        message(UsageError, path=3)
        == "option path: must be a folder, got 3; write ./ before a name that is a number"
    )
    assert message(UsageError, path=str(fill(tmp_path)), transpose="no") == (
        "option transpose: must be true or false, got 'no'"
    )
    assert message(UsageError, path=str(tmp_path), first_label=True) == (
        "option first_label: must be a whole number, got true"
    )
    assert message(UsageError, path=str(tmp_path), preprocessing="emnist") == (
        "option preprocessing: must be mnist or none, got 'emnist'"
    )


def test_the_first_label(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS + 1, TEST, TEST_LABELS + 1))
    data = idx(path=tmp_path, first_label=1)
    assert data.train.labels.tolist() == TRAIN_LABELS.tolist()
    assert data.test.labels.tolist() == TEST_LABELS.tolist()
    assert (data.classes, data.notes) == (("1", "2", "3"), ())
    assert idx(path=tmp_path, first_label=1, classes=4).classes == ("1", "2", "3", "4")
    assert idx(path=tmp_path, first_label=1, classes=["a", "b", "c"]).classes == ("a", "b", "c")


def test_labels_that_count_from_one_are_noticed(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS + 1, TEST, TEST_LABELS + 1))
    data = idx(path=tmp_path)
    assert data.classes == ("0", "1", "2", "3")
    assert data.notes == (
        f"{tmp_path}: the labels are 1 to 3; if there is no class 0, write first_label: 1",
    )
    assert idx(path=tmp_path, classes=4).notes == ()  # the user says that there is a class 0
    for classes in (3, ["a", "b", "c"]):
        assert message(path=tmp_path, classes=classes) == (
            f"{tmp_path}: the labels are 1 to 3, and there are 3 classes; write first_label: 1"
        )
    assert message(path=tmp_path, first_label=2) == (
        f"{tmp_path}: the labels are 1 to 3: 1 is below first_label: 2"
    )


# QMNIST's labels

QMNIST = tuple(
    f"qmnist-{name}".replace("t10k", "test").replace("labels-idx1-ubyte", "labels-idx2-int")
    for name in USUAL
)


def write_qmnist(file, labels, columns=8, kind=0x0C):
    rows = np.full((len(labels), columns), 123456, ">i4")
    rows[:, 0] = labels
    header = struct.pack(">HBBII", 0, kind, 2, *rows.shape)
    content = header + rows.tobytes()
    file.write_bytes(gzip.compress(content) if file.name.endswith(".gz") else content)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_qmnist(tmp_path, suffix):
    fill(tmp_path, [name + suffix for name in QMNIST], (TRAIN, TRAIN_LABELS, TEST, TEST_LABELS))
    write_qmnist(tmp_path / (QMNIST[1] + suffix), TRAIN_LABELS)
    write_qmnist(tmp_path / (QMNIST[3] + suffix), TEST_LABELS)
    data = idx(path=tmp_path)
    assert data.train.labels.tolist() == TRAIN_LABELS.tolist()
    assert data.test.labels.tolist() == TEST_LABELS.tolist()
    assert list(data.hashes) == list(QMNIST)
    assert holds_idx(tmp_path)
    for name in ("train", "test"):  # the same in MNIST's own form goes before it
        write_idx(tmp_path / f"qmnist-{name}-labels-idx1-ubyte", np.zeros(6, np.uint8))
    assert message(path=tmp_path).endswith("holds 6 labels")


def test_what_is_not_quite_qmnist(tmp_path):
    fill(tmp_path, QMNIST)
    write_qmnist(tmp_path / QMNIST[3], TEST_LABELS)
    train = tmp_path / QMNIST[1]
    write_qmnist(train, TRAIN_LABELS, columns=7)
    assert message(path=tmp_path) == f"{train}: has 7 columns; QMNIST's labels have 8"
    write_qmnist(train, TRAIN_LABELS, kind=0x0B)
    assert message(path=tmp_path) == (
        f"{train}: the elements are 16-bit integers (0x0b), expected 32-bit integers (0x0c)"
    )
    write_qmnist(train, TRAIN_LABELS)
    train.write_bytes(train.read_bytes()[:-1])
    assert message(path=tmp_path) == (
        f"{train}: truncated: the header promises 6x8x4 = 192 bytes, found 191"
    )
    write_qmnist(train, [-1, *TRAIN_LABELS[1:]])
    assert message(path=tmp_path) == (
        f"{tmp_path}: the labels are -1 to 2: -1 is below first_label: 0"
    )
    write_qmnist(train, [70000, *TRAIN_LABELS[1:]])
    assert message(path=tmp_path) == (
        f"data set '{tmp_path}': classes must be a list of names or a number from 1 to 65536, "
        "got 70001"
    )


# What is wrong


def test_no_folder(tmp_path):
    (tmp_path / "file").touch()
    assert message(path=tmp_path / "no") == f"{tmp_path}/no: no such folder"
    assert message(path=tmp_path / "file") == f"{tmp_path}/file: not a folder"
    # Python words it in several ways.
    assert message(path="a\0b").startswith("a\0b: cannot be read: ")
    assert "embedded null" in message(path="a\0b")


def test_no_permission(tmp_path, monkeypatch):
    def refuse(path):  # chmod would not stop root
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("mxdigits.data.idx_folder.os.scandir", refuse)
    said = message(path=tmp_path)
    monkeypatch.undo()
    assert said == f"{tmp_path}: cannot be read: Permission denied"


def test_missing_files(tmp_path):
    assert message(path=tmp_path) == (
        f"{tmp_path}: has no train-images-idx3-ubyte, train-labels-idx1-ubyte, "
        "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain, or with .gz)"
    )
    fill(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    assert message(path=tmp_path) == (
        f"{tmp_path}: has no t10k-labels-idx1-ubyte (plain, or with .gz)"
    )


def test_several_data_sets(tmp_path):
    fill(tmp_path, [f"emnist-letters-{name}.gz" for name in USUAL])
    fill(tmp_path, [f"emnist-digits-{name}.gz" for name in USUAL])
    assert message(path=tmp_path) == (
        f"{tmp_path}: 2 files might hold the train images: "
        "emnist-digits-train-images-idx3-ubyte.gz, emnist-letters-train-images-idx3-ubyte.gz; "
        "keep each data set in a folder of its own"
    )


def test_two_test_parts(tmp_path):
    fill(tmp_path)
    write_idx(tmp_path / "test-images-idx3-ubyte", TEST)
    assert message(path=tmp_path) == (
        f"{tmp_path}: 2 files might hold the test images: "
        "t10k-images-idx3-ubyte, test-images-idx3-ubyte; "
        "keep each data set in a folder of its own"
    )


def test_parts_of_two_data_sets(tmp_path):
    names = ["a-" + USUAL[0], "b-" + USUAL[1], "a-" + USUAL[2], "a-" + USUAL[3]]
    assert message(path=fill(tmp_path, names)) == (
        f"{tmp_path}: these files belong to different data sets: {', '.join(names)}"
    )


def test_counts_that_differ(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS[:5], TEST, TEST_LABELS))
    assert message(path=tmp_path) == (
        f"{tmp_path}/train-images-idx3-ubyte holds 6 images, "
        f"but {tmp_path}/train-labels-idx1-ubyte holds 5 labels"
    )


def test_nothing_in_the_files(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS, TEST[:0], TEST_LABELS[:0]))
    assert message(path=tmp_path) == (
        f"data set '{tmp_path}': test: is empty: images of shape (0, 2, 3)"
    )


def test_images_where_labels_should_be(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN, TEST, TEST_LABELS))
    assert message(path=tmp_path) == (
        f"{tmp_path}/train-labels-idx1-ubyte: the number of dimensions is 3, expected 1"
    )


def test_images_of_two_sizes(tmp_path):
    fill(tmp_path, arrays=(TRAIN, TRAIN_LABELS, TEST.swapaxes(1, 2), TEST_LABELS))
    assert message(path=tmp_path) == (
        f"data set '{tmp_path}': train images are 1x2x3 and test images 1x3x2; they must be alike"
    )
