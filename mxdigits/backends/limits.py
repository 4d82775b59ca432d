"""The limits of a network from a file that anybody may have made."""

from __future__ import annotations

from collections.abc import Iterable

# The images for which shapes are found: a graph for one image only would fail at the first batch.
IMAGES = 2

# Most elements of all layers' outputs, and of one, per image. The largest networks for small images
# have outputs of a million elements, and ten million in all; networks are evaluated on a thousand
# images at a time.
MOST_ELEMENTS = 1 << 26
MOST_ELEMENTS_AT_ONCE = 1 << 22

TOO_LARGE = "its outputs for an image would take too much memory"


def check_memory(outputs: Iterable[int], weights: Iterable[int]) -> None:
    """Refuse a network whose outputs would fill the memory.

    Args:
        outputs: the number of elements of each layer's output, for :data:`IMAGES` images.
        weights: the number of elements of each array.

    Raises:
        ValueError: if an output is too large, or all of them together.

    Example:
        >>> check_memory([1 << 30], [7840])
        Traceback (most recent call last):
            ...
        ValueError: its outputs for an image would take too much memory
    """
    sizes = [size // IMAGES for size in outputs]
    arrays = [size // IMAGES for size in weights]
    if max(sizes) > max([MOST_ELEMENTS_AT_ONCE, *arrays]) or (
        sum(sizes) - sum(arrays) > MOST_ELEMENTS
    ):
        raise ValueError(TOO_LARGE)
