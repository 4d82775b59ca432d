"""Where pieces of ink end at the picture's edges."""

from __future__ import annotations

from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools


def edges(numbers: NDArray[np.int32], outside: Optional[Bools]) -> list[NDArray[np.int32]]:
    """The numbers at the picture's left, top, right and lower edge.

    An edge that was turned goes in steps, whose corners lie at two edges, and count for neither.

    Args:
        numbers: of the pieces, by pixel, (H, W).
        outside: (H, W), what is no part of the picture, once it was turned.

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
