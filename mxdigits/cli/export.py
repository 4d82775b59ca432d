"""The verb that writes a network in other formats."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ..errors import UsageError
from ..printing import print_line
from . import completion
from .data_options import DataOption, OptionsArgument, Part, SplitOption, data_options
from .options import ContextOption, SourceArgument, one_or_several, say

if TYPE_CHECKING:
    from ..export.export import Exported

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
        Optional[str], typer.Option(help="Of one input of a symbol.json, such as 3,224,224.")
    ] = None,
    softmax: Annotated[
        bool, typer.Option("--softmax", help="Add a softmax to what a symbol.json gives.")
    ] = False,
    context: ContextOption = None,
    backend: Annotated[
        Optional[list[str]], typer.Option(help="What to compare with: mxnet, xla, torch or auto.")
    ] = None,
) -> None:
    """Write a network in other formats, each compared with the network before it counts."""
    from ..export.export import Wanted, jobs
    from ..export.export import export as export_network
    from ..export.formats import ExportOptions
    from ..export.source import run_source, source_name, symbol_source
    from ..predict.opening import EvaluationRequest

    todo = jobs(source_name(run), Wanted(formats or ["onnx"], output, force))
    wishes = context or ["cpu"], one_or_several(backend)
    if run.is_file():
        if data is not None or options or split is not Part.test:
            raise UsageError(f"{run} is compared on random inputs; --data and --split are for runs")
        shape = _shape(run, input_shape)
        source = symbol_source(run, params, shape, wishes, say, softmax=softmax)
    else:
        if params is not None or input_shape is not None or softmax:
            raise UsageError("--params, --input-shape and --softmax are for a symbol.json")
        request = EvaluationRequest(data, split.value, wishes[0], data_options(options), wishes[1])
        source = run_source(run, request, say)
    told = ExportOptions(opset, max_drop, source.training_images, say)
    for done in export_network(source, todo, told, tolerance):
        print_exported(done)


def _shape(symbol: Path, text: Optional[str]) -> tuple[int, ...]:
    """The sizes of one input.

    Raises:
        UsageError: if they are missing, or are no sizes.
    """
    if text is None:
        raise UsageError(f"what does {symbol} take? write --input-shape 3,224,224")
    sizes = [piece.strip() for piece in text.split(",")]
    if not all(size.isdecimal() and 0 < int(size) < 1 << 20 for size in sizes):
        raise UsageError(f"--input-shape {text!r} is no list of sizes, such as 3,224,224")
    return tuple(map(int, sizes))


def print_exported(done: "Exported", *, named: bool = True) -> None:
    """What a comparison came to, and the files if they are to be named."""
    for sentence in done.parity.sentences():
        print_line(f"{done.format}: {sentence}")
    if named:
        print_line(f"{done.format}: {', '.join(map(str, done.files))}")
