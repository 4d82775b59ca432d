"""A run from the command line to its files."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import run_here
from experiment.run_folders import RECIPE

pytestmark = pytest.mark.mxnet

BITS = ("model-symbol.json", "model-0000.params", "predictions.csv")


@pytest.fixture(scope="module")
def finished(idx_folder, tmp_path_factory):
    """The folder of a finished run."""
    home = tmp_path_factory.mktemp("finished")
    (home / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    assert run_here("run", "bars.yaml", cwd=home).returncode == 0
    (folder,) = (home / "runs" / "bars").iterdir()
    return folder


def run_folders(home: Path) -> list[Path]:
    return sorted(home.glob("runs/*/*"))


def test_a_run_prints_the_tutorials_lines(finished, mxdigits_process, tmp_path, idx_folder):
    """In a process of its own, which gives the same bits as one that has done much else."""
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = mxdigits_process("run", "bars.yaml")
    (folder,) = run_folders(tmp_path)
    for name in BITS:
        assert (folder / name).read_bytes() == (finished / name).read_bytes()
    lines = process.stdout.splitlines()
    assert process.stderr == ""
    assert process.returncode == 0
    assert lines[0] == f"context: cpu(0); CPU threads: {os.environ['OMP_NUM_THREADS']}"
    assert lines[1] == f"run folder: runs/bars/{folder.name}"
    words = [line.partition("=")[0] for line in lines[2:-5]]
    for epoch in range(3):
        batch, *rest = words[4 * epoch : 4 * epoch + 4]
        assert batch.startswith(f"Epoch[{epoch}] Batch [0-7]\tSpeed: ")
        assert rest == [
            f"Epoch[{epoch}] Train-accuracy",
            f"Epoch[{epoch}] Time cost",
            f"Epoch[{epoch}] Validation-accuracy",
        ]
    assert lines[-5].startswith("test accuracy  1.0000  (95 % interval 0.9229 to 1.0000; 46 of 46)")
    assert lines[-4:] == [
        *(
            f"46 predictions: runs/bars/{folder.name}/predictions.{form}"
            for form in ("csv", "jsonl", "npz")
        ),
        f"report: runs/bars/{folder.name}/report.html",
    ]


def test_a_run_folder_holds_everything(finished, digits):
    folder = finished
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        "checkpoints",
        "history.csv",
        "history.jsonl",
        "log.txt",
        "model-0000.params",
        "model-symbol.json",
        "plots",
        "predictions.csv",
        "predictions.jsonl",
        "predictions.npz",
        "recipe.yaml",
        "report.html",
        "run.json",
    ]
    record = json.loads((folder / "run.json").read_text())
    assert record["state"] == "finished"
    assert record["seed"] == 42
    assert record["device"]["context"] == "cpu(0)"
    assert record["plugins"]["model"] == {
        "name": "lenet",
        "distribution": "mxdigits",
        "version": record["versions"]["mxdigits"],
    }
    assert len(record["data"]["sha256"]) == 4
    assert record["network"]["classes"] == ["0", "1", "2", "3"]
    assert record["network"]["sha256"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("model-symbol.json", "model-0000.params")
    }
    assert record["scores"]["test"]["accuracy"] == 1.0
    assert set(record["seconds"]) == {"data", "build", "fit", "score_and_predict"}
    history = (folder / "history.csv").read_text().splitlines()
    assert len(history) == 4
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert lines == [
        {name: float(cell) for name, cell in row.items()} for row in csv.DictReader(history)
    ]
    npz = np.load(folder / "predictions.npz")
    assert npz["prob"].shape == (46, 4)
    assert npz["prob"].dtype == np.float32
    np.testing.assert_allclose(npz["prob"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(npz["label"], digits["test"][1])
    np.testing.assert_array_equal(npz["prediction"], npz["prob"].argmax(axis=1))


def test_the_resolved_recipe_gives_the_same_bits_again(finished, mxdigits, tmp_path):
    folder = finished
    assert mxdigits("run", folder / "recipe.yaml", "--no-report").returncode == 0
    (again,) = run_folders(tmp_path)
    assert again.parent.name == "bars"
    assert (again / "recipe.yaml").read_text() == (folder / "recipe.yaml").read_text()
    for name in ("model-0000.params", "predictions.csv"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_score_works_from_the_folder_alone(finished, mxdigits):
    folder = finished
    process = mxdigits("score", folder)
    assert process.stderr == ""
    assert process.stdout.splitlines()[0] == (
        "accuracy  1.0000  (95 % interval 0.9229 to 1.0000; 46 of 46)"
    )
    assert process.stdout.splitlines()[-5:] == [
        "class  accuracy  0   1   2   3",
        "0      1.0000    12  0   0   0",
        "1      1.0000    0   12  0   0",
        "2      1.0000    0   0   11  0",
        "3      1.0000    0   0   0   11",
    ]


def test_predict_works_from_the_folder_alone(finished, mxdigits, tmp_path, idx_folder):
    folder = finished
    process = mxdigits("predict", folder, "-o", "again.csv", "--data", idx_folder)
    assert process.stdout == "46 predictions: again.csv\n"
    assert (tmp_path / "again.csv").read_bytes() == (folder / "predictions.csv").read_bytes()
    process = mxdigits("predict", folder, "-o", "train.csv", "--split", "train")
    assert process.stdout == "130 predictions: train.csv\n"


def test_a_demanded_accuracy_that_is_missed_exits_4(finished, mxdigits, idx_folder, tmp_path):
    folder = finished
    assert mxdigits("score", folder, "--min-accuracy", "1").returncode == 0
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = mxdigits(
        "run",
        "bars.yaml",
        "epochs=1",
        "optimizer.learning_rate=1e-9",
        "--min-accuracy=0.9",
        "--format=npz",
        "--output=elsewhere",
        "--no-report",
    )
    assert process.returncode == 4
    assert process.stderr.startswith("error: the accuracy 0.")
    assert process.stderr.endswith(" is below the 0.9 demanded\n")
    (folder,) = (tmp_path / "elsewhere" / "bars").iterdir()
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"
    assert not (folder / "predictions.csv").exists()
    assert (folder / "predictions.npz").exists()


def test_validation_keeps_the_test_set_for_the_end(mxdigits, idx_folder, tmp_path):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder) + "validation: 30\n")
    assert mxdigits("run", "bars.yaml", "epochs=1", "--no-report").returncode == 0
    (folder,) = run_folders(tmp_path)
    row = (folder / "history.csv").read_text().splitlines()[1].split(",")
    assert row[2] == "100"
    record = json.loads((folder / "run.json").read_text())
    assert record["scores"]["test"]["samples"] == 46


@pytest.mark.parametrize(
    ("overrides", "code", "error"),
    [
        (
            ["context=gpu", "backend=mxnet"],
            3,
            "error: gpu(0) is not available: the installed MXNet is the CPU-only build; "
            "name cpu after it to go on without a GPU where there is none\n",
        ),
        (
            ["data.batch_size=131"],
            2,
            "error: data.batch_size: 131 is more than the 130 images to train on; write at most "
            "130\n",
        ),
        (
            ["validation=130"],
            2,
            "error: validation: 130 of 130 training images leaves 0 to train on and 130 to "
            "validate on; write less\n",
        ),
        (
            ["validation=0.001"],
            2,
            "error: validation: 0.001 of 130 training images leaves 130 to train on and 0 to "
            "validate on; write more\n",
        ),
        (
            ["model.activation=tahn"],
            2,
            "error: model 'lenet': activation: must be one of relu, sigmoid, softrelu, softsign, "
            "tanh, got 'tahn'\n",
        ),
        (["data.path=nowhere"], 3, "error: nowhere: no such folder in {here}\n"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(
    mxdigits, idx_folder, tmp_path, overrides, code, error
):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = mxdigits("run", "bars.yaml", *overrides)
    assert process.stderr == error.replace("{here}", str(tmp_path))
    assert process.returncode == code
    assert run_folders(tmp_path) == []


def test_a_second_choice_of_device_is_said_aloud(mxdigits, idx_folder, tmp_path):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    overrides = ("context=[gpu, cpu]", "backend=mxnet", "epochs=1")
    process = mxdigits("run", "bars.yaml", *overrides, "--no-report")
    assert process.stdout.splitlines()[:2] == [
        "gpu(0) is not available: the installed MXNet is the CPU-only build; cpu(0) is used",
        f"context: cpu(0); CPU threads: {os.environ['OMP_NUM_THREADS']}",
    ]
    (folder,) = run_folders(tmp_path)
    device = json.loads((folder / "run.json").read_text())["device"]
    assert device["context"] == "cpu(0)"
    assert len(device["passed_over"]) == 1


def test_an_output_folder_that_cannot_be_made_is_found_before_training(
    mxdigits, idx_folder, tmp_path
):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    (tmp_path / "taken").write_text("a file")
    process = mxdigits("run", "bars.yaml", "--output", "taken")
    assert process.stderr.startswith("error: cannot make the run folder taken/bars/")
    assert process.stderr.endswith(": Not a directory\n")
    assert process.returncode == 3
    assert "Epoch" not in process.stdout


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_weights(
    mxdigits, idx_folder, tmp_path
):
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    process = mxdigits("run", "bars.yaml", "model.activation=relu", "optimizer.learning_rate=1e30")
    (folder,) = run_folders(tmp_path)
    assert process.returncode == 1
    assert process.stderr.startswith("error: the loss became ")
    assert process.stderr.endswith(
        f"try a smaller learning_rate; the weights before that epoch are in "
        f"runs/bars/{folder.name}\n"
    )
    record = json.loads((folder / "run.json").read_text())
    assert record["state"] == "failed"
    assert record["error"] in process.stderr
    assert mxdigits("score", folder).returncode == 0


@pytest.mark.parametrize(
    ("removed", "message"),
    [
        (["model-0000.params"], "the run folder {run} lacks model-0000.params"),
        (
            ["model-symbol.json", "model-0000.params"],
            "the run folder {run} holds no network yet; if training has stopped, continue it: "
            "mxdigits resume {run}",
        ),
        (
            ["model-symbol.json", "run.json"],
            "the run folder {run} lacks run.json, model-symbol.json",
        ),
        (
            ["run.json", "model-symbol.json", "model-0000.params"],
            "{run} is not a run folder: no file of a run is in it",
        ),
        (None, "there is no run folder {run}"),
    ],
)
def test_a_run_folder_that_misses_pieces(finished, mxdigits, tmp_path, removed, message):
    folder = finished
    run = tmp_path / "copy"
    if removed is not None:
        run.mkdir()
        shutil.copytree(folder, run, ignore=lambda *_: removed, dirs_exist_ok=True)
    process = mxdigits("score", run)
    assert process.stderr == f"error: {message.format(run=run)}\n"
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("output", "code", "message"),
    [
        ("nowhere/x.csv", 3, "cannot write nowhere/x.csv: there is no folder nowhere"),
        (
            "x.cvs",
            2,
            "x.cvs: unknown format 'cvs'; did you mean 'csv'?",
        ),
        ("x", 2, "x: end the name in .csv, .jsonl or .npz"),
    ],
)
def test_where_predictions_go_is_checked_first(finished, mxdigits, output, code, message):
    folder = finished
    process = mxdigits("predict", folder, "-o", output)
    assert process.stderr == f"error: {message}\n"
    assert process.returncode == code


@pytest.mark.parametrize("data", ["no-such-folder", "folders", "mnits"])
def test_a_folder_of_data_that_is_not_there(finished, mxdigits, data):
    folder = finished
    process = mxdigits("score", folder, "--data", data)
    assert process.returncode == 2
    assert process.stderr == (
        f"error: --data: there is no folder {data}, nor a data set of that name; "
        "mxdigits datasets lists those\n"
    )


def test_other_images_than_the_networks_are_refused(finished, mxdigits):
    folder = finished
    process = mxdigits("score", folder, "--data", "mnist")
    assert process.stderr == (
        f"error: the network of {folder} takes images of shape (1, 16, 16); "
        "those of mnist are (1, 28, 28)\n"
    )
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "Input should be an object"),
        ('{"network": {"image_shape": [1, 16, 16], "classes": ["0"]}}', "data: Field required"),
    ],
)
def test_a_damaged_record_is_one_error(finished, mxdigits, tmp_path, text, what):
    folder = finished
    run = tmp_path / "copy"
    shutil.copytree(folder, run)
    (run / "run.json").write_text(text)
    process = mxdigits("score", run)
    assert process.stderr == f"error: {run}/run.json is damaged: {what}\n"
    assert process.returncode == 3


def test_a_device_that_is_none_is_refused(finished, mxdigits):
    folder = finished
    process = mxdigits("score", folder, "--context", "foo")
    assert process.stderr == (
        "error: context: 'foo' names no device; write cpu, gpu, gpu(1), gpu(0,1), auto, "
        "or a list in order of preference\n"
    )
    assert process.returncode == 2


def test_a_run_is_scored_from_another_directory(mxdigits, idx_folder, tmp_path):
    shutil.copytree(idx_folder, tmp_path / "here")
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path="here"))
    assert mxdigits("run", "bars.yaml", "epochs=1", "--no-report").returncode == 0
    (folder,) = run_folders(tmp_path)
    process = mxdigits("score", folder, cwd="/")
    assert process.returncode == 0
    assert process.stderr == ""
    # Data that changed since are said aloud.
    shutil.copy(
        tmp_path / "here/t10k-labels-idx1-ubyte.gz", tmp_path / "here/train-labels-idx1-ubyte.gz"
    )
    shutil.copy(tmp_path / "here/t10k-images-idx3-ubyte", tmp_path / "here/train-images-idx3-ubyte")
    process = mxdigits("score", folder)
    assert process.returncode == 0
    assert process.stderr == (f"the files of idx are not those that {folder} was trained with\n")


def test_a_data_set_whose_plugin_imports_mxnet(mxdigits_process, tmp_path):
    """Also where NumPy is too new for MXNet alone, and nothing of mxdigits imported it first."""
    (tmp_path / "striped.py").write_text(
        "from mxnet import nd\n"
        "import numpy as np\n"
        "def stripes(*, count=6):\n"
        "    labels = np.arange(count) % 3\n"
        "    images = np.zeros((count, 8, 8), np.uint8)\n"
        "    return {'train': (images, labels), 'test': (images, labels)}\n"
    )
    info = tmp_path / "striped-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: striped\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mxdigits.datasets]\nstripes = striped:stripes\n")
    process = mxdigits_process("datasets", "show", "stripes", "count=9", PYTHONPATH=str(tmp_path))
    assert process.stderr == ""
    assert process.stdout.splitlines()[2:7] == [
        "class  train  test",
        "0      3      3",
        "1      3      3",
        "2      3      3",
        "total  9      9",
    ]


def test_models_show_prints_what_a_model_says_and_takes_its_options(mxdigits):
    process = mxdigits("models", "show", "mlp", "hidden=[8]", "--classes", "4", "--size", "6")
    assert process.stderr == ""
    lines = process.stdout.splitlines()
    assert lines[0].startswith("mlp(classes=10, hidden=(128, 64), activation='relu', dropout=0.0) ")
    assert lines[2] == "Fully connected layers and a classifier; by default 128, 64 and relu."
    assert "    hidden: units of each hidden layer." in lines
    assert [line.split()[-2:] for line in lines[-3:]] == [
        ["8", "296"],
        ["4", "36"],
        ["total", "332"],
    ]


def test_python_runs_a_recipe_by_its_file_with_overrides(idx_folder, tmp_path):
    import mxdigits

    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder))
    done = mxdigits.run(
        tmp_path / "bars.yaml",
        ["optimizer.learning_rate=0.25"],
        output=tmp_path / "runs",
        report=False,
        epochs=1,
        seed=7,
    )
    recipe = mxdigits.Recipe.load(done.folder.recipe_file)
    assert (recipe.name, recipe.epochs, recipe.seed) == ("bars", 1, 7)
    assert recipe.optimizer.learning_rate == 0.25
    assert len(done.folder.read_history()) == 1
    again = mxdigits.resume(str(done.folder), ["epochs=2"], report=False)
    assert len(again.folder.read_history()) == 2
