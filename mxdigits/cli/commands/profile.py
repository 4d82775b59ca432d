"""The command ``mxdigits profile``: where a training step's time goes."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from typing import Annotated

import typer

from ...printing import print_line
from ..options import OverridesArgument, RecipeArgument, say


def profile(
    recipe: RecipeArgument,
    overrides: OverridesArgument = None,
    steps: Annotated[int, typer.Option(min=1, help="The number of batches to train.")] = 50,
) -> None:
    """Say where the time of a training step goes, by operator, on the recipe's backend and device.

    No run is made. How it was measured stands below the table.

    Example: mxdigits profile lenet backend=xla
    """
    from ...experiment.previews.profiling import profile_recipe
    from ...recipe.schema import Recipe
    from ..terminal import print_prose, print_table

    found = profile_recipe(Recipe.load(recipe, overrides or []), steps, say)
    print_table(["operator", "calls a step", "ms a step", "share"], found.rows())
    print_line()
    for sentence in found.sentences():
        print_prose(sentence)
