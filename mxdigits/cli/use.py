"""The commands that use a run: score, predict, report, compare, serve."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Callable, Optional

import typer

from ..errors import PicturesUnread, UsageError
from ..printing import print_line
from . import completion
from .options import (
    BackendOption,
    ContextOption,
    MinAccuracyOption,
    NetworkArgument,
    RunArgument,
    RunsArgument,
    TtaOption,
    demand,
    one_or_several,
    say,
)

if TYPE_CHECKING:
    from ..predict.predict import Answer, Read


class Part(str, Enum):
    """The parts of a data set, and all of them together.

    >>> Part("test").value
    'test'
    """

    test = "test"
    train = "train"
    validation = "validation"
    all = "all"


class Preprocessing(str, Enum):
    """How pictures may be prepared for the network.

    >>> Preprocessing("none").value
    'none'
    """

    mnist = "mnist"
    none = "none"


InputsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="INPUT",
        help="Pictures, folders, globs, - for standard input, IDX and NPZ files, data sets; "
        "by default the run's own data. After --data: its options, as KEY=VALUE.",
    ),
]
DataOption = Annotated[
    Optional[str],
    typer.Option(
        metavar="NAME|FOLDER",
        help="A data set's name, a folder of IDX files or pictures, or an NPZ file; by default the "
        "run's own.",
        autocompletion=completion.datasets,
    ),
]
OptionsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(metavar="KEY=VALUE", help="Options of the data set, as in a recipe."),
]
SplitOption = Annotated[Part, typer.Option(help="The part of the data set.")]
PreprocessingOption = Annotated[
    Optional[Preprocessing],
    typer.Option(help="How to prepare pictures; by default as the run folder says."),
]


def score(
    run: NetworkArgument = None,
    options: OptionsArgument = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    backend: BackendOption = None,
    tta: TtaOption = 1,
    min_accuracy: MinAccuracyOption = None,
) -> None:
    """Score a run's network: accuracy with its interval, by class, and the confusions.

    Without RUN the network that comes with mxdigits.

    Example: mxdigits score mlp --data idx path=emnist transpose=true
    """
    from ..predict.opening import EvaluationRequest
    from ..predict.score import score_run
    from .networks import network_and_options
    from .terminal import print_scores

    network, written = network_and_options(run, options)
    where = context or ["cpu"], data_options(written), one_or_several(backend)
    request = EvaluationRequest(data, split.value, *where, tta)
    scores, classes = score_run(network, request, say=say)
    try:
        print_scores(scores, classes)
    finally:  # also if they could not be printed
        demand(min_accuracy, scores.accuracy)


def predict(
    run: NetworkArgument = None,
    inputs: InputsArgument = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="A file that ends in .csv, .jsonl or .npz."),
    ] = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    backend: BackendOption = None,
    top: Annotated[
        Optional[int],
        typer.Option(min=1, help="How many of the best classes to write, instead of all."),
    ] = None,
    many: Annotated[
        bool, typer.Option("--many", help="Find every digit of each picture, with its box.")
    ] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="With --many: a table of the lines of digits.")
    ] = False,
    overlay: Annotated[
        Optional[Path],
        typer.Option(
            metavar="PICTURE", help="With --many: draw what was read over each page, as out.png."
        ),
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Call an answer unsure that is less probable.")
    ] = 0.0,
    any_ink: Annotated[
        bool,
        typer.Option("--any-ink", help="Read also ink that looks like no digit, such as letters."),
    ] = False,
    preprocessing: PreprocessingOption = None,
    tta: TtaOption = 1,
    save_digits: Annotated[
        Optional[Path],
        typer.Option(help="A folder for pictures of what was given and what the network saw."),
    ] = None,
) -> None:
    """Predict pictures with a run's network, and print the answers or write them to a file.

    Without RUN the network that comes with mxdigits.

    Example: mxdigits predict mlp photo.jpg
    """
    from ..predict.opening import EvaluationRequest
    from ..predict.predict import PredictionSink, predict_run
    from .networks import network_and_inputs

    if output is None and not inputs and (run is None or data is not None):
        raise UsageError(_NOTHING)
    network, inputs = network_and_inputs(run, inputs or [])
    given: dict[str, object] = {}
    if data is not None and all("=" in each for each in inputs):
        given, inputs = data_options(inputs), []
    if output is None and not inputs:
        raise UsageError(_NOTHING)
    _check_pages(many, rows, overlay, save_digits)
    alone = [Path(each).is_file() or each == "-" for each in inputs] == [True]
    answer, end = _answers(alone, many, rows)
    done = predict_run(
        network,
        inputs,
        EvaluationRequest(
            data, split.value, context or ["cpu"], given, one_or_several(backend), tta
        ),
        say=say,
        sink=PredictionSink(
            output, top, save_digits, None if output else answer, min_confidence, overlay
        ),
        many=many,
        preprocessing=preprocessing.value if preprocessing else None,
        any_ink=any_ink,
    )
    end()
    if output is not None:
        unsure = f", {done.unsure} of them unsure" if min_confidence or done.unsure else ""
        print_line(f"{done.count} predictions{unsure}: {output}")
    if done.unread:
        raise PicturesUnread(done.unread)


def _check_pages(
    many: bool, rows: bool, overlay: Optional[Path], save_digits: Optional[Path]
) -> None:
    """Refuse options that say nothing without others, or against them."""
    for given, name in ((rows, "--rows"), (overlay is not None, "--overlay")):
        if given and not many:
            raise UsageError(f"{name} shows the digits of pages: add --many")
    if overlay is not None and save_digits is not None:
        raise UsageError("choose --overlay or --save-digits; run the command twice for both")


def _answers(alone: bool, many: bool, table: bool) -> tuple["Answer", Callable[[], bool]]:
    """What prints an answer, and what is called after the last."""
    if many:
        from .rows import PageLines

        lines = PageLines(named=not alone, table=table)
        return (lambda read: _demand_reader(lines.add(read))), lines.end

    def answer(read: "Read") -> None:
        from .terminal import print_answer  # and with it Rich

        _demand_reader(print_answer(read, drawn=alone))

    return answer, lambda: True


def _demand_reader(printed: bool) -> None:
    if not printed:
        raise BrokenPipeError  # nobody reads the rest


def data_options(written: Optional[list[str]]) -> dict[str, object]:
    """The options of a data set: ``path=mine`` as in ``data: {name: folder, path: mine}``."""
    if not written:
        return {}
    from ..recipe.schema import options_from  # which takes longer than a small network

    for each in written:
        if "=" not in each:
            raise UsageError(
                f"{each!r} is no option of a data set; to use other data: --data {each}"
            )
    return options_from(written)


def report(run: RunArgument, context: ContextOption = None, backend: BackendOption = None) -> None:
    """Write a run's report again: report.html and plots/*.png in its folder.

    Example: mxdigits report mlp
    """
    from ..report.report import report_run

    print_line(f"report: {report_run(run, say, context or ['cpu'], one_or_several(backend))}")


def compare(
    runs: RunsArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the page goes.")] = Path(
        "compare.html"
    ),
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Compare runs: their scores, whether the difference is significant, and what else differs.

    Example: mxdigits compare mlp lenet -o compare.html
    """
    from ..report.compare import compare_runs, overview
    from ..report.groups import ROW
    from .terminal import print_prose, print_table

    compared = compare_runs(runs, output, say, context or ["cpu"], one_or_several(backend))
    what, cells = zip(*overview(compared.runs))
    print_prose(compared.verdict)
    print_line()
    print_table(["run", *what], [[*each] for each in zip(compared.runs, *cells)])
    print_line()
    if compared.groups:
        print_table(ROW, [group.row for group in compared.groups])
        print_line()
    for sentence in compared.sentences:
        print_prose(sentence)
    print_line(f"comparison: {output}")


def serve(
    run: NetworkArgument = None,
    host: Annotated[
        str,
        typer.Option(help="The address to listen on; 0.0.0.0 lets the whole network in."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")
    ] = 8000,
    store: Annotated[
        Optional[Path], typer.Option(help="Keep corrected digits here, as a folder data set.")
    ] = None,
    allow_host: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="NAME",
            help="Another host name of this server; repeatable.",
        ),
    ] = None,
    rate: Annotated[
        float,
        typer.Option(min=0, help="Most requests a second from one address; 0: no limit."),
    ] = 100,
    batch_size: Annotated[
        int, typer.Option(min=1, help="The most digits that are predicted together.")
    ] = 32,
    preprocessing: PreprocessingOption = None,
    tta: TtaOption = 1,
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Serve a page to draw digits on, and an API, until Ctrl-C.

    Without RUN the network that comes with mxdigits.

    Example: mxdigits serve mlp --store mine
    """
    from ..serve.limits import Limits
    from ..serve.server import Serving
    from ..serve.server import serve as serve_run
    from .networks import network_of

    wanted = Serving(
        host=host,
        port=port,
        store=store,
        names=allow_host or (),
        context=context or ["cpu"],
        backend=one_or_several(backend),
        preprocessing=preprocessing.value if preprocessing else None,
        batch_size=batch_size,
        tta=tta,
        limits=Limits(rate=rate),
    )
    serve_run(network_of(run), wanted, say=say)


_NOTHING = "what to predict, and where to? name pictures, or a file with --output"
