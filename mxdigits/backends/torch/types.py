"""Names for types of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

from torch import Tensor

__all__ = ["IMAGES", "Number", "Tensor", "Tensors"]

Tensors = Mapping[str, Tensor]  # by name
IMAGES = 4  # axes of a batch of images, and of the filters over them
Number = Union[Tensor, float]  # one number; a tensor without dimensions
