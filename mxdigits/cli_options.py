"""What the verbs of the command line have in common: arguments, and how they speak."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from .errors import AccuracyMissed

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
ContextOption = Annotated[
    Optional[list[str]],
    typer.Option(help="cpu, gpu, gpu(1) or auto; repeat it to say what to take next."),
]
MinAccuracyOption = Annotated[
    Optional[float],
    typer.Option(min=0, max=1, help="Exit with 4 if the accuracy is below this."),
]


def say(text: str) -> None:
    print(text, file=sys.stderr)


def demand(least: Optional[float], accuracy: float) -> None:
    if least is not None and not accuracy >= least:  # nan demands what nothing reaches
        raise AccuracyMissed(f"the accuracy {accuracy:.4f} is below the {least:g} demanded")
