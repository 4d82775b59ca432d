"""Pages of several digits, and ink that looks like none."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

pytestmark = pytest.mark.mxnet


def three_digits(folder):
    image = Image.new("L", (200, 80), 255)
    for left in (20, 90, 150):
        ImageDraw.Draw(image).line([(left, 15), (left + 20, 15), (left, 65)], fill=0, width=8)
    image.save(folder / "page.png")


def test_a_page_is_printed_line_by_line_and_drawn_over(call, tmp_path):
    three_digits(tmp_path)
    status, out, err = call("page.png", "--many", "--min-confidence", "1", "--overlay", "seen.png")
    assert (status, out) == (0, "???\n")
    assert err == "what was read is drawn over the page: seen.png\n"
    with Image.open(tmp_path / "seen.png") as seen:
        red = (np.asarray(seen.convert("RGB")) == (220, 30, 30)).all(axis=2)
        assert (seen.size, red.sum() > 300) == ((200, 80), True)
    status, out, _ = call("page.png", "--many", "--rows")
    assert (status, out.splitlines()[0]) == (0, "line\tdigits\tcount\tleast sure")


def test_several_digits_where_one_was_expected_are_told(call, tmp_path):
    three_digits(tmp_path)
    status, out, err = call("page.png", "--min-confidence", "1")
    assert (status, out.startswith("page.png: unsure; ")) == (0, True)
    assert "page.png: about 3 digits, of which one is read; use --many" in err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--rows"], "--rows shows the digits of pages: add --many"),
        (["--overlay", "a.png"], "--overlay shows the digits of pages: add --many"),
        (
            ["--many", "--overlay", "a.png", "--save-digits", "b"],
            "choose --overlay or --save-digits; run the command twice for both",
        ),
    ],
)
def test_options_of_pages_need_pages(call, tmp_path, options, told):
    three_digits(tmp_path)
    status, out, err = call("page.png", *options)
    assert (status, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    ("marks", "printed", "told"),
    [
        (0, "???\n", ""),
        (
            1,
            "?.??\n",
            "page.png: one mark beside digits, as of an amount or a date, is guessed by size and "
            "place; check it\n",
        ),
        (
            2,
            "?.?.?\n",
            "page.png: 2 marks beside digits, as of an amount or a date, are guessed by size and "
            "place; check them\n",
        ),
    ],
)
def test_marks_beside_digits_are_told(call, tmp_path, marks, printed, told):
    three_digits(tmp_path)
    with Image.open(tmp_path / "page.png") as page:
        for x in (65, 132)[:marks]:
            ImageDraw.Draw(page).rectangle((x, 58, x + 8, 66), fill=0)
        page.save(tmp_path / "page.png")
    assert call("page.png", "--many", "--min-confidence", "1") == (0, printed, told)
    assert call("page.png", "--many", "-o", "p.jsonl")[0] == 0
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [row["before"] for row in rows] == ["", ".", "."][: 1 + marks] + [""] * (2 - marks)


def scribbled(folder, beside=()):
    """A scribble, and digits like a 7 beside it."""
    image = Image.new("L", (300, 100), 255)
    draw = ImageDraw.Draw(image)
    zigzag = [(10 + 12 * i, 20 if i % 2 else 80) for i in range(7)]
    draw.line(zigzag, fill=0, width=5, joint="curve")
    for left in beside:
        draw.line([(left, 20), (left + 25, 20), (left + 5, 80)], fill=0, width=7)
    image.save(folder / "ink.png")


def test_ink_that_looks_like_no_digit_is_refused(call, tmp_path):
    scribbled(tmp_path)
    told = (
        "ink.png: shows no digit, but other ink, as of a letter, a sign or a scribble; "
        "--any-ink reads it"
    )
    for many, more in (([], ", and --many several digits, also if they touch"), (["--many"], "")):
        status, out, err = call("ink.png", *many)
        assert (status, out) == (3, "")
        assert told + more in " ".join(err.split())
    status, out, err = call("ink.png", "--any-ink")
    assert (status, out.startswith("ink.png: "), err) == (0, True, "")


def test_ink_of_a_page_that_looks_like_no_digit_is_left_out(call, tmp_path):
    scribbled(tmp_path, beside=(150, 220))
    status, out, err = call("ink.png", "--many", "-o", "some.jsonl")
    assert (status, out) == (0, "2 predictions: some.jsonl\n")
    told = "ink.png: one piece of ink does not look like a digit, or is among letters, "
    told += "and is left out"
    assert told in " ".join(err.split())
    status, out, err = call("ink.png", "--many", "--any-ink", "-o", "all.jsonl")
    assert (status, out, err) == (0, "3 predictions: all.jsonl\n", "")


def test_ink_that_is_hardly_like_a_digit_is_unsure(call, tmp_path, monkeypatch):
    three_digits(tmp_path)
    for least, unsure in ((0.0, False), (2.0, True)):
        monkeypatch.setattr("mxdigits.predict.predict.LIKELY", least)
        status, out, err = call("page.png", "--many")
        assert (status, len(out), "?" in out, err) == (0, 4, unsure, "")
    status, out, _ = call("page.png", "--many", "-o", "page.csv")
    assert (status, out) == (0, "3 predictions, 3 of them unsure: page.csv\n")
