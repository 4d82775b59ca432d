"""A run on the backend xla, from its recipe to its files and back."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from experiment.run_folders import run_folder

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


def test_a_run_says_and_records_what_computed_it(mxdigits_process, recipe, tmp_path):
    process = mxdigits_process("run", recipe)
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert re.fullmatch(r"context: cpu\(0\) by xla; CPU threads: \d+", lines[0])
    assert lines.count("compiling ...") == 1
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    assert record["backend"] == "xla"
    assert record["device"]["context"] == "cpu(0)"
    assert {"jax", "jaxlib"} <= record["versions"].keys()
    assert "mxnet" not in record["versions"]  # it has no part in it
    assert len(record["network"]["sha256"]) == 2


def test_either_backend_scores_it_alike(mxdigits_process, recipe, tmp_path):
    assert mxdigits_process("run", "--no-report", recipe).returncode == 0
    folder = run_folder(tmp_path)
    with np.load(folder / "predictions.npz") as written:
        expected = written["prob"]
    for backend in ("mxnet", "xla"):
        out = tmp_path / f"{backend}.npz"
        process = mxdigits_process("predict", folder, "--backend", backend, "-o", out)
        assert process.returncode == 0, process.stderr
        with np.load(out) as found:
            np.testing.assert_allclose(found["prob"], expected, atol=1e-4)
        assert mxdigits_process("score", folder, "--backend", backend).returncode == 0


def test_a_run_goes_on_to_the_same_bits(mxdigits_process, recipe, tmp_path):
    assert mxdigits_process("run", "--no-report", recipe, "--output", "whole").returncode == 0
    assert (
        mxdigits_process("run", "--no-report", recipe, "epochs=1", "--output", "parts").returncode
        == 0
    )
    part = run_folder(tmp_path, "parts")
    assert mxdigits_process("resume", part, "--epochs", "2", "--no-report").returncode == 0
    (whole,) = run_folder(tmp_path, "whole").glob("*.params")
    (gone_on,) = part.glob("*.params")
    assert whole.read_bytes() == gone_on.read_bytes()


def test_a_run_can_be_verified(mxdigits_process, recipe, tmp_path):
    assert mxdigits_process("run", "--no-report", recipe).returncode == 0
    process = mxdigits_process("resume", run_folder(tmp_path), "--verify")
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
            ["backend=pytorch"],
            2,
            "error: override backend=pytorch: backend: 'pytorch' names no backend; write auto, "
            "fastest, mxnet, xla, torch, or a list in order of preference\n",
        ),
        (
            ["backend=[]"],
            2,
            "error: override backend=[]: backend: is empty; write auto, fastest, mxnet, xla, "
            "torch, or a list in order of preference\n",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(
    mxdigits_process, recipe, tmp_path, overrides, code, message
):
    process = mxdigits_process("run", "--no-report", recipe, *overrides)
    assert (process.stderr, process.returncode) == (message, code)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("first", "second"), [("xla", "mxnet"), ("mxnet", "xla")])
def test_a_run_goes_on_by_the_other_backend_where_that_is_allowed(
    mxdigits_process, recipe, tmp_path, first, second
):
    adam = "optimizer={name: adam, learning_rate: 0.01}"
    assert (
        mxdigits_process(
            "run", "--no-report", recipe, adam, f"backend={first}", "epochs=1"
        ).returncode
        == 0
    )
    folder = run_folder(tmp_path)
    go_on = "resume", folder, f"backend={second}", "--epochs", "2", "--no-report"
    process = mxdigits_process(*go_on)
    assert process.returncode == 2
    assert f"backend is {second}, was {first}" in process.stderr
    assert process.stderr.count("\n") == 1
    process = mxdigits_process(*go_on, "--allow-changes")
    assert process.returncode == 0, process.stderr
    assert f"allowed: backend: {second}, was {first}" in process.stdout
    assert json.loads((folder / "run.json").read_text())["backend"] == second


def test_a_run_in_float16_is_said_recorded_and_goes_on_to_the_same_bits(
    mxdigits_process, recipe, tmp_path
):
    half = "precision=float16"
    process = mxdigits_process("run", recipe, half, "--output", "whole")
    assert process.returncode == 0, process.stderr
    first = process.stdout.splitlines()[0]
    assert re.fullmatch(r"context: cpu\(0\) by xla; CPU threads: \d+; precision: float16", first)
    whole = run_folder(tmp_path, "whole")
    assert json.loads((whole / "run.json").read_text())["precision"] == "float16"
    assert ", by xla, in float16<" in (whole / "report.html").read_text()
    done = mxdigits_process("run", "--no-report", recipe, half, "epochs=1", "--output", "parts")
    assert done.returncode == 0
    part = run_folder(tmp_path, "parts")
    process = mxdigits_process("resume", part, "precision=float32", "--epochs", "2", "--no-report")
    assert process.returncode == 2
    assert "recipe.precision is float32, was float16" in process.stderr
    assert mxdigits_process("resume", part, "--epochs", "2", "--no-report").returncode == 0
    (expected,), (found,) = whole.glob("*.params"), part.glob("*.params")
    assert found.read_bytes() == expected.read_bytes()


def test_a_run_on_two_devices(mxdigits_process, recipe, tmp_path):
    two = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    process = mxdigits_process(
        "run", "--no-report", recipe, "context=cpu(0,1)", "data.batch_size=7", **two
    )
    assert process.returncode == 0, process.stderr
    folder = run_folder(tmp_path)
    assert json.loads((folder / "run.json").read_text())["device"]["context"] == "cpu(0,1)"
    assert mxdigits_process("resume", folder, "--verify", **two).returncode == 0


def test_report_and_compare_take_a_backend(mxdigits_process, recipe, tmp_path):
    for seed in (1, 2):
        done = mxdigits_process("run", "--no-report", recipe, f"seed={seed}", "--format", "csv")
    assert done.returncode == 0
    folders = sorted((tmp_path / "runs" / "bars").glob("2*"))
    for backend in ("xla", "mxnet"):
        assert mxdigits_process("report", folders[0], "--backend", backend).returncode == 0
        assert mxdigits_process("compare", *folders, "--backend", backend).returncode == 0
    process = mxdigits_process("report", folders[0], "--backend", "pytorch")
    assert process.returncode == 2
    assert process.stderr.startswith("error: backend: 'pytorch' names no backend; ")


def test_a_layer_that_it_lacks_is_named_before_data_are_read(recipe, monkeypatch):
    from mxdigits import register_dataset, register_model, run
    from mxdigits.backends.mxnet.runtime import import_mxnet
    from mxdigits.errors import NetworkError

    class Wide(import_mxnet().gluon.HybridBlock):
        def __init__(self, *, classes):
            super().__init__()
            with self.name_scope():
                self.output = import_mxnet().gluon.nn.Dense(classes)

        def hybrid_forward(self, F, x):
            return self.output(F.cast(x, dtype="float64").astype("float32"))

    register_model("wide")(lambda *, classes: Wide(classes=classes))
    read = []
    register_dataset("unread")(lambda: read.append("it was read"))
    with pytest.raises(NetworkError) as caught:
        run("lenet", model="wide", data="unread", backend="xla")
    assert str(caught.value) == (
        "the backend xla cannot run layer 'wide0_cast0' (Cast): it has no float64; write float32"
    )
    assert not read
