"""Sheets of tiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mxdigits.data.tiles import Tile, check_picture_file, tile_sheet, write_picture
from mxdigits.errors import OutputError, UsageError


def box(sheet: Image.Image, colour: tuple[int, int, int]):
    """(left, top, right, bottom) of the pixels of one colour, None if there are none."""
    found = (np.asarray(sheet) == colour).all(axis=2).astype(np.uint8)
    return Image.fromarray(found * 255).getbbox()


def test_pictures_stand_side_by_side_enlarged_with_text_below():
    grey = np.full((1, 28, 28), 90, np.uint8)
    red = np.tile(np.uint8([200, 0, 0])[:, None, None], (1, 28, 28))
    sheet = tile_sheet([Tile([grey, red], ["said 5"])])
    assert box(sheet, (90, 90, 90)) == (12, 12, 124, 124)
    assert box(sheet, (200, 0, 0)) == (128, 12, 240, 124)
    left, top, right, bottom = box(sheet, (40, 40, 40))
    assert 12 <= left < right < 80
    assert 128 <= top < bottom < sheet.height


def test_tiles_fill_rows():
    tiles = [Tile([np.full((1, 28, 28), 10 + i, np.uint8)], [str(i)]) for i in range(12)]
    sheet = tile_sheet(tiles)
    assert sheet.width <= 1200
    places = [box(sheet, (10 + i,) * 3)[:2] for i in range(12)]
    assert [left for left, _ in places[:9]] == [12 + 124 * i for i in range(9)]
    assert len({top for _, top in places[:9]}) == 1
    assert places[9][0] == 12
    assert places[9][1] > places[0][1] + 112


def test_large_pictures_keep_their_size_and_long_lines_are_cut():
    sheet = tile_sheet([Tile([np.full((3, 150, 130), 7, np.uint8)], ["x" * 1000, "", "\n"])])
    assert box(sheet, (7, 7, 7)) == (12, 12, 142, 162)
    assert sheet.width < 600


def test_a_picture_is_written_in_the_format_of_its_name(tmp_path):
    write_picture(Image.new("RGB", (5, 5)), tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as read:
        assert read.format == "WEBP"
    with pytest.raises(OutputError) as caught:
        write_picture(Image.new("RGB", (20_000, 1)), tmp_path / "a.webp")
    assert str(caught.value).startswith(f"cannot write {tmp_path}/a.webp: ")


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("why", UsageError, "why is no name of a picture: write why.png"),
        ("why.html", UsageError, "why.html is no name of a picture: write why.png"),
        (".", OutputError, "cannot write .: it is a directory"),
        ("no/why.png", OutputError, "cannot write no/why.png: there is no folder no"),
    ],
)
def test_names_that_are_no_picture(tmp_path, monkeypatch, name, error, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        check_picture_file(Path(name))
    assert str(caught.value) == told
    check_picture_file(Path("why.png"))
