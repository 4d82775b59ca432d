"""The command ``mxdigits learn``: a run's network learns from corrections."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated

import typer

from ...printing import print_line
from ..options import LearnerArgument, OutputOption, OverridesArgument, PlainOption, ReportOption


def learn(
    run: LearnerArgument,
    corrections: Annotated[
        str,
        typer.Argument(
            metavar="CORRECTIONS",
            help="A folder of pictures sorted by what they show, as serve --store keeps them; or "
            "a data set as in a recipe: '{name: idx, path: mine}'.",
        ),
    ],
    overrides: OverridesArgument = None,
    share: Annotated[
        float, typer.Option(help="The share of corrections among all training images.")
    ] = 0.05,
    folds: Annotated[
        int,
        typer.Option(
            help="The number of parts in which corrections are left out in turn, to measure what "
            "they gain; 0 measures nothing."
        ),
    ] = 5,
    output: OutputOption = Path("runs"),
    plain: PlainOption = False,
    report: ReportOption = True,
) -> None:
    """Train a run's network further with corrections, as a new run; say whether that helped.

    Example: mxdigits learn mlp mine --share 0.1
    """
    from ...experiment.display.live import speedometer
    from ...experiment.learning import LearningRequest
    from ...experiment.learning import learn as learn_from
    from ..terminal import print_prose, print_table

    request = LearningRequest(corrections, share, folds, overrides or ())
    with speedometer(plain=plain) as display:
        done = learn_from(
            run, request, output=output, callbacks=[display], say=display.note, report=report
        )
    print_table(["accuracy on", "images", "before", "without", "after"], done.outcome.rows())
    print_line()
    for sentence in done.outcome.sentences():
        print_prose(sentence)
    print_line(f"run: {done.run.folder}")
    if done.run.report:
        print_line(f"report: {done.run.report}")
