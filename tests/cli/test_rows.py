"""The digits of pages, printed line by line or as a table."""

from __future__ import annotations

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
