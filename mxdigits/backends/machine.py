"""The machine that a network is executed on, and the versions of what executes it.

Both are written down with every run: bits may differ from one to another.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from pathlib import Path

from .. import __version__


def versions(executor: str) -> dict[str, str]:
    """The versions that decide the bits of a run, by name.

    Args:
        executor: the module that executes the network, such as ``mxnet``; it counts as it was
            imported, because the distributions of MXNet have several names.

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
    """What Linux says of the first processor under ``field``; empty if it does not.

    Example:
        >>> processor("no such field")
        ''
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")
