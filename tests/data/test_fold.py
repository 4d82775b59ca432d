"""A data set in folds: what is learnt from and what is tested, and that each image comes once."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.data.dataset import Split
from mxdigits.data.folds import divided, fold, folds, load_fold_source
from mxdigits.data.load import load_dataset
from mxdigits.errors import DataError, UsageError
from mxdigits.registry import register_dataset


@pytest.fixture
def bars(idx_folder):
    return {"name": "idx", "path": str(idx_folder)}


def contents(split):
    return sorted(image.tobytes() for image in split.images)


def test_each_image_is_tested_once_and_never_learnt_from_there(bars):
    whole = load_dataset("idx", {"path": bars["path"]})
    tested = []
    for number in range(4):
        data = fold(of=bars, fold=number, folds=4)
        assert contents(data.train) == sorted(set(contents(whole.train)) - set(contents(data.test)))
        assert (data.name, data.classes, data.preprocessing) == ("fold", whole.classes, "none")
        tested += contents(data.test)
    assert sorted(tested) == contents(whole.train)


@pytest.mark.parametrize("most", [2, 3, 5, 7])
def test_the_folds_are_stratified_and_of_one_size(bars, most):
    whole = load_fold_source(bars)
    parts = divided(whole, most)
    sizes = np.bincount(parts)
    assert sizes.max() - sizes.min() <= 1
    for label in range(4):
        of_class = np.bincount(parts[whole.train.labels == label], minlength=most)
        assert of_class.max() - of_class.min() <= 1


def test_the_division_depends_on_the_seed_and_on_the_images_alone(bars):
    whole = load_fold_source(bars)
    parts = divided(whole, 5, seed=3)
    assert parts.tolist() == divided(whole, 5, seed=3).tolist() != divided(whole, 5).tolist()
    order = np.random.default_rng(0).permutation(len(parts))
    again = folds(whole.train[order], 5, seed=3)
    assert again.tolist() == parts[order].tolist()


def test_of_a_mix_the_first_part_is_divided_and_the_others_are_learnt_from(bars):
    mix = {"name": "mix", "parts": [bars, {**bars, "repeat": 2}]}
    data = fold(of=mix, fold=1, folds=5)
    alone = fold(of=bars, fold=1, folds=5)
    assert contents(data.test) == contents(alone.test)
    assert len(data.train) == len(alone.train) + 260
    assert [(part.name, part.images, part.taken) for part in data.mixed_from] == [
        ("idx", len(alone.train), len(alone.train)),
        ("idx", 130, 260),
    ]


def test_a_class_of_one_image_is_always_learnt_from(monkeypatch):
    images = np.random.default_rng(1).integers(0, 256, (9, 1, 8, 8)).astype(np.uint8)
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2])
    monkeypatch.setattr("mxdigits.registry.DATASETS._registered", {})
    register_dataset("few")(lambda: {"train": (images, labels), "test": (images, labels)})
    for number in range(2):
        data = fold(of="few", fold=number, folds=2)
        assert 2 in data.train.labels
        assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert divided(load_dataset("few"), 2)[8] == -1
    with pytest.raises(DataError) as caught:
        fold(of="few", fold=9, folds=10)
    assert str(caught.value) == "data set 'fold': fold 9 of 10 has no image; take fewer folds"


def test_copies_of_an_image_are_in_one_fold():
    images = np.repeat(np.arange(5, dtype=np.uint8), 2).reshape(10, 1, 1, 1)
    parts = folds(Split(images, np.zeros(10, np.int64)), 5)
    assert parts[::2].tolist() == parts[1::2].tolist()
    assert sorted(parts[::2].tolist()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "option folds: must be a whole number from 2 on, got 1"),
        ({"fold": 5}, "option fold: must be a whole number from 0 to 4, got 5"),
        ({"fold": True}, "option fold: must be a whole number from 0 to 4, got true"),
        ({"seed": -1}, "option seed: must be a whole number from 0 on, got -1"),
        ({"of": ["mnist"]}, "option of: must be a data set, such as mnist, got ['mnist']"),
    ],
)
def test_what_is_no_fold(options, message):
    with pytest.raises(UsageError) as caught:
        load_dataset("fold", {"of": "mnist", "fold": 0, **options})
    assert str(caught.value) == message
