"""The verb that repeats a run."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Optional

import typer

from ...errors import OutputError
from ...printing import print_line
from ..options import OutputOption, OverridesArgument, PlainOption, ReportOption, RunArgument
from .export import ForceOption


def reproduce(
    run: RunArgument,
    overrides: OverridesArgument = None,
    output: OutputOption = Path("runs"),
    environment: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FILE", help="Run nothing; write what was installed, for pip install -r FILE."
        ),
    ] = None,
    force: ForceOption = False,
    plain: PlainOption = False,
    report: ReportOption = True,
) -> None:
    """Run a run's recipe again, and say what is equal; exit with 4 if the accuracies differ.

    Example: mxdigits reproduce lenet
    """
    from ...experiment.display.live import speedometer
    from ...experiment.records.requirements import requirements_of
    from ...experiment.reproduction import reproduce as repeat
    from ...storage.files import write_text
    from ..terminal import print_table

    if environment is not None:
        if environment.exists() and not force:
            raise OutputError(f"{environment} is there already; --force replaces it")
        write_text(environment, requirements_of(run))
        print_line(f"environment: {environment}")
        return
    with speedometer(plain=plain) as display:
        done = repeat(
            run,
            overrides or (),
            output=output,
            callbacks=[display],
            say=display.note,
            report=report,
        )
    print_table(["what", "then", "now", "equal"], [row.cells() for row in done.rows])
    print_line()
    for sentence in done.sentences():
        print_line(sentence)
    print_line(f"run: {done.run.folder}")
    done.check()
