"""Finds the pieces of ink at the picture's edges."""

from __future__ import annotations

from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools


def edges(numbers: NDArray[np.int32], outside: Optional[Bools]) -> list[NDArray[np.int32]]:
    """The pieces' numbers at the pixels of the picture's left, top, right and lower edge.

    The edge of a turned picture has steps. Their corners lie at two edges, and count for neither.

    Args:
        numbers: the number of each pixel's piece, (H, W).
        outside: the pixels outside the picture, if it was turned, (H, W).

    Example:
        >>> [each.tolist() for each in edges(np.array([[0, 1], [0, 2]], np.int32), None)]
        [[0, 0], [0, 1], [1, 2], [0, 2]]
    """
    if outside is None:
        return [numbers[:, 0], numbers[0], numbers[:, -1], numbers[-1]]
    bare = np.pad(outside, 1, constant_values=True)
    beside = bare[1:-1, :-2], bare[:-2, 1:-1], bare[1:-1, 2:], bare[2:, 1:-1]
    steps = (beside[0] | beside[2]) & (beside[1] | beside[3])
    return [numbers[each & ~steps] for each in beside]
