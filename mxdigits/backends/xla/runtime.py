"""JAX, imported and ready for use, or the reason why it is not."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Any

from ...errors import BackendMissing, describe, install_command
from ..cache import cache_folder

# JAX would take three quarters of a GPU's memory at its start, though others may use it.
_NOT_ALL_MEMORY = ("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
_CACHE = "jax_compilation_cache_dir"
# The packages through which JAX uses a GPU.
_GPU_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin", "jax_rocm7_plugin", "jax_rocm60_plugin")


def import_jax() -> Any:
    """JAX; the first call in a process imports it, with a GPU's memory taken as it is needed.

    Raises:
        BackendMissing: if it is not installed, or does not start.
    """
    os.environ.setdefault(*_NOT_ALL_MEMORY)
    try:
        import jax
    except ModuleNotFoundError as error:
        if error.name in ("jax", "jaxlib"):
            raise BackendMissing(
                f"JAX is not installed: {install_command('xla')}, or for an NVIDIA GPU "
                f"{install_command('xla-cuda')}"
            ) from error
        raise BackendMissing(f"JAX does not start: it needs the module {error.name!r}") from error
    except Exception as error:  # also of a NumPy that is too old for it
        raise BackendMissing(
            f"JAX does not start: {describe(error)}; beside MXNet it has to be of a version that "
            f"takes NumPy 1: {install_command('xla')} 'numpy<2'"
        ) from error
    return jax


def has_gpu_plugin() -> bool:
    """Whether a package is installed through which JAX uses a GPU."""
    return any(name in sys.modules or find_spec(name) is not None for name in _GPU_PLUGINS)


def keep_compiled() -> None:
    """Have JAX keep what it compiles on disk, for later processes.

    The folder is ``mxdigits/xla`` in the user's cache; what JAX_COMPILATION_CACHE_DIR or the
    process itself says goes first.
    """
    jax = import_jax()
    if getattr(jax.config, _CACHE) is None:
        jax.config.update(_CACHE, str(cache_folder("xla")))
