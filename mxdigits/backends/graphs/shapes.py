"""Resolves attributes of axes and shapes, independent of backends.

The shapes are those of ``Reshape`` and ``Deconvolution``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from ...arrays import Shape

# The codes of ``npx.reshape``, and the same codes of :func:`reshaped`.
_NPX_CODES = {-1: -1, -2: 0, -3: -6, -4: -2, -5: -3, -6: -4}


def axes_of(axis: Optional[Sequence[int]], dimensions: int) -> Shape:
    """Axes counted from 0; all of them for None and ().

    Example:
        >>> axes_of((-1,), 4), axes_of(None, 3)
        ((3,), (0, 1, 2))
    """
    if not axis:
        return tuple(range(dimensions))
    return tuple(sorted(each % dimensions for each in axis))


def for_batch(shape: Optional[Shape], batch: Optional[int]) -> Shape:
    """The shape of zeros with the number of images in place of 0.

    Raises:
        ValueError: if a size is 0 and no batch is known.

    Example:
        >>> for_batch((4, 0, 16), 100)
        (4, 100, 16)
    """
    sizes = tuple(shape or ())
    if 0 not in sizes:
        return sizes
    if batch is None:
        raise ValueError(f"a size of {sizes} follows from the batch, which is not known")
    return tuple(size or batch for size in sizes)


def expect_rows(shape: Sequence[Optional[int]], rows: int, numbers: int) -> None:
    """Refuse a table of an ``Embedding`` whose shape is not (rows, numbers).

    Raises:
        ValueError: if the table has another shape.

    Example:
        >>> expect_rows((10, 4), 10, 8)
        Traceback (most recent call last):
            ...
        ValueError: its weight has the shape (10, 4), not (10, 8)
    """
    if tuple(shape) != (rows, numbers):
        raise ValueError(f"its weight has the shape {tuple(shape)}, not {(rows, numbers)}")


def expect_one_along(shape: Sequence[int], index: Sequence[int], axis: Optional[int]) -> None:
    """Refuse indices of ``pick`` that are not one for each row along the axis.

    Raises:
        ValueError: if their shape is another one, or no axis is given.

    Example:
        >>> expect_one_along((2, 10), (2,), -1)
        >>> expect_one_along((2, 10), (3,), -1)
        Traceback (most recent call last):
            ...
        ValueError: its index has the shape (3,), not (2,)
    """
    if axis is None:
        raise ValueError("it has no axis")
    one = [*shape]
    one[axis] = 1
    without = (*shape[: axis % len(shape)], *shape[axis % len(shape) + 1 :])
    if tuple(index) not in (tuple(one), without):
        raise ValueError(f"its index has the shape {tuple(index)}, not {without}")


def expect_top(shape: Sequence[int], axis: int, k: int) -> int:
    """How many numbers ``topk`` takes along an axis: all of them if ``k`` is less than 1.

    Raises:
        ValueError: if the axis has fewer.

    Example:
        >>> expect_top((2, 10), -1, 3), expect_top((2, 10), -1, 0)
        (3, 10)
    """
    if k > shape[axis]:
        raise ValueError(f"its k is {k}, and its axis {axis} has {shape[axis]} numbers")
    return k if k > 0 else shape[axis]


def npx_codes(newshape: Sequence[int]) -> list[int]:
    """Codes of ``npx.reshape`` as codes of :func:`reshaped`.

    Example:
        >>> npx_codes((-2, -1))
        [0, -1]
    """
    return [_NPX_CODES.get(size, size) for size in newshape]


def oriented(shape: Shape, codes: Sequence[int], reverse: bool) -> Shape:
    """The shape that ``Reshape`` gives by its codes, applied from the end if ``reverse``.

    Example:
        >>> oriented((2, 3, 4), (-1, 0), reverse=True)
        (6, 4)
    """
    if reverse:
        return reshaped(shape[::-1], codes[::-1])[::-1]
    return reshaped(shape, codes)


def reshaped(shape: Shape, codes: Sequence[int]) -> Shape:
    """The shape that ``Reshape`` gives by its codes.

    0 keeps a size, -1 is inferred, -2 keeps all that remain, -3 joins two, and -4 splits one into
    the two that follow.  -6 drops a 1, which only ``npx.reshape`` can.

    Raises:
        ValueError: if the codes do not fit the shape.

    Example:
        >>> reshaped((2, 3, 4), (-3, 0))
        (6, 4)
    """
    sizes: list[int] = []
    left = list(shape)
    inferred: Optional[int] = None
    todo = list(codes)
    try:
        while todo:
            code = todo.pop(0)
            if code == 0:
                sizes.append(left.pop(0))
            elif code == -1:
                if inferred is not None:
                    raise ValueError("two sizes are -1")
                inferred = len(sizes)
                sizes.append(1)
                del left[:1]
            elif code == -2:
                sizes += left
                left = []
            elif code == -3:
                sizes.append(left.pop(0) * left.pop(0))
            elif code == -4:
                sizes += _split(left.pop(0), todo.pop(0), todo.pop(0))
            elif code == -6:
                if left.pop(0) != 1:
                    raise ValueError("a size is dropped that is not 1")
            else:
                sizes.append(code)
                del left[:1]
    except IndexError:
        raise ValueError(f"the shape {tuple(codes)} asks for more sizes than {shape} has") from None
    if inferred is not None:
        sizes[inferred] = math.prod(shape) // max(math.prod(sizes), 1)
    return tuple(sizes)


def _split(size: int, first: int, second: int) -> list[int]:
    if first == -1:
        first = size // second
    elif second == -1:
        second = size // first
    if first * second != size:
        raise ValueError(f"{size} is not {first} times {second}")
    return [first, second]


def targeted(shape: Shape, target: Shape, keep_highest: bool) -> Shape:
    """The shape by ``Reshape``'s older attributes: 0 is inferred, and the first size may be kept.

    Example:
        >>> targeted((2, 3, 4), (0, 6), keep_highest=False)
        (4, 6)
    """
    sizes = list(target)
    if keep_highest:
        sizes[0] = shape[0]
    unknown = [i for i in range(int(keep_highest), len(sizes)) if sizes[i] == 0]
    if len(unknown) == 1:
        sizes[unknown[0]] = 1
        sizes[unknown[0]] = math.prod(shape) // math.prod(sizes)
    return tuple(sizes)


def reaching(
    target: Shape, sizes: Sequence[int], stride: Shape, extents: Sequence[int]
) -> tuple[Shape, Shape]:
    """The padding and adjustment with which a deconvolution gives the target's size.

    Example:
        >>> reaching((7,), (4,), (2,), (3,))
        ((1,), (0,))
    """
    surplus = [
        step * (size - 1) + extent - wanted
        for step, size, extent, wanted in zip(stride, sizes, extents, target)
    ]
    if min(surplus) < 0:
        raise ValueError(f"it cannot reach the target_shape {target}")
    return tuple((each + 1) // 2 for each in surplus), tuple(each % 2 for each in surplus)
