"""A run predicted by onnxruntime, and an ONNX file in the place of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("onnx", reason="an ONNX file needs onnx")
pytest.importorskip("onnxruntime", reason="an ONNX file needs onnxruntime")


@pytest.fixture(scope="module")
def made(idx_folder, tmp_path_factory) -> tuple[Path, Path]:
    """The folder of a run on bars, and a file of its network."""
    from mxdigits.experiment.run import run
    from mxdigits.export.export import ExportRequest, export, jobs
    from mxdigits.export.formats import ExportOptions
    from mxdigits.export.source import run_source
    from mxdigits.predict.opening import EvaluationRequest
    from mxdigits.recipe.schema import Recipe

    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "bars.yaml"
    recipe.write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 10}}\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\nepochs: 4\n"
    )
    path = run(Recipe.load(str(recipe)), output=folder, report=False).folder.path
    source = run_source(path, EvaluationRequest(), print)
    options = ExportOptions(17, 0.0, source.training_images, print)
    (done,) = export(source, jobs("bars", ExportRequest(["onnx"], folder)), options, 1e-5)
    return path, done.files[0]


@pytest.fixture
def without(tmp_path):
    """The environment of a process that finds none of some packages."""

    def lacking(*packages: str) -> dict[str, str]:
        away = tmp_path / "away"
        away.mkdir(exist_ok=True)
        for name in packages:
            (away / f"{name}.py").write_text(
                f"raise ModuleNotFoundError(\"No module named '{name}'\", name={name!r})\n"
            )
        cache = str(tmp_path / "cache")
        path = os.pathsep.join([str(away), os.environ.get("PYTHONPATH", "")])
        return {"PYTHONPATH": path, "XDG_CACHE_HOME": cache}

    return lacking


def predictions(file: Path) -> np.ndarray:
    with np.load(file) as held:
        return held["prob"]


@pytest.fixture
def expected(made, mxdigits, tmp_path) -> np.ndarray:
    """What MXNet says of the test images."""
    assert mxdigits("predict", made[0], "-o", "mxnet.npz", "--backend", "mxnet").returncode == 0
    return predictions(tmp_path / "mxnet.npz")


def test_a_run_by_onnxruntime_without_mxnet_jax_and_then_without_onnx(
    made, mxdigits_process, expected, without, tmp_path
):
    line = "predict", made[0], "-o", "by.npz", "--backend", "onnx"
    for lacking in (["mxnet", "jax"], ["mxnet", "jax", "onnx"]):  # the second finds what was kept
        done = mxdigits_process(*line, **without(*lacking))
        assert done.returncode == 0, done.stderr
        np.testing.assert_allclose(predictions(tmp_path / "by.npz"), expected, atol=1e-6)


def test_it_is_taken_by_itself_where_nothing_else_is_there_and_that_is_said(
    made, mxdigits_process, without
):
    done = mxdigits_process("score", made[0], **without("mxnet", "jax"))
    assert done.returncode == 0, done.stderr
    first, second = done.stderr.splitlines()
    assert first.startswith("cpu(0) is not available by mxnet: MXNet is not installed: ")
    assert second.startswith("cpu(0) is not available by xla: JAX is not installed: ")
    assert second.endswith("; cpu(0) by onnx is used")


def test_a_training_takes_no_backend_that_only_predicts(mxdigits_process, without):
    done = mxdigits_process("run", "mlp", "backend=onnx")
    assert (done.returncode, done.stderr) == (
        2,
        "error: override backend=onnx: backend: 'onnx' predicts only; "
        "write auto, fastest, mxnet, xla, torch, or a list in order of preference\n",
    )
    assert mxdigits_process("run", "mlp", **without("mxnet", "jax", "torch")).returncode == 3


def test_a_file_alone_gives_what_the_run_gives(
    made, mxdigits_process, expected, without, idx_folder, tmp_path
):
    done = mxdigits_process(
        "predict", made[1], "--data", idx_folder, "-o", "by.npz", **without("mxnet", "jax")
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(predictions(tmp_path / "by.npz"), expected, atol=1e-6)
    scored = mxdigits_process("score", made[1], "--data", idx_folder)
    assert (
        scored.stdout.splitlines()[0] == mxdigits_process("score", made[0]).stdout.splitlines()[0]
    )


# Where there are libraries of CUDA, it is looked up whether MXNet is a build for GPUs.
LOOKED_UP = () if find_spec("nvidia") else ("importlib.metadata", "configparser")
# What only others need: who trains, reads run folders, looks for plugins, draws.
HEAVY = (
    *("mxnet", "onnx", "jax", "torch", "pydantic", "yaml", "packaging", "PIL", "jinja2"),
    *(*LOOKED_UP, "mxdigits.cli.commands.run", "mxdigits.data.mix"),
    *("mxdigits.experiment", "mxdigits.graph", "mxdigits.plugins.installed", "mxdigits.recipe"),
    *("mxdigits.backends.base", "mxdigits.report", "mxdigits.runs.folder", "mxdigits.runs.listing"),
    *("mxdigits.runs.record", "mxdigits.storage.schema", "mxdigits.train.callbacks"),
    *("mxdigits.train.history", "mxdigits.train.schedule", "mxdigits.train.trainer"),
)

ALONE = """
import sys
sys.argv[0] = "mxdigits"
from mxdigits.__main__ import main
code = main()
print(code, *[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def test_a_file_alone_takes_nothing_of_what_trains_or_reads_runs(
    made, mxdigits_process, idx_folder, tmp_path
):
    """Importing that would take longer than predicting 10,000 images."""
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    line = [str(made[1]), "--data", str(idx_folder), "-o", "by.npz"]
    first = mxdigits_process("predict", *line, **environment)  # which checks the file
    assert first.returncode == 0, first.stderr
    done = subprocess.run(
        [sys.executable, "-c", ALONE.format(heavy=HEAVY), "predict", *line],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, **environment},
    )
    assert (done.stdout, done.stderr) == (first.stdout, "0\n")


def test_a_picture_goes_through_the_preprocessing_of_the_file(made, mxdigits, digits, tmp_path):
    images, labels = digits["test"]
    Image.fromarray(images[1]).save(tmp_path / "bar.png")
    by_run = mxdigits("predict", made[0], "bar.png").stdout
    by_file = mxdigits("predict", made[1], "bar.png").stdout
    assert by_file == by_run
    assert by_file.startswith(f"bar.png: {labels[1]} ")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["score", "{}"], 2, "{} has no data of its own; name some by --data"),
        (
            ["predict", "{}", "x.png", "--backend", "mxnet"],
            2,
            "there is no file x.png, nor a data ",
        ),
        (["score", "{}", "--data", "mnist", "--backend", "xla"], 3, "the network of {} takes "),
        (["serve", "{}"], 3, "the network of {} takes images of shape (1, 16, 16); only "),
    ],
)
def test_what_a_file_alone_cannot_do(arguments, code, told, made, mxdigits):
    done = mxdigits(*[each.format(made[1]) for each in arguments])
    assert done.returncode == code
    assert done.stderr.startswith(f"error: {told.format(made[1])}")


def test_a_file_is_run_by_onnxruntime_alone(made, mxdigits, idx_folder):
    done = mxdigits("score", made[1], "--data", idx_folder, "--backend", "xla")
    assert (done.returncode, done.stderr) == (
        2,
        f"error: {made[1]} can be run only by the backend onnx\n",
    )


def test_a_file_that_does_not_say_what_it_takes(made, mxdigits, tmp_path):
    import onnx

    model = onnx.load(str(made[1]))
    del model.metadata_props[:]
    onnx.save(model, str(tmp_path / "plain.onnx"))
    done = mxdigits("predict", "plain.onnx", "--data", "mnist", "-o", "x.npz")
    assert (done.returncode, done.stderr) == (
        3,
        "error: plain.onnx does not say what images it takes: it was not written by mxdigits "
        "export\n",
    )
