"""Names for types of JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from jax import Array, Device
from jax.sharding import NamedSharding

__all__ = ["Array", "Arrays", "Device", "Number", "Sharding", "Traced", "Tree"]

Arrays = Mapping[str, Array]  # by name
Number = Union[Array, float]  # one number, maybe not yet known in a traced function
Sharding = Union[Device, NamedSharding]  # where an array lies
# Arrays in nested tuples and dicts, which JAX calls a pytree; it has no type for it.
Tree = Any
# A traced function or an equation in it; their classes move between versions.
Traced = Any
