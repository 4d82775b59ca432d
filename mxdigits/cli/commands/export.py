"""The verb that writes a network in other formats."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import UsageError
from ...printing import print_line
from .. import completion
from ..data_options import (
    DataOption,
    OptionsArgument,
    Part,
    Preprocessing,
    SplitOption,
    data_options,
)
from ..options import ContextOption, SourceArgument, one_or_several, say

if TYPE_CHECKING:
    from ...export.export import Exported

ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]
ToleranceOption = Annotated[
    float, typer.Option(min=0, help="How far outputs may differ from the network's own.")
]


def export(
    run: SourceArgument,
    options: OptionsArgument = None,
    formats: Annotated[
        Optional[list[str]],
        typer.Option(
            "--format",
            help="onnx (by default), onnx-int8, torch, web, safetensors, mxnet; repeatable.",
            autocompletion=completion.network_formats,
        ),
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="The file, or a folder; by default the current one."),
    ] = None,
    force: ForceOption = False,
    tolerance: ToleranceOption = 1e-4,
    max_drop: Annotated[
        float, typer.Option(min=0, max=1, help="The accuracy that onnx-int8 may lose.")
    ] = 0.002,
    opset: Annotated[int, typer.Option(help="The version of ONNX's operators, from 13.")] = 17,
    data: DataOption = None,
    split: SplitOption = Part.test,
    params: Annotated[
        Optional[Path],
        typer.Option(help="The parameters of a symbol.json; by default those beside it."),
    ] = None,
    input_shape: Annotated[
        Optional[str],
        typer.Option(help="The shape of one input of a symbol.json, such as 3,224,224."),
    ] = None,
    softmax: Annotated[
        bool, typer.Option("--softmax", help="Add a softmax to a symbol.json's output.")
    ] = False,
    classes: Annotated[
        Optional[str],
        typer.Option(help="The classes of a symbol.json: their number, or names such as cat,dog."),
    ] = None,
    preprocessing: Annotated[
        Optional[Preprocessing],
        typer.Option(help="How to prepare pictures for a symbol.json; by default none."),
    ] = None,
    mean: Annotated[
        Optional[str],
        typer.Option(
            help="The mean that a symbol.json's script subtracted from images of 0 to 1; "
            "one number, or one for each channel."
        ),
    ] = None,
    std: Annotated[
        Optional[str],
        typer.Option(
            help="The deviation that it divided them by; one number, or one for each channel."
        ),
    ] = None,
    context: ContextOption = None,
    backend: Annotated[
        Optional[list[str]], typer.Option(help="What to compare with: mxnet, xla, torch or auto.")
    ] = None,
) -> None:
    """Write a network in other formats, and compare each file with the network.

    Example: mxdigits export lenet --format onnx --format web
    """
    from ...digitize.preprocessing import NONE
    from ...export.export import ExportRequest, folder_of, jobs
    from ...export.export import export as export_network
    from ...export.formats import ExportOptions
    from ...export.source import run_source, source_name
    from ...export.symbol_source import NetworkFacts, symbol_source
    from ...predict.opening import EvaluationRequest

    wanted = ExportRequest(formats or ["onnx"], output, force)
    with folder_of(wanted):
        todo = jobs(source_name(run), wanted)
        preferences = context or ["cpu"], one_or_several(backend)
        if run.is_file():
            if data is not None or options or split is not Part.test:
                raise UsageError(
                    f"{run} is compared on random inputs; --data and --split are for runs"
                )
            shape = _shape(run, input_shape)
            known = NetworkFacts(
                _class_names(classes),
                preprocessing.value if preprocessing else NONE,
                _numbers("--mean", mean),
                _numbers("--std", std),
                softmax,
            )
            source = symbol_source(run, params, shape, preferences, say, known)
        else:
            _check_none_given(
                params=params,
                input_shape=input_shape,
                softmax=softmax or None,
                classes=classes,
                preprocessing=preprocessing,
                mean=mean,
                std=std,
            )
            request = EvaluationRequest(
                data, split.value, preferences[0], data_options(options), preferences[1]
            )
            source = run_source(run, request, say)
        told = ExportOptions(opset, max_drop, source.training_images, say)
        for done in export_network(source, todo, told, tolerance):
            print_exported(done)


def _shape(symbol: Path, text: Optional[str]) -> tuple[int, ...]:
    """The sizes of one input.

    Raises:
        UsageError: if they are missing, or not sizes.
    """
    if text is None:
        raise UsageError(f"what does {symbol} take? write --input-shape 3,224,224")
    sizes = [piece.strip() for piece in text.split(",")]
    if not all(size.isdecimal() and 0 < int(size) < 1 << 20 for size in sizes):
        raise UsageError(f"--input-shape {text!r} is no list of sizes, such as 3,224,224")
    return tuple(map(int, sizes))


def _class_names(text: Optional[str]) -> tuple[str, ...]:
    """The names of classes; if only their number is given, the numbers from 0.

    Raises:
        UsageError: if they are neither, or two names are equal.
    """
    from ...data.making import MOST_CLASSES

    if text is None:
        return ()
    if text.isdecimal() and 0 < int(text) <= MOST_CLASSES:
        return tuple(map(str, range(int(text))))
    names = [name.strip() for name in text.split(",")]
    if len(names) < 2 or "" in names or len({*names}) < len(names):
        raise UsageError(f"--classes {text!r}: write how many there are, or names such as cat,dog")
    return tuple(names)


def _numbers(option: str, text: Optional[str]) -> tuple[float, ...]:
    """Numbers: a single one, or one for each channel.

    Raises:
        UsageError: if they are not numbers.
    """
    if text is None:
        return ()
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        numbers = ()
    if not numbers or not all(map(math.isfinite, numbers)):
        raise UsageError(f"{option} {text!r}: write a number, or one for each channel: 0.5,0.4,0.3")
    return numbers


def _check_none_given(**options: object) -> None:
    """Check that options are not given whose values are in the run folder.

    Raises:
        UsageError: if one is given.
    """
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)}: only for a symbol.json; a run already says it")


def print_exported(done: "Exported", *, named: bool = True) -> None:
    """Print the result of a comparison, and the files if they are to be named."""
    for sentence in done.parity.sentences():
        print_line(f"{done.format}: {sentence}")
    if named:
        print_line(f"{done.format}: {', '.join(map(str, done.files))}")
