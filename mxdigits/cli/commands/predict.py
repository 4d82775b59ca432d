"""The command ``mxdigits predict``: a network's predictions for pictures and data sets."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Callable, Optional

import typer

from ...errors import PicturesUnread, UsageError
from ...printing import print_line
from ..data_options import DataOption, Part, PreprocessingOption, SplitOption, inputs_or_options
from ..options import (
    BackendOption,
    ContextOption,
    NetworkArgument,
    TtaOption,
    one_or_several,
    say,
)

if TYPE_CHECKING:
    from ...predict.predict import Answer, Read

_NOTHING = "what to predict, and where to? name pictures, or a file with --output"

InputsArgument = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="INPUT",
        help="Pictures, folders, globs, - for standard input, IDX and NPZ files, data sets; "
        "by default the run's own data. After --data: its options, as KEY=VALUE.",
    ),
]


def predict(
    run: NetworkArgument = None,
    inputs: InputsArgument = None,
    output: Annotated[
        Optional[Path],
        typer.Option(
            "--output", "-o", help="The file to write; its name ends in .csv, .jsonl or .npz."
        ),
    ] = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    backend: BackendOption = None,
    top: Annotated[
        Optional[int],
        typer.Option(min=1, help="The number of best classes to write, instead of all."),
    ] = None,
    many: Annotated[
        bool,
        typer.Option(
            "--many", help="Find every digit of each picture, with its box and marks such as 3.50."
        ),
    ] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="With --many: a table of the lines of digits.")
    ] = False,
    overlay: Annotated[
        Optional[Path],
        typer.Option(
            metavar="PICTURE",
            help="With --many: draw what was read over each page, into out.png, for example.",
        ),
    ] = None,
    min_confidence: Annotated[
        float,
        typer.Option(min=0, max=1, help="Call answers unsure that are less probable than this."),
    ] = 0.0,
    any_ink: Annotated[
        bool,
        typer.Option(
            "--any-ink", help="Also read ink that does not look like a digit, such as letters."
        ),
    ] = False,
    preprocessing: PreprocessingOption = None,
    tta: TtaOption = 1,
    save_digits: Annotated[
        Optional[Path],
        typer.Option(help="A folder for pictures of each input and of what the network saw."),
    ] = None,
) -> None:
    """Predict pictures with a run's network, and print the answers or write them to a file.

    Without RUN, the network that comes with mxdigits is used.

    Example: mxdigits predict mlp photo.jpg
    """
    from ...predict.opening import EvaluationRequest
    from ...predict.predict import PredictionSink, predict_run
    from ..networks import network_and_inputs

    if output is None and not inputs and (run is None or data is not None):
        raise UsageError(_NOTHING)
    network, inputs = network_and_inputs(run, inputs or [])
    inputs, given = inputs_or_options(data, inputs)
    if output is None and not inputs:
        raise UsageError(_NOTHING)
    _check_pages(many, rows, overlay, save_digits)
    if rows and output is not None:
        raise UsageError("--rows prints a table, and --output writes a file: choose one")
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
        print_line(f"{done.count} prediction{'s' * (done.count != 1)}{unsure}: {output}")
    if done.unread:
        raise PicturesUnread(done.unread, rest=done.count > 0)


def _check_pages(
    many: bool, rows: bool, overlay: Optional[Path], save_digits: Optional[Path]
) -> None:
    """Refuse options that need others or exclude each other."""
    for given, name in ((rows, "--rows"), (overlay is not None, "--overlay")):
        if given and not many:
            raise UsageError(f"{name} shows the digits of pages: add --many")
    if overlay is not None and save_digits is not None:
        raise UsageError("choose --overlay or --save-digits; run the command twice for both")


def _answers(alone: bool, many: bool, table: bool) -> tuple["Answer", Callable[[], bool]]:
    """A function that prints an answer, and one that is called after the last answer."""
    if many:
        from .rows import PageLines

        lines = PageLines(named=not alone, table=table)
        return (lambda read: _demand_reader(lines.add(read))), lines.end

    def answer(read: "Read") -> None:
        from ..terminal import print_answer  # imports Rich, which is slow

        _demand_reader(print_answer(read, drawn=alone))

    return answer, lambda: True


def _demand_reader(printed: bool) -> None:
    if not printed:
        raise BrokenPipeError  # the reader of the output has left
