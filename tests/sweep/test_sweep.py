"""Searches from the command line: processes that stop, go on, join and are killed."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("optuna")

from optuna.trial import TrialState
from waiting import until

from mxdigits.errors import RunFailed
from mxdigits.plugins.registry import CALLBACKS
from mxdigits.sweep.plan import Plan, Search, make_plan
from mxdigits.sweep.study import active, open_study
from mxdigits.sweep.sweep import SearchResources, sweep

RATE = "optimizer.learning_rate=log(1e-3,1)"
# Without SQLAlchemy, the import of which takes a third of the time of a short search.
JOURNAL = ("--storage", "study.journal", "--no-report")


@pytest.fixture
def recipe(tmp_path, idx_folder) -> Path:
    """A recipe that learns bars in a moment."""
    file = tmp_path / "bars.yaml"
    data = f"{{name: idx, path: '{idx_folder}', batch_size: 20}}"
    file.write_text(f"model: mlp\ndata: {data}\nepochs: 2\nvalidation: 30\n")
    return file


def table(output: str) -> list[list[str]]:
    """The rows of the printed table, without its titles."""
    lines = output.partition("\n\n")[0].splitlines()[1:]
    return [line.split() for line in lines]


@pytest.mark.mxnet
def test_a_search(mxdigits_process, recipe, page):
    options = ("--trials", "4", "--jobs", "2", "--pruner", "none")
    done = mxdigits_process("sweep", recipe, RATE, "data.batch_size=[10, 20]", *options)
    assert (done.returncode, len(table(done.stdout))) == (0, 4), done.stderr
    folder = recipe.parent / "runs" / "bars-sweep"
    runs = sorted(path.name for path in folder.glob("2*Z-*"))
    assert sorted(Path(row[-1]).name for row in table(done.stdout)) == runs
    notes = done.stderr.splitlines()
    assert notes[0] == f"study: bars-sweep in {folder / 'study.db'}, 4 trials"
    assert notes[1:3] == [
        "optimizer.learning_rate: numbers from 0.001 to 1, on a logarithmic scale",
        "data.batch_size: 10, 20",
    ]
    assert sum(note.startswith("trial ") for note in notes) == 4
    assert "4 of 4 trials: 4 finished.\n" in done.stdout
    assert f"report: {Path('runs/bars-sweep/report.html')}" in done.stdout
    found = page((folder / "report.html").read_text(encoding="utf-8"))
    assert "Search bars-sweep" in found.text
    assert list(folder.glob("worker-*.log")) == []
    with open(folder / "trials.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == ["finished"] * 4


@pytest.mark.mxnet
def test_the_best_recipe_runs_again_to_the_same_bits(mxdigits, recipe):
    done = mxdigits("sweep", recipe, RATE, "--trials", "2", "--jobs", "2", *JOURNAL)
    best = table(done.stdout)[0]
    again = mxdigits("run", "runs/bars-sweep/best.yaml", "--no-report", "-o", "again")
    assert again.returncode == 0, again.stderr
    (run,) = (recipe.parent / "again" / "bars").iterdir()
    folders = (recipe.parent / best[-1], run)
    answers = [Path(folder, "predictions.csv").read_text() for folder in folders]
    assert answers[0] == answers[1]


@pytest.mark.mxnet
def test_the_same_command_goes_on_and_a_larger_number_adds_trials(mxdigits, recipe):
    command = ("sweep", recipe, RATE, *JOURNAL, "--trials")
    assert mxdigits(*command, "2").returncode == 0
    again = mxdigits(*command, "2")
    assert (again.returncode, len(table(again.stdout))) == (0, 2)
    assert again.stderr.splitlines()[0].endswith(", 2 trials, 2 of them done")
    assert len(table(mxdigits(*command, "3").stdout)) == 3


@pytest.mark.mxnet
def test_a_search_in_which_all_trials_fail_ends(mxdigits, recipe):
    done = mxdigits("sweep", recipe, "data.batch_size=500..9000", "--trials", "40")
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: all of the first ")
    assert last.endswith(" is more than the 100 images to train on; write at most 100")


@pytest.mark.mxnet
def test_a_trial_that_fails_does_not_end_the_search(mxdigits, recipe):
    grid = ("--sampler", "grid")
    done = mxdigits("sweep", recipe, "data.batch_size=[20, 3000]", *grid, *JOURNAL)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 trials: 1 finished, 1 failed.\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            [RATE, "--storage", "a.txt"],
            2,
            "--storage a.txt: write a file that ends in .db (SQLite) or .journal (for a disk that "
            "machines share), or an address such as postgresql://host/database",
        ),
        (["epochs=3..1"], 2, "epochs=3..1: the first number must be less; write epochs=1..3"),
        (["epochs=a..b"], 2, "override epochs=a..b: epochs: must be a whole number, got 'a..b'"),
    ],
)
def test_mistakes_are_told_in_a_line(mxdigits, recipe, arguments, code, line):
    done = mxdigits("sweep", recipe, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"error: {line}\n")


def test_without_optuna(mxdigits_process, recipe, tmp_path):
    away = tmp_path / "no-optuna"
    away.mkdir()
    (away / "optuna.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'optuna'\", name='optuna')\n"
    )
    done = mxdigits_process("sweep", recipe, RATE, PYTHONPATH=str(away))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: Optuna is not installed: pip install 'optuna>=")
    assert "Traceback" not in done.stderr


# Processes that end before their time


HOLD = """
import signal, time
from pathlib import Path
from mxdigits import Callback

class Hold(Callback):
    def __init__(self, *, file):
        self._file, self._told = Path(file), False

    def on_fit_start(self, event):
        before = signal.getsignal(signal.SIGTERM)

        def tell(number, frame):
            self._told = True
            before(number, frame)

        signal.signal(signal.SIGTERM, tell)

    def on_epoch_start(self, event):
        while event.epoch == 1 and self._file.exists() and not self._told:
            time.sleep(0.01)
"""


@pytest.fixture
def held(recipe, tmp_path, monkeypatch) -> Path:
    """A file; while it is there, trials end their second epoch only when they are told to stop."""
    file, site = tmp_path / "held", tmp_path / "site"
    info = site / "hold-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "hold.py").write_text(HOLD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hold\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mxdigits.callbacks]\nhold = hold:Hold\n")
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
    monkeypatch.syspath_prepend(site)
    # An earlier test may have had them looked up.
    monkeypatch.setattr(CALLBACKS, "_offered", None)
    recipe.write_text(f"{recipe.read_text()}callbacks: {{name: hold, file: '{file}'}}\n")
    file.touch()
    return file


def start(recipe: Path, *arguments: str) -> subprocess.Popen[str]:
    """A search in a process group of its own, which can be killed as a whole."""
    return subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "sweep", str(recipe), *arguments],
        cwd=recipe.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def await_running(plan: Plan, address: str, process: subprocess.Popen[str], count: int = 1) -> None:
    """Wait until so many trials are being trained."""

    def are_running() -> bool:
        assert process.poll() is None, process.communicate()
        if not Path(address).exists():
            return False
        trials = active(open_study(plan, address))
        runs = [t for t in trials if t.state == TrialState.RUNNING and t.intermediate_values]
        return len(runs) == count

    until(f"trials that are trained: {count}", are_running, pause=0.1)


def workers_of(process: subprocess.Popen[str]) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(process.pid):
            yield int(folder.name)


@pytest.mark.mxnet
def test_ctrl_c_keeps_what_there_is_and_the_same_command_goes_on(recipe, held, mxdigits):
    command = (RATE, "--trials", "1", *JOURNAL)
    process = start(recipe, *command)
    address = str(recipe.parent / "study.journal")
    await_running(make_plan(str(recipe), [RATE], Search(trials=1)), address, process)
    process.send_signal(signal.SIGINT)
    _, notes = process.communicate(timeout=300)
    assert process.returncode == 130
    assert notes.splitlines()[-1] == (
        "error: interrupted after 0 of 1 trials; the same command continues"
    )
    assert list(workers_of(process)) == []
    held.unlink()
    done = mxdigits("sweep", recipe, *command)
    assert "1 of 1 trials: 1 finished.\n" in done.stdout
    folder = recipe.parent / "runs" / "bars-sweep"
    assert len(list(folder.glob("2*Z-*"))) == 1  # the run that was stopped was continued


@pytest.mark.mxnet
def test_a_worker_that_is_killed_costs_no_trial(recipe, held):
    options = ("--trials", "2", "--jobs", "2", "--pruner", "none")
    process = start(recipe, RATE, *options, *JOURNAL)
    address = str(recipe.parent / "study.journal")
    plan = make_plan(str(recipe), [RATE], Search(trials=2, pruner="none"))
    await_running(plan, address, process, count=2)
    os.kill(next(workers_of(process)), signal.SIGKILL)
    held.unlink()
    output, notes = process.communicate(timeout=300)
    assert process.returncode == 0, notes
    assert "its process was ended by SIGKILL; it will be done again\n" in notes
    assert "2 of 2 trials: 2 finished; 1 begun again after their process was ended.\n" in output


@pytest.mark.mxnet
@pytest.mark.kills
@pytest.mark.parametrize("name", ["study.db", "study.journal"])
def test_processes_that_are_killed_cost_the_others_no_trial(recipe, held, tmp_path, name):
    """Two share a study; one is killed with its worker, and so can give nothing back."""
    plan = make_plan(str(recipe), [RATE], Search(trials=3, pruner="none"))
    address = str(tmp_path / name)
    options = ("--trials", "3", "--pruner", "none", "--storage", address, "--no-report")
    other = start(recipe, RATE, *options)
    await_running(plan, address, other)
    # One that lives on between the two would give the other's trial back.
    os.kill(other.pid, signal.SIGSTOP)
    for worker in [*workers_of(other), other.pid]:
        os.kill(worker, signal.SIGKILL)
    other.communicate()
    held.unlink()
    resources = SearchResources(
        tmp_path / "mine", storage=address, report=False, beat=0.5, patience=5
    )
    swept = sweep(plan, resources)
    assert Counter(row.state for row in swept.findings.rows) == {"finished": 3}
    assert len({tuple(row.values.values()) for row in swept.findings.rows}) == 3
    assert swept.findings.repeated == 1


@pytest.mark.mxnet
def test_workers_end_with_a_parent_that_is_killed(recipe, held):
    process = start(recipe, RATE, "--trials", "1", *JOURNAL)
    address = str(recipe.parent / "study.journal")
    plan = make_plan(str(recipe), [RATE], Search(trials=1))
    await_running(plan, address, process)
    workers = [f"/proc/{worker}" for worker in workers_of(process)]
    process.kill()
    process.communicate()
    until("the workers have ended", lambda: not any(map(os.path.exists, workers)), pause=0.1)
    (trial,) = active(open_study(plan, address))
    assert trial.state == TrialState.WAITING  # given back


@pytest.mark.mxnet
def test_from_python_an_error_says_why_nothing_has_finished(recipe, tmp_path):
    plan = make_plan(str(recipe), ["data.batch_size=[3000, 4000]"], Search(sampler="grid"))
    with pytest.raises(RunFailed) as caught:
        sweep(plan, SearchResources(tmp_path / "runs"))
    assert str(caught.value).startswith("no trial has finished; the last: data.batch_size: ")
