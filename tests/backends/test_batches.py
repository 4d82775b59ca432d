"""Which images an epoch has, and in which order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.batches import (
    all_pieces,
    balanced_order,
    epoch_order,
    orders,
    pieces,
    sharded,
    shares,
)

LABELS = np.repeat([0, 2, 3], [90, 9, 1])


def test_without_a_sampler_each_image_comes_once():
    for epoch in range(3):
        found = orders(LABELS, 5)(epoch)
        assert (found == epoch_order(100, 5, epoch)).all()
        assert sorted(found) == list(range(100))


@given(
    counts=st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any),
    seed=st.integers(0, 2**31 - 1),
    epoch=st.integers(0, 100),
)
def test_a_balanced_epoch_has_each_class_as_often(counts, seed, epoch):
    labels = np.repeat(np.arange(len(counts)), counts)
    found = balanced_order(labels, seed, epoch)
    assert (len(found), found.dtype) == (len(labels), np.int32)
    present = [label for label, count in enumerate(counts) if count]
    shown = np.bincount(labels[found], minlength=len(counts))
    assert set(shown[present]) <= {len(labels) // len(present), -(-len(labels) // len(present))}
    times = np.bincount(found, minlength=len(labels))
    for label in present:  # the images of a class come equally often, up to one
        own = times[labels == label]
        assert own.max() - own.min() <= 1


def test_a_balanced_epoch_follows_from_seed_and_epoch():
    order = orders(LABELS, 5, "balanced")
    assert (order(2) == orders(LABELS, 5, "balanced")(2)).all()
    others = [order(3), orders(LABELS, 6, "balanced")(2)]
    assert not any((order(2) == other).all() for other in others)


def test_of_a_frequent_class_each_epoch_takes_others():
    taken = [set(orders(LABELS, 5, "balanced")(epoch).tolist()) for epoch in range(20)]
    assert len(taken[0] & set(range(90))) == pytest.approx(33, abs=1)
    assert set.union(*taken) == set(range(100))


@pytest.mark.parametrize(("samples", "size", "parts"), [(53, 10, 1), (53, 10, 4), (7, 7, 2)])
@pytest.mark.parametrize(("backend", "divided"), [("mxnet", shares), ("xla", pieces)])
def test_the_images_that_workers_hold_alone_are_all_images_once(
    samples, size, parts, backend, divided
):
    held = sharded(samples, size, parts, seed=1, workers=3, backend=backend)
    assert sorted(np.concatenate(held).tolist()) == list(range(samples))
    places = [0, 0, 0]
    for begin, end in all_pieces(samples, size, 1 if backend == "xla" else parts):
        for worker, (low, high) in enumerate(divided(begin, end, 3)):
            places[worker] += high - low
    assert [len(each) for each in held] == places
