"""The MNIST that comes with mxdigits."""

from __future__ import annotations

import shutil
import struct
import time

import numpy as np
import pytest

from mxdigits.data import mnist as room
from mxdigits.data.dataset import Dataset
from mxdigits.data.mnist import HOME, SHA256, mnist
from mxdigits.errors import DataError


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return mnist()


def test_shapes_and_types(digits):
    assert digits.name == "mnist"
    assert digits.train.images.shape == (60000, 1, 28, 28)
    assert digits.test.images.shape == (10000, 1, 28, 28)
    assert digits.train.images.dtype == digits.test.images.dtype == np.uint8
    assert digits.train.labels.dtype == digits.test.labels.dtype == np.int64
    assert digits.image_shape == (1, 28, 28)
    assert digits.classes == tuple("0123456789")


def test_the_published_counts(digits):
    assert np.bincount(digits.train.labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert np.bincount(digits.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


def test_the_first_digits(digits):
    assert digits.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The well-known mean and deviation of the training images.
    assert digits.train.images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert digits.train.images.std() / 255 == pytest.approx(0.3081, abs=5e-5)


def test_the_hashes_are_told(digits):
    assert digits.hashes == SHA256
    assert list(SHA256) == [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]


def test_the_files_hold_neither_a_name_nor_a_time():
    for name in SHA256:
        with open(HOME / f"{name}.gz", "rb") as file:
            magic, method, flags, mtime = struct.unpack("<HBBI", file.read(8))
        assert (magic, method, flags, mtime) == (0x8B1F, 8, 0, 0)


def test_the_licence_lies_beside_the_files():
    notice = (HOME / "NOTICE").read_text()
    assert "Yann LeCun and Corinna Cortes" in notice
    assert "Attribution-ShareAlike 3.0" in notice


def test_loading_is_quick():
    start = time.process_time()
    mnist()
    assert time.process_time() - start < 2  # 0.2 s is usual; this only guards the order


def test_a_file_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "HOME", tmp_path)
    with pytest.raises(DataError) as caught:
        mnist()
    assert str(caught.value) == (
        f"{tmp_path}/train-images-idx3-ubyte.gz: no such file; "
        "the file comes with mxdigits: reinstall it"
    )


def test_a_file_that_is_another(tmp_path, monkeypatch):
    shutil.copytree(HOME, tmp_path, dirs_exist_ok=True)
    shutil.copy(HOME / "t10k-labels-idx1-ubyte.gz", tmp_path / "train-labels-idx1-ubyte.gz")
    monkeypatch.setattr(room, "HOME", tmp_path)
    with pytest.raises(DataError) as caught:
        mnist()
    found, expected = SHA256["t10k-labels-idx1-ubyte"], SHA256["train-labels-idx1-ubyte"]
    assert str(caught.value) == (
        f"{tmp_path}/train-labels-idx1-ubyte.gz: its SHA-256 is {found}, expected {expected}; "
        "the file comes with mxdigits: reinstall it"
    )
