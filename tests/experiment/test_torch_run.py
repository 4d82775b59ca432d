"""A run on the backend torch, from its recipe to its files and back."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from experiment.run_folders import run_folder

pytestmark = pytest.mark.mxnet

pytest.importorskip("torch", reason="the backend torch needs PyTorch")

RECIPE = """\
model: {{name: mlp, hidden: [8]}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.2, momentum: 0.9}}
augmentation: {{name: affine, rotation: 5}}
backend: torch
epochs: 2
predictions: [npz]
"""


@pytest.fixture
def recipe(idx_folder, tmp_path):
    file = tmp_path / "bars.yaml"
    file.write_text(RECIPE.format(path=idx_folder))
    return file


def test_a_run_says_and_records_what_computed_it_and_every_backend_scores_it(
    mxdigits_process, recipe, tmp_path
):
    process = mxdigits_process("run", recipe)
    assert process.returncode == 0, process.stderr
    assert re.fullmatch(
        r"context: cpu\(0\) by torch; CPU threads: \d+", process.stdout.splitlines()[0]
    )
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    assert (record["backend"], record["device"]["context"]) == ("torch", "cpu(0)")
    assert "torch" in record["versions"]
    assert "mxnet" not in record["versions"]  # it has no part in it
    with np.load(folder / "predictions.npz") as written:
        expected = written["prob"]
    for backend in ("mxnet", "torch"):
        out = tmp_path / f"{backend}.npz"
        process = mxdigits_process("predict", folder, "--backend", backend, "-o", out)
        assert process.returncode == 0, process.stderr
        with np.load(out) as found:
            np.testing.assert_allclose(found["prob"], expected, atol=1e-4)
        assert mxdigits_process("score", folder, "--backend", backend).returncode == 0


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_a_run_goes_on_to_the_same_bits(mxdigits_process, recipe, tmp_path, precision):
    given = recipe, f"precision={precision}"
    assert mxdigits_process("run", "--no-report", *given, "--output", "whole").returncode == 0
    assert (
        mxdigits_process("run", "--no-report", *given, "epochs=1", "--output", "parts").returncode
        == 0
    )
    part = run_folder(tmp_path, "parts")
    assert mxdigits_process("resume", part, "--epochs", "2", "--no-report").returncode == 0
    (whole,) = run_folder(tmp_path, "whole").glob("*.params")
    (gone_on,) = part.glob("*.params")
    assert whole.read_bytes() == gone_on.read_bytes()
    assert mxdigits_process("resume", part, "--verify").returncode == 0


@pytest.mark.parametrize(("first", "second"), [("torch", "mxnet"), ("mxnet", "torch")])
def test_a_run_goes_on_by_the_other_backend_where_that_is_allowed(
    mxdigits_process, recipe, tmp_path, first, second
):
    assert (
        mxdigits_process("run", "--no-report", recipe, f"backend={first}", "epochs=1").returncode
        == 0
    )
    folder = run_folder(tmp_path)
    go_on = "resume", folder, f"backend={second}", "--epochs", "2", "--no-report"
    process = mxdigits_process(*go_on)
    assert process.returncode == 2
    assert f"backend is {second}, was {first}" in process.stderr
    process = mxdigits_process(*go_on, "--allow-changes")
    assert process.returncode == 0, process.stderr
    assert json.loads((folder / "run.json").read_text())["backend"] == second


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["optimizer={name: lbsgd}"],
            "error: the backend torch has no optimizer lbsgd; take lars, or backend: mxnet\n",
        ),
        (
            ["context=cpu(0,1)"],
            "error: cpu(0,1) is not available: the backend torch works on one device; name one\n",
        ),
        (
            ["precision=tf32"],
            "error: cpu(0) is not available: it has no tf32, which NVIDIA GPUs from compute "
            "capability 8.0 on have; write precision: float32\n",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(
    mxdigits_process, recipe, tmp_path, overrides, message
):
    process = mxdigits_process("run", "--no-report", recipe, *overrides)
    assert process.stderr == message
    assert not (tmp_path / "runs").exists()


def test_threads_are_heeded(mxdigits_process, recipe):
    process = mxdigits_process("run", "--no-report", recipe, "threads=2", "epochs=1")
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[0] == "context: cpu(0) by torch; CPU threads: 2"
