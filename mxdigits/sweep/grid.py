"""All combinations of countable values."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..errors import UsageError
from .ranges import Plain, Range


def grid_points(space: Sequence[Range]) -> list[dict[str, Plain]]:
    """Return every combination of the values; the last key changes fastest.

    >>> from mxdigits.sweep.ranges import read_range
    >>> grid_points([read_range("epochs=1..2"), read_range("seed=[3, 5]")])[1]
    {'epochs': 1, 'seed': 5}
    """
    points: list[dict[str, Plain]] = [{}]
    for each in space:
        points = [{**point, each.key: value} for point in points for value in _counted(each)]
    return points


def len_of_grid(space: Sequence[Range]) -> int:
    """Return the number of combinations.

    Raises:
        UsageError: if the values of a range cannot be counted.

    >>> from mxdigits.sweep.ranges import read_range
    >>> len_of_grid([read_range("epochs=1..4"), read_range("data.batch_size=[50, 100]")])
    8
    """
    return prod(len(_counted(each)) for each in space)


def _counted(tried: Range) -> tuple[Plain, ...]:
    if tried.points is None:
        raise UsageError(
            f"{tried.key}={tried.text}: a grid needs values that can be counted; list them, as in "
            f"{tried.key}=[{', '.join(f'{end:g}' for end in tried.ends)}]"
        )
    return tried.points
