"""PyTorch's devices, tried before they are used."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from ...errors import ContextError
from ..context import AvailableDevices, Devices, why_unusable
from ..nvidia import OLDEST_TF32, TF32_HAVE, driver_version
from .runtime import import_torch

if TYPE_CHECKING:
    from torch import device as Device

_UNTRIED = "nobody has tried mxdigits on it"


def find_devices(devices: Devices) -> AvailableDevices:
    """The requested device.

    Raises:
        ContextError: with the reason if it cannot be used.
        BackendMissing: if PyTorch is not installed, or does not start.

    Example:
        >>> find_devices(Devices("cpu", (0,))).devices
        (device(type='cpu'),)
        >>> find_devices(Devices("cpu", (99,)))
        Traceback (most recent call last):
            ...
        mxdigits.errors.ContextError: PyTorch has no cpu(99): it sees 1, counted from 0
    """
    torch = import_torch()
    if len(devices.indices) > 1:
        raise ContextError("the backend torch works on one device; name one")
    (index,) = devices.indices
    kind = "cpu" if devices.kind == "cpu" else _kind_of_gpu(torch)
    count = _count(torch, kind)
    if index >= count:
        raise ContextError(
            f"PyTorch has no {devices.kind}({index}): it sees {count}, counted from 0"
        )
    device = torch.device("cpu") if kind == "cpu" else torch.device(kind, index)
    _try(torch, device, devices)
    without = {} if _has_tf32(torch, device) else {"tf32": TF32_HAVE}
    return AvailableDevices((device,), described(device), versions(), without)


def described(device: Device) -> dict[str, object]:
    """A device for a run's record; for a GPU, its name, compute capability and driver.

    Example:
        >>> described(import_torch().device("cpu"))
        {}
    """
    torch = import_torch()
    if device.type == "cuda" and torch.version.hip is None:
        capability = torch.cuda.get_device_capability(device)
        facts = {
            "name": torch.cuda.get_device_name(device),
            "compute_capability": ".".join(map(str, capability)),
            "driver": driver_version(),
        }
        return {name: fact for name, fact in facts.items() if fact}
    if device.type == "cuda":
        return {"name": torch.cuda.get_device_name(device), "rocm": _UNTRIED}
    if device.type == "xpu":
        return {"name": torch.xpu.get_device_name(device), "xpu": _UNTRIED}
    return {"mps": _UNTRIED} if device.type == "mps" else {}


def versions() -> dict[str, str]:
    """The version of PyTorch, for a run's record.

    Example:
        >>> list(versions())
        ['torch']
    """
    return {"torch": str(import_torch().__version__)}


def _kind_of_gpu(torch: ModuleType) -> str:
    """PyTorch's name for this machine's GPUs: ``cuda`` (also for ROCm), ``xpu`` or ``mps``."""
    if torch.cuda.is_available():
        return "cuda"
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        return "xpu"
    if torch.backends.mps.is_available():
        return "mps"
    if torch.version.cuda is None and torch.version.hip is None:
        raise ContextError(
            "the installed PyTorch is the CPU-only build; https://pytorch.org/get-started says how "
            "to install another"
        )
    driver = driver_version()
    if torch.version.cuda is not None and driver:
        raise ContextError(
            f"PyTorch sees no gpu: it is built for CUDA {torch.version.cuda}, for which the NVIDIA "
            f"driver {driver} may be too old"
        )
    raise ContextError("PyTorch sees no gpu")


def _count(torch: ModuleType, kind: str) -> int:
    if kind in ("cpu", "mps"):
        return 1
    return int(torch.cuda.device_count() if kind == "cuda" else torch.xpu.device_count())


def _has_tf32(torch: ModuleType, device: Device) -> bool:
    if device.type != "cuda" or torch.version.hip is not None:
        return False
    return bool(torch.cuda.get_device_capability(device)[0] >= OLDEST_TF32)


def _try(torch: ModuleType, device: Device, requested: Devices) -> None:
    """Compute something on a device: a driver may be too old, or a GPU's memory in use."""
    try:
        (torch.ones(2, device=device) * 2).sum().item()
    except Exception as error:  # the errors of CUDA, ROCm, XPU and MPS have no common class
        raise ContextError(why_unusable(requested, "PyTorch", error)) from error
