"""A run's network as a folder for a distribution of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mxdigits.predict.networks import load

FILES = ["README.md", "model-0000.params", "model-symbol.json", "recipe.yaml", "run.json"]


@pytest.mark.mxnet
def test_the_folder_is_all_that_it_takes(bars_run, idx_folder, digits, mxdigits, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "__init__.py").write_text("")
    done = mxdigits("package", bars_run, "--into", "mine", "--license", "CC-BY-4.0")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == [f"written: mine/{name}" for name in FILES]
    assert sorted(file.name for file in target.iterdir()) == sorted(["__init__.py", *FILES])
    images, _ = digits["test"]
    expected = load(bars_run).predict(images)
    np.testing.assert_array_equal(load(target).predict(images), expected)
    card = (target / "README.md").read_text()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert "mxdigits predict digits-bars photo.png\n" in card


@pytest.mark.mxnet
def test_nothing_in_it_tells_of_the_machine(bars_run, idx_folder, mxdigits, tmp_path):
    (tmp_path / "mine").mkdir()
    mxdigits("package", bars_run, "--into", "mine")
    record = json.loads((tmp_path / "mine" / "run.json").read_text())
    assert "installed" in json.loads((bars_run / "run.json").read_text())
    assert "installed" not in record
    assert record["data"]["options"]["path"] == idx_folder.name
    for name in FILES:
        assert str(idx_folder.parent).encode() not in (tmp_path / "mine" / name).read_bytes()


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 3, "there is no folder mine"),
        (["--version", "1"], 2, "--version is for a wheel; leave it out with --into"),
    ],
)
def test_what_cannot_be_written(bars_run, mxdigits, arguments, code, told):
    done = mxdigits("package", bars_run, "--into", "mine", *arguments)
    assert (done.returncode, done.stderr) == (code, f"error: {told}\n")


@pytest.mark.mxnet
def test_what_is_there_is_replaced_by_force_alone(bars_run, mxdigits, tmp_path):
    file = tmp_path / "mine" / "README.md"
    file.parent.mkdir()
    file.write_text("mine")
    again = mxdigits("package", bars_run, "--into", "mine")
    assert again.stderr == "error: mine/README.md is there already; --force replaces it\n"
    assert [path.name for path in Path(file.parent).iterdir()] == ["README.md"]
    assert mxdigits("package", bars_run, "--into", "mine", "--force").returncode == 0
    assert file.read_text() != "mine"
