"""The gaps of broken digits are filled."""

import numpy as np
import pytest

from mxdigits.digitize.digits.bridging import bridged


def ring(gap, notch=0):
    """A ring of ink 60 pixels high, 10 thick, that a level gap parts; it may have a notch above."""
    y, x = np.mgrid[:60, :60]
    far = np.hypot(y - 29.5, x - 29.5)
    ink = ((far < 30) & (far > 20)).astype(np.float32)
    ink[30 - gap // 2 : 30 + gap - gap // 2] = 0
    ink[:5, 30 : 30 + notch] = 0
    return ink


@pytest.mark.parametrize("gap", [2, 4])
def test_a_gap_between_two_pieces_is_filled(gap):
    whole, made = ring(0), bridged(ring(gap))
    assert made.shape == whole.shape
    assert made[30, 3:8].min() > 0.9
    assert np.abs(made - whole).sum() < 0.05 * whole.sum()


def test_a_wide_gap_stays():
    ink = ring(20)
    assert np.array_equal(bridged(ink), ink)


def test_a_notch_in_one_piece_stays():
    ink = ring(2, notch=3)
    assert np.array_equal(bridged(ink)[:20], ink[:20])


def test_one_piece_is_left_as_it_is():
    ink = ring(0, notch=3)
    assert bridged(ink) is ink


def test_large_ink_is_filled_in_its_own_size():
    large = np.kron(ring(2), np.ones((4, 4), np.float32))
    made = bridged(large)
    assert made.shape == (240, 240)
    assert made[120, 12:30].min() > 0.9
