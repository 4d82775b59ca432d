"""Names for what goes through PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

from torch import Tensor

__all__ = ["Number", "Tensor", "Tensors"]

Tensors = Mapping[str, Tensor]  # by name
Number = Union[Tensor, float]  # one number; a tensor of it has no dimensions
