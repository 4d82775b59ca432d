"""Coarse scans: how many digits become one, what of a digit is left, what follows from the seed."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.data.hands.scanning import scanned


def bars(count, side=20):
    """Two upright bars, two pixels wide and one apart."""
    ink = np.zeros((count, side, side), np.float32)
    ink[:, :, 6:8] = ink[:, :, 9:11] = 1
    return ink


def changed(count, seed=0, **sizes):
    ink = bars(count, **sizes)
    made = scanned(ink, np.random.default_rng(seed))
    assert made.shape == ink.shape
    assert made.dtype == np.float32
    return made[(made != ink).any(axis=(1, 2))]


def test_one_digit_in_ten_is_a_coarse_scan_and_the_others_are_as_they_were():
    assert 170 <= len(changed(2000)) <= 210  # a scan with a pixel for each changes nothing


def test_a_scan_keeps_the_ink_and_its_darkest_pixel():
    scans = changed(1000)
    assert scans.min() >= 0
    assert scans.max(axis=(1, 2)) == pytest.approx(1)
    assert (scans[:, :, 5:12].sum(axis=(1, 2)) > 0.9 * scans.sum(axis=(1, 2))).all()


def test_strokes_merge_in_some_scans_and_stay_apart_in_others():
    between = changed(1000)[:, :, 8].mean(axis=1)
    assert between.max() > 0.9
    assert between.min() < 0.3


def test_the_same_seed_scans_the_same_digits():
    assert np.array_equal(changed(200, seed=3), changed(200, seed=3))


def test_a_square_smaller_than_any_scan_is_left_as_it_is():
    assert not len(changed(500, side=12)) > 60
    ink = np.ones((500, 6, 6), np.float32)
    assert np.array_equal(scanned(ink, np.random.default_rng(0)), ink)
