"""What the command line prints of scores and pictures, on a terminal and into a pipe."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mxdigits.cli.terminal import (
    print_answer,
    print_explanation,
    print_prose,
    print_scores,
    print_table,
)
from mxdigits.predict.explain import Explanation
from mxdigits.predict.occlusion import Occlusion
from mxdigits.predict.predict import Read
from mxdigits.train.metrics import score


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 60 columns without colours, in the place of standard output."""
    for name, value in {"COLUMNS": "60", "LINES": "24", "TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    stream = Terminal()

    def use() -> Terminal:  # in the test itself, for pytest sets it before each
        monkeypatch.setattr("sys.stdout", stream)
        return stream

    return use


def plain(text: str) -> str:
    """Without the bold of titles, which NO_COLOR leaves."""
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


def scores_of(classes: int):
    labels = np.arange(3 * classes) % classes
    logits = np.eye(classes, dtype=np.float32)[labels] * 5
    logits[0] = logits[1]  # class 0 is once taken for class 1
    return score(logits, labels)


def test_a_matrix_that_fits_is_shown(terminal):
    stream = terminal()
    print_scores(scores_of(3), ("a", "b", "c"))
    assert plain(stream.getvalue()).splitlines()[2:] == [
        "",
        "rows: the true class; columns: what it was taken for",
        "class  accuracy  a  b  c",
        "a        0.6667  2  1  0",
        "b        1.0000  0  3  0",
        "c        1.0000  0  0  3",
    ]


def test_of_a_matrix_that_does_not_fit_the_confusions_are_told(terminal):
    stream = terminal()
    print_scores(scores_of(30), [f"class {i}" for i in range(30)])
    lines = plain(stream.getvalue()).splitlines()
    assert lines[3:6] == [
        "class     accuracy  images  most often taken for",
        "class 0     0.6667       3  class 1 (1)",
        "class 1     1.0000       3",
    ]
    assert len(lines) == 34


def test_a_pipe_gets_the_whole_matrix(capsys):
    print_scores(scores_of(30), [f"class {i}" for i in range(30)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "rows: the true class; columns: what it was taken for"
    assert len(lines[5].split()) == 2 + 1 + 30


def test_forced_colours_do_not_make_a_pipe_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_table(["a", "b"], [["word " * 30, 1]])
    assert capsys.readouterr().out.count("\n") == 2


NAME = "a\x1b[2J\u202e\n.png"
SPELT = "a\\x1b[2J\\u202e\\n.png"


def test_names_of_pictures_and_classes_are_spelt_out(terminal, capsys):
    best = [("c\x1b[31m", 0.9), ("\x07", 0.1)]
    read = Read(NAME, np.zeros((2, 2), np.uint8), best)
    assert print_answer(read, drawn=False)
    assert capsys.readouterr().out == f"{SPELT}: c\\x1b[31m 90.0 %, \\x07 10.0 %\n"
    stream = terminal()
    assert print_answer(read, drawn=True)
    shown = plain(stream.getvalue()).replace("\x1b[2m", "")
    assert shown.splitlines()[1:] == [f"c\\x1b[31m  90.0 %   {SPELT}", "then \\x07 10.0 %"]


def test_an_explanation_is_drawn_on_a_terminal_and_told_in_a_line_elsewhere(terminal, capsys):
    found = Occlusion(np.array([[0, 1], [0, -1]], np.float32), (1, 0, 2, 1), np.array([0.7, 0.3]))
    image, prob = np.full((1, 2, 2), 255, np.uint8), np.array([0.1, 0.9])
    explained = Explanation(NAME, image, ("c\x1b[31m", "\x07"), prob, 1, found, true=0)
    line = (
        f"{SPELT} (true c\\x1b[31m): \\x07 90.0 %, c\\x1b[31m 10.0 %; it rests most on rows "
        "0 to 0, columns 1 to 1: with these covered \\x07 falls from 90.0 % to 30.0 %, and it says "
        "c\\x1b[31m 70.0 %"
    )
    assert print_explanation(explained)
    assert capsys.readouterr().out == line + "\n"
    stream = terminal()
    assert print_explanation(explained)
    drawn, *told = plain(stream.getvalue()).splitlines()
    assert drawn == "▀▀"
    assert told == [line, "orange speaks for \\x07, blue against it"]


PROSE = """lenet wins: its test accuracy of 0.9856 is far above that of the other one.

Args:
    hidden: the widths of the hidden layers, from the first to the last\x1b[2J."""


def test_sentences_are_broken_between_words(terminal):
    stream = terminal()
    print_prose(PROSE)
    assert stream.getvalue().splitlines() == [
        "lenet wins: its test accuracy of 0.9856 is far above that of",
        "the other one.",
        "",
        "Args:",
        "    hidden: the widths of the hidden layers, from the first",
        "    to the last\\x1b[2J.",
    ]


def test_a_pipe_gets_sentences_unbroken(capsys):
    print_prose(PROSE)
    assert capsys.readouterr().out == PROSE.replace("\x1b", "\\x1b") + "\n"
