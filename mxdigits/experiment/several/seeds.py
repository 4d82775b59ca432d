"""Runs one recipe with several seeds, and summarizes the results."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count as numbers
from pathlib import Path
from typing import Callable, Optional, Union

from ...errors import OutputError, RunFolderError
from ...recipe.schema import Recipe
from ...report.accuracies import Accuracies
from ...runs.folder import RunFolder
from ...runs.group_files import ANY_SEEDS, SEEDS
from ...runs.groups import Group, read_group, relative_runs, write_group
from ...runs.listing import started
from ...runs.names import newest_first
from ...storage.lock import hold
from ...wording import Say, say_nothing
from ..display.plain import Speedometer
from ..records.record import now
from .going_on import in_run, run_or_go_on


@dataclass(frozen=True)
class SeededRuns:
    """Runs of one recipe, each with its seed; ``group`` is a file that ``compare`` takes for them.

    ``counts`` are (right, images) of each run. ``earlier`` is the new name of an older group's
    file, if that had the name of ``group`` before.

    >>> done = run_seeds(Recipe.make(model="mlp"), 3, begin)  # doctest: +SKIP
    >>> done.accuracies.mean, done.accuracies.deviation  # doctest: +SKIP
    """

    seeds: Sequence[int]
    runs: Sequence[RunFolder]
    counts: Sequence[tuple[int, int]]
    group: Path
    earlier: Optional[Path] = None

    @property
    def accuracies(self) -> Accuracies:
        """The test accuracy of each run."""
        return Accuracies([right / images for right, images in self.counts], "seeds")

    def rows(self) -> list[list[str]]:
        """A table: seed, accuracy, wrong images and folder of each run; then mean and deviation."""
        wrong = [images - right for right, images in self.counts]
        rows = [
            [str(seed), f"{accuracy:.4f}", f"{errors:,}", str(folder)]
            for seed, accuracy, errors, folder in zip(
                self.seeds, self.accuracies.values, wrong, self.runs
            )
        ]
        return [
            *rows,
            ["mean", f"{self.accuracies.mean:.5f}", f"{statistics.fmean(wrong):,.1f}", ""],
            ["deviation", f"{self.accuracies.deviation:.5f}", "", ""],
        ]


def run_seeds(
    recipe: Recipe,
    count: int,
    begin: Callable[[int], Speedometer],
    *,
    output: Union[str, Path] = "runs",
    report: bool = True,
    say: Say = say_nothing,
) -> SeededRuns:
    """Run a recipe with its seed and the numbers after it, or continue that; write the group.

    Args:
        recipe: the recipe; its ``seed`` is the first.
        count: the number of seeds.
        begin: called with each seed before its run; returns the display of the run.
        output: the folder that holds the run folders.
        report: whether each run ends with a report.
        say: told if the file system knows no locks.

    Raises:
        FolderInUse: if another process runs several seeds of a recipe of that name.
        Interrupted: after a signal; the same call continues.
        MxdigitsError: as from :func:`~mxdigits.experiment.run.run`.

    >>> from mxdigits.experiment.display.live import speedometer
    >>> recipe = Recipe.make(model="mlp", epochs=1)
    >>> run_seeds(recipe, 3, lambda seed: speedometer(plain=True)).accuracies  # doctest: +SKIP
    """
    recipe = recipe.with_full_paths()
    folder = Path(output) / recipe.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
    seeds = range(recipe.seed, recipe.seed + count)
    with hold(folder, say):
        file, group, earlier = _begun(folder, recipe, count)
        runs = []
        for number, seed in enumerate(seeds, 1):
            chosen = recipe.model_copy(update={"seed": seed})
            with in_run(number, count), begin(seed) as display:
                display.note(f"seed {seed}: run {number} of {count}")
                there = _since(folder, group.begun)
                runs.append(
                    run_or_go_on(chosen, there, display, output=Path(output), report=report)
                )
        members = relative_runs(file, [each.path for each in runs])
        write_group(file, group.model_copy(update={"runs": members}))
    return SeededRuns(seeds, runs, [_counts(each) for each in runs], file, earlier)


def _begun(folder: Path, recipe: Recipe, count: int) -> tuple[Path, Group, Optional[Path]]:
    """The file of this recipe's unfinished group, or of a new one; the group; and the new name of
    the file of an older group, if it was renamed.
    """
    wanted = Group(kind="seeds", recipe=recipe.dump(), seeds=count)
    for file in sorted(folder.glob(ANY_SEEDS)):
        try:
            there = read_group(file)
        except RunFolderError:  # edited by hand, or damaged
            continue
        if not there.is_done and there.model_copy(update={"begun": None}) == wanted:
            if there.begun is not None and there.begun > datetime.fromisoformat(now()):
                # The clock was set back. Its runs may seem older than the group.
                there = there.model_copy(update={"begun": None})
                write_group(file, there)
            return file, there, None
    file = folder / SEEDS
    earlier = _renamed(file) if file.exists() else None
    group = wanted.model_copy(update={"begun": datetime.fromisoformat(now())})
    write_group(file, group)
    return file, group, earlier


def _since(folder: Path, begun: Optional[datetime]) -> list[RunFolder]:
    """The runs that are not older than the group or in another group, newest first."""
    others = set()
    for file in folder.glob(ANY_SEEDS):
        with suppress(RunFolderError):
            others.update(read_group(file).runs)
    return [
        each
        for each in newest_first(folder)
        if each.path.name not in others and (begun is None or started(each) >= begun)
    ]


def _counts(folder: RunFolder) -> tuple[int, int]:
    test = folder.read_status().scores["test"]
    return test.correct, test.samples


def _renamed(file: Path) -> Path:
    """Rename an older group's file to ``seeds-1.json``, or the next free number; return it."""
    names = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in numbers(1))
    unused = next(each for each in names if not each.exists())
    os.replace(file, unused)
    return unused
