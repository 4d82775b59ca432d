"""One of several runs: one that is done already, or that goes on, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ...errors import RecipeError, UsageError
from ...recipe.schema import Recipe
from ...runs.folder import RunFolder
from ...runs.listing import RunState, read_run
from ...signals import told_as
from ..display.plain import Speedometer
from ..run import resume, run


def run_or_go_on(
    recipe: Recipe,
    among: Sequence[RunFolder],
    display: Speedometer,
    *,
    output: Path,
    report: bool = True,
) -> RunFolder:
    """The run of a recipe: of those that are there one that is done, or one that goes on; or a new.

    Args:
        recipe: what is to be trained, with full paths.
        among: the runs that may be it, newest first.
        display: of the run; told which one it is.
        output: the folder that holds the run folders of a new one.
        report: whether the run ends with a report.

    Raises:
        MxdigitsError: as from :func:`~mxdigits.experiment.run.run` and
            :func:`~mxdigits.experiment.run.resume`.

    >>> recipe = Recipe.make(model="mlp", epochs=1).with_full_paths()
    >>> run_or_go_on(recipe, [], display, output=Path("runs"))  # doctest: +SKIP
    """
    there = _runs_of(recipe, among)
    for state in there:
        if state.state == "finished":
            display.note(f"run: {state.path}, which is done")
            return RunFolder(state.path)
    for state in there:
        if state.resume_command:
            display.note(f"run: {state.path}, which goes on")
            return resume(state.path, callbacks=[display], say=display.note, report=report).folder
    return run(recipe, output=output, callbacks=[display], say=display.note, report=report).folder


def in_run(number: int, count: int) -> AbstractContextManager[None]:
    """Have a signal in a ``with`` block tell that what is done of several runs is kept.

    Args:
        number: of the run that the block carries out, from 1 on.
        count: how many there are.

    Example:
        >>> with in_run(2, 3):
        ...     pass
    """
    return told_as(f"in run {number} of {count}; the same command goes on with what is done")


def _runs_of(recipe: Recipe, among: Sequence[RunFolder]) -> list[RunState]:
    """The runs of this recipe."""
    found = []
    for each in among:
        try:
            there = Recipe.load(each.recipe_file)
        except (UsageError, RecipeError):  # it ended before it was written
            continue
        if _decisive(there) == _decisive(recipe):
            found.append(read_run(each.path))
    return found


def _decisive(recipe: Recipe) -> dict[str, object]:
    """A recipe without what a run replaces by the run that it found."""
    return recipe.model_dump(mode="json", exclude={"init", "teacher"})
