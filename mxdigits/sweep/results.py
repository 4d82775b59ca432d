"""The results of a study: its trials as rows, the best trial, and the files about it."""

from __future__ import annotations

import csv
import io
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ..printing import printable
from ..recipe.schema import Recipe
from ..storage.files import write_text
from ..wording import NOTHING, duration, in_words
from .plan import Plan
from .ranges import Plain
from .study import (
    ATTEMPT,
    DIVERGED,
    EPOCHS,
    ERROR,
    HOST,
    RUN,
    SECONDS,
    TEST,
    THREADS,
    active,
)

_STATES = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}
OVER = ("finished", "pruned", "diverged", "failed")


@dataclass(frozen=True)
class TrialRow:
    """A trial: ``values`` by key, ``curve`` the validation accuracy by epoch.

    ``state`` is finished, pruned, diverged, failed, running or waiting; ``accuracy`` is that of the
    weights if the trial is finished, of the last epoch if it is pruned; ``attempt`` counts from 1.

    >>> row = TrialRow(3, "finished", {"epochs": 2}, accuracy=0.91, seconds=2.5)
    >>> row.sentence
    'trial 3: finished, validation accuracy 0.9100, 2.50 s (epochs 2)'
    """

    number: int
    state: str
    values: Mapping[str, Plain]
    accuracy: Optional[float] = None
    curve: Mapping[int, float] = field(default_factory=dict)
    seconds: Optional[float] = None
    epochs: Optional[int] = None
    run: str = ""
    host: str = ""
    error: str = ""
    attempt: int = 1
    threads: Optional[int] = None
    test_accuracy: Optional[float] = None

    @property
    def sentence(self) -> str:
        """The result of the trial in a line."""
        parts = [self.state]
        if self.accuracy is not None:
            parts.append(f"validation accuracy {self.accuracy:.4f}")
        if self.state == "pruned":
            parts.append(f"after epoch {max(self.curve, default=0)}")
        if self.error:
            parts.append(self.error)
        if self.seconds is not None:
            parts.append(duration(self.seconds))
        values = ", ".join(f"{key} {_short(value)}" for key, value in self.values.items())
        return f"trial {self.number}: {', '.join(parts)} ({values})"

    def cells(self, keys: Sequence[str]) -> list[str]:
        """Return the row of a table, with a cell for each of the keys."""
        accuracy = NOTHING if self.accuracy is None else f"{self.accuracy:.4f}"
        values = [_short(self.values.get(key)) for key in keys]
        seconds = NOTHING if self.seconds is None else duration(self.seconds)
        return [str(self.number), self.state, accuracy, *values, seconds, _from_here(self.run)]


def _from_here(run: str) -> str:
    """A run's folder relative to the current one, if it lies in it."""
    here = f"{os.getcwd()}{os.sep}"
    return run.removeprefix(here) if run else NOTHING


def _short(value: Plain) -> str:
    return f"{value:.4g}" if isinstance(value, float) else in_words(value)


def trial_row(trial: FrozenTrial) -> TrialRow:
    """Return a trial of Optuna as a row.

    >>> trial_row(study.trials[0]).state  # doctest: +SKIP
    'finished'
    """
    facts = trial.user_attrs
    state = "diverged" if facts.get(DIVERGED) else _STATES[trial.state]
    return TrialRow(
        number=trial.number,
        state=state,
        values=trial.system_attrs.get("fixed_params") or trial.params,
        accuracy=None if state == "diverged" else trial.value,
        curve=dict(sorted(trial.intermediate_values.items())),
        seconds=facts.get(SECONDS),
        epochs=facts.get(EPOCHS),
        run=facts.get(RUN, ""),
        host=facts.get(HOST, ""),
        error=facts.get(ERROR, ""),
        attempt=facts.get(ATTEMPT, 1),
        threads=facts.get(THREADS),
        test_accuracy=facts.get(TEST),
    )


@dataclass(frozen=True)
class Findings:
    """The trials of a study, the best first, and how much each key mattered.

    ``importance`` adds up to 1; it is empty if there are too few trials to compute it.
    ``folder`` is the folder for files about the study.

    >>> findings = read_findings(plan, study, Path("runs/mlp-sweep"))  # doctest: +SKIP
    >>> findings.best.accuracy  # doctest: +SKIP
    0.9731
    """

    plan: Plan
    rows: Sequence[TrialRow]
    importance: Mapping[str, float]
    repeated: int
    folder: Path

    @property
    def keys(self) -> list[str]:
        """The keys that were searched."""
        return [each.key for each in self.plan.space]

    @property
    def best(self) -> Optional[TrialRow]:
        """The finished trial with the highest validation accuracy; None if none has finished."""
        finished = [row for row in self.rows if row.state == "finished"]
        return finished[0] if finished else None

    @property
    def counts(self) -> dict[str, int]:
        """How many trials are in each state."""
        states = [row.state for row in self.rows]
        return {state: states.count(state) for state in dict.fromkeys(states)}

    @property
    def sentence(self) -> str:
        """How the trials ended, in a sentence."""
        counts = ", ".join(f"{number} {state}" for state, number in self.counts.items())
        again = f"; {self.repeated} begun again after their process was ended" * bool(self.repeated)
        return f"{len(self.rows)} of {self.plan.trials} trials: {counts or 'none'}{again}"

    @property
    def best_recipe(self) -> Optional[Recipe]:
        """The recipe of the best trial, under its own name."""
        if self.best is None:
            return None
        recipe = self.plan.recipe(self.best.values, self.best.threads)
        return recipe.model_copy(update={"name": self.plan.name}).with_full_paths()

    @property
    def best_file(self) -> Path:
        return self.folder / "best.yaml"

    @property
    def report_file(self) -> Path:
        return self.folder / "report.html"


def read_findings(plan: Plan, study: Study, folder: Path) -> Findings:
    """Read the trials of a study.

    >>> print(read_findings(plan, study, Path("runs/mlp-sweep")).sentence)  # doctest: +SKIP
    """
    rows = [trial_row(trial) for trial in active(study)]
    order = ("finished", "pruned", "diverged", "failed", "running", "waiting")
    rows.sort(key=lambda row: (order.index(row.state), -(row.accuracy or 0), row.number))
    repeated = sum(row.attempt > 1 for row in rows)
    return Findings(plan, rows, _importance(study), repeated, folder)


def _importance(study: Study) -> dict[str, float]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    except (ValueError, RuntimeError, UserWarning):  # too few trials, or none that differ
        return {}
    shares = {key: float(share) for key, share in found.items()}
    return shares if all(share == share for share in shares.values()) else {}


def write_best(findings: Findings) -> Optional[Path]:
    """Write the best trial's recipe to a file; return None if no trial has finished.

    Raises:
        OutputError: if it cannot be written.

    >>> write_best(findings)  # doctest: +SKIP
    PosixPath('runs/mlp-sweep/best.yaml')
    """
    best, recipe = findings.best, findings.best_recipe
    if best is None or recipe is None:
        return None
    says = (
        f"# The best of {len(findings.rows)} trials of the study {findings.plan.study}: trial "
        f"{best.number}, validation accuracy {best.accuracy:.4f}\n"
    )
    write_text(findings.best_file, printable(says, keep="\n") + recipe.dump())
    return findings.best_file


def write_trials(findings: Findings) -> Path:
    """Write all trials to ``trials.csv``, one per line.

    Raises:
        OutputError: if it cannot be written.

    >>> write_trials(findings)  # doctest: +SKIP
    PosixPath('runs/mlp-sweep/trials.csv')
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    keys = findings.keys
    head = ["trial", "state", "validation_accuracy", "epochs", "seconds", "run", "host", "error"]
    writer.writerow([*head, *keys])
    for row in sorted(findings.rows, key=lambda row: row.number):
        facts = [row.number, row.state, row.accuracy, row.epochs, row.seconds]
        texts = [row.run, row.host, row.error]
        writer.writerow([*facts, *texts, *(row.values.get(key) for key in keys)])
    path = findings.folder / "trials.csv"
    write_text(path, text.getvalue())
    return path
