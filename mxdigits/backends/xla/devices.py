"""JAX's devices, seen to work before they are taken."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import ContextError, install_command
from ..context import AvailableDevices, Devices
from .runtime import has_gpu_plugin, import_jax, keep_compiled

_DRIVER = Path("/proc/driver/nvidia/version")


def find_devices(devices: Devices) -> AvailableDevices:
    """The devices that a wish names; what is compiled for them from now on is kept on disk.

    Raises:
        ContextError: with the reason if they cannot be used.
        BackendMissing: if JAX is not installed, or does not start.
    """
    jax = import_jax()
    there = _of_kind(jax, devices.kind)
    if len(devices.indices) > 1:
        raise ContextError("the backend xla works on one device; name one, or take backend: mxnet")
    (index,) = devices.indices
    if index >= len(there):
        kind = devices.kind
        raise ContextError(f"JAX has no {kind}({index}): it sees {len(there)}, counted from 0")
    keep_compiled()
    _try(jax, there[index], devices)
    return AvailableDevices((there[index],), described(there[index]), versions())


def first_device() -> Any:
    """JAX's first device: a GPU where it has one."""
    return import_jax().devices()[0]


def described(device: Any) -> dict[str, Any]:
    """A device for a run's record; of a GPU its name, compute capability and driver."""
    if device.platform == "cpu":
        return {}
    facts = {
        "name": device.device_kind,
        "compute_capability": getattr(device, "compute_capability", None),
        "driver": _driver(),
    }
    return {name: fact for name, fact in facts.items() if fact}


def versions() -> dict[str, str]:
    """The versions of JAX, for a run's record."""
    import_jax()
    return {name: str(sys.modules[name].__version__) for name in ("jax", "jaxlib")}


def _of_kind(jax: Any, kind: str) -> list[Any]:
    try:
        return list(jax.devices(kind))
    except RuntimeError as error:
        if kind == "gpu" and not has_gpu_plugin():
            raise ContextError(
                f"the installed JAX is the CPU-only build; for NVIDIA GPUs: "
                f"{install_command('xla-cuda')}"
            ) from error
        raise ContextError(f"JAX sees no {kind} ({_first_line(error)})") from error


def _try(jax: Any, device: Any, devices: Devices) -> None:
    """Compute something on a device: a driver may be too old, or its memory taken."""
    try:
        (jax.device_put(jax.numpy.ones(2), device) * 2).block_until_ready()
    except Exception as error:  # XLA's errors have no common class of their own
        raise ContextError(f"{devices} does not work with JAX ({_first_line(error)})") from error


def _driver() -> str:
    with suppress(OSError):
        version = re.search(r"Module\s+([\d.]+)", _DRIVER.read_text(encoding="utf-8"))
        return version[1] if version else ""
    return ""


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
