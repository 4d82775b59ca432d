"""The report of a search, and the files beside it."""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("optuna")

from optuna.trial import TrialState

from mxdigits.recipe.schema import Recipe
from mxdigits.sweep.page import search_page, shown, write_page
from mxdigits.sweep.plan import Search, make_plan
from mxdigits.sweep.results import TrialRow, read_findings, write_best, write_trials
from mxdigits.sweep.study import claim, open_study

RANGES = [
    "validation=500",
    "optimizer.learning_rate=log(1e-3,1)",
    "data.batch_size=[20, 50]",
    "model=[mlp, lenet]",
    "epochs=1..3",
]


@pytest.fixture
def findings(tmp_path):
    """Of a study with a trial of each kind, as if they had been trained."""
    plan = make_plan("mlp", RANGES, Search(trials=9, sampler="random"))
    study = open_study(plan, str(tmp_path / "study.db"))
    for number in range(6):
        trial = claim(study, plan)
        for epoch in range(2):
            trial.report(0.5 + number / 20 + epoch / 10, epoch)
        trial.set_user_attr("seconds", 1.5)
        study.tell(trial, 0.6 + number / 20)
    pruned, failed = claim(study, plan), claim(study, plan)
    pruned.report(0.25, 0)
    study.tell(pruned, state=TrialState.PRUNED)
    failed.set_user_attr("error", "<b>ValueError</b>: too large")
    study.tell(failed, state=TrialState.FAIL)
    claim(study, plan)
    return read_findings(plan, study, tmp_path)


def test_what_a_study_has_found(findings):
    assert findings.sentence == "9 of 9 trials: 6 finished, 1 pruned, 1 failed, 1 running"
    best = findings.best
    assert (best.number, best.accuracy, best.state) == (5, pytest.approx(0.85), "finished")
    assert [row.state for row in findings.rows[-3:]] == ["pruned", "failed", "running"]
    assert sum(findings.importance.values()) == pytest.approx(1)
    assert set(findings.importance) == set(findings.keys)


def test_the_page(findings, page):
    pytest.importorskip("matplotlib")
    told = []
    file = write_page(findings, told.append)
    found = page(file.read_text(encoding="utf-8"))
    titles = [svg["aria-label"] for svg in found.all("svg")]
    assert titles == [
        "Parallel coordinates: the values of each trial and its validation accuracy",
        "Importance of each key for the validation accuracy",
        "Validation accuracy of each trial by epoch",
        "Best validation accuracy so far, trial by trial",
    ]
    assert "failed: <b>ValueError</b>: too large" in found.text
    assert found.text.count("finished") == 7  # six rows, and the count
    assert told == []
    names = sorted(path.name for path in (findings.folder / "plots").iterdir())
    assert names == ["curves.png", "importance.png", "parallel.png", "progress.png"]


def test_the_page_without_charts(findings, page):
    found = page(search_page(findings, {}, "matplotlib is not installed"))
    assert "No charts: matplotlib is not installed, then the same command again." in found.text
    assert found.all("svg") == []


def test_the_page_of_a_study_that_has_hardly_begun(tmp_path, page):
    plan = make_plan("mlp", RANGES)
    findings = read_findings(plan, open_study(plan, str(tmp_path / "study.db")), tmp_path)
    assert (findings.sentence, findings.best) == ("0 of 50 trials: none", None)
    assert write_best(findings) is None
    found = page(write_page(findings, lambda text: None).read_text(encoding="utf-8"))
    assert "There are too few trials to say which key is important." in found.text


def test_the_best_recipe_is_a_file_that_loads(findings):
    file = write_best(findings)
    recipe = Recipe.load(file)
    best = findings.best
    assert file.read_text().startswith(
        "# The best of 9 trials of the study mlp-sweep: trial 5, validation accuracy 0.8500\n"
    )
    assert (recipe.name, recipe.validation) == ("mlp", 500)
    assert recipe.optimizer.learning_rate == best.values["optimizer.learning_rate"]
    assert (recipe.model.name, recipe.epochs) == (best.values["model"], best.values["epochs"])


def test_the_trials_as_a_table_of_their_own(findings):
    with open(write_trials(findings), newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == [str(i) for i in range(9)]
    states = ["finished"] * 6 + ["pruned", "failed", "running"]
    assert [row["state"] for row in rows] == states
    assert rows[7]["error"] == "<b>ValueError</b>: too large"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            TrialRow(1, "pruned", {"a": 0.123456}, 0.5, {0: 0.4, 3: 0.5}, 61.0),
            "trial 1: pruned, validation accuracy 0.5000, after epoch 3, 1 min 1 s (a 0.1235)",
        ),
        (
            TrialRow(2, "failed", {"a": None, "b": True}, error="ValueError: no"),
            "trial 2: failed, ValueError: no (a –, b true)",
        ),
    ],
)
def test_a_trial_in_a_line(row, sentence):
    assert row.sentence == sentence


def test_values_in_cells():
    assert [shown(each) for each in (0.1234567, 3, "sgd", None, True, "a\x1b[2J")] == [
        *("0.1235", "3", "sgd", "–", "true"),
        "a\\x1b[2J",
    ]
