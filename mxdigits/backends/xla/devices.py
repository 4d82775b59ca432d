"""The devices that JAX has, and what a record says of one."""

from __future__ import annotations

import os
from typing import Any

import jax

# JAX would take three quarters of a GPU's memory at its start, whoever else uses it.
_NOT_ALL_MEMORY = ("XLA_PYTHON_CLIENT_PREALLOCATE", "false")


def first_device() -> Any:
    """JAX's first device: a GPU where it has one."""
    return devices()[0]


def devices(platform: str | None = None) -> list[Any]:
    """The devices of a platform such as ``gpu``; starts JAX with memory taken as needed."""
    os.environ.setdefault(*_NOT_ALL_MEMORY)
    return list(jax.devices(platform))


def described(device: Any) -> dict[str, Any]:
    """A device for a run's record."""
    facts = {"context": f"{device.platform}({device.id})", "name": device.device_kind}
    capability = getattr(device, "compute_capability", None)
    return {**facts, "compute_capability": capability} if capability else facts
