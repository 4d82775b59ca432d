"""Why JAX cannot be imported, and what to install."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version

import numpy

from ...foreign import describe
from ...installing import beside_mxnet, install_command


def why_missing(error: Exception) -> str:
    """Why an import of JAX failed, and what to do about it, in one line.

    Example:
        >>> print(why_missing(ModuleNotFoundError("No module named 'scipy'", name="scipy")))
        JAX does not start: it needs the module 'scipy'
    """
    command = install_command("xla")
    if isinstance(error, ModuleNotFoundError):
        if error.name in ("jax", "jaxlib"):
            for_gpus = install_command("xla-cuda")
            return f"JAX is not installed: {command}, or for an NVIDIA GPU {for_gpus}"
        return f"JAX does not start: it needs the module {error.name!r}"
    if wanted := _newer_numpy():
        return (
            f"JAX does not start: {wanted}: {command if beside_mxnet() else 'pip install -U numpy'}"
        )
    return f"JAX does not start: {describe(error)}; to install what it needs: {command}"


def _newer_numpy() -> str:
    """A sentence if JAX needs NumPy 2 and NumPy 1 is installed; else empty."""
    try:
        wants = any(re.match(r"numpy\W+2", each) for each in requires("jax") or ())
        if not wants or int(numpy.__version__.partition(".")[0]) > 1:
            return ""
        return f"JAX {version('jax')} needs NumPy 2, and NumPy {numpy.__version__} is installed"
    except PackageNotFoundError:
        return ""
