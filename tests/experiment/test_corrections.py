"""The corrections that a run learns from, and the recipe of the new run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mxdigits.errors import RecipeError, UsageError
from mxdigits.experiment.corrections import Start, as_part, learnt_from, recipe_with
from mxdigits.predict.origin import with_test_data
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.trained import NetworkForm, TrainedNetwork, TrainedOn
from mxdigits.storage.strict_yaml import parse

pytestmark = pytest.mark.mxnet


def trained(data="mnist", options=None, preprocessing="mnist") -> TrainedNetwork:
    network = NetworkForm((1, 28, 28), tuple("0123456789"), preprocessing)
    return TrainedNetwork(TrainedOn(data, options or {}), network)


# Where corrections are


def test_a_folder_of_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    path = str(tmp_path / "mine")
    expected = {"name": "folder", "path": path, "test_share": 0}
    assert as_part("mine", trained()) == expected
    assert list(as_part("mine", trained())) == ["name", "path", "test_share"]
    assert as_part("mine", trained(preprocessing="none")) == {**expected, "digitize": False}


def test_a_folder_of_idx_files(tmp_path):
    (tmp_path / "train-images-idx3-ubyte.gz").touch()
    assert as_part(str(tmp_path), trained()) == {"name": "idx", "path": str(tmp_path)}


def test_a_data_set_as_in_a_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    part = as_part("{name: folder, path: mine, test_share: 0.5}", trained(preprocessing="none"))
    expected = {"name": "folder", "path": str(tmp_path / "mine"), "test_share": 0.5}
    assert part == {**expected, "digitize": False}
    assert as_part("{name: hands}", trained()) == {"name": "hands"}


NO_FOLDER = (
    "there is no folder nosuch; write a folder of pictures sorted by what they show, as serve "
    "--store keeps them, or a data set as in a recipe: '{name: idx, path: mine}'"
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nosuch", NO_FOLDER),
        (
            "{path: mine}",
            "corrections: must be a name, or a mapping with name and options, got {'path': 'mine'}",
        ),
        (
            "{name: idx, share: 2}",
            "corrections: share: must be a number between 0 and 1, got 2",
        ),
        (
            "{name: idx, share: 0.2}",
            "corrections: share: leave it out; --share says how much of the training images they "
            "make",
        ),
        (
            "{name: idx, repeat: 3}",
            "corrections: repeat: leave it out; --share says how much of the training images they "
            "make",
        ),
    ],
)
def test_what_is_no_corrections(given, message):
    with pytest.raises(UsageError) as caught:
        as_part(given, trained())
    assert str(caught.value) == message


# The recipe of the new run

MINE = {"name": "folder", "path": "/mine", "test_share": 0}


def mixed(text: str, known: TrainedNetwork, *, images=(60_000, 28), rate=0.1, overrides=()) -> dict:
    start = Start(Path("/runs/x"), Recipe.parse(text, name="own"), known, rate)
    made = recipe_with(start, MINE, images, overrides=overrides)
    assert made == Recipe.parse(made.dump())
    return parse(made.dump(), "made").value


def test_the_recipe_of_the_new_run():
    text = """
model: lenet
data: {name: mnist, batch_size: 50, sampler: balanced}
optimizer: {name: sgd, learning_rate: 0.1, momentum: 0.9}
schedule: {name: step, step: 3}
swa: 8
validation: 5000
callbacks: [{name: early_stopping, restore_best: false}]
epochs: 10
seed: 7
"""
    found = mixed(text, trained())
    assert found["name"] == "own"
    assert found["model"] == "lenet"
    assert found["init"] == "/runs/x"
    assert found["data"] == {
        "name": "mix",
        "batch_size": 50,
        "sampler": "balanced",
        "shard": False,
        "parts": ["mnist", {**MINE, "share": 0.05}],
    }
    assert found["optimizer"] == {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}
    assert found["schedule"] == "cosine"
    assert found["swa"] is None
    assert found["validation"] == 5000
    assert found["callbacks"] == []
    assert found["seed"] == 7


@pytest.mark.parametrize(
    ("last", "rate"), [(0.1, 0.1), (0.05, 0.05), (0.03, 0.03), (0.0002, 0.03), (0.3, 0.3)]
)
def test_the_rate_is_that_of_the_last_epoch_or_a_share_of_the_first(last, rate):
    found = mixed("model: mlp\noptimizer: {name: adam, learning_rate: 0.1}", trained(), rate=last)
    assert found["optimizer"] == {"name": "adam", "learning_rate": rate}
    assert found["schedule"] == "cosine"


def test_many_corrections_come_once_each():
    (_, part) = mixed("model: mlp", trained(), images=(60_000, 3158))["data"]["parts"]
    assert part == MINE
    (_, part) = mixed("model: mlp", trained(), images=(60_000, 3157))["data"]["parts"]
    assert part == {**MINE, "share": 0.05}


def test_the_parts_of_a_mix_are_kept_and_the_same_corrections_replaced():
    options = {"parts": ["mnist", {**MINE, "share": 0.3}, {**MINE, "path": "/hers"}], "seed": 3}
    text = f"model: mlp\ndata: {{name: mix, parts: {json.dumps(options['parts'])}}}"
    found = mixed(text, trained("mix", options))
    assert found["data"]["parts"] == ["mnist", {**MINE, "path": "/hers"}, {**MINE, "share": 0.05}]
    assert found["data"]["seed"] == 3
    recipe = Recipe.parse(text)
    assert learnt_from(recipe, MINE)
    assert learnt_from(recipe, {"name": "mnist"})
    assert not learnt_from(recipe, {**MINE, "path": "/his"})
    assert not learnt_from(recipe, {"name": "idx", "path": "/mine"})


def test_overrides():
    assert mixed("model: mlp", trained(), overrides=["epochs=7"])["epochs"] == 7
    for key in ("init", "data", "data.name", "data.parts"):
        with pytest.raises(UsageError) as caught:
            mixed("model: mlp", trained(), overrides=[f"{key}=3"])
        assert str(caught.value) == f"override {key}=3: {key} is set by learn; leave it out"
    with pytest.raises(RecipeError) as caught:
        mixed("model: mlp", trained(), overrides=["epoch=3"])
    assert str(caught.value) == "override epoch=3: epoch: unknown key; did you mean 'epochs'?"


def test_the_record_of_a_mix_tells_what_its_test_images_are_of():
    inner = {"name": "mix", "parts": [{"name": "idx", "path": "/a"}, "mnist"]}
    known = trained("mix", {"parts": [inner, "idx"]})
    known.data.sha256.update({"mix/idx/x": "1", "mix/mnist/y": "2", "idx/x": "3"})
    known.plugins.update(data={"name": "mix"}, parts=[{"name": "idx"}])
    found = with_test_data(known)
    assert (found.data.name, found.data.options) == ("idx", {"path": "/a"})
    assert found.data.sha256 == {"x": "1"}
    assert found.plugins["data"] == {"name": "idx"}
    assert with_test_data(trained("mix")) == trained(
        "mix"
    )  # damaged: loading it says what is wrong
