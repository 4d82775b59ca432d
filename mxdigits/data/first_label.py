"""Labels that count from another number than 0, such as those of EMNIST's letters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..arrays import Labels
from ..errors import DataError, UsageError
from ..values import as_written, is_whole
from .making import MOST_CLASSES


def classes_from(
    where: Path, classes: object, first: int, labels: Sequence[Labels]
) -> tuple[object, list[str]]:
    """The names of the classes, and a note if the labels count from another number than 0.

    Args:
        where: the file or folder, for messages.
        classes: the option ``classes``: names, or how many, or None.
        first: the option ``first_label``: the label of the first class.
        labels: the labels of each part, (N,).

    Raises:
        UsageError: if an option is of another type.
        DataError: if a label is below ``first``, or the labels would fit if counted from another
            number.

    Example:
        >>> import numpy as np
        >>> classes_from(Path("mine"), None, 1, [np.array([1, 2])])
        (['1', '2'], [])
    """
    if not is_whole(first):
        raise UsageError(f"option first_label: must be a whole number, got {as_written(first)}")
    filled = [each for each in labels if len(each)]
    low = min((int(each.min()) for each in filled), default=first)
    high = max((int(each.max()) for each in filled), default=first)
    span = f"{where}: the labels are {low} to {high}"
    if low < first:
        raise DataError(f"{span}: {low} is below first_label: {first}")
    count = high + 1 - first if classes is None else classes
    if is_whole(count) and 0 < count <= MOST_CLASSES:
        names: object = [str(first + place) for place in range(count)]
    else:
        names = classes
    known = len(names) if isinstance(names, Sequence) and not isinstance(names, str) else 0
    if low > first and first + known <= high < low + known:
        raise DataError(f"{span}, and there are {known} classes; write first_label: {low}")
    if low > first and classes is None:
        return names, [f"{span}; if there is no class {first}, write first_label: {low}"]
    return names, []
