"""Imports JAX, or says why that is not possible."""

from __future__ import annotations

import os
import re
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from types import ModuleType

import numpy

from ...errors import BackendMissing
from ...foreign import describe
from ...installing import beside_mxnet, install_command
from ..cache import cache_folder
from ..nvidia import OLDEST_DRIVERS

# By default, JAX takes three quarters of a GPU's memory at its start, though others may need it.
_NOT_ALL_MEMORY = ("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
_CACHE = "jax_compilation_cache_dir"
# By default, JAX keeps only programs that took a second to compile. A CPU compiles a small
# network's step faster than that, and would do so in every process.
_KEPT_FROM = "jax_persistent_cache_min_compile_time_secs"
# The packages through which JAX uses a GPU, and the oldest NVIDIA driver for each on Linux.
GPU_PLUGINS = {
    **OLDEST_DRIVERS,
    "jax_rocm7_plugin": "",
    "jax_rocm60_plugin": "",
}


def import_jax() -> ModuleType:
    """JAX; the first call in a process imports it, set to allocate a GPU's memory only as needed.

    Raises:
        BackendMissing: if it is not installed, or does not start.

    Example:
        >>> import_jax().numpy.ones(2).tolist()
        [1.0, 1.0]
    """
    os.environ.setdefault(*_NOT_ALL_MEMORY)
    try:
        import jax
    except Exception as error:  # also if NumPy is too old for it
        raise BackendMissing(why_missing(error)) from error
    return jax


def gpu_plugins() -> list[str]:
    """The installed packages through which JAX uses a GPU.

    Example:
        >>> set(gpu_plugins()) <= set(GPU_PLUGINS)
        True
    """
    return [name for name in GPU_PLUGINS if name in sys.modules or find_spec(name) is not None]


def keep_compiled() -> None:
    """Let JAX keep compiled programs on disk, for later processes.

    The folder is ``mxdigits/xla`` in the user's cache. JAX_COMPILATION_CACHE_DIR,
    JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS, and a folder that the process has already set, take
    precedence.

    Example:
        >>> keep_compiled()  # doctest: +SKIP
    """
    jax = import_jax()
    if getattr(jax.config, _CACHE) is None:
        jax.config.update(_CACHE, str(cache_folder("xla")))
        if _KEPT_FROM.upper() not in os.environ:
            jax.config.update(_KEPT_FROM, 0.0)


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
