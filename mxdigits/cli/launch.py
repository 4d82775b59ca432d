"""The command ``mxdigits launch``: one run by several workers, here or on other machines."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from functools import partial
from pathlib import Path
from typing import Annotated, Optional

import typer

from . import completion
from .options import MinAccuracyOption, OutputOption, OverridesArgument, ReportOption, say


def launch(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="A recipe file, or a shipped recipe's name.",
            autocompletion=completion.recipes,
        ),
    ],
    overrides: OverridesArgument = None,
    workers: Annotated[
        int,
        typer.Option("-n", "--workers", min=1, help="Workers on this machine, or on each host."),
    ] = 1,
    hosts: Annotated[
        Optional[Path],
        typer.Option(help="A file of hosts, to be reached by ssh.", show_default=False),
    ] = None,
    restarts: Annotated[
        int, typer.Option(min=0, help="Start again so often if a worker is lost.")
    ] = 0,
    resume: Annotated[
        Optional[str],
        typer.Option(
            metavar="RUN",
            help="Go on with this run, perhaps with other workers.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Path("runs"),
    min_accuracy: MinAccuracyOption = None,
    report: ReportOption = True,
) -> None:
    """Train one run by several workers, here or on other machines.

    Each line of output has the rank of its worker in front. If one worker is lost, all end.

    Example: mxdigits launch -n 2 lenet epochs=3
    """
    from ..launch.hosts import Host, read_hosts
    from ..launch.job import Job, training_backends
    from ..launch.launcher import launch
    from ..launch.member import open_hosts
    from ..recipe.schema import Recipe

    read = Recipe.load(recipe, overrides or [])  # a mistake is told once, not by each worker
    chosen = [Host(workers=workers)] if hosts is None else read_hosts(hosts, workers)
    job = Job(
        recipe,
        overrides or [],
        run_options=["--output", str(output)],
        options=[
            *([] if report else ["--no-report"]),
            *([] if min_accuracy is None else ["--min-accuracy", str(min_accuracy)]),
        ],
        backends=training_backends(read.backend),
        folder=resume,
    )
    done = launch(job, partial(open_hosts, chosen), restarts=restarts, say=say)
    if done.code:
        raise typer.Exit(done.code)
