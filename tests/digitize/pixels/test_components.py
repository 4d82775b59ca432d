"""Connected components against a flood from pixel to pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.digitize.pixels.components import Components, label


def some_mask(height, width, seed):
    return np.random.default_rng(seed).random((height, width)) < 0.45


masks = st.builds(some_mask, st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**31))


@given(masks)
def test_components_are_those_that_a_flood_finds(mask):
    height, width = mask.shape
    labels, count = label(mask)
    expected, flooded = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask)):
        if expected[start]:
            continue
        flooded += 1
        waiting = [start]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < height and 0 <= x < width and mask[y, x] and not expected[y, x]:
                expected[y, x] = flooded
                waiting += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    assert count == flooded
    np.testing.assert_array_equal(labels, expected)


@given(masks)
def test_what_is_told_of_components_is_what_their_pixels_show(mask):
    found = Components.of(mask)
    labels = found.labels()
    assert found.pixels.tolist() == np.flatnonzero(mask).tolist()
    assert (1 + found.of_pixels(found.numbers)).tolist() == labels[mask].tolist()
    told = zip(found.boxes().tolist(), found.area().tolist(), found.neighbours().tolist())
    for number, (box, area, neighbours) in enumerate(told, start=1):
        piece = labels == number
        rows, columns = np.nonzero(piece)
        assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert area == piece.sum()
        assert neighbours == (piece[1:] & piece[:-1]).sum() + (piece[:, 1:] & piece[:, :-1]).sum()


@given(masks, st.integers(0, 2**31))
def test_some_of_the_components_are_those_of_a_mask_of_them_alone(mask, seed):
    found = Components.of(mask)
    which = np.random.default_rng(seed).random(found.count) < 0.5
    some = found.only(which)
    alone = Components.of(np.isin(found.labels(), np.flatnonzero(which) + 1))
    np.testing.assert_array_equal(some.labels(), alone.labels())
    assert some.boxes().tolist() == alone.boxes().tolist()
    assert some.neighbours().tolist() == alone.neighbours().tolist()


def test_a_mask_of_nothing_has_no_components():
    found = Components.of(np.zeros((3, 4), bool))
    assert found.count == 0
    assert found.boxes().shape == (0, 4)
    assert not found.labels().any()
