"""Mixed data sets: what is learnt from, what is tested with, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mxdigits.data.dataset import Dataset, Mixed
from mxdigits.data.load import load_dataset
from mxdigits.data.mix import mix, repeated
from mxdigits.errors import DataError, UsageError
from mxdigits.plugins.registry import DATASETS
from mxdigits.values import as_written


def images(count, value, side=4):
    """Images of one shade, so that it is seen where each came from."""
    return np.full((count, side, side), value, np.uint8)


@pytest.fixture(autouse=True)
def made(monkeypatch):
    """Data sets of 40, 10 and 5 images to train on, of the shades 1, 2 and 3; and odd ones."""
    monkeypatch.setattr(DATASETS, "_registered", {})
    for name, count, shade, classes in (
        ("main", 40, 1, "abc"),
        ("some", 10, 2, "cb"),
        ("few", 5, 3, "b"),
        ("odd", 5, 4, "xa"),
    ):
        labels = np.arange(count) % len(classes)
        found = {
            "train": (images(count, shade), labels),
            "test": (images(3, 100 + shade), labels[:3]),
            "classes": list(classes),
            "hashes": {"file": f"{shade}" * 64},
            "preprocessing": "mnist",
        }
        DATASETS.register(name)(lambda found=found: found)
    DATASETS.register("wide")(
        lambda: {"train": (images(2, 90, 5), [0, 1]), "test": (images(2, 90, 5), [0, 1])}
    )


def shades(dataset: Dataset) -> dict[int, int]:
    values, counts = np.unique(dataset.train.images[:, 0, 0, 0], return_counts=True)
    return dict(zip(values.tolist(), counts.tolist()))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["main"], {1: 40}),
        (["main", "some", "few"], {1: 40, 2: 10, 3: 5}),
        (["main", {"name": "some", "repeat": 3}], {1: 40, 2: 30}),
        (["main", {"name": "few", "share": 0.2}], {1: 40, 3: 10}),
        (["main", {"name": "some", "share": 0.1}], {1: 40, 2: 4}),
        (["main", {"name": "few", "share": 1e-6}], {1: 40, 3: 1}),
        (
            ["main", {"name": "some", "share": 0.25}, {"name": "few", "share": 0.25}],
            {1: 40, 2: 20, 3: 20},
        ),
        (
            ["main", {"name": "some", "repeat": 2}, {"name": "few", "share": 0.25}],
            {1: 40, 2: 20, 3: 20},
        ),
    ],
)
def test_how_many_images_each_part_gives(parts, expected):
    found = mix(parts=parts)
    assert shades(found) == expected
    assert [part.taken for part in found.mixed_from] == list(expected.values())


def test_all_but_the_training_images_is_of_the_first():
    found = load_dataset("mix", {"parts": ["main", {"name": "some", "repeat": 2}]})
    assert found.test.images[:, 0, 0, 0].tolist() == [101] * 3
    assert found.classes == ("a", "b", "c")
    assert found.preprocessing == "mnist"
    assert found.mixed_from == (Mixed("main", 40, 40), Mixed("some", 10, 20))
    assert np.array_equal(
        found.train.images[:40, 0, 0, 0], np.ones(40)
    )  # in the order of the parts


def test_validation_images_are_of_the_first_and_notes_of_all():
    for name, shade in (("noted", 20), ("noted too", 30)):
        split = (images(4, shade), [0, 1, 2, 0])
        found = {"train": split, "test": split, "classes": list("abc"), "notes": [f"of {name}"]}
        DATASETS.register(name)(
            lambda found=found, shade=shade: {**found, "validation": (images(1, shade + 1), [0])}
        )
    said = []
    found = load_dataset("mix", {"parts": ["noted", "noted too", "main"]}, said.append)
    assert found.validation.images[:, 0, 0, 0].tolist() == [21]
    assert said == ["of noted", "of noted too"]
    assert mix(parts=["main", "noted"]).validation is None


def test_classes_are_matched_by_name():
    found = mix(parts=["main", "some"])
    assert sorted(found.train.labels[40:].tolist()) == ([1] * 5 + [2] * 5)


def test_hashes_are_those_of_every_part():
    found = mix(parts=["main", "some", {"name": "some", "share": 0.1}])
    assert found.hashes == {"main/file": "1" * 64, "some/file": "2" * 64, "some#2/file": "2" * 64}


def test_a_mix_may_be_a_part():
    inner = {"name": "mix", "parts": ["main", "some"]}
    found = mix(parts=[inner, "few"])
    assert found.mixed_from == (Mixed("main", 40, 40), Mixed("some", 10, 10), Mixed("few", 5, 5))
    assert set(found.hashes) == {"mix/main/file", "mix/some/file", "few/file"}
    assert shades(mix(parts=["main", inner])) == {1: 80, 2: 10}


def test_a_share_repeats_each_image_as_often_as_the_others_or_once_more():
    counts = np.bincount(repeated(7, 24, (0, 1)), minlength=7)
    assert sorted(counts) == [3, 3, 3, 3, 4, 4, 4]
    assert sorted(repeated(7, 7, (0, 1))) == list(range(7))
    assert len(set(repeated(7, 4, (0, 1)))) == 4


def test_what_a_share_leaves_out_follows_from_the_seed():
    first, again, other = (repeated(100, 10, (seed, 1)).tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_a_part_may_be_without_test_images(tmp_path):
    """So that a folder with a single picture can be learnt from."""
    Image.fromarray(images(1, 90)[0]).save(tmp_path / "3.png")
    (tmp_path / "b").mkdir()
    (tmp_path / "3.png").rename(tmp_path / "b" / "3.png")
    part = {"name": "folder", "path": str(tmp_path), "digitize": False, "test_share": 0}
    found = mix(parts=["main", part])
    assert shades(found) == {1: 40, 90: 1}
    assert found.train.labels[-1] == 1
    with pytest.raises(DataError) as caught:
        load_dataset("folder", {key: part[key] for key in part if key != "name"})
    assert str(caught.value) == (
        "data set 'folder' has no images to test with; only a part of a mix may lack them"
    )


EXAMPLE = "[mnist, {name: folder, path: mine, share: 0.1}]"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("main", f"option parts: must be a list of data sets, such as {EXAMPLE}, got 'main'"),
        ([], f"option parts: must be a list of data sets, such as {EXAMPLE}, got []"),
        (
            ["main", 7],
            "option parts.1: must be a name, or a mapping with name and options, got 7",
        ),
        (
            ["main", {"share": 0.1}],
            "option parts.1: must be a name, or a mapping with name and options, "
            "got {'share': 0.1}",
        ),
        (
            [{"name": "main", "share": 0.5}, "some"],
            "option parts.0.share: is for the parts after the first; the first is always taken "
            "whole",
        ),
        (
            ["main", {"name": "some", "share": 1}],
            "option parts.1.share: must be a number between 0 and 1, got 1",
        ),
        (
            ["main", {"name": "some", "repeat": 0.5}],
            "option parts.1.repeat: must be a whole number from 1 on, got 0.5",
        ),
        (
            ["main", {"name": "some", "share": 0.5, "repeat": 2}],
            "option parts.1.repeat: cannot be given with share: each of them sets the number "
            "of images",
        ),
        (
            ["main", {"name": "some", "share": 0.5}, {"name": "few", "share": 0.5}],
            "option parts: the shares must add up to less than 1, they add up to 1",
        ),
        (["main", "nosuch"], "unknown data set 'nosuch'; known: "),
        (["main", {"name": "some", "path": "x"}], "data set 'some': option 'path': unknown; "),
    ],
)
def test_parts_that_are_wrong(parts, message):
    with pytest.raises(UsageError) as caught:
        mix(parts=parts)
    said = str(caught.value)
    assert said == message or (message.endswith(" ") and said.startswith(message))


@pytest.mark.parametrize("seed", [-1, 0.5, True, "0"])
def test_a_seed_that_is_wrong(seed):
    with pytest.raises(UsageError) as caught:
        mix(parts=["main"], seed=seed)
    assert (
        str(caught.value)
        == f"option seed: must be a whole number from 0 on, got {as_written(seed)}"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("odd", "data set 'mix': parts.1 (odd): 'x' is none of the classes a, b, c"),
        ("wide", "data set 'mix': parts.1 (wide): images are 1x5x5, not 1x4x4 as all others"),
    ],
)
def test_parts_that_do_not_fit(name, message):
    with pytest.raises(DataError) as caught:
        mix(parts=["main", name])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("part", "total"),
    [({"share": 0.999999}, "40,000,000"), ({"repeat": 10**9}, "5,000,000,040")],
)
def test_more_images_than_memory_holds_are_refused(part, total):
    with pytest.raises(DataError) as caught:
        mix(parts=["main", {"name": "few", **part}])
    assert str(caught.value) == (
        f"data set 'mix': its parts make {total} images to train on, of which at most "
        "10,000,000 are taken; write a smaller share or repeat"
    )
