"""What a file says of parameters: read, written, refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.errors import RunFolderError
from mxdigits.graph.hints import Hint, read_hints


def read(**attributes):
    nodes = [
        {"op": "null", "name": "w", "inputs": [], "attrs": attributes},
        {"op": "relu", "name": "r", "inputs": [[0, 0, 0]]},
    ]
    return read_hints(json.dumps({"nodes": nodes}).encode(), "a.json")["w"]


@pytest.mark.parametrize(
    ("attributes", "hint"),
    [
        ({}, Hint()),
        (
            {"__dtype__": "0", "__storage_type__": "0", "__lr_mult__": "1.0", "mine": "x"},
            Hint(),
        ),
        ({"__shape__": "(20, 1, 5, 5)"}, Hint((20, 1, 5, 5))),
        ({"__shape__": "(20,)", "__init__": "zeros"}, Hint((20,), "zeros")),
        ({"__shape__": "(20, 0)"}, Hint()),
        ({"__shape__": "(-1,)"}, Hint()),
        ({"__shape__": "()"}, Hint()),
        ({"__shape__": "None"}, Hint()),
        ({"__lr_mult__": "0.5", "__wd_mult__": "0"}, Hint(lr_mult=0.5, wd_mult=0.0)),
    ],
)
def test_what_mxnet_writes(attributes, hint):
    assert read(**attributes) == hint


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"__dtype__": "4"}, "is not of floats"),
        ({"__shape__": "many"}, "has no proper __shape__"),
        ({"__shape__": "(1, None)"}, "has no proper __shape__"),
        ({"__shape__": "(99999999999,)"}, "has no proper __shape__"),
        ({"__shape__": "(1, 1, 1, 1, 1, 1, 1, 1, 1)"}, "has no proper __shape__"),
        ({"__shape__": [1]}, "has no proper __shape__"),
        ({"__init__": "x" * 70000}, "has no proper __init__"),
        ({"__lr_mult__": "fast"}, "has no proper __lr_mult__"),
        ({"__lr_mult__": "nan"}, "has no proper __lr_mult__"),
        ({"__wd_mult__": "-1"}, "has no proper __wd_mult__"),
        ({"__wd_mult__": "inf"}, "has no proper __wd_mult__"),
    ],
)
def test_what_makes_no_sense_is_named(attributes, problem):
    with pytest.raises(RunFolderError) as caught:
        read(**attributes)
    assert str(caught.value) == f"a.json: the parameter 'w' {problem}"


@given(st.text(max_size=40), st.sampled_from(["__shape__", "__lr_mult__", "__wd_mult__"]))
def test_any_text_is_read_or_refused(text, name):
    message = refused = f"a.json: the parameter 'w' has no proper {name}"
    try:
        read(**{name: text})
    except RunFolderError as error:
        message = str(error)
    assert message == refused


@pytest.mark.parametrize(
    "hint",
    [Hint(), Hint((2, 3)), Hint((4,), '["constant", {"value": 0.25}]', 0.0, 0.5), Hint(wd_mult=2)],
)
def test_what_is_written_is_read(hint):
    assert read(**hint.attributes()) == hint
