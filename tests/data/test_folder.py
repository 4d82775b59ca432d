"""Pictures in folders: which are read, how they are divided, and what is said where they fail."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mxdigits.data.folder import folder
from mxdigits.data.mnist import mnist
from mxdigits.errors import DataError, UsageError

IMAGES = mnist().test.images[:40, 0]


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


def fill(root, count=40, labels="37"):
    for i, image in enumerate(IMAGES[:count]):
        save(root / labels[i % len(labels)] / f"{i:02d}.png", 255 - image)
    return root


def test_train_and_test(tmp_path):
    fill(tmp_path / "train", 12)
    fill(tmp_path / "test", 5)
    found = folder(path=tmp_path)
    assert (len(found.train), len(found.test)) == (12, 5)
    assert found.classes == tuple("0123456789")
    assert found.train.labels.tolist() == [3] * 6 + [7] * 6
    assert found.image_shape == (1, 28, 28)
    assert found.preprocessing == "mnist"
    assert set(found.hashes) == {"train", "test"}


def test_pictures_are_digitized_or_taken_as_they_are(tmp_path):
    fill(tmp_path / "train", 4, "1")
    fill(tmp_path / "test", 4, "1")
    as_they_are = folder(path=tmp_path, digitize=False)
    np.testing.assert_array_equal(as_they_are.train.images[:, 0], 255 - IMAGES[:4])
    assert as_they_are.preprocessing == "none"
    assert folder(path=tmp_path).train.images.mean() < 60  # white on black again


def test_other_names_are_classes_in_order(tmp_path):
    for part in ("train", "test"):
        for name in ("plus", "minus"):
            save(tmp_path / part / name / "a.png", 255 - IMAGES[0])
    assert folder(path=tmp_path).classes == ("minus", "plus")
    given = folder(path=tmp_path, classes=["plus", "times", "minus"])
    assert given.classes == ("plus", "times", "minus")
    assert given.train.labels.tolist() == [2, 0]
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path, classes=["plus"])
    assert str(caught.value) == f"{tmp_path}: the folders minus are not among the classes"


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (("0", "1", "10", "2"), ("0", "1", "2", "10")),
        (("-1", "1", "01", "9"), ("-1", "01", "1", "9")),
        (("1", "10", "2", "x"), ("1", "10", "2", "x")),
    ],
)
def test_names_that_are_numbers_sort_as_numbers(tmp_path, names, order):
    for part in ("train", "test"):
        for name in names:
            save(tmp_path / part / name / "a.png", 255 - IMAGES[0])
    assert folder(path=tmp_path).classes == order


def sides(found):
    return [{image.tobytes() for image in split.images} for split in (found.train, found.test)]


@pytest.mark.parametrize("inner", [".", "train"])
def test_a_share_is_kept_to_test_with_and_stays_when_pictures_are_added(tmp_path, inner):
    fill(tmp_path / inner, 30)
    train, test = sides(folder(path=tmp_path, test_share=0.3))
    assert len(train) + len(test) == 30
    assert 3 <= len(test) <= 15
    assert sides(folder(path=tmp_path, test_share=0.3)) == [train, test]
    assert sides(folder(path=tmp_path, test_share=0.3, seed=1))[1] != test
    fill(tmp_path / inner, 40)
    (tmp_path / inner / "3" / "00.png").rename(tmp_path / inner / "3" / "zz.png")
    more_train, more_test = sides(folder(path=tmp_path, test_share=0.3))
    assert train < more_train
    assert test < more_test


def test_two_pictures_are_enough_and_one_is_not(tmp_path):
    fill(tmp_path, 1)
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: one picture is too few to train on some and test with others"
    )
    fill(tmp_path, 2)
    for seed in range(8):
        found = folder(path=tmp_path, seed=seed, test_share=0.01)
        assert (len(found.train), len(found.test)) == (1, 1)


def test_the_hash_follows_contents_and_labels_alone(tmp_path):
    fill(tmp_path / "one" / "train", 6)
    fill(tmp_path / "one" / "test", 6)
    before = folder(path=tmp_path / "one").hashes
    assert before["train"] == before["test"]
    (tmp_path / "one/train/3/00.png").rename(tmp_path / "one/train/3/x.png")
    assert folder(path=tmp_path / "one").hashes == before
    (tmp_path / "one/train/3/x.png").rename(tmp_path / "one/train/7/x.png")
    assert folder(path=tmp_path / "one").hashes["train"] != before["train"]


def test_errors_name_the_file(tmp_path):
    fill(tmp_path / "train", 4)
    fill(tmp_path / "test", 4)
    bad = tmp_path / "train/3/bad.png"
    bad.write_bytes(b"no")
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path)
    assert str(caught.value) == f"{bad}: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"
    save(bad, np.full((30, 30), 200, np.uint8))
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path)
    assert str(caught.value) == f"{bad}: shows no digit"
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path, digitize=False)
    assert str(caught.value) == (
        f"{bad}: is 30 x 30, the pictures before it 28 x 28; "
        "without digitize all must be of one size"
    )


def test_what_is_no_folder_of_pictures(tmp_path):
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / "none")
    assert str(caught.value) == f"{tmp_path}/none: no such folder"
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: holds no pictures; put them into folders such as {tmp_path}/3"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": 3}, "option path: expected a folder, got 3"),
        ({"digitize": "no"}, "option digitize: expected true or false, got 'no'"),
        ({"test_share": 1}, "option test_share: expected a share between 0 and 1, got 1"),
        ({"seed": 0.5}, "option seed: expected a whole number, got 0.5"),
    ],
)
def test_options_of_another_type(options, message):
    with pytest.raises(UsageError) as caught:
        folder(**{"path": "x", **options})
    assert str(caught.value) == message
