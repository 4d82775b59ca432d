"""Outputs that are inputs too are refused, and so are names that are no pictures'."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mxdigits.cli import main
from mxdigits.errors import UsageError
from mxdigits.predict.output_names import refuse_inputs


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of pictures and an archive of images."""
    monkeypatch.chdir(tmp_path)
    Path("scans/deep").mkdir(parents=True)
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).line([(20, 12), (40, 12), (26, 50)], fill=0, width=6)
    for name in ("a.png", "scans/b.png", "scans/deep/c.png", "out-2.png", "000000-a.png"):
        picture.save(name)
    np.savez("images.npz", images=np.full((2, 28, 28), 255, np.uint8))
    Path("link.png").symlink_to("a.png")
    os.link("a.png", "twin.png")
    Path("scans/out.csv").touch()


@pytest.mark.parametrize(
    ("command", "output"),
    [
        (["predict", "a.png", "--many", "--overlay", "a.png"], "a.png"),
        (["predict", "a.png", "--many", "--overlay", "twin.png"], "twin.png"),
        (["predict", "link.png", "--many", "--overlay", "a.png"], "a.png"),
        (["predict", "scans", "--many", "--overlay", "scans/deep/c.png"], "scans/deep/c.png"),
        (["predict", "*.png", "--many", "--overlay", "a.png"], "a.png"),
        (["predict", "a.png", "out-2.png", "--many", "--overlay", "out.png"], "out-2.png"),
        (["predict", "digits", "images.npz", "-o", "images.npz"], "images.npz"),
        (["predict", "digits", "--data", "images.npz", "-o", "images.npz"], "images.npz"),
        (["predict", ".", "--save-digits", "."], "000000-a.png"),
        (["explain", "a.png", "-o", "a.png"], "a.png"),
        (
            ["errors", "digits", "path=scans", "--data", "folder", "-o", "scans/b.png"],
            "scans/b.png",
        ),
        (["datasets", "show", "folder", "path=scans", "-o", "scans/b.png"], "scans/b.png"),
    ],
)
def test_no_output_replaces_an_input(here, capsys, command, output):
    before = Path(output).read_bytes()
    assert main(command) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {output} is read itself, and would be overwritten; name another"
    )
    assert Path(output).read_bytes() == before


@pytest.mark.parametrize(
    ("output", "inputs"),
    [
        ("b.png", ["a.png", "-", "mnist", "nowhere/*.png"]),  # not there yet
        ("a.png", ["scans"]),
        ("scans/out.csv", ["scans"]),  # no picture: a folder's tables are not read
        ("a.png", ["scans/*.png", "-", "mnist", "gone.png"]),
    ],
)
def test_other_files_may_be_replaced(here, output, inputs):
    refuse_inputs([Path(output)], inputs)


def test_a_link_to_an_input_is_an_input(here):
    with pytest.raises(UsageError):
        refuse_inputs([Path("link.png")], ["twin.png"])


@pytest.mark.parametrize("name", ["over", "over.txt", "over.csv"])
def test_an_overlay_is_named_as_a_picture(here, capsys, name):
    assert main(["predict", "a.png", "--many", "--overlay", name]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {name} is no name of a picture: write over.png"
    )
    assert not Path(name).exists()


def test_rows_and_a_file_exclude_each_other(here, capsys):
    assert main(["predict", "a.png", "--many", "--rows", "-o", "rows.csv"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: --rows prints a table, and --output writes a file: choose one"
    )


@pytest.mark.mxnet
def test_one_prediction_is_called_one(here, capsys):
    assert main(["predict", "a.png", "-o", "a.csv"]) == 0
    assert capsys.readouterr().out == "1 prediction: a.csv\n"
