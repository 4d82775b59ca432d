"""Options of the commands that predict: the data, and how pictures are prepared."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from enum import Enum
from typing import Annotated, Optional

import typer

from ..errors import UsageError
from . import completion


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


def inputs_or_options(
    data: Optional[str], written: list[str]
) -> tuple[list[str], dict[str, object]]:
    """The inputs and the options of a data set among words; with ``--data`` all may be options."""
    if data is not None and all("=" in each for each in written):
        return [], data_options(written)
    return written, {}


def data_options(written: Optional[list[str]]) -> dict[str, object]:
    """The options of a data set: ``path=mine`` as in ``data: {name: folder, path: mine}``."""
    if not written:
        return {}
    from ..recipe.overrides import options_from

    for each in written:
        if "=" not in each:
            raise UsageError(
                f"{each!r} is no option of a data set; to use other data: --data {each}"
            )
    return options_from(written)
