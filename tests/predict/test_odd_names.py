"""Pictures and outputs with odd names, and the one that names nothing."""

from __future__ import annotations

import csv
import json
import os

import numpy as np
import pytest
from PIL import Image

from mxdigits.data.load import load_dataset
from mxdigits.digitize.preprocessing import preprocessing_of
from mxdigits.errors import UsageError
from mxdigits.predict.inputs import Reader
from mxdigits.predict.run_data import RunData

pytestmark = pytest.mark.mxnet


@pytest.fixture
def odd_names(tmp_path, home):
    """A folder with a picture whose name is no UTF-8, and one whose name is as long as can be."""
    folder = tmp_path / "odd"
    folder.mkdir()
    picture = next((home / "own" / "test").rglob("*.png"))
    for name in (b"a\xe9.png", ("ü" * 125 + ".png").encode()):
        (folder / os.fsdecode(name)).write_bytes(picture.read_bytes())
    return folder


NAMES = [r"odd/a\xe9.png", f"odd/{'ü' * 125}.png"]


def test_names_that_are_no_utf8_are_spelled_out(call, odd_names, tmp_path):
    for form in ("csv", "jsonl", "npz"):
        assert call("odd", "-o", f"p.{form}") == (0, f"2 predictions: p.{form}\n", "")
    with open(tmp_path / "p.csv", encoding="utf-8", newline="") as file:
        assert [row["filename"] for row in csv.DictReader(file)] == NAMES
    lines = (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["filename"] for line in lines] == NAMES
    with np.load(tmp_path / "p.npz") as held:
        assert held["filename"].tolist() == NAMES
    code, out, err = call("odd")
    assert (code, err) == (0, "")
    assert [line.partition(": ")[0] for line in out.splitlines()] == NAMES


def test_the_longest_names_do_not_end_save_digits(call, odd_names, tmp_path):
    code, _, err = call("odd", "--save-digits", "seen")
    assert (code, err) == (0, "")
    assert sorted(os.listdir(tmp_path / "seen")) == [
        os.fsdecode(b"000000-a\xe9.png"),
        f"000001-{'ü' * 50}.png",
    ]


def test_an_output_whose_name_is_no_utf8(call, tmp_path):
    name = os.fsdecode(b"p\xe9.csv")
    assert call("own/test/7", "-o", name)[0] == 0
    assert (tmp_path / name).is_file()


def test_an_empty_argument_is_not_the_current_folder(call):
    empty = "argument {} of mxdigits is empty; is a variable of the shell not set?"
    assert call("") == (2, "", f"error: {empty.format(3)}\n")
    assert call("--data", "") == (2, "", f"error: {empty.format(4)}\n")


def test_an_empty_name_is_not_the_current_folder():
    preprocessing = preprocessing_of("mnist", "x", (1, 28, 28), None)
    data = RunData("mnist", {}, tuple("0123456789"), pytest.fail)
    reader = Reader(preprocessing, False, "test", pytest.fail, data)
    with pytest.raises(UsageError) as caught:
        reader.check([""])
    assert str(caught.value) == "the name of an input is empty"
    for name in ("idx", "folder"):
        with pytest.raises(UsageError) as caught:
            load_dataset(name, {"path": ""})
        assert str(caught.value) == "option path: must be a folder, got ''"


def test_a_class_whose_folder_is_no_utf8(tmp_path, home):
    for place, name in enumerate((b"\xe9t\xe9", b"hiver")):
        folder = tmp_path / "own" / os.fsdecode(name)
        folder.mkdir(parents=True)
        for i, picture in enumerate(sorted((home / "own" / "test").rglob("*.png"))[:6]):
            image = np.asarray(Image.open(picture)).copy()
            image[0, i] = 200 + place  # no two alike
            Image.fromarray(image).save(folder / f"{i}.png")
    dataset = load_dataset("folder", {"path": str(tmp_path / "own")})
    assert set(dataset.classes) == {r"\xe9t\xe9", "hiver"}
