"""The command ``mxdigits explain``: the parts of an image on which a network's answer rests."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import PicturesUnread, UsageError
from ...printing import print_line
from ..data_options import DataOption, Part, PreprocessingOption, SplitOption, inputs_or_options
from ..options import BackendOption, ContextOption, NetworkArgument, TtaOption, one_or_several, say

if TYPE_CHECKING:
    from ...data.tiles import Tile

SheetOption = Annotated[
    Optional[Path],
    typer.Option(
        "--output",
        "-o",
        metavar="PICTURE",
        help="Draw the explanations into a picture, such as out.png.",
    ),
]


class Method(str, Enum):
    """The methods that find out what an answer rests on.

    Example:
        >>> [each.value for each in Method]
        ['occlusion', 'gradients']
    """

    occlusion = "occlusion"
    gradients = "gradients"


_MOST_TILES = 500  # most images in one picture


def explain(
    run: NetworkArgument = None,
    inputs: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="INPUT",
            help="Pictures, folders, globs, - for standard input, IDX and NPZ files, data sets. "
            "After --data: its options, as KEY=VALUE.",
        ),
    ] = None,
    image: Annotated[
        Optional[list[int]],
        typer.Option(
            min=0,
            help="An image of the data set instead of inputs, by its number, as in the report; "
            "repeatable.",
        ),
    ] = None,
    label: Annotated[
        Optional[str],
        typer.Option(
            metavar="CLASS", help="The class to ask about; by default what the network says."
        ),
    ] = None,
    method: Annotated[
        Method,
        typer.Option(
            help="The method: cover each part in turn, or integrate gradients, which needs a "
            "backend that trains."
        ),
    ] = Method.occlusion,
    output: SheetOption = None,
    data: DataOption = None,
    split: SplitOption = Part.test,
    preprocessing: PreprocessingOption = None,
    tta: TtaOption = 1,
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Show which parts of an image speak for the network's answer, and which against it.

    Each part is covered in turn, to see how the answer changes, or gradients are integrated
    (--method gradients). On a terminal and in --output, orange speaks for the answer and blue
    against it. Without RUN, the network that comes with mxdigits is used.

    Example: mxdigits explain mlp photo.jpg -o why.png
    """
    from ...predict.explain import ExplanationRequest, explain_run
    from ...predict.opening import EvaluationRequest
    from ..networks import network_and_inputs
    from ..terminal import print_explanation

    network, named = network_and_inputs(run, inputs or [])
    named, given = inputs_or_options(data, named)
    if not named and not image:
        raise UsageError("what to explain? name a picture, or an image of the data by --image 0")
    where = context or ["cpu"], given, one_or_several(backend)
    request = EvaluationRequest(data, split.value, *where, tta)
    if output is not None:
        from ...data.tiles import check_picture_file
        from ...predict.output_names import refuse_inputs

        check_picture_file(output)
        refuse_inputs([output], named or request.files)
    wanted = ExplanationRequest(
        named,
        image or (),
        label,
        preprocessing.value if preprocessing else None,
        method.value,
        request,
    )
    unread: list[str] = []
    tiles: list[Tile] = []
    explained = False
    for each in explain_run(network, wanted, say, unread):
        explained = True
        if not print_explanation(each):
            raise BrokenPipeError  # the reader of the output has left
        if output is not None and len(tiles) < _MOST_TILES:
            tiles.append(each.tile())
    if output is not None and tiles:
        _write(tiles, output)
    if unread:
        raise PicturesUnread(unread, rest=explained)


def _write(tiles: "list[Tile]", output: Path) -> None:
    from ...data.tiles import tile_sheet, write_picture

    write_picture(tile_sheet(tiles), output)
    first = "the first " * (len(tiles) == _MOST_TILES)
    print_line(f"{first}{len(tiles)} image{'s' * (len(tiles) > 1)} explained: {output}")
