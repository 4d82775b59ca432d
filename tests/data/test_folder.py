"""Pictures in folders: which are read, how they are divided, and what is said where they fail."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image
from read_once import mnist_once

from mxdigits.data.folder import count_pictures, folder
from mxdigits.errors import DataError, PicturesRefused, UsageError
from mxdigits.values import as_written

pytestmark = pytest.mark.usefixtures("one_picture_reader")

IMAGES = mnist_once().test.images[:40, 0]


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


def fill(root, count=40, labels="37", first=0):
    for i, image in enumerate(IMAGES[first : first + count]):
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


def test_one_of_another_scale_is_found_beside_others(tmp_path):
    """12 bits in a file of 16 is nearly black; digitized, a picture has its contrast stretched."""
    fill(tmp_path / "train", 4)
    fill(tmp_path / "test", 4)
    file = tmp_path / "train/3/twelve.png"
    Image.fromarray((255 - IMAGES[0]).astype(np.uint16) * 16).save(file)
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path, digitize=False)
    assert caught.value.lines == [
        f"{file}: the largest pixel is 16, and white is 255; multiply images of 0 to 16 by 15",
        f"{tmp_path}: 1 picture cannot be used",
    ]
    found = folder(path=tmp_path)
    assert found.train.images.max(axis=(1, 2, 3)).min() > 200


def save_pages(path, *images):
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *others = map(Image.fromarray, images)
    first.save(path, save_all=True, append_images=others, compression="tiff_lzw")


def test_every_page_is_a_picture(tmp_path):
    fill(tmp_path / "test", 2)
    save_pages(tmp_path / "train/3/pages.tif", *IMAGES[:3])
    found = folder(path=tmp_path, digitize=False)
    np.testing.assert_array_equal(found.train.images[:, 0], IMAGES[:3])


def test_a_page_that_is_refused_ends_its_file_alone(tmp_path):
    fill(tmp_path, 4)
    large = np.zeros((8000, 8001), bool)
    save_pages(tmp_path / "3/large.tif", IMAGES[0], large, IMAGES[1])
    save_pages(tmp_path / "7/blank.tif", IMAGES[0], 0 * IMAGES[0], IMAGES[1])
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path)
    assert caught.value.problems == (
        f"{tmp_path}/3/large.tif#2: 8001 x 8000 is 64008000 pixels; at most 64000000 are read",
        f"{tmp_path}/7/blank.tif#2: shows no digit",
    )


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


def test_every_bad_file_is_named_at_once(tmp_path):
    fill(tmp_path / "train", 4)
    fill(tmp_path / "test", 4)
    bad, blank = tmp_path / "train/3/bad.png", tmp_path / "test/7/blank.png"
    bad.write_bytes(b"no")
    save(blank, np.full((30, 30), 200, np.uint8))
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path)
    assert caught.value.lines == [
        f"{bad}: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)",
        f"{blank}: shows no digit",
        f"{tmp_path}: 2 pictures cannot be used",
    ]
    assert str(caught.value) == "\n".join(caught.value.lines)
    bad.unlink()
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path, digitize=False)
    assert caught.value.lines == [
        f"{blank}: is 30 x 30, the pictures before it 28 x 28; "
        "without digitize all must be of one size",
        f"{tmp_path}: 1 picture cannot be used",
    ]


def test_pictures_of_no_digits_are_told_how_to_be_read(tmp_path):
    fill(tmp_path, 4)
    for place in ("cat/a", "cat/b", "dog/a", "dog/b", "3/blank", "one/a"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        save(tmp_path / f"{place}.png", np.full((30, 30), len(place) + ord(place[-1]), np.uint8))
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path)
    assert caught.value.lines[-1] == (
        f"{tmp_path}: 6 pictures cannot be used; no picture of cat, dog shows a digit: if they "
        "show other things, write digitize: false, which takes pictures as they are"
    )


def test_of_many_bad_files_fifty_are_named(tmp_path):
    for i in range(60):
        (fill(tmp_path, 2) / "3" / f"bad{i:02d}.png").write_bytes(b"no")
    with pytest.raises(PicturesRefused) as caught:
        folder(path=tmp_path)
    assert len(caught.value.lines) == 51
    assert caught.value.lines[-1] == (
        f"{tmp_path}: 60 pictures cannot be used; 10 of them are not named here"
    )


# The meaning of folders


@pytest.mark.parametrize(
    ("train", "test"), [("training", "testing"), ("Train", "Test"), ("TRAINING", "test")]
)
def test_parts_have_several_names_in_any_case(tmp_path, train, test):
    fill(tmp_path / train, 12)
    fill(tmp_path / test, 5, first=12)
    found = folder(path=tmp_path)
    assert (len(found.train), len(found.test)) == (12, 5)
    assert found.classes == tuple("0123456789")
    assert found.notes == ()


@pytest.mark.parametrize("name", ["val", "valid", "Validation"])
def test_a_validation_part(tmp_path, name):
    for part, count, first in (("train", 12, 0), (name, 6, 12), ("test", 5, 18)):
        fill(tmp_path / part, count, first=first)
    found = folder(path=tmp_path)
    assert {part: len(split) for part, split in found.parts.items()} == {
        "train": 12,
        "validation": 6,
        "test": 5,
    }
    assert set(found.hashes) == {"train", "validation", "test"}
    assert found.notes == ()


def test_a_validation_part_is_no_test_part(tmp_path):
    fill(tmp_path / "train", 30)
    fill(tmp_path / "val", 6, first=30)
    found = folder(path=tmp_path)
    assert found.validation is not None
    assert len(found.validation) == 6
    count = len(found.test)
    assert len(found.train) + count == 30
    assert found.notes == (
        f"{tmp_path} has no folder test: {count} of 30 pictures are kept to test with",
    )


def test_a_class_may_be_called_like_a_part(tmp_path):
    fill(tmp_path, 20, ["valid", "invalid"])
    assert folder(path=tmp_path).classes == ("invalid", "valid")


@pytest.mark.parametrize(
    ("made", "path", "message"),
    [
        (
            ["mine/train", "mine/test"],
            ".",
            "{home}: mine holds only folders, and the folder of a class holds its pictures "
            "itself; if {home}/mine is the data set, write path: {home}/mine",
        ),
        (
            ["2019", "2020"],
            ".",
            "{home}: 2019, 2020 hold only folders, and the folder of a class holds its pictures "
            "itself; if {home}/2019 is the data set, write path: {home}/2019",
        ),
        (
            ["mine/train"],
            "mine/train/3",
            "{home}/mine/train/3: its pictures are in no class's folder; put them into folders "
            "such as {home}/mine/train/3/3; if 3 is one of the classes, write path: {home}/mine",
        ),
        (
            ["mine"],
            "mine/7",
            "{home}/mine/7: its pictures are in no class's folder; put them into folders "
            "such as {home}/mine/7/3; if 7 is one of the classes, write path: {home}/mine",
        ),
        (
            ["test", "val"],
            ".",
            "{home}: has test, val, and no folder train to train on; to take its pictures all "
            "the same, write path: {home}/test",
        ),
        (
            ["train", "Training"],
            ".",
            "{home}: Training, train might each be its train part; keep one",
        ),
    ],
)
def test_a_path_too_high_or_too_low_is_refused(tmp_path, made, path, message):
    for each in made:
        fill(tmp_path / each, 4)
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / path)
    assert str(caught.value) == message.format(home=tmp_path)


def test_a_part_that_is_read_alone_says_so(tmp_path):
    for part in ("train", "test", "val", "more"):
        fill(tmp_path / part, 30)
    notes = folder(path=tmp_path / "train").notes
    assert notes[0] == (
        f"{tmp_path}/train is read alone; to read test, val beside it too, write path: {tmp_path}"
    )
    assert len(notes) == 2


def test_what_is_passed_over_is_one_note(tmp_path):
    fill(tmp_path / "train", 4)
    fill(tmp_path / "test", 4, first=4)
    save(tmp_path / "train/3/.ipynb_checkpoints/0.png", 255 - IMAGES[0])
    save(tmp_path / "train/@eaDir/0.png", 255 - IMAGES[0])
    save(tmp_path / "train/loose.png", 255 - IMAGES[0])
    save(tmp_path / "more/3/0.png", 255 - IMAGES[0])
    (tmp_path / "train/8").mkdir()
    (tmp_path / "train/README.txt").touch()
    found = folder(path=tmp_path)
    assert len(found.train) == 4
    assert found.notes == (
        f"{tmp_path}: passed over 1 picture in no class's folder (train/loose.png); "
        "1 folder beside the parts (more); 1 folder without pictures (train/8); "
        "1 hidden (train/3/.ipynb_checkpoints); 1 system folder (train/@eaDir); "
        "1 other file (train/README.txt)",
    )


def test_pictures_below_a_class_and_behind_links_count(tmp_path):
    fill(tmp_path / "mine/train", 4)
    fill(tmp_path / "mine/test", 4, first=4)
    save(tmp_path / "store/x.png", 255 - IMAGES[10])
    save(tmp_path / "five/x.png", 255 - IMAGES[11])
    (tmp_path / "mine/train/3/more").symlink_to(tmp_path / "store")
    (tmp_path / "mine/train/5").symlink_to(tmp_path / "five")
    found = folder(path=tmp_path / "mine")
    assert found.train.labels.tolist() == [3, 3, 3, 5, 7, 7]
    assert found.notes == ()


def test_a_picture_of_two_classes_is_told(tmp_path):
    fill(tmp_path / "train", 4)
    fill(tmp_path / "test", 4, first=4)
    (tmp_path / "train/5").symlink_to(tmp_path / "train/7")
    save(tmp_path / "test/9/copy.png", 255 - IMAGES[4])
    assert folder(path=tmp_path).notes == (
        f"{tmp_path}: 3 pictures are in the folders of two classes, "
        "such as train/5/01.png and train/7/01.png",
    )


def test_pictures_that_are_trained_on_and_tested_with_are_told(tmp_path):
    fill(tmp_path / "train", 6)
    fill(tmp_path / "val", 3, first=5)
    fill(tmp_path / "test", 4, first=2)
    save_pages(tmp_path / "test/3/pages.tif", *IMAGES[10:13])
    shutil.copy(tmp_path / "test/3/pages.tif", tmp_path / "train/3")
    too_high = "the {} accuracy will be too high"
    assert folder(path=tmp_path).notes == (
        f"{tmp_path}: 1 picture is in the folders of two classes, "
        "such as train/7/05.png and val/3/00.png",
        f"{tmp_path}: 1 of 3 validation pictures are training pictures too, such as val/3/00.png; "
        + too_high.format("validation"),
        f"{tmp_path}: 5 of 5 test pictures are training pictures too, such as test/3/00.png; "
        + too_high.format("test"),
    )


def test_accents_have_one_form(tmp_path):
    for part, name, image in (("train", "e\u0301", 0), ("test", "\u00e9", 1)):
        save(tmp_path / part / name / "a.png", 255 - IMAGES[image])
    assert folder(path=tmp_path).classes == ("\u00e9",)
    assert folder(path=tmp_path, classes=["e\u0301", "x"]).train.labels.tolist() == [0]


@pytest.mark.parametrize("classes", [3, "37", True, [3, 1.5], {"3": 1}])
def test_classes_are_a_list_of_names(tmp_path, classes):
    with pytest.raises(UsageError) as caught:
        folder(path=fill(tmp_path, 4), classes=classes)
    assert (
        str(caught.value) == f"option classes: must be a list of names, got {as_written(classes)}"
    )


def test_what_is_no_folder_of_pictures(tmp_path):
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / "none")
    assert str(caught.value) == f"{tmp_path}/none: no such folder"
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: holds no pictures; put them into folders such as {tmp_path}/3; "
        "passed over 1 other file (notes.txt)"
    )
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / "notes.txt")
    assert str(caught.value) == f"{tmp_path}/notes.txt: not a folder"
    (tmp_path / "mine.tar.gz").touch()
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / "mine.tar.gz")
    assert str(caught.value) == (
        f"{tmp_path}/mine.tar.gz: not a folder; unpack it, and name what comes out"
    )
    (tmp_path / "mine.csv").touch()
    with pytest.raises(DataError) as caught:
        folder(path=tmp_path / "mine.csv")
    assert str(caught.value) == (
        f"{tmp_path}/mine.csv: not a folder; a table of pixels is read as an NPZ file: write "
        f"numpy.savez('{tmp_path}/mine.npz', x_train=..., y_train=..., x_test=..., y_test=...)"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"path": 3},
            "option path: must be a folder, got 3; write ./ before a name that is a number",
        ),
        ({"digitize": "no"}, "option digitize: must be true or false, got 'no'"),
        ({"test_share": 1}, "option test_share: must be a share between 0 and 1, got 1"),
        ({"seed": 0.5}, "option seed: must be a whole number, got 0.5"),
    ],
)
def test_options_of_another_type(options, message):
    with pytest.raises(UsageError) as caught:
        folder(**{"path": "x", **options})
    assert str(caught.value) == message


def test_the_classes_that_are_counted_are_those_that_are_read(tmp_path):
    for name in ("3/a.png", "4/b.png"):
        (tmp_path / name).parent.mkdir()
        Image.fromarray(np.full((9, 9), 200, np.uint8)).save(tmp_path / name)
    read = folder(path=tmp_path, digitize=False, test_share=0)
    assert count_pictures(tmp_path).classes == read.classes == tuple("0123456789")
