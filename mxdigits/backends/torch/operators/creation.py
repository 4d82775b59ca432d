"""Operators that make arrays of nothing, or of a shape alone; some draw random numbers."""

from __future__ import annotations

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from .types import Draw, Function, constant, dtype_of

Shape = tuple[int, ...]


def full(
    *, shape: Optional[Shape], dtype: str, value: float, ctx: str, device: torch.device
) -> Tensor:
    number = value if dtype_of(dtype).is_floating_point else int(value)
    return torch.full(shape or (1,), number, dtype=dtype_of(dtype), device=device)


def zeros(*, shape: Shape, dtype: str, ctx: str, device: torch.device) -> Tensor:
    return full(shape=shape, dtype=dtype, value=0.0, ctx=ctx, device=device)


def ones(*, shape: Shape, dtype: str, ctx: str, device: torch.device) -> Tensor:
    return full(shape=shape, dtype=dtype, value=1.0, ctx=ctx, device=device)


def arange_like(
    data: Tensor, *, start: float, step: float, repeat: int, ctx: str, axis: Optional[int]
) -> Tensor:
    count = data.numel() if axis is None else data.shape[axis]
    numbers = start + step * (np.arange(count) // repeat)
    return constant(numbers.reshape(tuple(data.shape) if axis is None else (count,)), data)


def random_uniform(
    *, low: float, high: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, draw: Draw
) -> Tensor:
    return (low + (high - low) * draw.uniform(shape or (1,))).to(dtype_of(dtype or "float32"))


def random_normal(
    *, loc: float, scale: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, draw: Draw
) -> Tensor:
    return (loc + scale * draw.normal(shape or (1,))).to(dtype_of(dtype or "float32"))


def random_uniform_like(data: Tensor, *, low: float, high: float, draw: Draw) -> Tensor:
    return (low + (high - low) * draw.uniform(data.shape)).to(data.dtype)


def random_normal_like(data: Tensor, *, loc: float, scale: float, draw: Draw) -> Tensor:
    return (loc + scale * draw.normal(data.shape)).to(data.dtype)


FUNCTIONS: dict[str, Function] = {
    "_contrib_arange_like": arange_like,
    "_full": full,
    "_ones": ones,
    "_random_normal": random_normal,
    "_random_normal_like": random_normal_like,
    "_random_uniform": random_uniform,
    "_random_uniform_like": random_uniform_like,
    "_zeros": zeros,
}
