"""Tables on terminals of every width, and for other programs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mxdigits.cli.tables import fits, lay_out, plain_lines

HEADERS = ["run", "state", "images", "why"]
ROWS = [
    ["runs/lenet/20260102T030405Z-00000a", "finished", "60,000", "all is well"],
    ["runs/mlp/20260102T030405Z-00000b", "failed", "130", ""],
]


def test_what_fits_is_side_by_side_with_numbers_at_their_right():
    table = lay_out(HEADERS, ROWS, 80)
    assert table.headers == 1
    assert table.lines == [
        "run                                 state     images  why",
        "runs/lenet/20260102T030405Z-00000a  finished  60,000  all is well",
        "runs/mlp/20260102T030405Z-00000b    failed       130",
    ]
    assert fits(HEADERS, ROWS, 65)
    assert not fits(HEADERS, ROWS, 64)


def test_cells_are_broken_between_words_before_paths_are():
    assert lay_out(HEADERS, ROWS, 60).lines == [
        "run                                 state     images  why",
        "runs/lenet/20260102T030405Z-00000a  finished  60,000  all is",
        "                                                      well",
        "runs/mlp/20260102T030405Z-00000b    failed       130",
    ]
    assert lay_out(HEADERS, ROWS, 55).lines == [
        "run                      state     images  why",
        "runs/lenet/              finished  60,000  all is well",
        "20260102T030405Z-00000a",
        "runs/mlp/                failed       130",
        "20260102T030405Z-00000b",
    ]


def test_titles_are_broken_too():
    table = lay_out(["test accuracy", "mistakes"], [["0.9856", "144"]], 18)
    assert table.headers == 2
    assert table.lines == ["    test  mistakes", "accuracy", "  0.9856       144"]


def test_rows_and_columns_change_places_where_that_fits():
    headers = [f"number-{i}" for i in range(6)]
    rows = [["1", "two", "3", "4", "5", "6"]]
    assert lay_out(headers, rows, 20).lines == [
        "number-0  1",
        "number-1  two",
        "number-2  3",
        "number-3  4",
        "number-4  5",
        "number-5  6",
    ]


def test_else_every_row_is_a_list_of_its_own():
    digest = "a" * 64
    rows = [["train-images", digest], ["train-labels", digest]]
    table = lay_out(["file", "SHA-256"], rows, 75)
    assert table.headers == 0
    assert table.lines == [
        "file     train-images",
        f"SHA-256  {digest}",
        "",
        "file     train-labels",
        f"SHA-256  {digest}",
    ]


def test_a_note_goes_below_its_row():
    rows = [[*ROWS[0][:3], ""], [*ROWS[1][:3], "mxdigits resume runs/mlp/20260102T030405Z-00000b"]]
    assert lay_out(HEADERS, rows, 80, below=True).lines == [
        "run                                 state     images",
        "runs/lenet/20260102T030405Z-00000a  finished  60,000",
        "runs/mlp/20260102T030405Z-00000b    failed       130",
        "  mxdigits resume runs/mlp/20260102T030405Z-00000b",
    ]
    assert lay_out(HEADERS, ROWS, 80, below=True) == lay_out(HEADERS, ROWS, 80)


def test_other_programs_get_one_line_a_row():
    assert plain_lines(HEADERS, ROWS) == [
        "run                                 state     images  why",
        "runs/lenet/20260102T030405Z-00000a  finished  60,000  all is well",
        "runs/mlp/20260102T030405Z-00000b    failed    130",
    ]


def test_wide_characters_take_two_places():
    assert plain_lines(["class", "n"], [["数字", "1"], ["größe", "2"]]) == [
        "class  n",
        "数字   1",
        "größe  2",
    ]


@pytest.mark.parametrize("below", [False, True])
@given(data=st.data())
def test_every_word_is_there_and_nothing_is_wider_than_it_must_be(below, data):
    word = st.text("ab1/.", max_size=12)
    cell = st.lists(word, max_size=4).map(" ".join)
    columns = data.draw(st.integers(2, 4))
    row = st.lists(cell, min_size=columns, max_size=columns)
    headers, rows = data.draw(row), data.draw(st.lists(row, min_size=1, max_size=3))
    width = data.draw(st.integers(1, 80))
    lines = lay_out(headers, rows, width, below=below).lines
    shown = set("".join(lines)) - {" "}
    assert shown <= set("".join([*headers, *(c for r in rows for c in r)]))
    assert shown >= set("".join(c for r in rows for c in r)) - {" "}
    label = max(map(cell_len, headers)) + 2
    longest = max((cell_len(w) for r in [headers, *rows] for c in r for w in c.split()), default=0)
    assert max(map(cell_len, lines), default=0) <= max(width, label + longest)


def test_a_value_without_room_beside_its_title_goes_below_it():
    headers = ["run", "resume, or why not", "why it is so"]
    rows = [["runs/mlp/20260102", "finished", "no"], ["runs/a", "it", "such pieces"]]
    assert lay_out(headers, rows, 22).lines == [
        "run",
        "  runs/mlp/20260102",
        "resume, or why not",
        "  finished",
        "why it is so        no",
        "",
        "run",
        "  runs/a",
        "resume, or why not  it",
        "why it is so",
        "  such pieces",
    ]


def test_a_title_that_is_longer_than_a_line_is_broken_between_words():
    headers, rows = ["recipe", "validation accuracy at the end"], [["optimizer.rate=0.3", "0.99"]]
    assert lay_out(headers, rows, 20).lines == [
        "recipe",
        "  optimizer.rate=0.3",
        "validation accuracy",
        "at the end",
        "  0.99",
    ]
