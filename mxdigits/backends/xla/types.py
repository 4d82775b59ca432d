"""Names for what goes through JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from jax import Array, Device
from jax.sharding import NamedSharding

__all__ = ["Array", "Arrays", "Device", "Number", "Sharding", "Traced", "Tree"]

Arrays = Mapping[str, Array]  # by name
Number = Union[Array, float]  # one number, which a traced function may not know yet
Sharding = Union[Device, NamedSharding]  # where an array lies
# Arrays within tuples and dicts, which JAX calls a pytree and gives no type.
Tree = Any
# A traced function or an equation of it; their classes move from version to version.
Traced = Any
