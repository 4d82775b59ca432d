"""Loads CUDA 11 libraries from PyPI for MXNet's builds for GPUs, which do not look for them.

``libmxnet.so`` of the distributions in :data:`BUILDS` needs ten libraries of CUDA but has no path
to them. NVIDIA's distributions for Python put them into the package ``nvidia``; a library that is
already loaded is found by its name.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

# MXNet's distributions for GPUs that have an extra here, and the one for CPUs: all put their files
# into the same folder ``mxnet``.
BUILDS = ("mxnet-cu112", "mxnet-cu117")
DISTRIBUTIONS = ("mxnet", *BUILDS)

# Folders of the package nvidia, and files in them, each after the ones that it needs.
_LIBRARIES = (
    ("cuda_runtime", "libcudart.so.11.0"),
    ("cublas", "libcublasLt.so.11"),
    ("cublas", "libcublas.so.11"),
    ("cuda_nvrtc", "libnvrtc.so.11.2"),
    ("cufft", "libcufft.so.10"),
    ("curand", "libcurand.so.10"),
    ("cusparse", "libcusparse.so.11"),
    ("cusolver", "libcusolver.so.11"),
    ("nvtx", "libnvToolsExt.so.1"),
    ("nccl", "libnccl.so.2"),
    ("cudnn", "libcudnn.so.8"),
)


def load_cuda() -> None:
    """Load the installed CUDA libraries, if MXNet is a build for GPUs.

    Missing libraries are no error here, because the system may have them elsewhere; otherwise the
    import of MXNet reports them.

    Example:
        >>> load_cuda()
    """
    libraries = list(_found())
    # Files first: looking for distributions takes longer.
    if not libraries or not any(map(installed, BUILDS)):
        return
    for library in libraries:
        with suppress(OSError):
            ctypes.CDLL(str(library))


def several_builds() -> str:
    """What to do if several of MXNet's distributions are installed; empty if only one is.

    With pip, they overwrite each other's files.

    Example:
        >>> several_builds()
        ''
    """
    here = [name for name in DISTRIBUTIONS if installed(name)]
    if len(here) < 2:
        return ""
    return (
        f"{' and '.join(here)} have overwritten each other's files: "
        f"pip uninstall -y {' '.join(here)}, and install one of them again"
    )


def _found() -> Iterator[Path]:
    spec = find_spec("nvidia")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    for folder, name in _LIBRARIES:
        files = (Path(place, folder, "lib", name) for place in places)
        yield from [file for file in files if file.is_file()][:1]


def installed(distribution: str) -> bool:
    """Whether a distribution is installed.

    Example:
        >>> installed("numpy"), installed("no-such-distribution")
        (True, False)
    """
    from importlib.metadata import PackageNotFoundError, version  # not needed without a GPU

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
