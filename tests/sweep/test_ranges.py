"""Ranges as they are written on a command line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.errors import UsageError
from mxdigits.sweep.ranges import Choices, Span, read_range


@pytest.mark.parametrize(
    ("text", "low", "high", "log", "whole"),
    [
        ("0..0.5", 0, 0.5, False, False),
        ("-1..1", -1, 1, False, True),
        ("1e-3 .. 1", 1e-3, 1, False, False),
        ("3..10", 3, 10, False, True),
        ("3.0..10", 3, 10, False, False),
        ("log(1e-3,1)", 1e-3, 1, True, False),
        (" log( 16 , 256 ) ", 16, 256, True, True),
    ],
)
def test_spans(text, low, high, log, whole):
    assert read_range(f"a.b={text}") == Span("a.b", text.strip(), low, high, log, whole)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[50,100,200]", (50, 100, 200)),
        ("[sgd, adam]", ("sgd", "adam")),
        ("[null, 0.5, true]", (None, 0.5, True)),
        ("[sgd, {name: adam, wd: 0.1}]", ("sgd", {"name": "adam", "wd": 0.1})),
    ],
)
def test_choices(text, values):
    assert read_range(f"key={text}") == Choices("key", text, values)


@pytest.mark.parametrize(
    "argument",
    [
        "epochs=3",
        "data.path=../digits",
        "data.path=..",
        "context=gpu(1)",
        "optimizer={name: adam}",
        "name=1.5",
        "epochs",
    ],
)
def test_what_is_no_range_is_an_override(argument):
    assert read_range(argument) is None


FORMS = "write 0..0.5, log(1e-3, 1) or [50, 100, 200]"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("a=3..1", "a=3..1: the first number must be less; write a=1..3"),
        ("a=log(1,0.1)", "a=log(1,0.1): the first number must be less; write a=log(0.1, 1)"),
        ("a=3..3", "a=3..3: is one number only; write a=3"),
        ("a=1..1e999", "a=1..1e999: both ends must be finite numbers"),
        ("a=3..x", f"a=3..x: is no range; {FORMS}"),
        ("a=0...5", f"a=0...5: is no range; {FORMS}"),
        ("a=log(1)", f"a=log(1): is no range; {FORMS}"),
        ("a=uniform(0, 1)", f"a=uniform(0, 1): is no range; {FORMS}"),
        ("a=choice[1, 2]", f"a=choice[1, 2]: is no range; {FORMS}"),
        (
            "a=log(0,1)",
            "a=log(0,1): a logarithm needs numbers above 0; write a=log(1e-3, 1), or a=0.0..1",
        ),
        (
            "a=[]",
            "a=[]: a list must hold two values or more; for the list itself write --set 'a=[]'",
        ),
        ("a=[3]", "a=[3]: a list must hold two values or more; for a single value write a=3"),
        ("a=[3, 4, 3]", "a=[3, 4, 3]: 3 is there twice"),
        (
            "a=[3",
            f"a=[3:1:3: not YAML: a bracket is never closed; ] is missing; {FORMS}",
        ),
    ],
)
def test_what_is_meant_to_be_a_range_and_is_none(argument, message):
    with pytest.raises(UsageError) as caught:
        read_range(argument)
    assert str(caught.value) == message


numbers = st.floats(1e-30, 1e30, allow_nan=False)


@given(numbers, numbers, st.booleans())
def test_numbers_are_read_as_they_are_written(one, other, log):
    low, high = sorted((one, other))
    text = f"log({low!r}, {high!r})" if log else f"{low!r}..{high!r}"
    if low == high:
        with pytest.raises(UsageError, match="is one number only"):
            read_range(f"a={text}")
        return
    read = read_range(f"a={text}")
    assert (read.low, read.high, read.log, read.whole) == (low, high, log, False)


@given(st.text(max_size=30))
def test_any_text_is_a_range_an_override_or_an_error_of_usage(text):
    try:
        read = read_range(f"a={text}")
    except UsageError:
        return
    assert read is None or read.ends
    if isinstance(read, Span):
        assert math.isfinite(read.low)
        assert read.low < read.high


def test_values_as_overrides():
    choices = read_range("optimizer=[sgd, {name: adam, wd: 0.1}, null]")
    assert choices.points == ("sgd", "name adam, wd 0.1", None)
    assert [choices.override(point) for point in choices.points] == [
        'optimizer="sgd"',
        'optimizer={"name": "adam", "wd": 0.1}',
        "optimizer=null",
    ]
    assert read_range("a=0..0.5").override(0.1) == "a=0.1"


@pytest.mark.parametrize(
    ("argument", "points", "words"),
    [
        ("a=1..3", (1, 2, 3), "a: whole numbers from 1 to 3"),
        ("a=0..0.5", None, "a: numbers from 0 to 0.5"),
        ("a=log(1,8)", None, "a: whole numbers from 1 to 8, on a logarithmic scale"),
        ("a=[x, 2]", ("x", 2), "a: x, 2"),
        ("a=[[64], [128, 64]]", ("64", "128, 64"), "a: 64; 128, 64"),
    ],
)
def test_points_and_words(argument, points, words):
    read = read_range(argument)
    assert (read.points, str(read)) == (points, words)
