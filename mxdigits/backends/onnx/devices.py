"""Finds onnxruntime's devices before they are used."""

from __future__ import annotations

from ...errors import ContextError
from ..context import AvailableDevices, Devices
from .runtime import import_onnxruntime
from .session import CPU

GPU = "CUDAExecutionProvider"


def find_devices(devices: Devices) -> AvailableDevices:
    """The requested devices, as onnxruntime's providers in order.

    Raises:
        ContextError: with the reason if they cannot be used.
        BackendMissing: if onnxruntime is not installed, or does not start.

    Example:
        >>> find_devices(Devices("cpu", (0,))).devices
        ('CPUExecutionProvider',)
    """
    runtime = import_onnxruntime()
    versions = {"onnxruntime": str(runtime.__version__)}
    if len(devices.indices) > 1:
        raise ContextError("the backend onnx works on one device; name one")
    (index,) = devices.indices
    if devices.kind == "cpu":
        return AvailableDevices((CPU,), versions=versions)
    if GPU not in runtime.get_available_providers():
        raise ContextError("the installed onnxruntime has no GPUs: pip install onnxruntime-gpu")
    return AvailableDevices(((GPU, {"device_id": index}),), versions=versions)
