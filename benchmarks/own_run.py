"""`mxdigits run` as its users run it, and what it records of each epoch."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT, Failed, Measured
from benchmarks.outcome import run_mxdigits

MNIST = ROOT / "mxdigits" / "data" / "mnist_idx"

# Folders of recipes: the benchmark's own, where one that ships is not what everyone else trains.
_RECIPES = ("benchmarks/recipes", "recipes")


@dataclass(frozen=True)
class Epoch:
    """An epoch; ``at`` is when its evaluation ended, ``seconds`` how long its training took."""

    at: float
    resident_mib: float
    seconds: float
    train_accuracy: float
    test_accuracy: float


def run(
    recipe: str, overrides: Sequence[str], *, data: Path, output: Path, work: Path
) -> tuple[Measured, list[Epoch]]:
    """Train in a fresh process.

    Args:
        recipe: its name.
        overrides: as on the command line.
        data: a folder of IDX files; for MNIST's own no option is given, as users give none.
        output: an empty folder for the run.
        work: the session's folder.

    Raises:
        Failed: if there is no such recipe, or the process fails.
    """
    file = recipe_file(recipe)
    source = [] if data == MNIST else ["data.name=idx", f"data.path={data}"]
    options = ["--plain", "--no-report", "--format", "npz", "--output", str(output)]
    measured = run_mxdigits(["run", file, *options, *source, *overrides], work)
    return measured, _epochs(measured, output)


def recipe_file(name: str) -> str:
    """The file of a recipe, from the repository's root.

    Raises:
        Failed: if there is none.
    """
    files = [f"{folder}/{name}.yaml" for folder in _RECIPES]
    file = next((file for file in files if (ROOT / file).is_file()), None)
    if file is None:
        raise Failed(f"there is no {files[-1]}")
    return file


def _epochs(measured: Measured, output: Path) -> list[Epoch]:
    """The epochs in the history of a run; the time of each is that of its line on stdout."""
    (history,) = output.rglob("history.csv")
    with open(history, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = [line for line in measured.lines if "Validation-accuracy" in line.text]
    return [
        Epoch(
            line.at,
            line.resident_mib,
            float(row["seconds"]),
            float(row["train_accuracy"]),
            float(row["validation_accuracy"]),
        )
        for line, row in zip(told, rows)
    ]
