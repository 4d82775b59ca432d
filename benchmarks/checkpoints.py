"""python -m benchmarks.checkpoints: what checkpoints cost, by default and without them.

It times whole processes of ``mxdigits run mlp``, in turn: with ``checkpoint=null``, and with the
default, a checkpoint after each epoch. An epoch of the MLP takes about half a second; no recipe
that ships writes checkpoints more often.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.arguments import count
from mxdigits.backends.base import EpochPosition
from mxdigits.runs.checkpoints import Checkpoints
from mxdigits.train.state import TrainingState

SETTINGS = {"without": ["checkpoint=null"], "default": []}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument("--rounds", type=count, default=7)
    parser.add_argument("--epochs", type=count, default=10)
    parser.add_argument("--recipe", default="mlp")
    chosen = parser.parse_args()
    print("round  setting  process s   CPU s   fit s  median epoch s", flush=True)
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in SETTINGS}
    for number in range(1, chosen.rounds + 1):
        # Which setting goes first changes with each round: the second may find a warmer machine.
        for name in list(SETTINGS)[:: 1 if number % 2 else -1]:
            found[name].append(measured(chosen.recipe, chosen.epochs, SETTINGS[name]))
            process, cpu, fit, epoch = found[name][-1]
            numbers = f"{process:9.3f}  {cpu:6.3f}  {fit:6.3f}  {epoch:.4f}"
            print(f"{number:5}  {name:7}  {numbers}", flush=True)
    for place, what in enumerate(("process", "CPU", "fit", "median epoch")):
        pairs = zip(found["default"], found["without"])
        ratios = sorted(one[place] / other[place] for one, other in pairs)
        print(
            f"{what}: default to without, pair by pair: median {median(ratios):.4f} "
            f"({ratios[0]:.4f} to {ratios[-1]:.4f})"
        )
    print(one())


def one(times: int = 40) -> str:
    """The time of a checkpoint of the MLP, in the thread that trains and in the one that writes."""
    # MXNet's settings go into the environment, which the processes above must not inherit.
    from mxdigits.backends.mxnet.runtime import import_mxnet
    from mxdigits.models.building import build_network
    from mxdigits.train.trainer import Trainer

    mx = import_mxnet()
    network = build_network("mlp", {}, classes=10, image_shape=(1, 28, 28), contexts=[mx.cpu()])
    trainer = Trainer(network)
    images, labels = np.zeros((100, 28, 28), np.uint8), np.zeros(100, int)
    seconds = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=os.getcwd()) as folder:
        checkpoints = Checkpoints(Path(folder) / "checkpoints")

        class Watch:
            def due(self, batch: int) -> bool:
                return False

            def keep(self, state: TrainingState, *, last: bool) -> None:
                began, used = time.perf_counter(), time.process_time()
                checkpoints.write(state, {})
                seconds.append((time.perf_counter() - began, time.process_time() - used))

        for _ in range(times):
            trainer.fit((images, labels), epochs=1, sink=Watch())
        states = []
        for _ in range(times):
            began = time.perf_counter()
            trainer._state(EpochPosition())
            states.append(time.perf_counter() - began)
    wall, cpu = (1000 * median(column) for column in zip(*seconds))
    return (
        f"one checkpoint: {1000 * median(states):.2f} ms to copy the state, then {wall:.1f} ms "
        f"({cpu:.1f} ms of a CPU) in another thread"
    )


def measured(recipe: str, epochs: int, overrides: list[str]) -> tuple[float, ...]:
    """Seconds of a process, of CPU time, of its fit with evaluations, and of its median epoch."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=os.getcwd()) as folder:
        command = [sys.executable, "-m", "mxdigits", "run", recipe, f"epochs={epochs}", *overrides]
        began, used = time.perf_counter(), cpu_seconds()
        subprocess.run([*command, "--output", folder], check=True, stdout=subprocess.DEVNULL)
        process, cpu = time.perf_counter() - began, cpu_seconds() - used
        (history,) = Path(folder).rglob("history.csv")
        with open(history, newline="", encoding="utf-8") as file:
            seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
        (record,) = Path(folder).rglob("run.json")
        fit = json.loads(record.read_text())["seconds"]["fit"]
    return process, cpu, fit, median(seconds)


def cpu_seconds() -> float:
    """The CPU time of all processes that have ended; other load hardly adds to it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
