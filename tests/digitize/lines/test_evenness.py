"""How even the lines of boxes are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.digitize.lines.evenness import evenness, steps_between
from mxdigits.digitize.lines.rules import Rules


@given(
    count=st.integers(3, 30),
    high=st.integers(20, 60),
    gap=st.integers(4, 15),
    jitter=st.lists(st.integers(0, 1), min_size=60, max_size=60),
)
def test_lines_of_boxes_are_even_and_one_more_between_them_makes_them_less_so(
    count, high, gap, jitter
):
    tops = (high + gap) * np.arange(count)
    places = np.sort(np.concatenate([tops, tops + high])) + jitter[: 2 * count]
    even = Rules(0.0, [(at, at + 1) for at in places.tolist()])
    assert evenness(even) == 1
    middle = int(tops[1]) + high // 2
    more = Rules(0.0, sorted([*even.bands, (middle, middle + 1)]))
    assert evenness(more) < 1 or abs(high / 2 - gap) <= 3


@pytest.mark.parametrize(("gap", "steps"), [(0, [40, 80]), (6, [40, 46]), (12, [12, 40])])
def test_boxes_have_the_steps_of_their_sides_and_gaps(gap, steps):
    tops = (40 + gap) * np.arange(10.0)
    assert steps_between(np.unique(np.concatenate([tops, tops + 40]))) == steps
