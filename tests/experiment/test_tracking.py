"""Runs with a tracker: what it is told of one that ends, stops, fails, or goes on."""

from __future__ import annotations

from pathlib import Path
from signal import SIGINT, raise_signal

import numpy as np
import pytest

from mxdigits import Callback, Recipe, Tracker, register_callback
from mxdigits.errors import Interrupted, PluginError
from mxdigits.experiment.run import resume, run
from mxdigits.recipe.schema import Recipe as Schema
from mxdigits.registry import CALLBACKS

pytestmark = pytest.mark.mxnet


class Recorder(Tracker):
    name = "recorder"

    def __init__(self, told, fails):
        self._told, self._fails = told, fails

    def begin(self, start):
        if self._fails:
            raise ConnectionError("nobody listens")
        self._told.append(("begin", start))

    def log(self, epoch, numbers):
        self._told.append(("log", epoch, numbers))

    def end(self, end):
        self._told.append(("end", end))


@pytest.fixture
def told(monkeypatch):
    """What trackers were told, under the name that recipes know them by."""
    monkeypatch.setattr(CALLBACKS, "_registered", {})
    heard = []

    @register_callback("recorder")
    def recorder(*, fails: bool = False):
        return Recorder(heard, fails)

    return heard


def make(idx_folder, callback="recorder", **keys) -> Schema:
    return Recipe.make(
        name="bars",
        model={"name": "mlp", "hidden": [8]},
        data={"name": "idx", "path": str(idx_folder), "batch_size": 10},
        optimizer={"name": "sgd", "learning_rate": 0.001},  # so that there are mistakes
        callbacks=[callback],
        **{"epochs": 2, **keys},
    )


def test_a_run_from_its_beginning_to_its_report(told, idx_folder, digits, tmp_path):
    said = []
    done = run(make(idx_folder), output=tmp_path, say=said.append)
    (_, start), *logged, (_, end) = told
    assert (start.name, start.folder, start.id) == ("bars", done.folder.path, done.folder.path.name)
    assert (start.evaluated_on, start.resumed, start.first_epoch) == ("test", False, 0)
    assert start.parameters["data.batch_size"] == 10
    # With nothing held out others do not see these, for they could act on them.
    history = done.folder.read_history()
    assert [(epoch, numbers["test_accuracy"]) for _, epoch, numbers in logged] == [
        (record.epoch, record.validation_accuracy) for record in history
    ]
    assert (end.state, end.report) == ("finished", done.report)
    assert end.scores.accuracy == done.scores.accuracy
    wrong = done.scores.samples - done.scores.correct
    assert len(end.mistakes) == min(wrong, 48) > 0
    images, labels = digits["test"]
    for each in end.mistakes:
        np.testing.assert_array_equal(each.image[0], images[each.number])
        assert each.true == str(labels[each.number]) != each.said
    confidences = [each.confidence for each in end.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    assert not any("this tracker" in line for line in said)


def test_a_tracker_that_is_down_costs_one_line_and_no_bit(told, idx_folder, tmp_path):
    said = []
    down = run(
        make(idx_folder, {"name": "recorder", "fails": True}),
        output=tmp_path,
        say=said.append,
        report=False,
    )
    assert [line for line in said if "this tracker" in line] == [
        "recorder: ConnectionError: nobody listens; the run goes on without this tracker"
    ]
    assert told == []
    up = run(make(idx_folder), output=tmp_path, report=False)
    assert (told[-1][1].report, told[-1][1].state) == (None, "finished")
    ups, downs = (Path(each.predictions[0]).read_bytes() for each in (up, down))
    assert ups == downs


def press_ctrl_c():
    raise_signal(SIGINT)


def fail():
    raise ValueError("broken")


class InSecondEpoch(Callback):
    def __init__(self, act):
        self._act = act

    def on_epoch_end(self, record):
        if record.epoch == 1:
            self._act()


@pytest.mark.parametrize(
    ("act", "raised", "state", "first"),
    [(press_ctrl_c, Interrupted, "interrupted", 2), (fail, PluginError, "failed", 1)],
)
def test_a_run_that_stops_and_one_that_goes_on(
    told, idx_folder, tmp_path, act, raised, state, first
):
    recipe = make(idx_folder, validation=30, epochs=3)
    with pytest.raises(raised):
        run(recipe, output=tmp_path, callbacks=[InSecondEpoch(act)])
    end = told.pop()[1]
    assert (end.state, end.scores, end.report, end.mistakes) == (state, None, None, ())
    assert [each[0] for each in told] == ["begin", "log", "log"]
    assert told[0][1].evaluated_on == "validation"
    assert "validation_loss" in told[1][2]
    (folder,) = (tmp_path / "bars").iterdir()
    told.clear()
    resume(folder, report=False)
    (_, start), *logged, (_, end) = told
    assert (start.id, start.resumed, start.first_epoch) == (folder.name, True, first)
    assert [epoch for _, epoch, _ in logged] == [*range(first, 3)]
    assert end.state == "finished"
