"""MXNet's import without ``scipy.stats``, which takes as long as all of the rest of it.

MXNet uses it to calibrate networks of 8 bits and in its tests of random numbers.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Optional

_STATS = "scipy.stats"
# Who imports it, and under which name; each does without where that fails.
_USERS = {"mxnet.contrib.quantization": "stats", "mxnet.test_utils": "ss"}


@contextmanager
def scipy_later() -> Iterator[None]:
    """Within it, MXNet's modules get ``scipy.stats`` as what is imported at its first use.

    All others who import it get it at once.

    Example:
        >>> with scipy_later():
        ...     import math
        >>> math.sqrt(9)
        3.0
    """
    refusal = _Refusal()
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)
        for user, name in refusal.refused.items():
            if user in sys.modules:
                setattr(sys.modules[user], name, _Later(_STATS))


class _Refusal:
    """Finds nothing; to those who can do without it says that there is no ``scipy.stats``.

    It is asked only where SciPy itself was found.
    """

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == _STATS and (user := _importer()) in _USERS:
            self.refused[user] = _USERS[user]
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _importer() -> str:
    """The module whose import statement is being carried out, of SciPy or a part of it."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = str(frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in ("importlib", "scipy") and name != __name__:
            return name
        frame = frame.f_back
    return ""


class _Later(types.ModuleType):
    """A module that is imported when something of it is asked for."""

    _real: Optional[types.ModuleType] = None

    def __getattr__(self, name: str) -> object:
        if self._real is None:
            self._real = import_module(self.__name__)
        return getattr(self._real, name)
