"""One trial: a run, watched through the door that callbacks have."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

pytest.importorskip("optuna")

from optuna.trial import TrialState

from mxdigits.errors import (
    BackendMissing,
    ContextError,
    DataError,
    Interrupted,
    OutputError,
    PluginError,
    SetupError,
    UsageError,
)
from mxdigits.experiment.run import resume
from mxdigits.plugins.registry import MODELS
from mxdigits.recipe.sections import NamedOptions
from mxdigits.runs.folder import RunFolder
from mxdigits.runs.listing import read_run
from mxdigits.sweep.missing import meets_all
from mxdigits.sweep.plan import Plan, Search, make_plan
from mxdigits.sweep.results import trial_row
from mxdigits.sweep.study import active, claim, give_back, open_study
from mxdigits.sweep.trial import WorkerEnvironment, accuracy_of, carry_out
from mxdigits.train.history import EpochRecord, History

pytestmark = pytest.mark.mxnet

RATE = "optimizer.learning_rate=[0.1, 0.2]"


def a_plan(idx_folder: Path, *ranges: str, **search: object) -> Plan:
    fixed = [f"data={{name: idx, path: '{idx_folder}', batch_size: 20}}", "validation=30"]
    return make_plan("mlp", [*fixed, *ranges], Search(**{"pruner": "none", **search}))


@pytest.fixture
def environment(tmp_path) -> WorkerEnvironment:
    return WorkerEnvironment(
        "me", tmp_path / "runs", str(tmp_path / "study.db"), threads=None, beat=60
    )


def the_trial(study):
    return trial_row(active(study)[-1])


def test_a_trial_is_an_ordinary_run(idx_folder, environment):
    plan = a_plan(idx_folder, "epochs=3", RATE)
    study = open_study(plan, environment.storage)
    carry_out(plan, study, claim(study, plan), environment)
    row = the_trial(study)
    record = json.loads(Path(row.run, "run.json").read_text())
    rows = Path(row.run, "history.csv").read_text().splitlines()
    accuracies = [float(line.split(",")[-1]) for line in rows[1:]]
    assert (record["state"], record["recipe"], row.state) == ("finished", "mlp-sweep", "finished")
    assert row.curve == pytest.approx(dict(enumerate(accuracies)))
    assert (row.accuracy, row.epochs) == (pytest.approx(accuracies[-1]), 3)
    assert row.test_accuracy == record["scores"]["test"]["accuracy"]


def test_a_trial_that_fails_is_recorded(idx_folder, environment):
    plan = a_plan(idx_folder, "epochs=1", "data.batch_size=[3000, 4000]", sampler="grid")
    study = open_study(plan, environment.storage)
    carry_out(plan, study, claim(study, plan), environment)
    row = the_trial(study)
    assert (row.state, row.error) == (
        "failed",
        "data.batch_size: 3000 is more than the 100 images to train on; write at most 100",
    )


@pytest.mark.parametrize("tried", [RATE, "data.batch_size=[10, 20]", "model.hidden=[[8], [9]]"])
def test_a_trial_without_what_all_need_ends_the_search(idx_folder, tmp_path, environment, tried):
    folder = tmp_path / "data"
    plan = a_plan(folder, "epochs=1", tried, sampler="grid")
    study = open_study(plan, environment.storage)
    with pytest.raises(SetupError) as caught:
        carry_out(plan, study, claim(study, plan), environment)
    assert str(caught.value) == (
        f"{folder}: no such folder; every trial needs it. Mend that, then the same command "
        f"continues"
    )
    assert [trial.state for trial in active(study)] == [TrialState.WAITING]
    shutil.copytree(idx_folder, folder)
    carry_out(plan, study, claim(study, plan), environment)
    assert the_trial(study).state == "finished"


@pytest.mark.parametrize(
    ("error", "tried", "ends"),
    [
        (PluginError("callback 'x' cannot be loaded"), RATE, True),
        (PluginError("model 'x' cannot be loaded"), "model.hidden=[[8], [9]]", True),
        (PluginError("model 'x' cannot be loaded"), "model=[mlp, lenet]", False),
        (BackendMissing("there is no JAX"), "model.hidden=[[8], [9]]", True),
        (BackendMissing("there is no JAX"), "backend=[mxnet, xla]", False),
        (ContextError("there is no GPU"), RATE, True),
        (ContextError("there is no GPU"), "context=[cpu, gpu]", False),
        (DataError("no such file"), "model=[mlp, lenet]", True),
        (DataError("no such file"), "data.first_label=[0, 1]", False),
    ],
)
def test_what_awaits_every_trial(idx_folder, monkeypatch, error, tried, ends):
    plan = a_plan(idx_folder, tried)

    def missing(name):
        raise error

    if isinstance(error, PluginError):
        monkeypatch.setattr(MODELS, "get", missing)
    assert meets_all(error, plan) == ends


def test_a_model_that_only_fails_with_some_options_does_not_end_the_search(idx_folder):
    plan = a_plan(idx_folder, "model.hidden=[[8], [9]]")
    assert not meets_all(PluginError("model 'mlp': it failed"), plan)


def test_a_trial_that_diverges_is_a_poor_one(idx_folder, environment):
    plan = a_plan(idx_folder, "epochs=2", "optimizer.learning_rate=[1e30, 1e31]")
    study = open_study(plan, environment.storage)
    carry_out(plan, study, claim(study, plan), environment)
    row = the_trial(study)
    assert (row.state, row.accuracy) == ("diverged", None)
    assert row.error.startswith("the loss became nan at epoch 0, batch 1: try a smaller")
    assert active(study)[0].state == TrialState.PRUNED  # so that the sampler learns from it


def test_a_trial_that_is_worse_than_others_is_pruned(idx_folder, environment):
    slow = "optimizer.learning_rate=[1e-6, 1e-7]"
    plan = a_plan(idx_folder, "epochs=4", slow, pruner="median")
    study = open_study(plan, environment.storage)
    for _ in range(5):  # the pruner waits for so many
        other = claim(study, plan)
        for epoch in range(4):
            other.report(1.0, epoch)
        study.tell(other, 1.0)
    carry_out(plan, study, claim(study, plan), environment)
    row = the_trial(study)
    assert (row.state, row.epochs, list(row.curve)) == ("pruned", 1, [0])
    assert row.accuracy == row.curve[0] < 1
    assert row.test_accuracy is None
    run = read_run(Path(row.run))
    why = "pruned after epoch 0: other trials were better by then"
    assert (run.state, run.problem, run.epochs_done) == ("pruned", why, 1)
    assert "scores" not in json.loads(Path(row.run, "run.json").read_text())
    assert not Path(row.run, "predictions.csv").exists()
    with pytest.raises(UsageError) as caught:
        resume(row.run)
    assert str(caught.value) == (
        f"{row.run} was pruned by a search; to train it to its end: mxdigits run "
        f"{row.run}/recipe.yaml"
    )


def test_a_pruned_trial_whose_process_is_killed_stays_pruned(idx_folder, environment, monkeypatch):
    """It was killed between its last checkpoint and its end."""
    from mxdigits.sweep import trial as module

    class Killed(module.EpochReporter):
        def on_fit_end(self, history):
            raise Interrupted("killed")

    slow = "optimizer.learning_rate=[1e-6, 1e-7]"
    plan = a_plan(idx_folder, "epochs=4", slow, pruner="median")
    study = open_study(plan, environment.storage)
    for _ in range(5):
        other = claim(study, plan)
        for epoch in range(4):
            other.report(1.0, epoch)
        study.tell(other, 1.0)
    monkeypatch.setattr(module, "EpochReporter", Killed)
    with pytest.raises(Interrupted):
        carry_out(plan, study, claim(study, plan), environment)
    monkeypatch.undo()
    first = the_trial(study)
    assert (first.state, read_run(Path(first.run)).state) == ("waiting", "interrupted")
    carry_out(plan, study, claim(study, plan), environment)
    again = the_trial(study)
    assert (again.state, again.epochs, again.run) == ("pruned", 1, first.run)
    assert read_run(Path(again.run)).state == "pruned"


def test_a_trial_that_is_interrupted_goes_on_with_the_same_bits(
    idx_folder, environment, monkeypatch
):
    from mxdigits.sweep import trial as module

    plan = a_plan(idx_folder, "epochs=4", RATE, sampler="grid")
    study = open_study(plan, environment.storage)
    carry_out(plan, study, claim(study, plan), environment)
    whole = the_trial(study)

    class StopsItself(module.EpochReporter):
        def on_epoch_start(self, event):
            if event.epoch == 2:
                os.kill(os.getpid(), signal.SIGTERM)

    other = a_plan(idx_folder, "epochs=4", RATE, sampler="grid", study="again")
    study = open_study(other, environment.storage)
    monkeypatch.setattr(module, "EpochReporter", StopsItself)
    with pytest.raises(Interrupted):
        carry_out(other, study, claim(study, other), environment)
    monkeypatch.undo()
    assert the_trial(study).state == "waiting"
    carry_out(other, study, claim(study, other), environment)
    again = the_trial(study)
    assert (again.state, again.values) == ("finished", whole.values)
    assert len(list(Path(again.run).parent.iterdir())) == 1  # one run, continued
    assert again.curve == whole.curve
    answers = [Path(row.run, "predictions.csv").read_text() for row in (whole, again)]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("epoch", [0, 2])  # before there is a checkpoint, and after
def test_a_trial_that_finds_the_disk_full_is_done_again(
    idx_folder, environment, monkeypatch, epoch
):
    from mxdigits.sweep import trial as module

    class Full(module.EpochReporter):
        def on_epoch_start(self, event):
            if event.epoch == epoch:
                raise OutputError("cannot write a.csv: No space left on device")

    plan = a_plan(idx_folder, "epochs=3", RATE, sampler="grid")
    study = open_study(plan, environment.storage)
    for _ in range(2):  # also when it goes on
        with monkeypatch.context() as patch:
            patch.setattr(module, "EpochReporter", Full)
            with pytest.raises(OutputError) as caught:
                carry_out(plan, study, claim(study, plan), environment)
        assert str(caught.value) == (
            "cannot write a.csv: No space left on device; the same command continues"
        )
        assert the_trial(study).state == "waiting"
    carry_out(plan, study, claim(study, plan), environment)
    assert the_trial(study).state == "finished"


def test_a_trial_that_another_process_has_taken_is_left_alone(idx_folder, environment, monkeypatch):
    from mxdigits.sweep import trial as module

    plan = a_plan(idx_folder, "epochs=3", RATE)
    study = open_study(plan, environment.storage)
    trial = claim(study, plan)

    class Taken(module.EpochReporter):
        def on_epoch_start(self, event):
            give_back(study, study.get_trials()[0], "its process is gone", killed=True)

    monkeypatch.setattr(module, "EpochReporter", Taken)
    carry_out(plan, study, trial, environment)
    assert [row.state for row in map(trial_row, study.get_trials())] == ["failed", "waiting"]


NUMBERS = (0.1, 9, 1.0, 9.0, 1.0, 0.5)


@pytest.mark.parametrize(
    ("callbacks", "accuracy"),
    [
        ([], 0.7),
        ([NamedOptions(name="best_weights")], 0.8),  # of the lowest loss
        ([NamedOptions(name="best_weights", monitor="validation_accuracy")], 0.9),
        ([NamedOptions(name="early_stopping")], 0.8),
        ([NamedOptions(name="early_stopping", restore_best=False)], 0.7),
        ([NamedOptions(name="reduce_on_plateau")], 0.7),
    ],
)
def test_the_accuracy_is_that_of_the_weights_that_were_kept(callbacks, accuracy):
    ends = [(0.5, 0.6), (0.4, 0.9), (0.3, 0.8), (0.6, 0.7)]
    history = History([EpochRecord(i, *NUMBERS, *end) for i, end in enumerate(ends)])
    assert accuracy_of(callbacks, history) == accuracy


def test_with_an_average_of_the_weights_its_accuracy_counts():
    """The run ends with the average."""
    ends = [(0.5, 0.6, 0.7, 0.5), (0.4, 0.9, 0.6, 0.55)]
    history = History([EpochRecord(i, *NUMBERS, *end) for i, end in enumerate(ends)])
    assert accuracy_of([], history) == 0.55
    assert accuracy_of([NamedOptions(name="best_weights")], history) == 0.55


def test_the_pruner_is_told_of_the_average_too(idx_folder, environment):
    plan = a_plan(idx_folder, "epochs=2", "ema=0.9", RATE)
    study = open_study(plan, environment.storage)
    carry_out(plan, study, claim(study, plan), environment)
    row = the_trial(study)
    history = RunFolder(Path(row.run)).read_history()
    assert list(row.curve.values()) == history.column("validation_ema_accuracy")
    assert row.accuracy == row.curve[1]
