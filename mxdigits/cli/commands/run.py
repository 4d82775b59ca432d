"""The commands that train with a recipe: run and resume."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...printing import print_line
from .. import completion
from ..options import (
    AnyRunArgument,
    MinAccuracyOption,
    OutputOption,
    OverridesArgument,
    PlainOption,
    RecipeArgument,
    ReportOption,
    SetOption,
    demand,
    say,
)

if TYPE_CHECKING:
    from ...experiment.run import Run
    from ...recipe.schema import Recipe


def run(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    output: OutputOption = Path("runs"),
    formats: Annotated[
        Optional[list[str]],
        typer.Option(
            "--format",
            help="The format of predictions, instead of the recipe's: csv, jsonl, npz or a "
            "plugin's; repeatable.",
            autocompletion=completion.formats,
        ),
    ] = None,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            help="The number of runs, with the recipe's seed and the numbers after it. The same "
            "command continues after a stop.",
        ),
    ] = 1,
    min_accuracy: MinAccuracyOption = None,
    plain: PlainOption = False,
    report: ReportOption = True,
) -> None:
    """Train, score and predict as a recipe says.

    Example: mxdigits run lenet epochs=3 optimizer.learning_rate=0.05
    """
    from ...experiment import run as experiment
    from ...experiment.display.live import speedometer
    from ...experiment.following import follow
    from ...launch.ranks import trains_alone
    from ...recipe.schema import Recipe
    from ...workers import current

    chosen = [f"predictions={json.dumps(formats)}"] if formats else []
    wanted = Recipe.load(recipe, [*(overrides or []), *(also or []), *chosen])
    if not (workers := current()).is_first:
        follow(wanted, workers, say)
        return
    if workers.count == 1 and (note := trains_alone()):
        say(note)
    if seeds > 1:
        _run_seeds(wanted, seeds, min_accuracy, plain=plain, output=output, report=report)
        return
    with speedometer(plain=plain) as display:
        done = experiment.run(
            wanted, output=output, callbacks=[display], say=display.note, report=report
        )
    _print_run(done, min_accuracy)


def resume(
    run: AnyRunArgument,
    overrides: OverridesArgument = None,
    epochs: Annotated[
        Optional[int], typer.Option(min=1, help="Continue until this many epochs are done in all.")
    ] = None,
    allow_changes: Annotated[
        bool,
        typer.Option("--allow-changes", help="Continue even if recipe, data or versions changed."),
    ] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Only train the last part again, and compare."),
    ] = False,
    report: ReportOption = True,
    min_accuracy: MinAccuracyOption = None,
    plain: PlainOption = False,
) -> None:
    """Continue a run from its newest checkpoint; it ends with the bits of an uninterrupted run.

    Example: mxdigits resume mlp --epochs 20
    """
    from ...experiment import run as experiment
    from ...experiment.display.live import speedometer
    from ...experiment.verification import verify as verify_run

    if verify:
        print_line(verify_run(run, say=say))
        return
    longer = [] if epochs is None else [f"epochs={epochs}"]
    with speedometer(plain=plain) as display:
        done = experiment.resume(
            run,
            [*(overrides or []), *longer],
            allow_changes=allow_changes,
            callbacks=[display],
            say=display.note,
            report=report,
        )
    _print_run(done, min_accuracy)


def _run_seeds(
    wanted: "Recipe",
    seeds: int,
    min_accuracy: Optional[float],
    *,
    plain: bool,
    output: Path,
    report: bool,
) -> None:
    """Run a recipe with several seeds; print a table, and demand the accuracy of the mean."""
    from ...experiment.display.live import speedometer
    from ...experiment.several.seeds import run_seeds
    from ..terminal import print_table

    done = run_seeds(
        wanted, seeds, lambda seed: speedometer(plain=plain), output=output, report=report, say=say
    )
    try:
        print_line()
        print_table(["seed", "accuracy", "wrong", "run"], done.rows())
        print_line(done.accuracies.sentence)
        print_line(f"group: {done.group}")
        if done.earlier is not None:
            print_line(f"the group before: {done.earlier}")
    finally:  # even if printing fails
        demand(min_accuracy, done.accuracies.mean)


def _print_run(done: "Run", min_accuracy: Optional[float]) -> None:
    from ..terminal import print_accuracy

    try:
        print_accuracy(done.scores, of="test ")
        for file in done.predictions:
            print_line(f"{done.scores.samples} predictions: {file}")
        if done.report:
            print_line(f"report: {done.report}")
    finally:  # even if printing fails
        demand(min_accuracy, done.scores.accuracy)
