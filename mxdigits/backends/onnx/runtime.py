"""Imports the packages ``onnx`` and ``onnxruntime``, or says why that is not possible."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from ...errors import BackendMissing
from ...installing import check_age, why_not_imported

# The oldest usable versions: older ones lack shapes of some layers, or CPU kernels for opset 17.
OLDEST = {"onnx": (1, 14), "onnxruntime": (1, 16)}


def import_onnx() -> ModuleType:
    """The package ``onnx``, which writes and checks files.

    Raises:
        BackendMissing: if it is not installed, too old, or does not start.

    Example:
        >>> import_onnx().defs.onnx_opset_version() >= 17
        True
    """
    for part in ("checker", "helper", "numpy_helper", "shape_inference"):
        _import("onnx", f".{part}")
    return _import("onnx")


def import_onnxruntime() -> ModuleType:
    """The package ``onnxruntime``, which executes files.

    Version 1.32 reports its use to Microsoft, and keeps an identifier of this machine in
    ``~/.cache/Microsoft``, unless ORT_DISABLE_TELEMETRY is set before its import. So it is set
    here, unless the user has set it.

    Raises:
        BackendMissing: if it is not installed, too old, or does not start.

    Example:
        >>> "CPUExecutionProvider" in import_onnxruntime().get_available_providers()
        True
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    return _import("onnxruntime")


def _import(package: str, part: str = "") -> ModuleType:
    try:
        module = importlib.import_module(package + part)
    except Exception as error:  # also if it was built for another NumPy
        raise BackendMissing(why_not_imported(package, package, "onnx", error)) from error
    if not part:
        check_age(package, str(module.__version__), OLDEST[package], "onnx")
    return module
