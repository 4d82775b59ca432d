"""Ways to cut ink, and what lies between them."""

import numpy as np

from mxdigits.digitize.digits.seams import between, seams


def two_bars():
    """Two upright bars with a thin stroke between them."""
    ink = np.zeros((100, 120), np.float32)
    ink[:, 10:25] = ink[:, 95:110] = 1
    ink[30:33, 25:95] = 1
    return ink


def test_the_cheapest_way_crosses_the_least_ink():
    ink = two_bars()
    way = seams(ink)[0]
    assert way.shape == (100,)
    assert np.abs(np.diff(way)).max() <= 2
    assert ink[np.arange(100), way].sum() <= 4


def test_no_two_ways_have_the_same_ink_on_their_left():
    ink = two_bars()
    left = [sum(ink[row, :column].sum() for row, column in enumerate(way)) for way in seams(ink)]
    assert len(left) >= 3
    assert np.diff(sorted(left)).min() > 10


def test_what_lies_between_two_ways_is_cut_close():
    ink = two_bars()
    left, right = np.zeros(100, np.int64), np.full(100, 60)
    cut, box = between(ink, left, right, False, (200, 300))
    assert box == (210, 300, 260, 400)
    assert np.array_equal(cut, ink[:, 10:60])


def test_nothing_lies_between_ways_that_cross_or_too_little():
    ink = two_bars()
    slanted = np.arange(10, 110)
    assert between(ink, slanted, slanted[::-1], False, (0, 0)) is None
    assert between(ink, np.full(100, 40), np.full(100, 80), False, (0, 0)) is None
