"""The command ``mxdigits sweep``: search for the best values of a recipe's keys."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...printing import print_line
from .. import completion, recipe_completion
from ..options import OutputOption, RecipeArgument, ReportOption, say

if TYPE_CHECKING:
    from ...sweep.sweep import SearchResult

_MOST_ROWS = 20

RangesArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="KEY=RANGE",
        help="0..0.5, 'log(1e-3,1)' or '[50,100]'; KEY=VALUE overrides the recipe.",
        autocompletion=recipe_completion.ranges,
    ),
]


def sweep(
    recipe: RecipeArgument,
    ranges: RangesArgument = None,
    also: Annotated[
        Optional[list[str]],
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="An override, even if it is a list.",
            autocompletion=recipe_completion.overrides,
        ),
    ] = None,
    trials: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            help="The number of trials, of all processes together; by default 50, or the "
            "whole grid.",
        ),
    ] = None,
    sampler: Annotated[
        str,
        typer.Option(
            help="How to choose values: tpe, random or grid.", autocompletion=completion.samplers
        ),
    ] = "tpe",
    pruner: Annotated[
        str,
        typer.Option(
            help="How to stop poor trials early: median, asha or none.",
            autocompletion=completion.pruners,
        ),
    ] = "median",
    jobs: Annotated[
        int, typer.Option(min=1, help="Processes on this machine, which share its CPUs.")
    ] = 1,
    storage: Annotated[
        Optional[str],
        typer.Option(
            metavar="URL",
            help="The storage of the study, which others can join: a file, .db for SQLite or "
            ".journal for a shared disk, or postgresql://...; by default study.db beside the "
            "runs.",
            show_default=False,
        ),
    ] = None,
    study: Annotated[
        Optional[str],
        typer.Option(help="The name of the study; by default RECIPE-sweep.", show_default=False),
    ] = None,
    output: OutputOption = Path("runs"),
    report: ReportOption = True,
) -> None:
    """Search for the values of a recipe's keys with the best validation accuracy.

    The same command continues a study that was stopped, and joins one that is running.

    Example: mxdigits sweep lenet validation=5000 'optimizer.learning_rate=log(1e-3,1)'
    """
    from ...sweep.plan import Search, make_plan
    from ...sweep.storages import import_optuna

    search = Search(sampler, pruner, trials, study)
    plan = make_plan(recipe, ranges or (), search, overrides=also or (), say=say)
    import_optuna()
    from ...sweep.sweep import SearchResources, sweep

    _print(sweep(plan, SearchResources(output, jobs, storage, report), say))


def _print(done: "SearchResult") -> None:
    from ..terminal import print_prose, print_table

    findings = done.findings
    headers = ["trial", "state", "validation accuracy", *findings.keys, "time", "run"]
    rows = [row.cells(findings.keys) for row in findings.rows]
    print_table(headers, rows[:_MOST_ROWS], below=True)
    print_line()
    if len(rows) > _MOST_ROWS:
        print_line(f"the best {_MOST_ROWS} of {len(rows)} trials; all of them: {done.trials}")
    print_prose(f"{findings.sentence}.")
    if findings.best is not None:
        test = findings.best.test_accuracy
        tested = f"; its test accuracy is {test:.4f}" if test is not None else ""
        print_prose(f"best: trial {findings.best.number}{tested}")
    if done.best:
        print_line(f"recipe: {done.best}")
    if done.report:
        print_line(f"report: {done.report}")
    if done.interrupted is not None:
        raise done.interrupted
