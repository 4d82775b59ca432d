"""The command ``mxdigits folds``: cross-validate a recipe."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Optional

import typer

from ...printing import print_line
from ..options import (
    MinAccuracyOption,
    OutputOption,
    OverridesArgument,
    PlainOption,
    RecipeArgument,
    ReportOption,
    demand,
    say,
)


def folds(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    count: Annotated[int, typer.Option("--folds", "-k", min=2, help="The number of folds.")] = 5,
    split_seed: Annotated[
        int,
        typer.Option(
            min=0, help="The seed that divides the images; use the same for recipes to compare."
        ),
    ] = 0,
    name: Annotated[
        Optional[str],
        typer.Option(
            help="The name of the folder for the runs; by default RECIPE-folds.", show_default=False
        ),
    ] = None,
    output: OutputOption = Path("runs"),
    min_accuracy: MinAccuracyOption = None,
    plain: PlainOption = False,
    report: ReportOption = True,
) -> None:
    """Train a recipe once for each fold of its training images, and predict that fold.

    Every image is predicted by a network that did not learn from it; the test images are not used.
    The same command continues after a stop.

    Example: mxdigits folds lenet -k 5 epochs=3
    """
    from ...experiment.display.live import speedometer
    from ...experiment.several.folds import Division, run_folds
    from ...recipe.schema import Recipe
    from ..terminal import print_prose, print_table

    done = run_folds(
        Recipe.load(recipe, overrides or []),
        Division(count, split_seed),
        lambda fold: speedometer(plain=plain),
        name=name,
        output=output,
        report=report,
        say=say,
    )
    try:
        print_line()
        print_table(["fold", "accuracy", "wrong", "images", "run"], done.rows())
        print_prose(done.accuracies.sentence)
        for file in done.predictions:
            print_line(f"out-of-fold predictions: {file}")
        print_line(f"group: {done.folder}")
    finally:  # even if printing fails
        demand(min_accuracy, done.accuracies.mean)
