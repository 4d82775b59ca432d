"""How a network learns, by a recipe's keys: in runs, their records and reports, and resumed."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.errors import UsageError
from mxdigits.experiment.resumption import with_later_keys
from mxdigits.experiment.run import resume, run
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.checkpoints import Checkpoints

KEYS = {
    "loss": {"class_weights": "balanced", "focal": 1.5, "label_smoothing": 0.1},
    "freeze": "stage0_conv0_*",
    "lr_mult": {"*_bias": 2.0},
    "accumulate": 2,
    "swa": 2,
}
RECORDED = {
    "class_weights": {"0": 0.984848, "1": 0.984848, "2": 1.015625, "3": 1.015625},
    "focal": 1.5,
    "sampler": "balanced",
    "accumulate": 2,
    "frozen": [
        f"stage0_conv0_{each}" for each in ("beta", "gamma", "moving_mean", "moving_var", "weight")
    ],
    "lr_mult": {"hidden_bias": 2.0, "logits_bias": 2.0},
    "swa": 2,
}


@pytest.fixture
def recipe(idx_folder):
    def make(backend, **keys):
        chosen = {
            "model": {"name": "deep", "channels": [4], "depth": [1], "hidden": 8},
            "data": {"name": "idx", "path": str(idx_folder), "batch_size": 20}
            | {"sampler": "balanced"},
            "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            "epochs": 3,
            "predictions": ["npz"],
            "backend": backend,
            **KEYS,
            **keys,
        }
        return Recipe.make(**chosen)

    return make


def without_the_newest_checkpoint(folder):
    """As if the run had been killed before it."""
    shutil.rmtree(Checkpoints(folder.checkpoints_folder).paths()[-1])
    record = json.loads(folder.record_file.read_text())
    del record["scores"]
    record["state"] = "running"
    folder.record_file.write_text(json.dumps(record))


@pytest.mark.parametrize("backend", TRAINING)
def test_a_run_is_recorded_told_and_goes_on_to_the_same_bits(backend, recipe, tmp_path):
    folder = run(recipe(backend), output=tmp_path).folder
    record = json.loads(folder.record_file.read_text())
    assert record["training"] == RECORDED
    report = folder.report_file.read_text()
    for words in (
        "class_weights",
        "0.984848",
        "focal: 1.5",
        "sampler: balanced",
        "lr_mult.hidden_bias",
    ):
        assert words in report
    arrays = np.load(folder.predictions_file("npz"))["prob"]
    weights = folder.parameters_file.read_bytes()
    without_the_newest_checkpoint(folder)
    again = resume(folder.path, report=False).folder
    assert again.parameters_file.read_bytes() == weights
    assert (np.load(again.predictions_file("npz"))["prob"] == arrays).all()


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        ({"9": 2.0}, "there is no class '9'; known: 0, 1, 2, 3"),
        ((1.0,), "1 weights for 4 classes; write one for each, or a mapping such as {7: 2.0}"),
    ],
)
def test_weights_of_other_classes(weights, what, recipe, tmp_path):
    with pytest.raises(UsageError) as caught:
        run(recipe("auto", loss={"class_weights": weights}), output=tmp_path)
    assert str(caught.value) == f"loss.class_weights: {what}"
    assert not list(tmp_path.iterdir())


def test_an_earlier_runs_recipe_had_the_defaults():
    """Its checkpoints know nothing of the keys that came later."""
    now = Recipe.make(model="mlp").model_dump(mode="json")
    then = json.loads(json.dumps(now))
    del then["data"]["sampler"], then["loss"]["class_weights"], then["loss"]["focal"]
    for key in ("accumulate", "ema", "freeze", "lr_mult", "swa", "teacher", "precision"):
        del then[key]
    assert with_later_keys({"recipe": then}) == {"recipe": now}
    chosen = {**then, "loss": {"label_smoothing": 0.1, "focal": 2.0}}
    assert with_later_keys({"recipe": chosen})["recipe"]["loss"]["focal"] == 2.0
