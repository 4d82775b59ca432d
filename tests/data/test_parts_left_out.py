"""The pictures that are left out of a training, to measure with them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.data.dataset import Split
from mxdigits.data.folds import folds


def split(labels, contents=None) -> Split:
    contents = range(len(labels)) if contents is None else contents
    images = np.array(list(contents), np.uint8).reshape(-1, 1, 1, 1)
    return Split(images, np.array(labels, np.int64))


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=40), most=st.integers(2, 6))
def test_no_class_is_left_out_whole_and_each_picture_at_most_once(labels, most):
    labels = np.array(labels)
    parts = folds(split(labels), most)
    assert parts.shape == labels.shape
    assert parts.max() < most
    counts = np.bincount(labels)
    assert [*(parts < 0)] == [counts[label] == 1 for label in labels]
    for part in range(parts.max() + 1):
        assert (parts == part).any()
        assert set(labels[parts != part]) == set(labels)


def test_the_parts_are_of_like_size_and_follow_from_the_seed():
    images = split(np.arange(40) % 4)
    assert np.bincount(folds(images, 5)).tolist() == [8] * 5
    assert folds(images, 5).tolist() == folds(images, 5).tolist() != folds(images, 5, 1).tolist()


def test_copies_of_a_picture_are_left_out_together():
    parts = folds(split([3, 3, 3, 3, 7, 7], [1, 1, 2, 2, 5, 5]), 5)
    assert parts[0] == parts[1] != parts[2] == parts[3]
    assert parts[4:].tolist() == [-1, -1]
