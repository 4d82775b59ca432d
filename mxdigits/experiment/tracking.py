"""Tells trackers about a run: its beginning, its end and its results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Literal, Optional

from ..errors import Interrupted, Pruned
from ..report.mistakes import worst_mistakes
from ..report.results import Results
from ..runs.folder import RunFolder
from ..train.tracker import Misread, RunEnd, RunStart, Tracker
from ..wording import Say
from .preparation.prepare import PreparedRun

# Called with the results of a run, and its report.
Finish = Callable[[Results, Optional[Path]], None]


@contextmanager
def tracked(
    prepared: PreparedRun, folder: RunFolder, say: Say, *, resumed: bool = False
) -> Iterator[Finish]:
    """Tell the trackers of a run that it begins, and how it ends, even by an error.

    >>> with tracked(prepared, folder, print) as finish:  # doctest: +SKIP
    ...     finish(results, folder.report_file)
    """
    trackers = [each for each in prepared.callbacks if isinstance(each, Tracker)]
    start = _start(prepared, folder, resumed)
    for each in trackers:
        each.on_run_start(start, say)
    waiting = list(trackers)

    def end(run: RunEnd) -> None:
        while waiting:
            waiting.pop(0).on_run_end(run)

    def finish(results: Results, report: Optional[Path]) -> None:
        if waiting:
            end(RunEnd("finished", results.scores, report, _misread(results)))

    try:
        yield finish
    except BaseException as error:
        stopped = isinstance(error, (Interrupted, KeyboardInterrupt, Pruned))
        end(RunEnd("interrupted" if stopped else "failed"))
        raise


def _start(prepared: PreparedRun, folder: RunFolder, resumed: bool) -> RunStart:
    on_test = prepared.validation is prepared.dataset.test
    evaluated_on: Literal["test", "validation"] = "test" if on_test else "validation"
    recipe = prepared.recipe.model_dump(mode="json")
    return RunStart(prepared.recipe.name, folder.path, recipe, evaluated_on, resumed)


def _misread(results: Results) -> list[Misread]:
    return [
        Misread(
            i,
            results.test.images[i],
            true=results.classes[results.test.labels[i]],
            said=results.classes[results.said[i]],
            confidence=float(results.confidence[i]),
        )
        for i in worst_mistakes(results).tolist()
    ]
