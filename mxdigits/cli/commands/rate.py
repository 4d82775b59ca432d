"""The command ``mxdigits lr``: find a learning rate for a recipe."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from ...errors import RunFailed, UsageError
from ...printing import print_line
from ..options import OverridesArgument, RecipeArgument, say

if TYPE_CHECKING:
    from ...train.range_test import RateCurve


def lr(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    low: Annotated[float, typer.Option("--from", help="The lowest rate.")] = 1e-6,
    high: Annotated[float, typer.Option("--to", help="The highest rate.")] = 10.0,
    steps: Annotated[
        int, typer.Option(min=10, help="The number of rates, with one batch each.")
    ] = 300,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", metavar="PNG", help="Draw the curve into a file too."),
    ] = None,
) -> None:
    """Find a learning rate: train for a few batches with rates that rise, and look at the loss.

    It proposes a rate, and changes nothing: no run is made, and the recipe stays as it is.

    Example: mxdigits lr lenet -o lenet-rates.png
    """
    from ...experiment.previews.find_rate import find_rate, rate_in_words
    from ...recipe.schema import Recipe
    from ...report.drawing import drawing, write_png
    from ...report.rate_plot import rate_chart
    from ...storage.files import check_writable
    from ...train.range_test import RateRange
    from ..terminal import print_prose

    if output is not None:
        if output.suffix.lower() != ".png":
            raise UsageError(f"--output {output}: the curve is drawn as PNG; end the name in .png")
        check_writable(output)
    wanted, over = Recipe.load(recipe, overrides or []), RateRange(low, high, steps)
    with nullcontext() if output is None else drawing():  # fails here if charts cannot be drawn
        curve = find_rate(wanted, over, say)
        _draw(curve)
        if output is not None:
            write_png(rate_chart(curve), output)
            print_line(f"curve: {output}")
    words = rate_in_words(curve)
    if curve.proposed is None:
        raise RunFailed(words)
    print_prose(words)
    print_line(f"proposed: optimizer.learning_rate={curve.proposed:g}")


def _draw(curve: "RateCurve") -> None:
    """Print the curve: as a drawing on a terminal, as a table of the rates elsewhere."""
    from ..terminal import drawn_width, print_table

    shown = curve.shown
    losses = curve.smooth[: len(shown.rates)]
    width, ascii_only = drawn_width()
    if not width:
        rows = zip(curve.rates, curve.losses, curve.smooth)
        cells = [[f"{rate:.4g}", f"{loss:.6g}", f"{mean:.6g}"] for rate, loss, mean in rows]
        print_table(["learning rate", "loss", "smoothed"], cells)
        return
    from .curve import curve_lines

    mark = -1 if curve.proposed is None else int(abs(shown.rates - curve.proposed).argmin())
    ends = f"{shown.rates[0]:.2g}", f"{shown.rates[-1]:.2g}"
    print_line("train loss by learning rate")
    for line in curve_lines(losses, ends, width=width, mark=mark, ascii_only=ascii_only):
        print_line(line)
