"""A run, the commands that go on with it, and what must come out the same."""

from __future__ import annotations

import json
import shlex

import pytest
from command_line import run_here

from mxdigits.runs.checkpoints import Checkpoints
from mxdigits.runs.folder import RunFolder
from mxdigits.train.history import json_line

# Everything that a resumed run must remember: momentum, random draws, a schedule, two callbacks.
RECIPE = """\
model: {{name: mlp, dropout: 0.2}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.05, momentum: 0.9}}
schedule: {{name: cosine, warmup_epochs: 1}}
validation: 30
callbacks:
  - {{name: reduce_on_plateau, patience: 1}}
  - best_weights
epochs: 6
checkpoint: {{batches: 4}}
predictions: [csv, npz]
"""
# Without the schedule, which counts epochs.
CONSTANT = "\n".join(line for line in RECIPE.splitlines() if "schedule" not in line)


def without_report(arguments):
    """The words of a command; of a run's without its report, which takes as long as all else."""
    words = [str(each) for each in arguments]
    return [*words, "--no-report"] if words[0] in ("run", "resume") else words


def as_printed(command, *arguments, cwd):
    """Run what a message says."""
    program, *rest = shlex.split(command)
    assert program == "mxdigits"
    return run_here(*without_report([*rest, *arguments]), cwd=cwd)


def timeless(folder):
    """history.csv without what the clock says."""
    rows = [line.split(",") for line in (folder / "history.csv").read_text().splitlines()]
    timed = {rows[0].index("seconds"), rows[0].index("samples_per_second")}
    return [[cell for at, cell in enumerate(row) if at not in timed] for row in rows]


RESULTS = ("model-symbol.json", "model-0000.params", "predictions.csv", "predictions.npz")


def assert_same(run, whole):
    for name in RESULTS:
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name
    assert timeless(run) == timeless(whole)
    history = RunFolder(run).read_history()
    assert "".join(map(json_line, history)) == (run / "history.jsonl").read_text()
    assert json.loads((run / "run.json").read_text())["state"] == "finished"


def make_home(path, idx_folder, recipe=RECIPE):
    (path / "bars.yaml").write_text(recipe.format(path=idx_folder))
    return path


def newest(folder):
    return Checkpoints(folder / "checkpoints").newest(pytest.fail)
