"""Imports PyTorch, or says why that is not possible."""

from __future__ import annotations

import ctypes
import functools
import os
from types import ModuleType

from ...errors import BackendMissing
from ...installing import check_age, install_command, why_not_imported
from ...workers import current
from ..cpus import openmp_threads
from ..mxnet.runtime import release_threads
from ..spinning import set_spin_count

OLDEST = (2, 4)
# Without it, cuBLAS may add up in another order each time; it reads this once.
_REPEATABLE = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
# Without it, each worker warns that the others' addresses have no names.
_QUIET = ("TORCH_CPP_LOG_LEVEL", "ERROR")
# Parameters of glibc's mallopt, and environment variables that set them.
_TRIM_THRESHOLD = -1
_MMAP_THRESHOLD = -3
_SET_BY_USER = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
_KEPT = 2**31 - 1  # bytes
_SERVED_FROM_KEPT = 2**30, 2**25  # bytes; the second is the largest for older versions of glibc


def import_torch() -> ModuleType:
    """PyTorch; the first call in a process imports it.

    Raises:
        BackendMissing: if it is not installed, is too old, or does not start.

    Example:
        >>> import_torch().ones(2).tolist()
        [1.0, 1.0]
    """
    os.environ.setdefault(*_REPEATABLE)
    set_spin_count()
    if current().count > 1:
        os.environ.setdefault(*_QUIET)
    try:
        import torch
    except Exception as error:  # also of a NumPy that it was not built for
        raise BackendMissing(why_missing(error)) from error
    check_age("PyTorch", str(torch.__version__), OLDEST, "torch")
    return torch


def why_missing(error: Exception) -> str:
    """Why an import of PyTorch failed, and what to do about it, in one line.

    Example:
        >>> print(why_missing(ModuleNotFoundError("No module named 'scipy'", name="scipy")))
        PyTorch does not start: it needs the module 'scipy'
    """
    why = why_not_imported("PyTorch", "torch", "torch", error)
    if isinstance(error, ModuleNotFoundError):
        return why
    return f"{why}; to install what it needs: {install_command('torch')}"


def take_cpus() -> None:
    """Let PyTorch use as many threads as OMP_NUM_THREADS says, else as this process has CPUs.

    Call it before each longer piece of work: an import of MXNet sets its thread to one OpenMP
    thread, and MXNet's own threads stay beside PyTorch's.

    Example:
        >>> take_cpus()
        >>> import_torch().get_num_threads() >= 1
        True
    """
    wanted = openmp_threads()
    torch = import_torch()
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)
    release_threads()


@functools.cache
def keep_memory() -> None:
    """Let this process keep the memory that it frees, for the next training step.

    PyTorch allocates the arrays of each step anew, and glibc returns large ones to the system.
    Getting them back page by page takes a tenth of a step. Nothing is changed if the user has set
    when memory is returned, or there is no glibc.

    Example:
        >>> keep_memory()
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or any(os.environ.get(name) for name in _SET_BY_USER):
        return
    mallopt(_TRIM_THRESHOLD, _KEPT)
    for size in _SERVED_FROM_KEPT:
        if mallopt(_MMAP_THRESHOLD, size):
            break
