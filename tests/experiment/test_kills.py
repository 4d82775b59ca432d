"""Runs that are killed at random moments and resumed until they end: the same bits each time."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from experiment.resuming.resumed_runs import timeless
from waiting import until

from mxdigits.runs.checkpoints import Checkpoints, read
from mxdigits.runs.listing import read_run

RECIPE = """\
model: {{name: mlp, dropout: 0.2}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: adam, learning_rate: 0.003}}
validation: 30
callbacks: [reduce_on_plateau, best_weights]
epochs: 20
checkpoint: {{batches: 3}}
predictions: [csv, npz]
"""


class Attempt:
    """A process that runs or resumes, and what it prints."""

    def __init__(self, home, *arguments):
        self._printed = home / "printed.txt"
        self.began = time.monotonic()
        with open(self._printed, "w") as printed:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mxdigits", *map(str, arguments)],
                cwd=home,
                stdout=printed,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self):
        return self._printed.read_text()

    def wait_until_set_up(self):
        """Until it says what it runs on; gives the seconds that took."""

        def is_set_up():
            return "context:" in self.printed or self.process.poll() is not None

        until("it says what it runs on", is_set_up, pause=0.002)
        return time.monotonic() - self.began

    def wait(self, seconds):
        """Whether it has ended within so many seconds."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()


def only_run(home):
    found = list(home.glob("runs/bars/*"))
    assert len(found) <= 1
    return found[0] if found else None


def where_it_fell(run, attempt):
    """What a process was doing when it was killed, as far as it can be told."""
    if run is None or "context:" not in attempt.printed:
        return "start-up"
    if any(path.name.startswith(".") for path in run.glob("checkpoints/.*")):
        return "writing a checkpoint"
    if list(run.glob(".*.tmp*")):
        return "writing another file"
    if read_run(run).state == "finished":
        return "after the run's end"
    newest = Checkpoints(run / "checkpoints").newest(pytest.fail)
    if newest is not None and newest.state.epoch == 20:
        return "scoring and predicting"
    return "training"


def check_nothing_is_corrupt(run):
    """Whatever is called a checkpoint is one, and every other file is whole or not there."""
    for path in Checkpoints(run / "checkpoints").paths():
        read(path)
    state = read_run(run)
    # Between the making of a folder and its first record there is nothing to lose.
    whole = state.state in ("interrupted", "finished")
    assert whole or not (run / "run.json").exists(), state.problem


def results(run):
    names = ("model-symbol.json", "model-0000.params", "predictions.csv", "predictions.npz")
    return [timeless(run), *((run / name).read_bytes() for name in names)]


def drive(home: Path, idx_folder: Path, kills: int) -> Counter:
    """Kill that many processes over as many runs as it takes; gives where the kills fell."""
    chance = random.Random(kills)
    recipe = RECIPE.format(path=idx_folder)

    def begin(number):
        inside = home / str(number)
        inside.mkdir()
        (inside / "bars.yaml").write_text(recipe)
        return inside

    first = begin(0)
    attempt = Attempt(first, "run", "bars.yaml", "--no-report")
    start_up = attempt.wait_until_set_up()
    attempt.process.wait()
    rest = time.monotonic() - attempt.began - start_up
    assert attempt.process.returncode == 0, attempt.printed
    expected = results(only_run(first))
    fell: Counter[str] = Counter()
    runs = 0
    while sum(fell.values()) < kills:
        runs += 1
        inside = begin(runs)
        done = False
        while not done:
            run = only_run(inside)
            if run is not None and not (run / "run.json").exists():
                shutil.rmtree(run)
                run = None
            command = ["run", "bars.yaml"] if run is None else ["resume", run]
            attempt = Attempt(inside, *command, "--no-report")
            if sum(fell.values()) == kills:
                attempt.process.wait()
                done = True
            elif chance.random() < 0.15:
                done = attempt.wait(chance.uniform(0, start_up))
            else:
                attempt.wait_until_set_up()
                done = attempt.wait(chance.uniform(0, 0.7 * rest))
            if not done:
                attempt.kill()
                if attempt.process.returncode == -signal.SIGKILL:  # and not over just before
                    run = only_run(inside)
                    fell[where_it_fell(run, attempt)] += 1
                    if run is not None:
                        check_nothing_is_corrupt(run)
                    done = run is not None and read_run(run).state == "finished"
                    continue
                done = True
            assert attempt.process.returncode == 0, attempt.printed
        run = only_run(inside)
        assert results(run) == expected
        assert json.loads((run / "run.json").read_text())["state"] == "finished"
        shutil.rmtree(inside)
    fell["runs"] = runs
    return fell


@pytest.mark.mxnet
@pytest.mark.kills
def test_twenty_kills(idx_folder, tmp_path):
    fell = drive(tmp_path, idx_folder, 20)
    print(dict(fell))
    assert fell["training"] + fell["writing a checkpoint"] > 0


@pytest.mark.slow
def test_two_hundred_kills(idx_folder, tmp_path):
    fell = drive(tmp_path, idx_folder, 200)
    print(dict(fell))
    assert fell["training"] > 0
    assert fell["writing a checkpoint"] > 0
