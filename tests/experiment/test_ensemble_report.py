"""What an ensemble says of itself: that it is one, of which runs, and how accurate each is."""

from __future__ import annotations

import json

import pytest

from mxdigits.cli import main
from mxdigits.experiment.run import run
from mxdigits.experiment.several.ensemble import ensemble
from mxdigits.recipe.schema import Recipe
from mxdigits.report.card import CardText, model_card
from mxdigits.report.results import read_results
from mxdigits.runs.members import Member, members_of

pytestmark = pytest.mark.mxnet


@pytest.fixture
def made(idx_folder, tmp_path):
    """An ensemble of two runs, the second tested on a fold; its folder, the two, what was said."""
    data = {"name": "idx", "path": str(idx_folder)}
    folders = []
    for name, chosen in (
        ("plain", data),
        ("folded", {"name": "fold", "of": data, "fold": 0, "folds": 3}),
    ):
        keys = {"data": {**chosen, "batch_size": 20}, "epochs": 1, "predictions": ["npz"]}
        recipe = Recipe.make(model="mlp", name=name, **keys)
        folders.append(run(recipe, output=tmp_path / "runs", report=False).folder)
    said: list[str] = []
    done = ensemble([each.path for each in folders], output=tmp_path / "both", say=said.append)
    return done, folders, said


def test_its_record_report_and_card_name_its_runs(made, page, capsys):
    done, folders, said = made
    first, second = (folder.path for folder in folders)
    accuracies = [folder.read_status().scores["test"].accuracy for folder in folders]
    assert said[0] == (
        f"{second} was tested on other images than {first}; if it has learnt from the test images "
        "of that run, the accuracy of the ensemble is too good"
    )
    record = json.loads(done.folder.record_file.read_text())
    assert [(m.run, m.recipe, m.accuracy, m.same_data) for m in members_of(record)] == [
        (str(first), "plain", accuracies[0], True),
        (str(second), "folded", accuracies[1], False),
    ]
    assert not {"training", "teacher", "seed"} & set(record)
    assert done.folder.read_recipe().startswith("# This run is an ensemble, which is not trained: ")

    text = page(done.report.read_text(encoding="utf-8")).text
    own = f"{done.scores.accuracy:.4f}"
    assert (
        "Its runs This is an ensemble of 2 runs: its network gives the mean of their "
        f"probabilities. run recipe test accuracy {first} plain {accuracies[0]:.4f} {second} "
        f"folded {accuracies[1]:.4f}, on other images this ensemble {own} The worst mistakes"
    ) in text
    assert (
        "Recipe of the first run An ensemble is not trained. This recipe names the images on which "
        "it was scored. name: ensemble"
    ) in text

    card = model_card(read_results(done.folder.path, said.append), CardText("both"))
    assert (
        "## Its networks\n\n| run | recipe | test accuracy |\n| --- | --- | --- |\n"
        f"| {first.name} | plain | {accuracies[0]:.4f} |\n"
        f"| {second.name} | folded | {accuracies[1]:.4f}, on other images |\n\n"
        "## How to reproduce it\n\nTrain each of these runs again, then make an ensemble of them:\n"
        f"\n```sh\nmxdigits ensemble {first.name} {second.name}\n```\n"
    ) in card
    assert "mxdigits reproduce" not in card
    assert "trained it" not in card

    assert main(["runs", "show", str(done.folder)]) == 0
    shown = capsys.readouterr().out
    listed = ", ".join(f"{f} ({accuracy:.4f})" for f, accuracy in zip(folders, accuracies))
    assert f"\nensemble of  {listed}\n" in shown
    assert "\nmodel " not in shown


def test_an_ensemble_of_an_earlier_version_names_its_runs():
    assert members_of({"members": [{"run": "runs/mlp/a", "sha256": "0"}]}) == [
        Member("runs/mlp/a", "0")
    ]
    assert members_of({"members": "damaged"}) == []
