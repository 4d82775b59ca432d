"""The commands of ``mxdigits`` itself, and what every command ends with: errors and exit codes.

Slow modules are imported inside the functions that need them: ``--help`` must answer at once.
"""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from .. import __version__
from ..errors import MxdigitsError, OutputError, UsageError
from ..printing import finish, print_error, print_line, print_note, print_text
from . import completion
from .conversion import leave_as_given
from .early_exit import no_early_exit
from .ensemble import ensemble
from .explain import explain
from .export import export
from .folds import folds
from .give import card, package
from .label_errors import errors
from .launch import launch
from .learn import learn
from .options import (
    AnyRunArgument,
    MinAccuracyOption,
    OutputOption,
    OverridesArgument,
    PlainOption,
    RecipeArgument,
    ReportOption,
    demand,
    say,
)
from .plugins import plugins_app
from .profile import profile
from .rate import lr
from .registered import datasets_app, models_app, networks_app
from .reproduce import reproduce
from .runs import app as runs_app
from .start import init
from .sweep import sweep
from .usage import in_our_words, show_whole_help
from .use import VERBS

if TYPE_CHECKING:
    from ..experiment.run import Run
    from ..recipe.schema import Recipe

app = typer.Typer(
    help="Train handwritten-digit classifiers on Apache MXNet Gluon.",
    epilog="Exit codes: 0 done; 1 the run failed; 2 usage or recipe; 3 something is missing "
    "(MXNet, device, plugin, data, permission); 4 below --min-accuracy, or reproduce found another "
    "accuracy; 130 interrupted, 143 terminated, 129 hung up.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(models_app, name="models", help="List the models, or show one.")
app.add_typer(datasets_app, name="datasets", help="List the data sets, or show one.")
app.add_typer(networks_app, name="networks", help="List the installed networks, or show one.")
app.add_typer(runs_app, name="runs", help="List runs, show one, or remove some.")
app.add_typer(plugins_app, name="plugins", help="List the plugins, check them, or write a new one.")


SetOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Another override.",
        autocompletion=completion.overrides,
    ),
]


@app.callback(invoke_without_command=True)
def _mxdigits(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print_line(f"mxdigits {__version__}")
    elif context.invoked_subcommand is None:
        print_text(context.get_help())


@app.command()
def run(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    output: OutputOption = Path("runs"),
    formats: Annotated[
        Optional[list[str]],
        typer.Option(
            "--format",
            help="csv, jsonl, npz or a plugin's, in place of the recipe's; repeatable.",
            autocompletion=completion.formats,
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="Runs to make: with the recipe's seed, and those after it.")
    ] = 1,
    min_accuracy: MinAccuracyOption = None,
    plain: PlainOption = False,
    report: ReportOption = True,
) -> None:
    """Train, score and predict as a recipe says.

    Example: mxdigits run lenet epochs=3 optimizer.learning_rate=0.05
    """
    from ..experiment import run as experiment
    from ..experiment.display import speedometer
    from ..experiment.following import follow
    from ..recipe.schema import Recipe
    from ..workers import current

    chosen = [f"predictions={json.dumps(formats)}"] if formats else []
    wanted = Recipe.load(recipe, [*(overrides or []), *(also or []), *chosen])
    if not (workers := current()).is_first:
        follow(wanted, workers, say)
        return
    if seeds > 1:
        _run_seeds(wanted, seeds, min_accuracy, plain=plain, output=output, report=report)
        return
    with speedometer(plain=plain) as display:
        done = experiment.run(
            wanted, output=output, callbacks=[display], say=display.note, report=report
        )
    _print_run(done, min_accuracy)


@app.command()
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
    from ..experiment import run as experiment
    from ..experiment.display import speedometer
    from ..experiment.verification import verify as verify_run

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


@app.command()
def check(
    recipe: Annotated[
        Optional[str],
        typer.Argument(
            metavar="RECIPE",
            help="A recipe file, or a shipped recipe's name.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print a JSON Schema of recipes, for editors.")
    ] = False,
    diff: Annotated[
        Optional[str],
        typer.Option(
            metavar="OTHER",
            help="Print only what differs from this other recipe.",
            autocompletion=completion.recipes,
        ),
    ] = None,
    layers: Annotated[
        bool,
        typer.Option("--layers", help="List the network's parameters, by the names to freeze."),
    ] = False,
) -> None:
    """Check a recipe and print it with every default. Nothing is run.

    A graph's file is read. Its layers are looked up in the backend that the recipe names. With
    --diff A B, only what B changes of A is printed, key by key. With --layers, the parameters are
    listed in place of the recipe: freeze and lr_mult take their names, and patterns of these.

    Example: mxdigits check lenet epochs=3
    """
    from ..recipe.schema import Recipe, json_schema

    if schema:
        print_text(json.dumps(json_schema(), indent=2))
    elif recipe is None:
        raise UsageError("which recipe? write mxdigits check RECIPE, or --schema")
    else:
        checked = Recipe.load(recipe, [*(overrides or []), *(also or [])])
        if checked.model.name == "graph" or checked.backend not in ("auto", "mxnet"):
            from ..experiment.layers import check_layers

            check_layers(checked, print_note)
        if layers:
            _print_layers(checked)
            return
        if checked.freeze or checked.lr_mult:
            from ..experiment.layers import check_patterns

            check_patterns(checked, print_note)
        if diff is None:
            print_text(checked.dump().rstrip("\n"))
        else:
            _print_differences(diff, recipe, Recipe.load(diff), checked)


def _print_layers(recipe: "Recipe") -> None:
    from ..experiment.layers import layer_rows
    from .terminal import print_table

    print_table(["parameter", "learns"], layer_rows(recipe))


def _print_differences(name: str, other: str, then: "Recipe", now: "Recipe") -> None:
    from ..experiment.changes import recipe_differences
    from .terminal import print_table

    found = recipe_differences(then, now)
    if not found:
        print_line(f"{name} and {other} say the same")
        return
    print_table(["key", name, other], [[key, *values] for key, values in found.items()])


@app.command()
def recipes() -> None:
    """List the recipes that ship with mxdigits.

    Example: mxdigits recipes
    """
    from ..recipe.files import shipped_recipes
    from .terminal import print_table

    rows = [
        [name, file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")]
        for name, file in shipped_recipes().items()
    ]
    print_table(["recipe", "what it does"], rows)


for verb in (
    init,
    launch,
    sweep,
    lr,
    folds,
    profile,
    learn,
    *VERBS,
    explain,
    errors,
    ensemble,
    export,
    package,
    card,
    reproduce,
):
    app.command()(verb)


@app.command()
def doctor(
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Forget which backends were measured to be the fastest."),
    ] = False,
) -> None:
    """Print versions, CPUs, threads and GPU state, for a bug report.

    At its end stands what was measured for backend: fastest.

    Example: mxdigits doctor
    """
    if forget:
        from ..backends.race.memory import forget as forget_all

        count = forget_all()
        print_line(f"forgot what was measured for {count} kind{'s' * (count != 1)} of work")
        return
    from .doctor import diagnose
    from .terminal import print_table

    print_table(["what", "found"], diagnose())


def _run_seeds(
    wanted: "Recipe",
    seeds: int,
    min_accuracy: Optional[float],
    *,
    plain: bool,
    output: Path,
    report: bool,
) -> None:
    """Run a recipe with several seeds; prints a table, whose mean is compared."""
    from ..experiment.display import speedometer
    from ..experiment.seeds import run_seeds
    from .terminal import print_table

    done = run_seeds(
        wanted, seeds, lambda seed: speedometer(plain=plain), output=output, report=report
    )
    try:
        print_line()
        print_table(["seed", "accuracy", "wrong", "run"], done.rows())
        if done.interval is not None:
            low, high = done.interval
            print_line(f"mean accuracy {done.mean:.4f}, 95 % interval {low:.4f} to {high:.4f}")
        print_line(f"group: {done.group}")
    finally:  # also if this could not be printed
        demand(min_accuracy, done.mean)


def _print_run(done: "Run", min_accuracy: Optional[float]) -> None:
    from .terminal import print_accuracy

    try:
        print_accuracy(done.scores, of="test ")
        for file in done.predictions:
            print_line(f"{done.scores.samples} predictions: {file}")
        if done.report:
            print_line(f"report: {done.report}")
    finally:  # also if this could not be printed
        demand(min_accuracy, done.scores.accuracy)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line; returns the exit code.

    >>> main(["--version"])  # doctest: +ELLIPSIS
    mxdigits ...
    0
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    code = _exit_code(given)
    try:
        finish()
    except OutputError as error:
        print_error(error.lines)
        return code or error.exit_code
    return code


def _exit_code(arguments: list[str]) -> int:
    """Run a command and print its errors; any other exception is a bug: a traceback."""
    command = typer.main.get_command(_with(arguments[0]) if arguments else app)
    leave_as_given(command)
    show_whole_help(command)
    try:
        _check_none_is_empty(arguments)
        with no_early_exit():
            code = command.main(arguments, prog_name="mxdigits", standalone_mode=False)
        if code == 130:  # Typer's word for an interrupt
            print_error(["interrupted"])
        return code if isinstance(code, int) else 0
    except MxdigitsError as error:
        if os.environ.get("MXDIGITS_DEBUG") == "1":
            with suppress(Exception):  # a plugin's may be one that cannot be shown
                traceback.print_exc()
        print_error(error.lines)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print_error(["interrupted"])
        return 130
    except (OSError, SystemExit) as error:
        # Typer makes an exit of a broken pipe.
        cause = error.__context__ if isinstance(error, SystemExit) else error
        if not isinstance(cause, OSError):
            raise
        if isinstance(cause, BrokenPipeError):
            return 0  # the reader has left: it has seen enough
        with suppress(OutputError):  # the text that could not be written would fail once more
            finish()
        what = "write the output" if cause.filename is None else f"use {cause.filename}"
        print_error([f"cannot {what}: {cause.strerror or cause}"])
        return 3
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's errors of usage have it
            raise
        print_error([in_our_words(error, arguments)])
        return 2


def _with(verb: str) -> typer.Typer:
    """The app with one verb alone, as all of them take longer than a small network; or with all."""
    chosen = copy(app)
    chosen.registered_commands = [each for each in app.registered_commands if _name(each) == verb]
    chosen.registered_groups = [each for each in app.registered_groups if each.name == verb]
    return chosen if chosen.registered_commands or chosen.registered_groups else app


def _name(command: typer.models.CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


def _check_none_is_empty(arguments: Sequence[str]) -> None:
    """As a path an empty argument would be the current folder, to be read or written to."""
    for place, argument in enumerate(arguments, 1):
        if not argument:
            raise UsageError(
                f"argument {place} of mxdigits is empty; is a variable of the shell not set?"
            )
