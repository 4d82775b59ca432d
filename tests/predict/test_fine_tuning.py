"""Training that starts from the weights of a run."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from PIL import Image
from predicted import TEST

from mxdigits.errors import RunFolderError, UsageError
from mxdigits.experiment import run as experiment
from mxdigits.recipe.schema import Recipe

pytestmark = pytest.mark.mxnet


def test_fine_tuning_starts_from_the_weights_of_a_run(home, tmp_path):
    keys = {
        "model": "mlp",
        "data": {"name": "folder", "path": str(home / "own"), "batch_size": 20},
        "epochs": 1,
        "optimizer": {"name": "sgd", "learning_rate": 1e-6},
    }
    said: list[str] = []
    done = experiment.run(
        Recipe.make(**keys, init=str(home / "run")),
        output=tmp_path,
        say=said.append,
        report=False,
    )
    assert done.scores.accuracy == 1
    record = json.loads((done.folder.path / "run.json").read_text())
    assert record["init"]["run"] == str((home / "run").resolve())
    assert len(record["init"]["sha256"]) == 64


@pytest.mark.parametrize("name", ["mine", "runs/mine"])
def test_fine_tuning_takes_the_newest_run_of_a_name(home, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(home / "run", "runs/mine/20260101T000000Z-aaaaaa")
    data = {"name": "folder", "path": str(home / "own"), "batch_size": 20}
    said: list[str] = []
    done = experiment.run(
        Recipe.make(model="mlp", data=data, epochs=1, init=name, name="new"),
        say=said.append,
        report=False,
    )
    taken = "runs/mine/20260101T000000Z-aaaaaa"
    assert f"init: {taken}, the newest of 1 in runs/mine" in said
    record = json.loads((done.folder.path / "run.json").read_text())
    assert record["init"]["run"] == str(tmp_path / taken)
    assert Recipe.load(done.folder.recipe_file).init == str(tmp_path / taken)


def test_a_file_is_no_run_to_start_from(home, tmp_path):
    data = {"name": "folder", "path": str(home / "own"), "batch_size": 20}
    recipe = Recipe.make(model="mlp", data=data, init=str(home / "run/run.json"))
    with pytest.raises(UsageError) as caught:
        experiment.run(recipe, output=tmp_path)
    assert str(caught.value).startswith(
        f"init: {home}/run/run.json is a file, and a run is a folder"
    )


def test_fine_tuning_takes_the_weights_of_other_classes_with_a_word(home, tmp_path):
    """As many classes with other names are no reason to refuse; another number of them is."""
    names = [str(i) for i in range(9)] + ["ten"]
    said: list[str] = []
    for part in ("train", "test"):
        for name in names:
            (tmp_path / "named" / part / name).mkdir(parents=True)
            Image.fromarray(255 - TEST.images[0, 0]).save(tmp_path / f"named/{part}/{name}/a.png")
    keys = {
        "model": "mlp",
        "data": {"name": "folder", "path": str(tmp_path / "named"), "batch_size": 10},
        "epochs": 1,
        "init": str(home / "run"),
        "predictions": "jsonl",
    }
    done = experiment.run(Recipe.make(**keys), output=tmp_path, say=said.append, report=False)
    assert (
        f"init: {home}/run was trained on other classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9) than these "
        "(0, 1, 2, 3, 4, 5, 6, 7, 8, ten): its weights are only a start for them"
    ) in said
    lines = done.folder.predictions_file("jsonl").read_text().splitlines()
    assert [json.loads(line)["label"] for line in lines] == names
    for part in ("train", "test"):
        (tmp_path / "named" / part / "ten").rename(tmp_path / "named" / part / "nine")
        shutil.copytree(tmp_path / "named" / part / "nine", tmp_path / "named" / part / "ten")
    with pytest.raises(UsageError) as caught:
        experiment.run(Recipe.make(**keys), output=tmp_path)
    assert str(caught.value) == (
        f"init: the network of {home}/run has 10 classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9); "
        "the data set has 11 (0, 1, 2, 3, 4, 5, 6, 7, 8, nine, ...); name a run with as many "
        "classes"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"model": {"name": "mlp", "hidden": [8]}},
            "{home}/run/model-symbol.json holds another network: it has 6 arrays of parameters, "
            "this one 4",
        ),
        (
            {"model": {"name": "mlp", "hidden": [8, 8]}},
            "{home}/run/model-symbol.json holds another network: its NAME is of "
            "shape (128, 784), here it is (8, 784)",
        ),
        (
            {"init": "nowhere"},
            "init: there is no run folder nowhere, and there are no runs in runs yet; mxdigits run "
            "lenet would make one",
        ),
    ],
)
def test_weights_that_do_not_fit(home, tmp_path, changed, message):
    data = {"name": "folder", "path": str(home / "own"), "batch_size": 20}
    keys = {"model": "mlp", "data": data, "init": str(home / "run"), **changed}
    with pytest.raises(RunFolderError) as caught:
        experiment.run(Recipe.make(**keys), output=tmp_path)
    found = re.sub(r"mlp\d+_dense\d+_weight", "NAME", str(caught.value))
    assert found == message.format(home=home)
    assert list(tmp_path.iterdir()) == []
