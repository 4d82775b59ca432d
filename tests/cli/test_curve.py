"""A curve as lines of text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.cli.commands.curve import curve_lines


def test_a_curve_with_a_mark():
    values = np.array([2.0, 2.0, 1.5, 1.0, 3.0])
    assert curve_lines(values, ("1e-3", "9"), width=13, mark=2) == [
        "3 │    ┊    ●",
        *["  │    ┊"] * 4,
        "  │    ┊   ●",
        "  │●●●●┊",
        "  │    ┊",
        "  │    ●",
        "  │    ┊●",
        "  │    ┊ ●●",
        "1 │    ┊",
        "  └──────────",
        "   1e-3     9",
    ]


@pytest.mark.parametrize("width", [1, 20, 200])
def test_a_flat_curve(width):
    lines = curve_lines(np.full(7, 2.3), ("1", "2"), width=width, mark=-1, ascii_only=True)
    assert lines[0] == "2.3 |" + "*" * max(width - 5, 4)
    assert lines[11] == "2.3 |"
    assert lines[12] == "    +" + "-" * max(width - 5, 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=500), st.integers(30, 120))
def test_it_fits_and_every_column_has_a_value(values, width):
    lines = curve_lines(np.array(values), ("a", "b"), width=width, mark=-1, ascii_only=True)
    assert len(lines) == 14
    assert max(map(len, lines)) <= width
    columns = zip(*(line.partition("|")[2].ljust(width) for line in lines[:12]))
    drawn = ["".join(column).count("*") for column in columns]
    assert set(drawn[: lines[12].count("-")]) == {1}
