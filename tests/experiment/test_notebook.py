"""What a notebook shows of a run, without a notebook: the forms that are given to it."""

from __future__ import annotations

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from mxdigits.data.making import make_dataset
from mxdigits.experiment.display.notebook import NotebookSpeedometer, displayed, in_notebook
from mxdigits.experiment.run import run
from mxdigits.plugins.registry import DATASETS
from mxdigits.train.callbacks import Callback, EpochStart, FitStart, Progress
from mxdigits.train.history import EpochRecord, History

RECORD = EpochRecord(0, 0.1, 200, 1.0, 200.0, 0.5, 0.75)


@pytest.fixture
def shown():
    """A display on a clock that stands still, and all that it showed."""
    forms = []
    time = SimpleNamespace(now=0.0)
    return NotebookSpeedometer(forms.append, clock=lambda: time.now), forms, time


def test_bars_move_and_epochs_stay(shown):
    display, forms, time = shown
    display.note("context: <cpu>")
    display.on_fit_start(FitStart(0, 2, 200, 100))
    display.on_epoch_start(EpochStart(0, 0.1))
    time.now = 1.0
    display.on_progress(Progress(0, 1, 100, 0.5, 50.0, 75))
    assert forms[-1]["text/html"] == (
        "<div>context: &lt;cpu&gt;</div>"
        '<div>epochs <progress value="0.5" max="2" aria-label="epochs"></progress> 0 of 2</div>'
        '<div>batches <progress value="1" max="2" aria-label="batches"></progress> '
        "200 samples/s, loss 0.5000, accuracy 0.7500, learning rate 0.1</div>"
    )
    display.on_epoch_end(RECORD)
    display.on_fit_end(History([RECORD]))
    assert forms[-1] == {
        "text/html": "<div>context: &lt;cpu&gt;</div>" + History([RECORD])._repr_html_(),
        "text/plain": f"context: <cpu>\n{History([RECORD])!r}",
    }


def test_progress_is_shown_four_times_a_second(shown):
    display, forms, time = shown
    display.on_fit_start(FitStart(0, 1, 10_000, 100))
    before = len(forms)
    for batch in range(100):
        time.now = batch / 100
        display.on_progress(Progress(0, batch, 100 * batch, 1.0, 0.0, 0))
    assert len(forms) - before == 3


def test_a_run_that_brings_its_own_is_left_alone(monkeypatch):
    monkeypatch.setattr("mxdigits.experiment.display.notebook.in_notebook", lambda: True)
    callback = Callback()
    assert displayed([callback], None)[0] == [callback]
    assert displayed((), print) == ((), print)


def test_a_terminal_with_ipython_is_no_notebook(monkeypatch):
    shell = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert not in_notebook()
    shell.kernel = object()
    assert in_notebook()
    with monkeypatch.context() as forked:
        forked.setattr("mxdigits.experiment.display.notebook.parent_process", object)
        assert not in_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()


@pytest.mark.mxnet
def test_a_run_in_a_notebook_shows_itself_in_its_cell(digits, tmp_path, monkeypatch):
    """IPython's part is played: one thing is displayed, and then replaced."""
    forms = []

    def display(form, *, raw, display_id):
        assert raw
        assert display_id
        forms.append(form)
        return SimpleNamespace(update=lambda form, *, raw: forms.append(form))

    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    monkeypatch.setattr(DATASETS, "_registered", {})
    DATASETS.register("bars")(lambda: make_dataset("bars", digits))
    done = run("mlp", data="bars", epochs=2, output=tmp_path, report=False)
    assert re.fullmatch(
        rf"context: cpu\(0\); CPU threads: \d+\nrun folder: {re.escape(str(done.folder))}\n"
        r"History\(2 epochs; the last: .*\)",
        forms[-1]["text/plain"],
    )
    assert "<progress" not in forms[-1]["text/html"]
    assert str(done.folder) in done._repr_html_()
    assert np.isclose(done.scores.samples, 46)
