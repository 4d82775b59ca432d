"""Imports MXNet without rarely used parts, which take half of the time of its import.

They are imported at their first use. They import other packages, such as ``scipy.stats``, which
alone takes as long as everything else. ``distutils`` is left out too: MXNet only compares versions
with it, Python 3.12 no longer has it, and setuptools, which replaces it, would be imported whole.
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

# MXNet imports each of them without using it. The last one belongs to another project.
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
    """In a ``with`` block, some of MXNet's modules are only found, and imported at their first use.

    Args:
        surroundings: gives the context that such a module needs during its import.

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
    """Whether a module has been imported, not only found; checked without using its attributes.

    Example:
        >>> is_imported(sys)
        True
    """
    return type(module) is ModuleType


class _Finder:
    """Finds modules by the other finders, and delays their import."""

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
    """A loader that imports a module inside a context."""

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
        return getattr(self._loader, name)  # such as methods that read a module's source


@contextmanager
def _without_distutils() -> Iterator[None]:
    """In a ``with`` block, ``distutils.version`` is replaced by the versions of ``packaging``.

    MXNet uses it only to compare NumPy's version with others.
    """
    if _VERSIONS in sys.modules:
        yield
        return
    from packaging.version import Version  # only needed for an import of MXNet

    versions = ModuleType(_VERSIONS)
    vars(versions).update(LooseVersion=Version, StrictVersion=Version)
    sys.modules[_VERSIONS] = versions
    try:
        yield
    finally:
        del sys.modules[_VERSIONS]
