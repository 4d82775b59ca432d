"""Finds an NVIDIA driver, and what to install to use the GPU, without calling the driver."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

from ..installing import install_command

# Files by which the driver can be found; WSL has only the device.
_VERSION = Path("/proc/driver/nvidia/version")
_MODELS = "driver/nvidia/gpus/*/information"
_DEVICES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))

# The packages through which JAX uses an NVIDIA GPU, and the oldest driver for each on Linux.
OLDEST_DRIVERS = {"jax_cuda12_plugin": "525.60.13", "jax_cuda13_plugin": "580.65.06"}
# GPUs of at least this compute capability have tensor cores for tf32.
OLDEST_TF32 = 8
TF32_HAVE = f"NVIDIA GPUs from compute capability {OLDEST_TF32}.0 on have; write precision: float32"

_OLDEST = OLDEST_DRIVERS["jax_cuda12_plugin"]  # the one that the extra xla-cuda installs


def unused_gpu() -> str:
    """What to install to compute on this machine's GPU.

    Returns:
        An empty text if there is no NVIDIA driver, or JAX can already use it.

    Example:
        >>> unused_gpu()  # doctest: +SKIP
    """
    driver = driver_version()
    if driver is None or any(find_spec(name) is not None for name in OLDEST_DRIVERS):
        return ""
    version = f" {driver}" * bool(driver)
    if driver and is_older(driver, _OLDEST):
        what = f"XLA uses its GPU from driver {_OLDEST} on"
    else:
        what = f"for XLA to use its GPU: {install_command('xla-cuda')}"
    return f"this machine has the NVIDIA driver{version}; {what}"


def driver_version() -> Optional[str]:
    """The version of the NVIDIA driver; empty if unknown, None if there is no driver.

    Example:
        >>> driver_version()  # doctest: +SKIP
    """
    try:
        found = re.search(r"Module.*?\s(\d+(?:\.\d+)+)\s", _VERSION.read_text(encoding="utf-8"))
    except OSError:
        found = None
    if found is not None:
        return found[1]
    there = any(device.exists() for device in _DEVICES) or shutil.which("nvidia-smi") is not None
    return "" if there else None


def gpu_models(proc: Path = Path("/proc")) -> tuple[str, ...]:
    """The driver's names of its GPUs; empty if it gives none.

    Example:
        >>> gpu_models(Path("no such folder"))
        ()
    """
    found = []
    for file in sorted(proc.glob(_MODELS)):
        with suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="replace")
            found += re.findall(r"^Model:\s*(.+?)\s*$", text, re.MULTILINE)
    return tuple(found)


def is_older(driver: str, needed: str) -> bool:
    """Whether a version of the driver is older than another.

    Example:
        >>> is_older("525.60.13", "580.65.06")
        True
    """
    own, other = (tuple(map(int, re.findall(r"\d+", each))) for each in (driver, needed))
    return own < other
