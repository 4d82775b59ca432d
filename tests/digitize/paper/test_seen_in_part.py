"""Sheets found by the lines of their sides, whatever lies on their corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.digitize.paper.quadrilaterals import inside, inwards, pieces_of_mask
from mxdigits.digitize.paper.seen_in_part import seen_in_part
from mxdigits.digitize.paper.straightening import straightened

SHAPE = (96, 128)
SHEET = [[20.0, 16], [108, 16], [108, 80], [20, 80]]


@st.composite
def sheets(draw):
    """The corners of sheets turned by 15 degrees at most, whose opposite sides nearly agree."""
    wide, high = draw(st.floats(66, 84)), draw(st.floats(48, 56))
    turn = np.radians(draw(st.floats(-15, 15)))
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    corners @= np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    nudged = [[draw(st.floats(-1.5, 1.5)) for _ in range(2)] for _ in range(4)]
    return corners + nudged + [draw(st.floats(58, 70)), draw(st.floats(46, 50))]


# On each side of a sheet: nothing, or a thumb as light as it or dark, about a place along the side.
thumbs = st.lists(
    st.tuples(st.sampled_from([None, True, False]), st.floats(0, 1), st.floats(3, 7)),
    min_size=4,
    max_size=4,
)


def with_thumbs(corners, each):
    mask = inside(corners, SHAPE)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    for (light, along, radius), begin, end in zip(each, corners, np.roll(corners, -1, axis=0)):
        left, top = begin + along * (end - begin)
        if light is not None:
            mask[np.hypot(x - left, y - top) < radius] = light
    return mask


@given(sheets())
def test_the_corners_of_a_whole_sheet_are_where_its_sides_meet(corners):
    found = seen_in_part([], [inside(corners, SHAPE)])
    np.testing.assert_allclose(found, corners, atol=1.5)


@given(sheets(), thumbs)
def test_thumbs_on_its_sides_and_corners_do_not_move_them(corners, each):
    mask = with_thumbs(corners, each)
    np.testing.assert_allclose(seen_in_part([mask], [mask]), corners, atol=2.5)


things = st.lists(
    st.tuples(st.booleans(), *[st.integers(0, 90)] * 2, *[st.integers(1, 60)] * 2), max_size=5
)


@given(things)
def test_whatever_lies_about_what_is_found_is_mostly_light_and_no_small_part(things):
    mask = inside(np.array(SHEET), SHAPE)
    for light, left, top, wide, high in things:
        mask[top : top + high, left : left + wide] = light
    found = seen_in_part([], [mask])
    if found is not None:
        inner = inside(found, SHAPE)
        assert 0.2 <= inner.mean() <= 0.98
        assert max((inner & piece).sum() for piece in pieces_of_mask(mask)) >= 0.74 * inner.sum()


@given(sheets(), st.floats(1, 3))
def test_corners_moved_inwards_bound_less_of_the_picture(corners, margin):
    less = inside(inwards(corners, SHAPE, margin), SHAPE)
    assert not (less & ~inside(corners, SHAPE)).any()
    assert less.sum() < inside(corners, SHAPE).sum()


def test_of_two_lines_of_a_side_the_one_along_the_opposite_side_is_it():
    """The straight edge of a long thumb is seen at more places than the side that it hides."""
    mask = inside(np.array(SHEET), SHAPE)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    mask &= x < 118 - 0.5 * (y - 16)  # the thumb hides all but the upper 20 pixels
    np.testing.assert_allclose(seen_in_part([mask], [mask]), SHEET, atol=1.5)


@pytest.mark.parametrize("cut", [0, 6, 12])
def test_a_side_beyond_the_picture_ends_with_it(cut):
    moved = np.add(SHEET, [20 + cut, 0])
    found = seen_in_part([], [inside(moved, SHAPE)])
    np.testing.assert_allclose(found, np.minimum(moved, [128, 96]), atol=1.5)


@pytest.mark.parametrize("sides", ["left", "left and top"])
def test_paper_that_is_cut_off_by_two_edges_of_the_picture_is_the_picture(sides):
    mask = np.zeros(SHAPE, bool)
    mask[0 if "top" in sides else 10 : 80, :100] = True
    assert (seen_in_part([], [mask]) is None) == (sides == "left and top")


def test_a_round_light_is_no_sheet():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    mask = np.hypot((x - 64) / 50, (y - 48) / 40) < 1
    assert seen_in_part([mask], [mask]) is None


def test_outside_the_picture_a_sheet_is_paper_without_ink():
    light = np.full((100, 100), 0.9, np.float32)
    corners = np.array([[-20.0, 10], [70, -20], [110, 90], [20, 110]])
    straight, _ = straightened(light, corners, 100)
    np.testing.assert_allclose(straight, 0.9, atol=1e-6)
