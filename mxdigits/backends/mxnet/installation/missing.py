"""Why MXNet cannot be imported, and what to install."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec
from typing import Optional

import numpy

from ....foreign import describe
from ....installing import install_command
from .cuda import BUILDS, installed, several_builds

REFUSED = "MXNet does not start"

# The first Python for which there is no NumPy 1.
_TOO_NEW = (3, 13)
_DRIVER = "libcuda.so.1"  # comes only with NVIDIA's driver


def why_missing(error: Exception) -> str:
    """Why an import of MXNet failed, and what to do about it, in one line.

    Example:
        >>> why_missing(ModuleNotFoundError("No module named 'six'", name="six"))
        "MXNet does not start: it needs the module 'six'"
    """
    if isinstance(error, ModuleNotFoundError):
        if error.name == "mxnet":
            return _not_installed()
        return f"{REFUSED}: it needs the module {error.name!r}"
    plain = isinstance(error, (ImportError, AttributeError, OSError))
    reason = str(error) if plain else describe(error)
    return f"{REFUSED}: {_numpy() or several_builds() or _no_driver(reason) or reason}"


def _not_installed() -> str:
    if sys.version_info < _TOO_NEW:
        return f"MXNet is not installed: {install_command('cpu')}"
    newest = f"{_TOO_NEW[0]}.{_TOO_NEW[1] - 1}"
    return (
        f"MXNet is not installed: it needs Python 3.9 to {newest}, and this is "
        f"{platform.python_version()}"
    )


def _numpy() -> Optional[str]:
    if int(numpy.__version__.partition(".")[0]) < 2:
        return None
    command = "pip install 'numpy<2'"
    if find_spec("jax") is not None:  # MXNet's NumPy may be too old for JAX
        command = install_command("xla")
    return f"it needs NumPy 1, and NumPy {numpy.__version__} is installed: {command}"


def _no_driver(reason: str) -> Optional[str]:
    build = next(filter(installed, BUILDS), "")
    if _DRIVER not in reason or not build:
        return None
    return (
        f"{build} needs an NVIDIA driver, and this machine has none ({reason}); for its CPU: "
        f"pip uninstall -y {build} && {install_command('cpu')}"
    )
