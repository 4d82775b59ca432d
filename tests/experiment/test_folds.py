"""``mxdigits folds``: each fold a run, one file of predictions, and how it goes on."""

from __future__ import annotations

import csv
import json
from signal import SIGINT, raise_signal

import numpy as np
import pytest

from mxdigits.cli.app import main
from mxdigits.data.folds import divided, load_fold_source
from mxdigits.errors import Interrupted
from mxdigits.experiment.display.live import speedometer
from mxdigits.experiment.several import folds as experiment
from mxdigits.experiment.several import going_on
from mxdigits.experiment.several.folds import Division, run_folds
from mxdigits.recipe.schema import Recipe
from mxdigits.report.student import fold_share, mean_interval
from mxdigits.runs.groups import read_group, runs_of
from mxdigits.storage.npz import read_npz
from mxdigits.train.callbacks import Callback

pytestmark = pytest.mark.mxnet

RECIPE = """\
model: {{name: mlp, hidden: [{hidden}]}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.2}}
epochs: 2
"""


@pytest.fixture
def home(idx_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, hidden in (("bars", 8), ("small", 1)):
        (tmp_path / f"{name}.yaml").write_text(RECIPE.format(path=idx_folder, hidden=hidden))
    return tmp_path


def folded(name="bars", *overrides, folds=3, **options):
    return run_folds(
        Recipe.load(f"{name}.yaml", overrides),
        Division(folds),
        lambda fold: speedometer(plain=True),
        report=False,
        **options,
    )


def test_every_image_is_predicted_by_the_run_of_its_fold(home, idx_folder):
    done = folded()
    source = load_fold_source({"name": "idx", "path": str(idx_folder)})
    parts = divided(source, 3)
    with open(home / "runs" / "bars-folds" / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["label"]) for row in rows] == source.train.labels.tolist()
    for fold, folder in enumerate(done.runs):
        record = json.loads(folder.record_file.read_text())
        which = np.flatnonzero(parts == fold)
        held = read_npz(folder.predictions_file("npz"))
        assert held["label"].tolist() == source.train.labels[which].tolist()
        for place, prob in zip(which, held["prob"]):
            shown = [float(rows[place][f"prob_{label}"]) for label in range(4)]
            assert shown == pytest.approx(prob.tolist(), rel=1e-5)
        assert record["scores"]["test"]["correct"] == done.counts[fold][0]
        assert (len(which), record["data"]["train"]) == (done.counts[fold][1], 130 - len(which))
    assert done.accuracies.mean == pytest.approx(np.mean(done.accuracies.values))
    assert done.accuracies.deviation == pytest.approx(np.std(done.accuracies.values, ddof=1))
    assert done.accuracies.interval == mean_interval(done.accuracies.values, fold_share(3))
    assert runs_of(done.folder / "group.json") == [
        done.folder / each.path.name for each in done.runs
    ]
    assert [row[0] for row in done.rows()] == ["0", "1", "2", "mean", "deviation"]


def test_the_recipe_of_a_fold_differs_in_nothing_but_the_data(home):
    recipe = Recipe.load("bars.yaml", ["data.sampler=balanced", "epochs=7"]).with_full_paths()
    of_fold = experiment._recipe_of(recipe, Division(4, seed=3), 2, "bars-folds")
    there, here = (each.model_dump(mode="json") for each in (of_fold, recipe))
    assert {key for key in here if there[key] != here[key]} == {"name", "data", "predictions"}
    assert there["predictions"] == ["csv", "npz"]
    of = {"name": "idx", "path": here["data"]["path"]}
    assert there["data"] == {
        **{key: value for key, value in here["data"].items() if key != "path"},
        **{"name": "fold", "of": of, "fold": 2, "folds": 4, "seed": 3},
    }


def test_the_same_command_goes_on_and_ends_with_the_same(home, monkeypatch, capsys):
    whole = folded(output="whole")
    run = going_on.run

    def killed(recipe, **options):
        if recipe.data.options["fold"] == 1:
            raise KeyboardInterrupt
        return run(recipe, **options)

    monkeypatch.setattr(going_on, "run", killed)
    with pytest.raises(KeyboardInterrupt):
        folded()
    assert read_group(home / "runs" / "bars-folds" / "group.json").runs == []
    monkeypatch.setattr(going_on, "run", run)
    capsys.readouterr()
    done = folded()
    out = capsys.readouterr().out
    assert f"fold 0 of 3\nrun: {done.runs[0]}, which is done\nfold 1 of 3\ncontext: " in out
    assert len(list(done.folder.glob("2*"))) == 3
    assert done.predictions[0].read_bytes() == whole.predictions[0].read_bytes()


def test_a_run_that_was_interrupted_goes_on(home, monkeypatch, capsys):
    class Stops(Callback):
        def on_epoch_end(self, record):
            raise_signal(SIGINT)

    run = going_on.run
    monkeypatch.setattr(
        going_on,
        "run",
        lambda recipe, callbacks, **o: run(recipe, callbacks=[*callbacks, Stops()], **o),
    )
    with pytest.raises(Interrupted) as caught:
        folded("bars", "checkpoint={batches: 3}")
    assert str(caught.value) == ("interrupted in run 1 of 3; the same command continues")
    monkeypatch.setattr(going_on, "run", run)
    (first,) = (home / "runs" / "bars-folds").glob("2*")
    capsys.readouterr()
    done = folded("bars", "checkpoint={batches: 3}")
    assert done.runs[0].path == first.relative_to(home)
    assert f"run: {done.runs[0]}, which goes on\n" in capsys.readouterr().out


def test_runs_of_another_recipe_are_no_part_of_it(home):
    """As after the file of the group was removed to begin with another recipe."""
    before = folded()
    (before.folder / "group.json").unlink()
    after = folded("bars", "epochs=1")
    assert not {each.path for each in before.runs} & {each.path for each in after.runs}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["epochs=1"], "epochs: 2 in the recipe"),
        (["-k", "4"], "-k 3 --split-seed 0"),
        (["--split-seed", "1"], "-k 3 --split-seed 0"),
    ],
)
def test_what_was_begun_otherwise_is_not_gone_on_with(home, capsys, arguments, message):
    folder = home / "runs" / "bars-folds"
    folder.mkdir(parents=True)
    recipe = Recipe.load("bars.yaml").with_full_paths()
    experiment._begun(folder / "group.json", recipe, Division(3))
    assert main(["folds", "bars.yaml", "-k", "3", *arguments]) == 2
    assert capsys.readouterr().err == (
        f"error: runs/bars-folds was begun with {message}; write the same, or begin others with "
        "--name NAME\n"
    )


def test_two_recipes_are_compared_by_their_folds(home, capsys):
    pytest.importorskip("matplotlib")
    assert main(["folds", "bars.yaml", "-k", "3", "--no-report", "--plain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "group: runs/bars-folds"
    assert lines[-3:-1] == [
        f"out-of-fold predictions: runs/bars-folds/predictions.{form}" for form in ("csv", "npz")
    ]
    assert lines[-4].startswith("mean accuracy ")
    assert main(["folds", "small.yaml", "-k", "3", "--no-report", "--plain"]) == 0
    capsys.readouterr()
    assert main(["compare", "bars-folds", "small-folds"]) == 0
    out = capsys.readouterr().out
    assert "bars-folds   3 folds" in out
    assert "(the corrected resampled t test: p" in out
    code = main(["folds", "small.yaml", "-k", "3", "--no-report", "--min-accuracy", "1"])
    assert code == 4


def test_a_run_of_a_fold_is_a_run_like_any_other(home, capsys):
    done = folded()
    assert main(["score", str(done.runs[1])]) == 0
    scored = capsys.readouterr().out
    assert f"; {done.counts[1][0]} of {done.counts[1][1]})" in scored


def test_what_may_have_seen_the_images_is_told(home):
    init = folded("bars", "epochs=1").runs[0]
    told = []
    folded("bars", "epochs=1", f"init={init}", output="again", say=told.append)
    assert told == ["init: if that run has learnt from these images, no fold is new to its network"]


def test_more_folds_than_images_are_refused_before_the_first(home, capsys):
    assert main(["folds", "bars.yaml", "-k", "9999"]) == 3
    assert capsys.readouterr().err == (
        "error: data set 'fold': fold 9998 of 9999 has no image; take fewer folds\n"
    )
    assert not (home / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["bars.yaml", "data={name: fold, of: mnist, fold: 0}"],
            "data: is a fold already; name the data set that is to be divided",
        ),
        (["bars.yaml", "--name", "a/b"], "--name must "),
    ],
)
def test_what_cannot_be_divided(home, capsys, arguments, message):
    assert main(["folds", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
