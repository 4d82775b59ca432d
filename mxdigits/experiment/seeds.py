"""One recipe with several seeds, and what they come to."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..recipe.schema import Recipe
from .run import Run, run


@dataclass(frozen=True)
class SeededRuns:
    """Runs of one recipe, each with its seed.

    >>> done = run_seeds(Recipe.make(model="mlp"), 3, begin)  # doctest: +SKIP
    >>> done.mean, done.deviation  # doctest: +SKIP
    """

    seeds: Sequence[int]
    runs: Sequence[Run]

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
    recipe: Recipe, count: int, begin: Callable[[int], Any], **options: Any
) -> SeededRuns:
    """Run a recipe with its seed and the numbers after that.

    Args:
        recipe: whose ``seed`` is the first.
        count: how many.
        begin: called with each seed before its run; gives a context that holds it: its value is a
            callback that is told what happens, with a method ``note``.
        options: as for :func:`~mxdigits.experiment.run.run`, for all.

    Raises:
        MxdigitsError: as from it.
    """
    return SeededRuns(*zip(*_each(recipe, count, begin, options)))


def _each(
    recipe: Recipe, count: int, begin: Callable[[int], Any], options: dict[str, Any]
) -> Iterator[tuple[int, Run]]:
    for seed in range(recipe.seed, recipe.seed + count):
        with begin(seed) as display:
            chosen = recipe.model_copy(update={"seed": seed})
            yield seed, run(chosen, callbacks=[display], say=display.note, **options)
