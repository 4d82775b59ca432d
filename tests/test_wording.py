"""Values in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mxdigits.wording import NOTHING, age, duration, flat, in_words, moment, shell_word


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-01-02T03:04:05+00:00", "2026-01-02 03:04:05 UTC"),
        ("2026-01-02T03:04:05.678901+02:00", "2026-01-02 01:04:05 UTC"),
        (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))), "2026-01-02 02:00:00 UTC"),
        ("yesterday", "yesterday"),
        ("", ""),
        (None, ""),
        (7, "7"),
    ],
)
def test_moments(value, words):
    assert moment(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.17162, "0.17 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (200, "3 min 20 s"),
        (3599.6, "1 h"),
        (7500, "2 h 5 min"),
        (360000, "100 h"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_ages():
    shown = [age(seconds) for seconds in (-7300, -60, -5, 0.9, 59.9, 60, 7199, 86399, 86400 * 400)]
    assert shown == ["in 2 h", "in 1 min", "0 s", "0 s", "59 s", "1 min", "1 h", "23 h", "400 d"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, NOTHING),
        ([], NOTHING),
        ({}, NOTHING),
        (0, "0"),
        (False, "false"),
        ([1, None, True], "1, –, true"),
        ({"a": 1, "b": {"c": [2, 3]}}, "a 1, b c 2, 3"),
        ([{"name": "csv"}, {"name": "npz", "top": 3}], "name csv; name npz, top 3"),
        ([[1, 2], [3]], "1, 2; 3"),
    ],
)
def test_whatever_a_record_holds(value, words):
    assert in_words(value) == words


@pytest.mark.parametrize(
    ("value", "shallow", "deep"),
    [
        ({}, {"": {}}, {"": {}}),
        ({"a": {"b": 1, 2: {}}}, {"a.b": 1, "a.2": {}}, {"a.b": 1, "a.2": {}}),
        ({"a": [1, (2,)]}, {"a": [1, (2,)]}, {"a": [1, (2,)]}),
        ({"a": [{"b": 1}, 3]}, {"a": [{"b": 1}, 3]}, {"a.0.b": 1, "a.1": 3}),
        ({"a": ({"b": [{"c": 0}]},)}, {"a": ({"b": [{"c": 0}]},)}, {"a.0.b.0.c": 0}),
    ],
)
def test_nested_values_by_dotted_keys(value, shallow, deep):
    assert dict(flat(value)) == shallow
    assert dict(flat(value, lists=True)) == deep


@pytest.mark.parametrize(
    ("path", "word"),
    [("runs/a", "runs/a"), ("my runs", "'my runs'"), ("-x/a", "./-x/a"), ("--yes", "./--yes")],
)
def test_a_path_in_a_command_is_no_option(path, word):
    assert shell_word(Path(path)) == word
