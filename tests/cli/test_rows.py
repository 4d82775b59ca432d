"""The digits of pages, printed line by line or as a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mxdigits.cli.commands.rows import PageLines
from mxdigits.predict.predict import Read

IMAGE = np.zeros((28, 28), np.uint8)
READ = [("a.png", 0, "4", 0.9), ("a.png", 0, "2", 0.3), ("a.png", 1, "7", 0.8), ("b", 0, "1", 1.0)]


def printed(capsys, named, table, names=str):
    lines = PageLines(named=named, table=table)
    for file, line, answer, share in READ:
        best = [(names(answer), share)]
        lines.add(Read(file, IMAGE, best, (0, 0, 1, 1), line, share >= 0.5))
    lines.end()
    lines.end()
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("named", "table", "expected"),
    [
        (False, False, "4?\n7\n1\n"),
        (True, False, "a.png: 4?\na.png: 7\nb: 1\n"),
        (
            False,
            True,
            "line\tdigits\tcount\tleast sure\n"
            "1\t4?\t2\t30.0 %\n2\t7\t1\t80.0 %\n1\t1\t1\t100.0 %\n",
        ),
        (
            True,
            True,
            "picture\tline\tdigits\tcount\tleast sure\n"
            "a.png\t1\t4?\t2\t30.0 %\na.png\t2\t7\t1\t80.0 %\nb\t1\t1\t1\t100.0 %\n",
        ),
    ],
)
def test_lines_are_printed_as_they_are_complete(capsys, named, table, expected):
    assert printed(capsys, named, table) == expected


def test_names_of_several_letters_are_kept_apart(capsys):
    assert printed(capsys, False, False, "n{}".format) == "n4 ?\nn7\nn1\n"


def row_of(*lefts, width=20, height=40):
    """A line of ones, each in a box of this size."""
    boxes = [(left, 0, left + width, height) for left in lefts]
    return [Read("a.png", IMAGE, [("1", 0.9)], box, 0, True) for box in boxes]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (row_of(0, 30, 60, 90), "1111"),
        (row_of(0, 30, 200, 230, 260), "11 111"),  # two numbers of a line
        (row_of(0, 300, 330), "1 11"),
        (row_of(0, 80, 160, 240), "1111"),  # one to a wide box
        (row_of(0, 80, 240, 320), "11 11"),  # a blank box among them
        (row_of(0, 200, 400), "111"),  # one to a box, with much room between them
        (row_of(0, 55, 75), "111"),  # written at wide intervals and at close ones
        (row_of(0), "1"),
        ([Read("a.idx", IMAGE, [("1", 0.9)]) for _ in range(3)], "111"),  # images without a page
    ],
)
@pytest.mark.parametrize("table", [False, True])
def test_numbers_that_lie_apart_are_printed_apart(capsys, row, expected, table):
    lines = PageLines(named=False, table=table)
    for each in row:
        lines.add(each)
    lines.end()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (f"1\t{expected}\t{len(row)}\t90.0 %" if table else expected)


@pytest.mark.parametrize(
    ("lefts", "marks", "expected"),
    [
        ((0, 30, 80), {2: (".", "")}, "11.1"),
        ((0, 30, 100), {2: (".", "")}, "11.1"),  # a point with much room is one of an amount
        ((0, 30, 100), {2: ("-", "")}, "11-1"),
        ((0, 30, 150), {2: ("-", "")}, "11 -1"),
        ((0, 150, 300), dict.fromkeys(range(3), ("-", "")), "-1 -1 -1"),  # at even intervals
        ((0, 30, 150), {0: ("-", ""), 1: ("", ".")}, "-11. 1"),
    ],
)
def test_marks_are_printed_where_they_stand(capsys, lefts, marks, expected):
    lines = PageLines(named=False, table=False)
    for at, each in enumerate(row_of(*lefts)):
        lines.add(replace(each, marks=marks.get(at, ("", ""))))
    lines.end()
    assert capsys.readouterr().out == expected + "\n"
