"""Several workers of one run: what is refused, who writes, how a stopped run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from waiting import until

from mxdigits.backends.team.companions import companions
from mxdigits.workers import Workers
from tests.backends.team_worker import held_port

pytestmark = pytest.mark.mxnet

PLACE = "127.0.0.1:9"  # where nobody listens: what is refused here is refused before
MLP = ("run", "mlp", "epochs=2", "threads=1", "model.dropout=0.2", "--no-report", "--plain")


def worker(rank: int, count: int, place: str = PLACE) -> dict[str, str]:
    return {
        "MXDIGITS_RANK": str(rank),
        "MXDIGITS_WORKERS": str(count),
        "MXDIGITS_COORDINATOR": place,
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            ["data.batch_size=2"],
            "data.batch_size: 2 is less than the 3 workers, each of which needs an image of every "
            "batch; set a larger one, or start fewer workers",
        ),
        (
            ["data.batch_size=8", "accumulate=4"],
            "accumulate: 4 leaves parts of 2 images for 3 workers, each of which needs an image of "
            "every part; write less, or set a larger data.batch_size",
        ),
        (
            ["backend=fastest"],
            "backend: fastest is measured by one process; for 3 workers name one",
        ),
        (
            ["data.shard=true", "swa=2", "backend=mxnet"],
            "swa measures statistics on all training images, which no worker has with "
            "data.shard: true; write data.shard: false, or ema instead of swa",
        ),
    ],
)
def test_what_workers_cannot_share_is_refused_before_they_meet(
    mxdigits_process, idx_folder, keys, message
):
    told = worker(0, 3)
    done = mxdigits_process("run", "mlp", f"data={{name: idx, path: {idx_folder}}}", *keys, **told)
    assert (done.returncode, done.stderr) == (2, f"error: {message}\n")


def test_a_variable_of_a_worker_that_cannot_be_is_told(mxdigits_process):
    done = mxdigits_process("run", "mlp", **{**worker(0, 3), "MXDIGITS_RANK": "3"})
    message = "error: MXDIGITS_RANK='3' must be a whole number from 0 to 2\n"
    assert (done.returncode, done.stderr) == (2, message)


class Team:
    """Two processes of a run in a folder, and those that they need."""

    def __init__(self, folder: Path, first: tuple[str, ...], second: tuple[str, ...]):
        self._holding = ExitStack()
        place = f"127.0.0.1:{self._holding.enter_context(held_port())}"
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        commands = [
            (list(each.argv), each.environment)
            for each in companions("mxnet", Workers(0, 2, place, "127.0.0.1"))
        ]
        for rank, words in enumerate((first, second)):
            commands.append(([sys.executable, "-m", "mxdigits", *words], worker(rank, 2, place)))
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.processes = [
                subprocess.Popen(
                    command,
                    env={**environment, **more},
                    cwd=folder,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
                for command, more in commands
            ]
        self.workers = self.processes[-2:]

    def wait(self) -> list[int]:
        try:
            return [each.wait(timeout=240) for each in self.workers]
        finally:
            for each in self.processes:
                each.kill()
                each.wait()
            self._holding.close()


@pytest.mark.workers
def test_a_signal_to_one_worker_stops_all_and_the_run_goes_on_to_the_same_bits(tmp_path):
    whole = Team(tmp_path, (*MLP, "--output", "whole"), MLP)
    assert whole.wait() == [0, 0]
    stopped = Team(tmp_path, (*MLP, "--output", "stopped"), MLP)

    def is_training() -> bool:
        assert stopped.workers[0].poll() is None
        return "Epoch[0] Batch [" in stopped.log.read_text()

    until("the workers train", is_training, pause=0.05)
    stopped.workers[1].send_signal(signal.SIGTERM)
    assert stopped.wait() == [130, 143]
    (folder,) = (tmp_path / "stopped" / "mlp").iterdir()
    resumed = Team(tmp_path, ("resume", str(folder), "--no-report", "--plain"), MLP)
    assert resumed.wait() == [0, 0]
    (other,) = (tmp_path / "whole" / "mlp").iterdir()
    for name in ("model-0000.params", "predictions.csv"):
        assert (folder / name).read_bytes() == (other / name).read_bytes()
    assert not (tmp_path / "runs").exists()  # the other worker wrote nothing


@pytest.mark.workers
def test_a_worker_that_would_train_something_else_ends_all(tmp_path):
    other = tuple(word.replace("0.2", "0.3") for word in MLP)
    team = Team(tmp_path, MLP, other)
    assert team.wait() == [2, 2]
    said = team.log.read_text()
    assert "error: worker 1 would train something else than worker 0\n" in said
    assert "recipe.model.dropout is 0.3, was 0.2" in said
