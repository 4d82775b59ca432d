"""The command ``mxdigits errors``: images whose label is probably wrong."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Optional

import typer

from ...printing import print_line, print_text
from ..data_options import DataOption, OptionsArgument, Part, SplitOption, data_options
from ..options import BackendOption, ContextOption, NetworkArgument, one_or_several, say
from .explain import SheetOption


def errors(
    run: NetworkArgument = None,
    options: OptionsArgument = None,
    output: SheetOption = None,
    most: Annotated[int, typer.Option(min=1, help="The most images to list and to draw.")] = 50,
    data: DataOption = None,
    split: SplitOption = Part.test,
    predictions: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FILE",
            help="An NPZ file of predictions of these images by networks that have not learnt from "
            "them, in place of RUN's own.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all of them as JSON, for other programs.")
    ] = False,
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """List the images of a data set whose label is probably wrong, the worst first.

    A network finds wrong labels only among images that it has not learnt from: those of the test
    set, of other data, or, with --split validation, those that the run held out. For the runs of
    mxdigits folds, all training images are checked.

    Example: mxdigits errors lenet --split validation -o mislabelled.png
    """
    from ...predict.opening import EvaluationRequest
    from ...report.label_errors import read_suspects
    from ..networks import network_and_options
    from ..terminal import print_table

    network, written = network_and_options(run, options)
    where = context or ["cpu"], data_options(written), one_or_several(backend)
    request = EvaluationRequest(data, split.value, *where)
    if output is not None:
        from ...data.tiles import check_picture_file
        from ...predict.output_names import refuse_inputs

        check_picture_file(output)
        refuse_inputs([output], request.files)
    found = read_suspects(network, request, say, predictions)
    if output is not None and found.suspects:
        from ...data.tiles import tile_sheet, write_picture

        write_picture(tile_sheet(found.tiles(most)), output)
    if as_json:
        print_text(json.dumps([asdict(each) for each in found.suspects], indent=2))
        return
    shown = [
        [
            each.number,
            each.label,
            f"{each.share:.4f}",
            each.suggested,
            f"{each.suggested_share:.4f}",
        ]
        for each in found.suspects[:most]
    ]
    if shown:
        print_table(["image", "label", "its share", "probably", "share"], shown)
        print_line()
    print_line(found.sentence)
    if len(found.suspects) > most:
        print_line(f"these are the worst {most}; --most {len(found.suspects)} shows all")
    if output is not None and shown:
        print_line(f"pictures: {output}")
