"""JSON as run.json has it: the same values as always, and a matrix takes little room."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.storage.json_text import json_text

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=20
)


@given(VALUES)
def test_it_is_json(value):
    assert json.loads(json_text(value)) == value


def test_rows_stand_on_one_line():
    value = {"a": [1, "x"], "matrix": [[1, 2], [3, 4]], "b": {"c": None, "d": []}, "e": {}}
    assert json_text(value) == (
        "{\n"
        '  "a": [1, "x"],\n'
        '  "matrix": [\n'
        "    [1, 2],\n"
        "    [3, 4]\n"
        "  ],\n"
        '  "b": {\n'
        '    "c": null,\n'
        '    "d": []\n'
        "  },\n"
        '  "e": {}\n'
        "}"
    )


def test_a_matrix_takes_little_more_than_its_digits():
    matrix = np.zeros((100, 100), int).tolist()
    assert len(json_text({"confusion": matrix})) < 3.2 * 100 * 100
