"""PyTorch, imported and ready for use, or the reason why it is not."""

from __future__ import annotations

import os
import re
from typing import Any

from ...errors import BackendMissing
from ..cache import cache_folder
from .missing import why_missing, why_too_old

OLDEST = (2, 4)
# Else cuBLAS may add up in another order each time; it reads this once.
_REPEATABLE = ("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
_CACHE = "TORCHINDUCTOR_CACHE_DIR"


def import_torch() -> Any:
    """PyTorch; the first call in a process imports it.

    Raises:
        BackendMissing: if it is not installed, too old, or does not start.
    """
    os.environ.setdefault(*_REPEATABLE)
    try:
        import torch
    except Exception as error:  # also of a NumPy that it was not built for
        raise BackendMissing(why_missing(error)) from error
    version = str(torch.__version__)
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < OLDEST:
        raise BackendMissing(why_too_old(version, ".".join(map(str, OLDEST))))
    return torch


def keep_compiled() -> None:
    """Have PyTorch keep what it compiles on disk, for later processes.

    The folder is ``mxdigits/torch`` in the user's cache; what TORCHINDUCTOR_CACHE_DIR says goes
    first.
    """
    os.environ.setdefault(_CACHE, str(cache_folder("torch")))
