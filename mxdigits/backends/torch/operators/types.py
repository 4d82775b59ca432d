"""Shared by the functions of all families: types of arrays, and casts as in MXNet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Callable, Optional, Protocol, Union

import numpy as np
import torch
from torch import Tensor

from ....arrays import AnyArray, Shape

# The result of a function: one array, several arrays, or BatchNorm's pair.
Result = Any
Function = Callable[..., Result]
Outputs = Union[Tensor, tuple[Tensor, ...]]


class Saved(Protocol):
    """What a function with its own gradient keeps for its backward pass; PyTorch creates it.

    Example:
        >>> def backward(saved: Saved, gradient: Tensor) -> Tensor:
        ...     (data,) = saved.saved_tensors
        ...     return 2 * data * gradient
    """

    @property
    def saved_tensors(self) -> tuple[Tensor, ...]: ...

    def save_for_backward(self, *tensors: Tensor) -> None: ...


class Draw(Protocol):
    """The source of a layer's random numbers.

    Example:
        >>> def noise(draw: Draw) -> Tensor:
        ...     return draw.uniform((2, 3)) - draw.normal((2, 3))
    """

    def uniform(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        """Uniform numbers from 0 to below 1, float32.

        Args:
            shape: the shape of the numbers to draw.
            by_image: whether the first axis is that of the images, each of which has its own
                numbers.
        """

    def normal(self, shape: Sequence[int], *, by_image: bool = False) -> Tensor:
        """Normal numbers of mean 0 and deviation 1, float32."""


class Others(Protocol):
    """The workers that hold the other images of a batch.

    Example:
        >>> def of_whole_batch(data: Tensor, others: Others) -> tuple[Tensor, Tensor]:
        ...     return others.moments(data.mean(0), data.var(0, correction=0))
    """

    def moments(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance (C,) over all workers' images, from those over this worker's images."""


def is_floating(data: Tensor) -> bool:
    """Whether an array holds floating-point numbers of any width.

    Example:
        >>> is_floating(torch.zeros(2)), is_floating(torch.zeros(2, dtype=torch.int32))
        (True, False)
    """
    return data.dtype.is_floating_point


def floating(data: Tensor) -> Tensor:
    """An array of whole numbers as float32; any other array unchanged.

    Example:
        >>> floating(torch.tensor([1, 2])).tolist()
        [1.0, 2.0]
    """
    return data if is_floating(data) else data.float()


def dtype_of(name: str) -> torch.dtype:
    """PyTorch's type by its name in MXNet.

    Example:
        >>> dtype_of("float16")
        torch.float16
    """
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def cast(data: Tensor, dtype: torch.dtype) -> Tensor:
    """An array cast to another type as in C: fractions are cut off, and small integers wrap.

    Example:
        >>> cast(torch.tensor([1.7, 300.0]), torch.uint8).tolist()
        [1, 44]
    """
    if is_floating(data) and dtype in (torch.int8, torch.uint8):
        data = data.int()
    return data.to(dtype)


def keeps_type(function: Callable[[Tensor], Tensor]) -> Function:
    """A function of one array whose result has the array's type, also for whole numbers.

    Example:
        >>> keeps_type(torch.sqrt)(torch.tensor([4, 10])).tolist()
        [2, 3]
    """

    def applied(data: Tensor) -> Tensor:
        return cast(function(floating(data)), data.dtype)

    return applied


def constant(numbers: AnyArray, like: Tensor, dtype: Optional[torch.dtype] = None) -> Tensor:
    """Numbers on the device of an array, and in its type unless another is given.

    They are kept, because a GPU that replays a captured step cannot fetch them again.

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
    content: bytes, kind: str, shape: Shape, device: torch.device, dtype: torch.dtype
) -> Tensor:
    numbers = np.frombuffer(content, kind).reshape(shape)
    return torch.tensor(numbers, dtype=dtype, device=device)
