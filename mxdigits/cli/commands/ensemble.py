"""The command ``mxdigits ensemble``: several runs become one."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Optional

import typer

from ...printing import print_line
from ..options import (
    BackendOption,
    ContextOption,
    MinAccuracyOption,
    ReportOption,
    RunsArgument,
    demand,
    one_or_several,
    say,
)


def ensemble(
    runs: RunsArgument,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="The new run folder; by default in runs/ensemble."),
    ] = None,
    context: ContextOption = None,
    backend: BackendOption = None,
    min_accuracy: MinAccuracyOption = None,
    report: ReportOption = True,
) -> None:
    """Make one run of several: its network gives the mean of their probabilities.

    Example: mxdigits ensemble runs/strong/2026* -o runs/strong_all
    """
    from ...experiment.several.ensemble import Evaluation
    from ...experiment.several.ensemble import ensemble as make
    from ..terminal import print_accuracy

    where = Evaluation(context or ["cpu"], one_or_several(backend))
    done = make(runs, output=output, where=where, say=say, report=report)
    try:
        print_accuracy(done.scores, of="test ")
        if done.report:
            print_line(f"report: {done.report}")
    finally:  # even if printing fails
        demand(min_accuracy, done.scores.accuracy)
