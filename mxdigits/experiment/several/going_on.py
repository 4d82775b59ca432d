"""One of several runs: takes a finished run, resumes an unfinished one, or begins a new one."""

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
    """The run of a recipe: a finished one if there is one, else a resumed one, else a new one.

    Args:
        recipe: what is to be trained, with absolute paths.
        among: the existing runs to look at, newest first.
        display: the display of the run; told which run it is.
        output: the folder in which a new run folder is made.
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
    """Make a signal in a ``with`` block say that the finished ones of several runs are kept.

    Args:
        number: the number of the run in the block, counted from 1.
        count: the number of all runs.

    Example:
        >>> with in_run(2, 3):
        ...     pass
    """
    return told_as(f"in run {number} of {count}; the same command continues")


def _runs_of(recipe: Recipe, among: Sequence[RunFolder]) -> list[RunState]:
    """The runs of this recipe."""
    found = []
    for each in among:
        try:
            there = Recipe.load(each.recipe_file)
        except (UsageError, RecipeError):  # the run ended before its recipe was written
            continue
        if _decisive(there) == _decisive(recipe):
            found.append(read_run(each.path))
    return found


def _decisive(recipe: Recipe) -> dict[str, object]:
    """A recipe without the keys in which a run replaces a name by the run that it found."""
    return recipe.model_dump(mode="json", exclude={"init", "teacher"})
