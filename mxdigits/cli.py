"""The command line: one function a verb; each parses, calls and prints.

Heavy rooms are imported inside the verbs that need them: ``--help`` must answer at once.
"""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
import os
import sys
from collections.abc import Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from . import __version__
from .cli_plugins import plugins_app
from .cli_runs import app as runs_app
from .errors import AccuracyMissed, MxdigitsError, PicturesUnread, UsageError

app = typer.Typer(
    help="Train handwritten-digit classifiers on Apache MXNet Gluon.",
    epilog="Exit codes: 0 done; 1 the run failed; 2 usage or recipe; 3 something is missing "
    "(MXNet, device, plugin, data, permission); 4 below --min-accuracy; 130 interrupted, "
    "143 terminated.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
datasets_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(models_app, name="models", help="List the models, or show one.")
app.add_typer(datasets_app, name="datasets", help="List the data sets, or show one.")
app.add_typer(runs_app, name="runs", help="List runs, show one, or remove some.")
app.add_typer(plugins_app, name="plugins", help="List the plugins, check them, or begin a new one.")


class Part(str, Enum):
    """The parts of a data set."""

    test = "test"
    train = "train"


class Preprocessing(str, Enum):
    """What may be done with pictures."""

    mnist = "mnist"
    none = "none"


RecipeArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A recipe file, or a shipped recipe's name.")
]
OverridesArgument = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="KEY=VALUE", help="Overrides, as in optimizer.learning_rate=0.05"),
]
SetOption = Annotated[
    Optional[list[str]], typer.Option("--set", metavar="KEY=VALUE", help="One more override.")
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
InputsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="INPUT",
        help="Pictures, folders, globs, - for standard input, IDX and NPZ files, data sets; "
        "by default the run's own data.",
    ),
]
DataOption = Annotated[
    Optional[str],
    typer.Option(help="A data set's name or a folder of IDX files; by default the run's own."),
]
SplitOption = Annotated[Part, typer.Option(help="The part of the data set.")]
ContextOption = Annotated[
    Optional[list[str]],
    typer.Option(help="cpu, gpu, gpu(1) or auto; repeat it to say what to take next."),
]
PreprocessingOption = Annotated[
    Optional[Preprocessing],
    typer.Option(help="What to do with pictures; by default what the run folder says."),
]
LoadOption = Annotated[
    bool, typer.Option("--load", help="Import each, to find those that fail only then.")
]
ReportOption = Annotated[bool, typer.Option(help="End with report.html.")]
MinAccuracyOption = Annotated[
    Optional[float],
    typer.Option(min=0, max=1, help="Exit with 4 if the accuracy is below this."),
]


@app.callback(invoke_without_command=True)
def _mxdigits(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print(f"mxdigits {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the run folders go.")
    ] = Path("runs"),
    formats: Annotated[
        Optional[list[str]],
        typer.Option("--format", help="csv, jsonl or npz, instead of the recipe's; repeatable."),
    ] = None,
    min_accuracy: MinAccuracyOption = None,
    plain: Annotated[bool, typer.Option(help="Plain lines instead of bars.")] = False,
    report: ReportOption = True,
) -> None:
    """Train, score and predict as a recipe says."""
    from . import experiment
    from .progress import speedometer
    from .recipe import Recipe

    chosen = [f"predictions={json.dumps(formats)}"] if formats else []
    wanted = Recipe.load(recipe, [*(overrides or []), *(also or []), *chosen])
    with speedometer(plain=plain) as display:
        done = experiment.run(
            wanted, output=output, callbacks=[display], say=display.note, report=report
        )
    _print_run(done, min_accuracy)


@app.command()
def resume(
    run: RunArgument,
    overrides: OverridesArgument = None,
    epochs: Annotated[
        Optional[int], typer.Option(min=1, help="Train on, to so many epochs in all.")
    ] = None,
    allow_changes: Annotated[
        bool,
        typer.Option("--allow-changes", help="Also if recipe, data or versions changed."),
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only train the last stretch again, and compare.")
    ] = False,
    report: ReportOption = True,
    min_accuracy: MinAccuracyOption = None,
    plain: Annotated[bool, typer.Option(help="Plain lines instead of bars.")] = False,
) -> None:
    """Go on with a run from its newest checkpoint, to the bits of one that never stopped."""
    from . import experiment
    from .progress import speedometer
    from .verification import verify as verify_run

    if verify:
        print(verify_run(run, say=_say))
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
        typer.Argument(metavar="RECIPE", help="A recipe file, or a shipped recipe's name."),
    ] = None,
    overrides: OverridesArgument = None,
    also: SetOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print a JSON Schema of recipes, for editors.")
    ] = False,
) -> None:
    """Check a recipe and print it with every default; runs nothing."""
    from .recipe import Recipe, json_schema

    if schema:
        print(json.dumps(json_schema(), indent=2))
    elif recipe is None:
        raise UsageError("which recipe? write mxdigits check RECIPE, or --schema")
    else:
        print(Recipe.load(recipe, [*(overrides or []), *(also or [])]).dump(), end="")


@app.command()
def recipes() -> None:
    """List the recipes that ship with mxdigits."""
    from .recipe import shipped_recipes
    from .terminal import print_table

    rows = [
        [name, file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")]
        for name, file in shipped_recipes().items()
    ]
    print_table(["recipe", "what it does"], rows)


@app.command()
def score(
    run: RunArgument,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    min_accuracy: MinAccuracyOption = None,
) -> None:
    """Score a run's network: accuracy with its interval, by class, and the confusions."""
    from .evaluation import Wanted, score_run
    from .terminal import print_scores

    wanted = Wanted(data, split.value, context or ["cpu"])
    scores, classes = score_run(run, wanted, say=_say)
    print_scores(scores, classes)
    _demand(min_accuracy, scores.accuracy)


@app.command()
def predict(
    run: RunArgument,
    inputs: InputsArgument = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="A file that ends in .csv, .jsonl or .npz."),
    ] = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    top: Annotated[
        Optional[int], typer.Option(min=1, help="Write the best so many, not all probabilities.")
    ] = None,
    many: Annotated[
        bool, typer.Option("--many", help="Find every digit of each picture, with its box.")
    ] = False,
    preprocessing: PreprocessingOption = None,
    save_digits: Annotated[
        Optional[Path],
        typer.Option(help="A folder for pictures of what was given and what the network saw."),
    ] = None,
) -> None:
    """Say what a run's network sees in pictures, or write its predictions to a file."""
    from .evaluation import Wanted
    from .predicting import Told, predict_run
    from .terminal import print_answer

    if output is None and not inputs:
        raise UsageError("what to predict, and where to? name pictures, or a file with --output")
    alone = not many and [Path(each).is_file() or each == "-" for each in inputs or []] == [True]
    answer = partial(print_answer, drawn=alone)
    done = predict_run(
        run,
        inputs or [],
        Wanted(data, split.value, context or ["cpu"]),
        say=_say,
        told=Told(output, top, save_digits, None if output else answer),
        many=many,
        preprocessing=preprocessing.value if preprocessing else None,
    )
    if output is not None:
        print(f"{done.count} predictions: {output}")
    if done.unread:
        raise PicturesUnread(done.unread)


@app.command()
def report(run: RunArgument, context: ContextOption = None) -> None:
    """Write a run's report anew: report.html and plots/*.png in its folder."""
    from .evaluation import report_run

    print(f"report: {report_run(run, _say, context or ['cpu'])}")


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Two run folders or more.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the page goes.")] = Path(
        "compare.html"
    ),
    context: ContextOption = None,
) -> None:
    """Compare runs: their scores, whether the difference is significant, and what else differs."""
    from .compare import compare_runs, overview
    from .terminal import print_table

    compared = compare_runs(runs, output, _say, context or ["cpu"])
    what, cells = zip(*overview(compared.runs))
    rows = [[*each] for each in zip(compared.runs, map(str, runs), *cells)]
    print_table(["", "run", *what], rows)
    print()
    for pair in compared.pairs:
        print(pair.sentence)
    print(f"comparison: {output}")


@app.command()
def serve(
    run: RunArgument,
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets the whole network in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")
    ] = 8000,
    store: Annotated[
        Optional[Path], typer.Option(help="Keep corrected digits here, as a folder data set.")
    ] = None,
    allow_host: Annotated[
        Optional[list[str]],
        typer.Option(metavar="NAME", help="A name by which browsers may ask; repeatable."),
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0, help="Requests a second from one address; 0 for any number.")
    ] = 100,
    batch_size: Annotated[
        int, typer.Option(min=1, help="The most digits that are predicted together.")
    ] = 32,
    preprocessing: PreprocessingOption = None,
    context: ContextOption = None,
) -> None:
    """Serve a page to draw digits on, and an API, until Ctrl-C."""
    from .serve.limits import Limits
    from .serve.server import Serving
    from .serve.server import serve as serve_run

    wanted = Serving(
        host=host,
        port=port,
        store=store,
        names=allow_host or (),
        context=context or ["cpu"],
        preprocessing=preprocessing.value if preprocessing else None,
        batch_size=batch_size,
        limits=Limits(rate=rate),
    )
    serve_run(run, wanted, say=_say)


@app.command()
def doctor() -> None:
    """Print versions, CPUs, threads and GPU state, for a bug report."""
    from .doctor import examine
    from .terminal import print_table

    print_table(["what", "found"], examine())


@models_app.callback()
def models(context: typer.Context, load: LoadOption = False) -> None:
    """List the models: name, distribution, version, state."""
    from .registry import MODELS

    if context.invoked_subcommand is None:
        _print_entries(MODELS, load)


@models_app.command("show")
def show_model(
    name: Annotated[str, typer.Argument(help="A model's name.")],
    options: Annotated[
        Optional[list[str]], typer.Argument(metavar="KEY=VALUE", help="Its options.")
    ] = None,
    classes: Annotated[int, typer.Option(min=1, help="Outputs.")] = 10,
    size: Annotated[int, typer.Option(min=1, help="Height and width of the images.")] = 28,
    channels: Annotated[int, typer.Option(min=1, help="Channels of the images.")] = 1,
) -> None:
    """Show what a model says of itself, its options, and its layers with shapes and parameters."""
    import inspect

    from .network import build_network, layer_table
    from .recipe import options_from
    from .registry import MODELS
    from .signatures import options_of
    from .terminal import print_table

    shape = (channels, size, size)
    factory = MODELS.get(name)
    print(f"{name}({options_of(factory)})  from {MODELS.entry(name)}\n")
    if factory.__doc__:
        print(f"{inspect.cleandoc(factory.__doc__)}\n")
    network = build_network(name, options_from(options or []), classes=classes, image_shape=shape)
    layers = layer_table(network, shape)
    rows = [[layer, "x".join(map(str, out)), f"{count:,}"] for layer, out, count in layers]
    total = sum(count for _, _, count in layers)
    print_table(["layer", "output", "parameters"], [*rows, ["total", "", f"{total:,}"]])


@datasets_app.callback()
def datasets(context: typer.Context, load: LoadOption = False) -> None:
    """List the data sets: name, distribution, version, state."""
    from .registry import DATASETS

    if context.invoked_subcommand is None:
        _print_entries(DATASETS, load)


@datasets_app.command("show")
def show_dataset(
    name: Annotated[str, typer.Argument(help="A data set's name.")],
    options: Annotated[
        Optional[list[str]], typer.Argument(metavar="KEY=VALUE", help="Its options.")
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Draw a sheet of samples here (PNG).")
    ] = None,
) -> None:
    """Show a data set's shapes, counts by class and hashes; draw a sheet of samples."""
    from .data.load import load_dataset
    from .data.sheet import describe, sample_sheet
    from .files import check_writable, replacing
    from .recipe import options_from
    from .terminal import print_table

    if output is not None:
        check_writable(output)
    dataset = load_dataset(name, options_from(options or []))
    shown = describe(dataset)
    print(f"{shown.name}: images of shape {'x'.join(map(str, shown.image_shape))}, uint8\n")
    counts = list(zip(shown.classes, shown.train_counts, shown.test_counts))
    total = ["total", sum(shown.train_counts), sum(shown.test_counts)]
    print_table(["class", "train", "test"], [*counts, total])
    print()
    print_table(["file", "SHA-256"], list(shown.hashes.items()))
    if output is not None:
        with replacing(output) as temporary:
            sample_sheet(dataset).save(temporary, format="PNG")
        print(f"\nsamples: {output}")


def _print_run(done: Any, min_accuracy: Optional[float]) -> None:
    from .terminal import accuracy_line

    print(f"test {accuracy_line(done.scores)}")
    for file in done.predictions:
        print(f"{done.scores.samples} predictions: {file}")
    if done.report:
        print(f"report: {done.report}")
    _demand(min_accuracy, done.scores.accuracy)


def _print_entries(registry: Any, load: bool) -> None:
    from .terminal import print_table

    rows = [
        [e.name, e.distribution, e.version, registry.state(e, load=load)]
        for e in registry.entries()
    ]
    print_table(["name", "distribution", "version", "state"], rows)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _demand(least: Optional[float], accuracy: float) -> None:
    if least is not None and not accuracy >= least:  # nan demands what nothing reaches
        raise AccuracyMissed(f"the accuracy {accuracy:.4f} is below the {least:g} demanded")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line; returns the exit code."""
    from .terminal import print_error

    if sys.stdout is None:  # closed by whoever called
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    command = typer.main.get_command(app)
    try:
        code = command.main(
            list(sys.argv[1:] if arguments is None else arguments),
            prog_name="mxdigits",
            standalone_mode=False,
        )
        if code == 130:  # Typer's word for an interrupt
            print_error(["interrupted"])
        sys.stdout.flush()  # here, where a reader who has left can be told from a fault
        return code if isinstance(code, int) else 0
    except MxdigitsError as error:
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
        # Python must not complain of the same thing again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(cause, BrokenPipeError):
            return 0  # whoever read the output has seen enough
        print_error([f"cannot write the output: {cause.strerror}"])
        return 3
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's errors of usage have it
            raise
        print_error([error.format_message()])
        return 2
