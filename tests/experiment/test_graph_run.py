"""Runs of a network that is given as a graph: with either backend, and without MXNet."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from backends.training import TRAINING
from experiment.run_folders import run_folder

from mxdigits.data.idx import write_idx
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.symbol_json import write_symbol

pytest.importorskip("jax", reason="the backend xla needs JAX")

RECIPE = """\
model: {{name: graph, path: bars-symbol.json}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.1, momentum: 0.9}}
epochs: 2
predictions: [npz]
"""


def write_graph(path, units=8):
    nodes = (
        Variable("data", "input"),
        Variable("hidden_weight"),
        Variable("hidden_bias"),
        operation("FullyConnected", "hidden", [Output(i) for i in range(3)], num_hidden=units),
        operation("Activation", "relu", [Output(3)], act_type="relu"),
        operation("Dropout", "drop", [Output(4)], p=0.2),
        Variable("out_weight"),
        Variable("out_bias"),
        operation("FullyConnected", "out", [Output(5), Output(6), Output(7)], num_hidden=4),
    )
    path.write_text(write_symbol(Graph(nodes, (Output(8),))))


@pytest.fixture
def recipe(idx_folder, tmp_path):
    file = tmp_path / "bars.yaml"
    file.write_text(RECIPE.format(path=idx_folder))
    write_graph(tmp_path / "bars-symbol.json")
    return file


# A process for several command lines that finds no MXNet; prints [[code, stdout, stderr]].
WITHOUT_MXNET = """
    import contextlib, io, json, sys

    class Hide:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "mxnet":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    sys.meta_path.insert(0, Hide())
    from mxdigits.cli import main

    done = []
    for line in json.loads(sys.argv[1]):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(line)
        done.append([code, out.getvalue(), err.getvalue()])
    print(json.dumps(done))
"""


@pytest.fixture
def without_mxnet(tmp_path):
    def call(*lines):
        written = json.dumps([[str(word) for word in line] for line in lines])
        process = subprocess.run(
            [sys.executable, "-c", dedent(WITHOUT_MXNET), written],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout)

    return call


@pytest.mark.parametrize("backend", TRAINING)
def test_the_folder_is_that_of_any_run(mxdigits, recipe, tmp_path, backend):
    process = mxdigits("run", recipe, f"backend={backend}")
    assert process.returncode == 0, process.stderr
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    assert record["backend"] == backend
    assert record["network"]["parameters"] == 256 * 8 + 8 + 8 * 4 + 4
    assert list(record["network"]["files"]) == ["bars-symbol.json"]
    assert ("mxnet" in record["versions"]) is (backend == "mxnet")
    assert record["plugins"]["model"]["name"] == "graph"
    # From any other folder: the path of the graph is written in full.
    assert f"path: {tmp_path}/bars-symbol.json" in (folder / "recipe.yaml").read_text()
    assert mxdigits("score", folder, "--min-accuracy", "0.5").returncode == 0


@pytest.mark.mxnet
def test_both_backends_begin_alike(mxdigits, recipe, tmp_path):
    arrays = []
    for backend in ("mxnet", "xla"):
        process = mxdigits("run", recipe, f"backend={backend}", "epochs=1", "--output", backend,
                           "optimizer.learning_rate=1e-9", "--no-report")  # fmt: skip
        assert process.returncode == 0, process.stderr
        arrays.append(np.load(run_folder(tmp_path, backend) / "predictions.npz")["prob"])
    np.testing.assert_allclose(arrays[0], arrays[1], atol=1e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_it_goes_on_to_the_same_bits(mxdigits, recipe, tmp_path, backend):
    chosen = f"backend={backend}"
    assert mxdigits("run", "--no-report", recipe, chosen, "--output", "whole").returncode == 0
    done = mxdigits("run", "--no-report", recipe, chosen, "epochs=1", "--output", "parts")
    assert done.returncode == 0
    part = run_folder(tmp_path, "parts")
    assert mxdigits("resume", part, "--epochs", "2", "--no-report").returncode == 0
    (whole,) = run_folder(tmp_path, "whole").glob("*.params")
    (gone_on,) = part.glob("*.params")
    assert whole.read_bytes() == gone_on.read_bytes()
    process = mxdigits("resume", part, "--verify")
    assert process.returncode == 0, process.stderr


def test_a_graph_that_has_changed_is_another_run(mxdigits, recipe, tmp_path):
    assert mxdigits("run", "--no-report", recipe, "backend=xla", "epochs=1").returncode == 0
    write_graph(tmp_path / "bars-symbol.json", units=9)
    process = mxdigits("resume", run_folder(tmp_path), "--epochs", "2", "--no-report")
    assert process.returncode == 2
    assert "network.files.bars-symbol.json is " in process.stderr
    assert process.stderr.count("\n") == 1


def test_a_graph_may_move(mxdigits, recipe, tmp_path):
    assert mxdigits("run", "--no-report", recipe, "backend=xla", "epochs=1").returncode == 0
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "bars-symbol.json"
    (tmp_path / "bars-symbol.json").rename(moved)
    folder = run_folder(tmp_path)
    process = mxdigits("resume", folder, "--epochs", "2", "--no-report")
    assert process.returncode == 3
    assert process.stderr == (
        f"error: {tmp_path}/bars-symbol.json: cannot be read: No such file or directory\n"
    )
    process = mxdigits("resume", folder, f"model.path={moved}", "--epochs", "2", "--no-report")
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize("backend", TRAINING)
def test_it_starts_from_the_weights_of_another_run(mxdigits, recipe, tmp_path, backend):
    assert (
        mxdigits("run", "--no-report", recipe, "backend=xla", "--output", "first").returncode == 0
    )
    first = run_folder(tmp_path, "first")
    process = mxdigits(
        "run", recipe, f"init={first}", f"backend={backend}", "epochs=1",
        "optimizer.learning_rate=1e-9", "seed=7",
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    one, other = (
        np.load(each / "predictions.npz")["prob"] for each in (first, run_folder(tmp_path))
    )
    np.testing.assert_allclose(one, other, atol=1e-4)
    write_graph(tmp_path / "bars-symbol.json", units=9)
    process = mxdigits("run", "--no-report", recipe, f"init={first}", f"backend={backend}")
    assert process.returncode == 3
    assert process.stderr == (
        f"error: {first}/model-symbol.json holds another network: its hidden_weight is of shape "
        "(8, 256), here it is (9, 256)\n"
    )


def test_without_mxnet_a_run_is_trained_used_and_looked_at(without_mxnet, recipe, tmp_path):
    """Each verb; and what is said of the backend, in one line."""
    other = ["run", recipe, "seed=5", "--output", "other", "--no-report"]
    (code, out, err), (other_code, _, other_err) = without_mxnet(["run", recipe], other)
    assert (code, other_code) == (0, 0), (err, other_err)
    lines = out.splitlines()
    assert lines[0].startswith("cpu(0) is not available by mxnet: MXNet is not installed: ")
    assert lines[0].endswith("; cpu(0) by xla is used")
    assert lines[1].startswith("context: cpu(0) by xla; CPU threads: ")
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    assert "mxnet" not in record["versions"]
    verbs = [
        ["score", folder, "--min-accuracy", "0.5"],
        ["predict", folder, "-o", "mine.csv"],
        ["report", folder],
        ["compare", folder, run_folder(tmp_path, "other"), "-o", "compare.html"],
        ["resume", folder, "--epochs", "3"],
        ["resume", folder, "--verify"],
        ["runs"],
        ["runs", "show", folder],
        ["check", recipe],
        ["models"],
        ["models", "show", "graph", "path=bars-symbol.json", "--size", "16", "--classes", "4"],
        ["datasets"],
        ["datasets", "show", "mnist"],
        ["recipes"],
        ["plugins"],
        ["doctor"],
        ["--help"],
    ]
    for line, (code, out, err) in zip(verbs, without_mxnet(*verbs)):
        assert code == 0, (line, err)
        assert out
        assert (out + err).count("is not available by mxnet") <= 1


def test_without_mxnet_a_network_learns_corrections(without_mxnet, recipe, digits, tmp_path):
    images, labels = digits["train"]
    mine = tmp_path / "mine"
    mine.mkdir()
    for prefix in ("train", "t10k"):
        write_idx(mine / f"{prefix}-images-idx3-ubyte", images[:12])
        write_idx(mine / f"{prefix}-labels-idx1-ubyte", labels[:12].astype(np.uint8))
    lines = ["run", recipe], ["learn", "runs/bars", mine, "--output", "learnt"]
    for code, _, err in (done := without_mxnet(*lines)):
        assert code == 0, err
    assert "corrections learnt from" in done[1][1]


def test_without_mxnet_images_are_augmented(without_mxnet, recipe, tmp_path):
    several = "augmentation=[affine, {name: elastic}, thickness, {name: erasing}, noise]"
    ((code, _, err),) = without_mxnet(["run", recipe, several, "epochs=1"])
    assert code == 0, err
    record = json.loads((run_folder(tmp_path) / "run.json").read_text())
    assert [each["name"] for each in record["plugins"]["augmentation"]] == [
        *("affine", "elastic", "thickness", "erasing", "noise")
    ]


def test_without_mxnet_our_networks_of_gluon_are_trained(without_mxnet, recipe, tmp_path):
    ((code, _, err),) = without_mxnet(["run", recipe, "model=mlp", "epochs=1"])
    assert code == 0, err
    record = json.loads((run_folder(tmp_path) / "run.json").read_text())
    assert record["plugins"]["model"]["name"] == "mlp"


def test_without_mxnet_what_needs_it_says_so(without_mxnet, recipe):
    ((code, _, err),) = without_mxnet(["run", recipe, "backend=mxnet"])
    assert code == 3
    assert err.startswith("error: MXNet is not installed: ")
    assert err.count("\n") == 1


def test_threads_are_for_mxnet(mxdigits, recipe):
    process = mxdigits("run", "--no-report", recipe, "backend=xla", "epochs=1", "threads=1")
    assert process.stdout.startswith("threads: 1 has no effect: the backend xla takes all CPUs\n")
