"""One recipe with several seeds, and what they come to."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count as numbers
from pathlib import Path
from typing import Callable, Optional, Union

from ...recipe.schema import Recipe
from ...report.student import mean_interval
from ...runs.group_files import SEEDS
from ...runs.groups import Group, relative_runs, write_group
from ..display.plain import Speedometer
from ..run import Run, run


@dataclass(frozen=True)
class SeededRuns:
    """Runs of one recipe, each with its seed; ``group`` is a file that ``compare`` takes for them.

    ``earlier`` is what the group that had that file before is called now, if there was one.

    >>> done = run_seeds(Recipe.make(model="mlp"), 3, begin)  # doctest: +SKIP
    >>> done.mean, done.deviation  # doctest: +SKIP
    """

    seeds: Sequence[int]
    runs: Sequence[Run]
    group: Path
    earlier: Optional[Path] = None

    @property
    def accuracies(self) -> list[float]:
        """The test accuracy of each run."""
        return [each.scores.accuracy for each in self.runs]

    @property
    def mean(self) -> float:
        """Of the accuracies."""
        return statistics.fmean(self.accuracies)

    @property
    def deviation(self) -> float:
        """The standard deviation of the accuracies, as of a sample; 0 of one run."""
        return statistics.stdev(self.accuracies) if len(self.runs) > 1 else 0.0

    @property
    def interval(self) -> Optional[tuple[float, float]]:
        """The 95 % interval of the mean over seeds, on these test images; None of one run."""
        if len(self.runs) < 2:
            return None
        return mean_interval(self.accuracies, 1 / len(self.runs))

    def rows(self) -> list[list[str]]:
        """A table: of each run its seed, accuracy, wrong images and folder; mean and deviation."""
        wrong = [each.scores.samples - each.scores.correct for each in self.runs]
        rows = [
            [str(seed), f"{accuracy:.4f}", f"{errors:,}", str(each.folder)]
            for seed, accuracy, errors, each in zip(self.seeds, self.accuracies, wrong, self.runs)
        ]
        return [
            *rows,
            ["mean", f"{self.mean:.5f}", f"{statistics.fmean(wrong):,.1f}", ""],
            ["deviation", f"{self.deviation:.5f}", "", ""],
        ]


def run_seeds(
    recipe: Recipe,
    count: int,
    begin: Callable[[int], Speedometer],
    *,
    output: Union[str, Path] = "runs",
    report: bool = True,
) -> SeededRuns:
    """Run a recipe with its seed and the numbers after that, and note the runs as a group.

    Args:
        recipe: whose ``seed`` is the first.
        count: how many.
        begin: called with each seed before its run; gives the display of the run.
        output: the folder that holds the run folders.
        report: whether each ends with a report.

    Raises:
        MxdigitsError: as from :func:`~mxdigits.experiment.run.run`.

    >>> from mxdigits.experiment.display.speedometer import speedometer
    >>> recipe = Recipe.make(model="mlp", epochs=1)
    >>> run_seeds(recipe, 3, lambda seed: speedometer(plain=True)).mean  # doctest: +SKIP
    """
    seeds = range(recipe.seed, recipe.seed + count)
    runs = []
    for seed in seeds:
        with begin(seed) as display:
            chosen = recipe.model_copy(update={"seed": seed})
            done = run(chosen, output=output, callbacks=[display], say=display.note, report=report)
            runs.append(done)
    file = Path(output) / recipe.name / SEEDS
    folders = [each.folder.path for each in runs]
    earlier = _renamed(file) if file.exists() else None
    write_group(file, Group(kind="seeds", runs=relative_runs(file, folders)))
    return SeededRuns(seeds, runs, file, earlier)


def _renamed(file: Path) -> Path:
    """What an earlier group's file is called from now on: ``seeds-1.json``, or the next number."""
    names = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in numbers(1))
    unused = next(each for each in names if not each.exists())
    os.replace(file, unused)
    return unused
