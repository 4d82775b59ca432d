"""MXNet's devices, tried before they are used."""

from __future__ import annotations

from ...errors import ContextError
from ..context import AvailableDevices, Devices
from .runtime import import_mxnet
from .types import MXNet


def find_devices(devices: Devices) -> AvailableDevices:
    """The MXNet contexts of the requested devices.

    Raises:
        ContextError: with the reason if they cannot be used.
        MXNetMissing: if MXNet is not installed, or does not start.

    Example:
        >>> find_devices(Devices("cpu", (0,))).devices
        (cpu(0),)
    """
    mx = import_mxnet()
    reason = _missing(mx, devices) if devices.kind == "gpu" else None
    if reason is not None:
        raise ContextError(reason)
    return AvailableDevices(tuple(mx.Context(devices.kind, i) for i in devices.indices))


def _missing(mx: MXNet, devices: Devices) -> str | None:
    """Why these GPUs cannot be used; None if a computation on each of them works."""
    if not mx.runtime.Features().is_enabled("CUDA"):
        return "the installed MXNet is the CPU-only build"
    try:
        count = mx.context.num_gpus()
    except mx.MXNetError as error:
        return f"the NVIDIA driver does not answer ({_last_line(error)})"
    if count == 0:
        return "the NVIDIA driver shows no GPU"
    for index in devices.indices:
        if index >= count:
            return f"there is no gpu({index}): this machine has {count}, counted from 0"
        try:
            mx.nd.ones((2,), ctx=mx.gpu(index)).asnumpy()
        except mx.MXNetError as error:
            return (
                f"gpu({index}) cannot run this MXNet build, which holds machine code for "
                f"compute capability 5.0 to 8.9 only ({_last_line(error)})"
            )
    return None


def _last_line(error: Exception) -> str:
    """The last line of a message, which says what went wrong: MXNet's first lines say where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
