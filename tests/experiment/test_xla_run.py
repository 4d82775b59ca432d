"""A run on the backend xla, from its recipe to its files and back."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

pytestmark = pytest.mark.mxnet

pytest.importorskip("jax", reason="the backend xla needs JAX")

RECIPE = """\
model: {{name: mlp, hidden: [8]}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.2}}
backend: xla
epochs: 2
predictions: [npz]
"""


@pytest.fixture
def recipe(idx_folder, tmp_path):
    file = tmp_path / "bars.yaml"
    file.write_text(RECIPE.format(path=idx_folder))
    return file


def run_folder(tmp_path, output="runs"):
    (folder,) = (tmp_path / output / "bars").glob("2*")
    return folder


def test_a_run_says_and_records_what_computed_it(mxdigits, recipe, tmp_path):
    process = mxdigits("run", recipe)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert re.fullmatch(r"context: cpu\(0\) by xla; CPU threads: \d+", lines[0])
    assert lines.count("compiling ...") == 1
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    assert record["backend"] == "xla"
    assert record["device"]["context"] == "cpu(0)"
    assert {"mxnet", "jax", "jaxlib"} <= record["versions"].keys()
    assert len(record["network"]["sha256"]) == 2


def test_either_backend_scores_it_alike(mxdigits, recipe, tmp_path):
    assert mxdigits("run", recipe).returncode == 0
    folder = run_folder(tmp_path)
    with np.load(folder / "predictions.npz") as written:
        expected = written["prob"]
    for backend in ("mxnet", "xla"):
        out = tmp_path / f"{backend}.npz"
        process = mxdigits("predict", folder, "--backend", backend, "-o", out)
        assert process.returncode == 0, process.stderr
        with np.load(out) as found:
            np.testing.assert_allclose(found["prob"], expected, atol=1e-4)
        assert mxdigits("score", folder, "--backend", backend).returncode == 0


def test_a_run_goes_on_to_the_same_bits(mxdigits, recipe, tmp_path):
    assert mxdigits("run", recipe, "--output", "whole").returncode == 0
    assert mxdigits("run", recipe, "epochs=1", "--output", "parts").returncode == 0
    part = run_folder(tmp_path, "parts")
    assert mxdigits("resume", part, "--epochs", "2").returncode == 0
    (whole,) = run_folder(tmp_path, "whole").glob("*.params")
    (gone_on,) = part.glob("*.params")
    assert whole.read_bytes() == gone_on.read_bytes()


def test_a_run_can_be_verified(mxdigits, recipe, tmp_path):
    assert mxdigits("run", recipe).returncode == 0
    process = mxdigits("resume", run_folder(tmp_path), "--verify")
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("overrides", "code", "message"),
    [
        (
            ["optimizer.name=lbsgd"],
            2,
            "error: the backend xla has no optimizer lbsgd; take lars, or backend: mxnet\n",
        ),
        (
            ["backend=torch"],
            2,
            "error: override backend=torch: backend: 'torch' names no backend; write auto, mxnet, "
            "xla, or a list in order of preference\n",
        ),
        (
            ["backend=[]"],
            2,
            "error: override backend=[]: backend: is empty; write auto, mxnet, xla, or a list in "
            "order of preference\n",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(
    mxdigits, recipe, tmp_path, overrides, code, message
):
    process = mxdigits("run", recipe, *overrides)
    assert (process.stderr, process.returncode) == (message, code)
    assert not (tmp_path / "runs").exists()


def test_going_on_by_another_backend_is_refused_in_words(mxdigits, recipe, tmp_path):
    assert mxdigits("run", recipe, "epochs=1").returncode == 0
    folder = run_folder(tmp_path)
    process = mxdigits("resume", folder, "backend=mxnet", "--epochs", "2")
    assert process.returncode == 2
    assert "backend is mxnet, was xla" in process.stderr
    assert process.stderr.count("\n") == 1
