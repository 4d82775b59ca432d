"""What the functions of all families share: the type of arrays, and casts as MXNet makes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Callable, Optional, Protocol, Union

import numpy as np
import torch
from torch import Tensor

from ....arrays import AnyArray

# What a function gives: an array, several, or what BatchNorm does.
Result = Any
Function = Callable[..., Result]
Outputs = Union[Tensor, tuple[Tensor, ...]]


class Saved(Protocol):
    """What a function with a gradient of its own keeps for its way back; PyTorch makes it.

    Example:
        >>> def backward(saved: Saved, gradient: Tensor) -> Tensor:
        ...     (data,) = saved.saved_tensors
        ...     return 2 * data * gradient
    """

    @property
    def saved_tensors(self) -> tuple[Tensor, ...]: ...

    def save_for_backward(self, *tensors: Tensor) -> None: ...


class Draw(Protocol):
    """Where a layer gets its random numbers from.

    Example:
        >>> def noise(draw: Draw) -> Tensor:
        ...     return draw.uniform((2, 3)) - draw.normal((2, 3))
    """

    def uniform(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        """Numbers from 0 to 1, without 1: float32.

        Args:
            shape: of what is drawn.
            by_image: whether its first axis is that of the images, which have numbers of their own.
        """

    def normal(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        """Numbers of mean 0 and deviation 1: float32."""


class Others(Protocol):
    """The workers that have the other images of a batch.

    Example:
        >>> def of_whole_batch(data: Tensor, others: Others) -> tuple[Tensor, Tensor]:
        ...     return others.moments(data.mean(0), data.var(0, correction=0))
    """

    def moments(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance over the images of all workers, from those over one's own: (C,)."""


def is_floating(data: Tensor) -> bool:
    """Whether an array holds floating-point numbers of any width.

    Example:
        >>> is_floating(torch.zeros(2)), is_floating(torch.zeros(2, dtype=torch.int32))
        (True, False)
    """
    return data.dtype.is_floating_point


def floating(data: Tensor) -> Tensor:
    """An array of whole numbers as float32; any other as it is.

    Example:
        >>> floating(torch.tensor([1, 2])).tolist()
        [1.0, 2.0]
    """
    return data if is_floating(data) else data.float()


def dtype_of(name: str) -> torch.dtype:
    """The type that MXNet calls so.

    Example:
        >>> dtype_of("float16")
        torch.float16
    """
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def cast(data: Tensor, dtype: torch.dtype) -> Tensor:
    """An array in another type, as C casts: fractions are cut off, and small integers wrap.

    Example:
        >>> cast(torch.tensor([1.7, 300.0]), torch.uint8).tolist()
        [1, 44]
    """
    if is_floating(data) and dtype in (torch.int8, torch.uint8):
        data = data.int()
    return data.to(dtype)


def keeps_type(function: Callable[[Tensor], Tensor]) -> Function:
    """A function of one array that answers in the array's type, whole numbers included.

    Example:
        >>> keeps_type(torch.sqrt)(torch.tensor([4, 10])).tolist()
        [2, 3]
    """

    def applied(data: Tensor) -> Tensor:
        return cast(function(floating(data)), data.dtype)

    return applied


def constant(numbers: AnyArray, like: Tensor, dtype: Optional[torch.dtype] = None) -> Tensor:
    """Numbers on the device of an array, and in its type unless told otherwise.

    They are kept: a GPU that repeats what it has recorded cannot fetch them anew.

    Example:
        >>> like = torch.zeros(3)
        >>> constant(np.arange(2), like).dtype, constant(np.ones(1), like, torch.bool).dtype
        (torch.float32, torch.bool)
    """
    numbers = np.ascontiguousarray(numbers)
    return _constant(
        numbers.tobytes(), numbers.dtype.str, numbers.shape, like.device, dtype or like.dtype
    )


@lru_cache(maxsize=256)
def _constant(
    content: bytes, kind: str, shape: tuple[int, ...], device: torch.device, dtype: torch.dtype
) -> Tensor:
    numbers = np.frombuffer(content, kind).reshape(shape)
    return torch.tensor(numbers, dtype=dtype, device=device)
