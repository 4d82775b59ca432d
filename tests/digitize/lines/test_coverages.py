"""How much of each line of a picture is inked, for several slopes at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mxdigits.digitize.lines.paper_lines import coverages
from mxdigits.digitize.lines.rules import Rules

COLUMNS = 96  # are looked at


def one_by_one(inked, slope, inside, least):
    """The same by asking for each pixel of each line."""
    height, width = inked.shape
    columns = np.linspace(0, width - 1, COLUMNS).round().astype(int)
    shares = np.zeros(height)
    for row in range(height):
        places = row + Rules(slope, []).offsets(columns, width)
        there = [
            inked[y, x]
            for y, x in zip(places, columns)
            if 0 <= y < height and (inside is None or inside[y, x])
        ]
        enough = 3 * len(there) > COLUMNS if inside is None else least * len(there) > COLUMNS
        shares[row] = np.mean(there) if enough else 0
    return shares


@given(st.integers(3, 40), st.integers(3, 120), st.integers(0, 1000), st.sampled_from([None, 2, 6]))
@settings(max_examples=40, deadline=None)
def test_every_line_of_every_slope_is_counted(height, width, seed, least):
    random = np.random.default_rng(seed)
    inked = random.random((height, width)) < 0.5
    inside = None if least is None else random.random((height, width)) < 0.7
    slopes = random.uniform(-0.5, 0.5, 3)
    found = coverages(inked, slopes, inside, least or 6)
    expected = [one_by_one(inked, slope, inside, least) for slope in slopes]
    assert found == pytest.approx(np.array(expected))
