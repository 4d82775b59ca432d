"""MXNet's import without the parts of it that hardly anybody uses, which take half of its time.

They are imported when something of them is asked for. With them come other packages, such as
``scipy.stats``, which alone takes as long as all of the rest. ``distutils``, which Python 3.12 has
no more and setuptools imports itself for, is not needed to compare two versions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec
from types import ModuleType
from typing import Optional

# MXNet imports each of them, and then takes nothing from it. The last is of another project.
_LATER = (
    "mxnet.contrib.onnx",
    "mxnet.contrib.quantization",
    "mxnet.contrib.tensorboard",
    "mxnet.contrib.text",
    "mxnet.gluon.contrib",
    "mxnet.gluon.model_zoo",
    "mxnet.module",
    "mxnet.notebook",
    "mxnet.rnn",
    "mxnet.test_utils",
    "mxnet.visualization",
    "requests",
)
_ROOT = "mxnet"
_VERSIONS = "distutils.version"


@contextmanager
def modules_later(surroundings: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Within it, some of MXNet's modules are only found, and imported at their first use.

    Args:
        surroundings: what such a module needs around its import, whenever that comes.

    Example:
        >>> from contextlib import nullcontext
        >>> with modules_later(nullcontext):
        ...     import math
        >>> math.sqrt(9)
        3.0
    """
    finder = _Finder(surroundings)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def is_imported(module: ModuleType) -> bool:
    """Whether a module has been imported, and not only found; to ask it anything imports it.

    Example:
        >>> is_imported(sys)
        True
    """
    return type(module) is ModuleType


class _Finder:
    """Finds what others find, and has it imported later."""

    def __init__(self, surroundings: Callable[[], AbstractContextManager[None]]) -> None:
        self._surroundings = surroundings
        self._asking = False

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> Optional[ModuleSpec]:
        if self._asking or name not in (_ROOT, *_LATER):
            return None
        self._asking = True
        try:
            spec = find_spec(name)
        finally:
            self._asking = False
        if spec is not None and spec.loader is not None:
            if name == _ROOT:
                spec.loader = _Surrounded(spec.loader, _without_distutils)
            else:
                spec.loader = LazyLoader(_Surrounded(spec.loader, self._surroundings))
        return spec


class _Surrounded(Loader):
    """A loader that imports within something."""

    def __init__(
        self, loader: Loader, surroundings: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._loader, self._surroundings = loader, surroundings

    def create_module(self, spec: ModuleSpec) -> Optional[ModuleType]:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with self._surroundings():
            self._loader.exec_module(module)

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)  # such as what reads a module's source


@contextmanager
def _without_distutils() -> Iterator[None]:
    """Within it, who asks ``distutils`` for its versions gets those of ``packaging``.

    MXNet compares NumPy's version with others, and does nothing else with them.
    """
    if _VERSIONS in sys.modules:
        yield
        return
    from packaging.version import Version  # not where MXNet is not imported

    versions = ModuleType(_VERSIONS)
    vars(versions).update(LooseVersion=Version, StrictVersion=Version)
    sys.modules[_VERSIONS] = versions
    try:
        yield
    finally:
        del sys.modules[_VERSIONS]
