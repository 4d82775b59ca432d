"""The machine that executes a network, and the versions of the software that does so.

Every run records both, because the bits of results may differ between them.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

from .. import __version__


def versions(executor: str) -> dict[str, str]:
    """The versions that decide the exact bits of a run's results, by name.

    Args:
        executor: the module that executes the network, such as ``mxnet``. The version is that of
            the imported module, because MXNet has distributions of several names.

    Example:
        >>> sorted(versions("mxnet"))
        ['mxdigits', 'mxnet', 'numpy', 'python']
    """
    return {
        "mxdigits": __version__,
        executor: str(getattr(sys.modules.get(executor), "__version__", "not imported")),
        "numpy": version("numpy"),
        "python": platform.python_version(),
    }


def machine() -> dict[str, str]:
    """The processor and the platform.

    Example:
        >>> sorted(machine())
        ['platform', 'processor']
    """
    return {"processor": processor(), "platform": platform.platform()}


def processor(field: str = "model name") -> str:
    """Linux's entry ``field`` for the first processor; empty if there is none.

    Example:
        >>> processor("no such field")
        ''
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
