"""Imports MXNet after preparing the process: NumPy's old names, and a thread count.

Every module that uses MXNet gets it from :func:`import_mxnet`.
"""

from __future__ import annotations

import ctypes
import os
import random
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Optional

import numpy

from ...errors import MXNetMissing
from ...installing import beside_mxnet
from ..cpus import usable_cpus
from ..spinning import set_spin_count
from .installation.cuda import load_cuda
from .installation.environment import environment_problem
from .installation.missing import REFUSED, why_missing
from .installation.modules_later import is_imported, modules_later
from .installation.operators_later import operators_later
from .random import seed_generator
from .types import MXNet

# Names that MXNet 1.9.1 reads from NumPy and that NumPy 1.24 removed.
_OLD_NUMPY_NAMES = {"bool": bool, "int": int, "float": float, "object": object, "str": str}

# MXNet reads these when it is loaded; values that the user has set are kept.
SETTINGS = {
    # A whole training step is queued as one piece, instead of fifteen operators at a time.
    "MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN": "100",
    # MXNet would write a line to stderr for every graph that it optimizes.
    "MXNET_SUBGRAPH_VERBOSE": "0",
}

_GOMP = "libgomp.so.1"
_HARD = 2  # omp_pause_hard: release everything

# The last seed, until the process imports MXNet, which then gets it.
_seeded: list[int] = []


def import_mxnet(threads: Optional[int] = None) -> MXNet:
    """MXNet, ready for use; the first call in a process imports it.

    Args:
        threads: OpenMP threads for MXNet's engine. It has an effect only in the first call, before
            the import. None means OMP_NUM_THREADS if it is set, else the CPUs that this process may
            use.

    Raises:
        MXNetMissing: if MXNet is not installed, its import fails, or an environment variable has a
            value that it cannot take.

    Example:
        >>> mx = import_mxnet()
        >>> mx.nd.ones((2,)).asnumpy().tolist()
        [1.0, 1.0]
    """
    if not _imported():
        try:
            with mxnet_importable(threads):
                import mxnet  # noqa: F401

                if not _imported():
                    raise ModuleNotFoundError("No module named 'mxnet'", name="mxnet")
        except MXNetMissing:
            raise
        except Exception as error:  # with an unknown NumPy or Python, any error
            raise MXNetMissing(why_missing(error)) from error
    return sys.modules["mxnet"]


def mxnet_installed() -> bool:
    """Whether MXNet is installed, even if its import fails.

    Example:
        >>> mxnet_installed()  # doctest: +SKIP
    """
    return _imported() or beside_mxnet()


def _imported() -> bool:
    """Whether this process has imported MXNet itself, not only a folder of that name."""
    return getattr(sys.modules.get("mxnet"), "__file__", "") is not None and "mxnet" in sys.modules


def failed_in_mxnet() -> bool:
    """Whether the import error being handled came from a missing MXNet, or from within MXNet.

    The error may be of any kind, even one whose attributes cannot be read.

    Example:
        >>> try:
        ...     raise ModuleNotFoundError("No module named 'mxnet'", name="mxnet")
        ... except ModuleNotFoundError:
        ...     failed_in_mxnet()
        True
    """
    kind, error, traceback = sys.exc_info()
    if kind is ModuleNotFoundError:
        missing = getattr(error, "name", None)
        if isinstance(missing, str) and missing.split(".")[0] == "mxnet":
            return True
    frames = walk_tb(traceback)
    within = (str(frame.f_globals.get("__name__")).split(".")[0] for frame, _ in frames)
    return not _imported() and "mxnet" in within


def set_environment(threads: Optional[int] = None) -> None:
    """Set the environment variables that MXNet reads at its import, and check the user's own.

    If MXNet has been loaded, nothing is set; if it is not installed, only the threads are set.

    Args:
        threads: OpenMP threads for MXNet's engine and for PyTorch. None means OMP_NUM_THREADS if it
            is set, else the CPUs that this process may use.

    Raises:
        MXNetMissing: if an environment variable has a value that MXNet cannot take.

    Example:
        >>> set_environment()
        >>> os.environ["MXNET_SUBGRAPH_VERBOSE"]
        '0'
    """
    if _imported():
        return
    if not mxnet_installed():
        if threads is not None:
            os.environ["OMP_NUM_THREADS"] = str(threads)
        return
    if threads is not None or not os.environ.get("OMP_NUM_THREADS"):
        os.environ["OMP_NUM_THREADS"] = str(threads or usable_cpus())
    # OpenMP accepts a list, one number per level, but MXNet would end the process.
    os.environ["OMP_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"].partition(",")[0]
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    set_spin_count()
    if sys.flags.optimize > 1:
        raise MXNetMissing(f"{REFUSED}: it reads docstrings; leave out -OO or PYTHONOPTIMIZE=2")
    if problem := environment_problem(os.environ):
        raise MXNetMissing(f"{REFUSED}: {problem}")


@contextmanager
def mxnet_importable(threads: Optional[int] = None) -> Iterator[None]:
    """Allow imports of MXNet in a ``with`` block, also by plugins.

    Raises:
        MXNetMissing: if an environment variable has a value that MXNet cannot take.

    Example:
        >>> with mxnet_importable():
        ...     import mxnet
    """
    if _imported():
        yield
        return
    set_environment(threads)
    load_cuda()
    with _surroundings(), modules_later(_surroundings), operators_later():
        yield
    if _imported():
        _keep_main_thread_out_of_openmp()
        if _seeded:
            sys.modules["mxnet"].random.seed(_seeded[-1])


def seed_everything(seed: int) -> None:
    """Seed every generator that a model, a data set or an initializer may draw from.

    MXNet's generator is seeded too, also if the process imports MXNet later.

    Example:
        >>> seed_everything(7)
    """
    if _imported():
        import_mxnet().random.seed(seed)
    else:
        _seeded[:] = [seed]
    seed_generator(seed)
    numpy.random.seed(seed)
    random.seed(seed)


def engine_threads() -> int:
    """The number of OpenMP threads of MXNet's engine in this process, fixed at its import.

    Example:
        >>> engine_threads() >= 1
        True
    """
    text = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    return int(text) if text.isdecimal() and int(text) else 1


def release_threads() -> None:
    """End the OpenMP threads of MXNet's engine; its next work starts new ones.

    PyTorch shares libgomp with MXNet. If both together have more threads than there are CPUs,
    libgomp lets threads sleep instead of spin when they wait, hundreds of times in a step.

    Example:
        >>> release_threads()
    """
    if not _imported():
        return
    mx = import_mxnet()
    try:
        pause = ctypes.CDLL(_GOMP).omp_pause_resource_all
    except (OSError, AttributeError):  # not GNU's, or older than OpenMP 5.0
        return
    # OpenMP threads belong to the thread that leads them, so that one has to make the call.
    work = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: pause(_HARD))
    cpu, nothing = (ctypes.c_int32 * 2)(mx.cpu().device_typeid, 0), (None, 0)
    push = mx.base._LIB.MXEnginePushSync
    mx.base.check_call(push(work, None, None, cpu, *nothing, *nothing, None, 0, b"release_threads"))
    mx.nd.waitall()  # `work` must exist until then


@contextmanager
def _surroundings() -> Iterator[None]:
    """The context for an import of MXNet's modules: NumPy's old names, and no warnings."""
    lent = {name for name in _OLD_NUMPY_NAMES if name not in vars(numpy)}
    for name in lent:
        setattr(numpy, name, _OLD_NUMPY_NAMES[name])
    try:
        with warnings.catch_warnings():
            # MXNet uses many deprecated functions, and users of mxdigits cannot change that.
            warnings.filterwarnings("ignore", module=r"mxnet(\.|$)")
            yield
    finally:
        # Other packages must see NumPy unchanged, so the names are removed again.
        for name in lent:
            delattr(numpy, name)
    if lent and _imported():  # otherwise an outer block will do it
        _give_old_names_to_mxnet()


def _give_old_names_to_mxnet() -> None:
    """Keep the old names for MXNet only, because some of its functions read them later."""
    private = _NumPyWithOldNames(numpy)
    for name, module in list(sys.modules.items()):
        if (name == "mxnet" or name.startswith("mxnet.")) and is_imported(module):
            for key, value in list(vars(module).items()):
                if value is numpy:
                    setattr(module, key, private)


class _NumPyWithOldNames(types.ModuleType):
    """NumPy as MXNet's modules see it."""

    def __init__(self, wrapped: types.ModuleType):
        super().__init__("numpy")
        self.__dict__.update(_OLD_NUMPY_NAMES, _numpy=wrapped)

    def __getattr__(self, name: str) -> object:
        return getattr(self.__dict__["_numpy"], name)


def _keep_main_thread_out_of_openmp() -> None:
    """Let OpenMP regions of the calling thread use one thread.

    Otherwise the first such region (a large ``asnumpy()``) gives libgomp a second pool beside the
    engine's: then there are more threads than cores, and the engine has half its speed for the rest
    of the process. The setting is thread-local, so the engine's workers keep theirs.
    """
    try:
        ctypes.CDLL(_GOMP).omp_set_num_threads(1)
    except (OSError, AttributeError):
        pass  # an MXNet built without GNU OpenMP has no such pool
