"""Trackers: what they are told, and that none of them stops a training or keeps it waiting."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from mxdigits.errors import UsageError
from mxdigits.train import tracker as trackers
from mxdigits.train.callbacks import FitStart, Progress
from mxdigits.train.history import EpochRecord, History
from mxdigits.train.tracker import Misread, RunEnd, RunStart, Tracker

RECIPE = {
    "model": {"name": "mlp", "hidden": [128, 64]},
    "callbacks": [{"name": "early_stopping", "patience": 3}, "best_weights"],
    "seed": 42,
    "init": None,
}
START = RunStart("mlp", Path("runs/mlp/20261123T153755Z-62fd27"), RECIPE, "validation")
FIT = FitStart(first_epoch=3, epochs=10, samples=600, batch_size=100)
RECORD = EpochRecord(3, 0.1, 600, 0.5, 1200.0, 0.25, 0.875, 0.5, 0.75)
PROGRESS = Progress(3, batch=1, samples=100, seconds=0.1, loss_sum=50.0, correct=80)


class Recorder(Tracker):
    """Keeps what it is told; fails, or waits, where it is asked to."""

    name = "recorder"

    def __init__(self, fails=None, waits=None, error=None):
        self.told, self._fails, self._waits = [], fails, waits
        self._error = error or SystemExit("the server is down")

    def _hear(self, *what):
        self.told.append(what)
        if self._waits:
            self._waits.wait(300)
        if self._fails == what[0]:
            raise self._error

    def begin(self, run):
        self._hear("begin", run)

    def log(self, epoch, numbers):
        self._hear("log", epoch, numbers)

    def end(self, run):
        self._hear("end", run.state)


def run_with(tracker, said, start=START, state="finished"):
    """A run of two epochs."""
    tracker.on_run_start(start, said.append)
    tracker.on_fit_start(FIT)
    for _ in range(2):
        tracker.on_progress(PROGRESS)
        assert tracker.on_epoch_end(RECORD) is None
    tracker.on_fit_end(History([RECORD]))
    tracker.on_run_end(RunEnd(state))


def test_a_tracker_is_told_of_the_run_its_epochs_and_its_end():
    tracker, said = Recorder(), []
    run_with(tracker, said)
    numbers = {
        "learning_rate": 0.1,
        "seconds": 0.5,
        "samples_per_second": 1200.0,
        "train_loss": 0.25,
        "train_accuracy": 0.875,
        "validation_loss": 0.5,
        "validation_accuracy": 0.75,
    }
    (_, run), *others = tracker.told
    assert (run.first_epoch, run.recipe) == (3, RECIPE)
    assert others == [("log", 3, numbers), ("log", 3, numbers), ("end", "finished")]
    assert said == []


def test_what_is_of_the_test_set_is_called_so():
    tracker = Recorder()
    run_with(tracker, [], RunStart("mlp", Path("a"), {}, "test"))
    _, _, numbers = tracker.told[1]
    assert {"test_loss", "test_accuracy"} < set(numbers)
    assert not any("validation" in name for name in numbers)


def test_the_recipe_by_names_of_its_keys():
    assert START.parameters == {
        "model.name": "mlp",
        "model.hidden": [128, 64],
        "callbacks.0.name": "early_stopping",
        "callbacks.0.patience": 3,
        "callbacks.1": "best_weights",
        "seed": 42,
        "init": None,
    }


@pytest.mark.parametrize("moment", ["begin", "log", "end"])
def test_one_that_fails_is_told_once_and_asked_no_more(moment):
    tracker, said = Recorder(fails=moment), []
    run_with(tracker, said)
    assert said == [
        "recorder: SystemExit: the server is down; the run goes on without this tracker"
    ]
    assert [told[0] for told in tracker.told].count(moment) == 1
    assert tracker.told[-1][0] == moment


def test_what_one_says_to_people_is_passed_on_as_it_is():
    said = []
    run_with(Recorder(fails="begin", error=UsageError("write uri: http://a")), said)
    assert said == ["recorder: write uri: http://a; the run goes on without this tracker"]


def test_a_failure_is_told_during_the_epoch_in_the_thread_that_trains():
    tracker, said = Recorder(fails="begin"), []
    tracker.on_run_start(START, lambda text: said.append(threading.current_thread().name))
    tracker.on_fit_start(FIT)
    tracker._sender._thread.join(300)
    tracker.on_progress(PROGRESS)
    tracker.on_progress(PROGRESS)
    assert said == [threading.current_thread().name]


def test_one_that_does_not_answer_is_waited_for_a_little(monkeypatch):
    monkeypatch.setattr(trackers, "PATIENCE", 0.2)
    answer = threading.Event()
    tracker, said = Recorder(waits=answer), []
    try:
        run_with(tracker, said)
    finally:
        answer.set()
    assert said == ["recorder: no answer for 0.2 seconds; the run goes on without this tracker"]
    assert [told[0] for told in tracker.told] == ["begin"]


def test_a_run_that_did_not_finish_waits_less(monkeypatch):
    monkeypatch.setattr(trackers, "LITTLE_PATIENCE", 0.1)
    answer, said = threading.Event(), []
    try:
        run_with(Recorder(waits=answer), said, state="interrupted")
    finally:
        answer.set()
    assert said == ["recorder: no answer for 0.1 seconds; the run goes on without this tracker"]


def test_a_trainer_alone_has_no_run_to_tell_of():
    tracker = Recorder()
    tracker.on_fit_start(FIT)
    tracker.on_epoch_end(RECORD)
    tracker.on_run_end(RunEnd("finished"))
    assert tracker.told == []
    assert tracker.state() is None


def test_mistakes_are_tiles():
    image = np.full((2, 8, 8), 7, np.uint8)  # of two channels, of which the first is shown
    mistake = Misread(8, image, true="5", said="6", confidence=0.9)
    (tile,) = RunEnd("finished", mistakes=[mistake]).tiles
    assert tile.lines == ["image 8", "said 6", "true 5"]
    assert [each.shape for each in tile.pictures] == [(1, 8, 8)]
