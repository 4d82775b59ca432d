"""``mxdigits init``: write a first recipe."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import os
import re
from pathlib import Path
from typing import Annotated, Optional

import typer

from ...errors import UsageError
from ...printing import print_line
from ..options import say


def init(
    file: Annotated[
        Optional[Path],
        typer.Argument(
            metavar="FILE",
            help="The recipe to write; by default named after the data.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Optional[Path],
        typer.Option(
            metavar="DIR",
            help="Your data: a folder of IDX files or of pictures by class, or an NPZ file.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Write a commented recipe to begin with, for MNIST or for the data in a folder.

    Example: mxdigits init --data mine
    """
    from ...data.recognition import recognize
    from ...recipe.starter import starter_recipe
    from ...storage.files import write_text
    from ...wording import shell_word

    stem = "mnist" if data is None else Path(os.path.abspath(data)).stem
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).lstrip("_.-")[:100] or "recipe"
    target = Path(f"{name}.yaml") if file is None else file
    if os.path.lexists(target) and not force:
        raise UsageError(f"{target} exists already; name another file, or write --force")
    found = None if data is None else recognize(data)
    for note in () if found is None else found.notes:
        say(note)
    text = starter_recipe(found)
    write_text(target, text)
    print_line(f"{target}: {text.splitlines()[0].removeprefix('# ')}")
    print_line(f"next: mxdigits check {shell_word(target)}, mxdigits run {shell_word(target)}")
