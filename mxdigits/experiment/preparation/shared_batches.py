"""Checks, before any worker starts, that several workers can share the batches of a recipe."""

from __future__ import annotations

from ...backends.context import FASTEST
from ...errors import UsageError
from ...recipe.schema import Recipe
from ...workers import MOST


def check_workers(recipe: Recipe, count: int) -> None:
    """Check that so many workers can share this recipe's batches.

    Raises:
        UsageError: if not; says what to write instead.

    Example:
        >>> check_workers(Recipe.make(model="mlp"), 2)
    """
    if count == 1:
        return
    if count > MOST:
        raise UsageError(f"{count} workers are too many; a run has at most {MOST}")
    if recipe.backend == FASTEST:
        raise UsageError(
            f"backend: {FASTEST} is measured by one process; for {count} workers name one"
        )
    if recipe.data.batch_size < count:
        raise UsageError(
            f"data.batch_size: {recipe.data.batch_size} is less than the {count} workers, "
            "each of which needs an image of every batch; set a larger one, or start fewer workers"
        )
    if recipe.data.shard and recipe.swa is not None:
        raise UsageError(
            "swa measures statistics on all training images, which no worker has with "
            "data.shard: true; write data.shard: false, or ema instead of swa"
        )
    part = recipe.data.batch_size // recipe.accumulate
    if part < count:
        raise UsageError(
            f"accumulate: {recipe.accumulate} leaves parts of {part} images for {count} "
            "workers, each of which needs an image of every part; write less, or set a larger "
            "data.batch_size"
        )
