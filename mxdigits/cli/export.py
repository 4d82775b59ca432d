"""The verb that writes a network in other formats."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..printing import print_line
from .options import ContextOption, RunArgument, say
from .use import DataOption, OptionsArgument, Part, SplitOption, data_options

ReferenceOption = Annotated[
    Optional[list[str]],
    typer.Option("--backend", help="What to compare with: mxnet, xla or auto."),
]


def export(
    run: RunArgument,
    options: OptionsArgument = None,
    formats: Annotated[
        Optional[list[str]],
        typer.Option("--format", help="What to write; repeatable. mxdigits plugins lists all."),
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="The file, or a folder; by default the current one."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there already.")
    ] = False,
    tolerance: Annotated[
        float,
        typer.Option(min=0, help="How far probabilities may differ from the run's own."),
    ] = 1e-4,
    max_drop: Annotated[
        float,
        typer.Option(min=0, max=1, help="The accuracy that a format may lose that rounds."),
    ] = 0.002,
    opset: Annotated[int, typer.Option(help="The version of ONNX's operators.")] = 17,
    data: DataOption = None,
    split: SplitOption = Part.test,
    context: ContextOption = None,
    backend: ReferenceOption = None,
) -> None:
    """Write a run's network in other formats, each compared with the run before it counts."""
    from ..export.export import Wanted, jobs
    from ..export.export import export as export_network
    from ..export.formats import ExportOptions
    from ..export.source import run_source
    from ..predict.opening import EvaluationRequest

    wanted = Wanted(formats or ["onnx"], output, force, tolerance)
    todo = jobs(run.resolve().parent.name, wanted)
    where = context or ["cpu"], data_options(options), backend or ["auto"]
    source = run_source(run, EvaluationRequest(data, split.value, *where), say)
    told = ExportOptions(opset, max_drop, source.training_images, say)
    for done in export_network(source, todo, told, tolerance):
        for sentence in done.parity.sentences():
            print_line(f"{done.format}: {sentence}")
        print_line(f"{done.format}: {', '.join(map(str, done.files))}")
