"""PyTorch's functions for optimizers and loss scaling."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..graphs.functions import Functions
from .types import Number


def _float32(number: Number) -> Tensor:
    return torch.as_tensor(number, dtype=torch.float32)


def _descended(weight: Tensor, gradient: Tensor, rate: Tensor, rescale: float) -> Tensor:
    return torch.addcmul(weight, gradient, rate, value=-rescale)


def _descended_in_place(weight: Tensor, gradient: Tensor, rate: Tensor, rescale: float) -> Tensor:
    return weight.addcmul_(gradient, rate, value=-rescale)


def _maximum(first: Tensor, second: Number) -> Tensor:
    if isinstance(second, Tensor):
        return torch.maximum(first, second)
    return first.clamp(min=second)


def _minimum(first: Tensor, second: Number) -> Tensor:
    if isinstance(second, Tensor):
        return torch.minimum(first, second)
    return first.clamp(max=second)


FUNCTIONS = Functions(
    abs=torch.abs,
    all=torch.all,
    clip=torch.clamp,
    copy=torch.clone,
    descended=_descended,
    expm1=torch.expm1,
    float32=_float32,
    int32=lambda number: torch.as_tensor(number, dtype=torch.int32),
    isfinite=torch.isfinite,
    maximum=_maximum,
    minimum=_minimum,
    ones_like=torch.ones_like,
    power=torch.pow,
    sign=torch.sign,
    sqrt=torch.sqrt,
    square=torch.square,
    stack=torch.stack,
    sum=torch.sum,
    where=torch.where,
    zeros_like=torch.zeros_like,
)
# For weights whose old values nobody needs.
IN_PLACE = replace(FUNCTIONS, descended=_descended_in_place)
