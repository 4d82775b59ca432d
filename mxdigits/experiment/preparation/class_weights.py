"""How much the images of each class count in the loss, as a recipe says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

import numpy as np

from ...arrays import Labels
from ...backends.batches import BALANCED
from ...errors import UsageError
from ...plugins.suggest import nearest
from ...recipe.sections import ClassWeights


def class_weights(
    chosen: Optional[ClassWeights], classes: Sequence[str], labels: Labels
) -> tuple[float, ...]:
    """The factor of an image's loss for each class in order; empty if all factors are 1.

    Args:
        chosen: the recipe's value: ``balanced`` gives all classes the same total weight, with a
            mean of 1 for an image; numbers are used as they are, and a class not named gets 1.
        classes: their names.
        labels: the labels of the training images, (N,).

    Raises:
        UsageError: if there are more or fewer weights than classes, or a class is unknown.

    Example:
        >>> class_weights("balanced", ["no", "yes"], np.array([0, 0, 0, 1]))
        (0.6666666666666666, 2.0)
        >>> class_weights({"yes": 3.0}, ["no", "yes"], np.array([0, 1]))
        (1.0, 3.0)
    """
    if chosen is None:
        return ()
    if isinstance(chosen, Mapping):
        for name in chosen:
            if name not in classes:
                what = f"there is no class {name!r}; {nearest(name, classes)}"
                raise UsageError(f"loss.class_weights: {what}")
        return tuple(chosen.get(name, 1.0) for name in classes)
    if chosen == BALANCED:
        counts = np.bincount(labels, minlength=len(classes))
        share = len(labels) / int(np.count_nonzero(counts))
        return tuple(share / count if count else 1.0 for count in counts.tolist())
    weights = tuple(map(float, chosen))
    if len(weights) != len(classes):
        raise UsageError(
            f"loss.class_weights: {len(weights)} weights for {len(classes)} classes; write one for "
            "each, or a mapping such as {7: 2.0}"
        )
    return weights
