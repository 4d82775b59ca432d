"""Images in NumPy's archives, read one at a time."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

_NAMES = ("images", "x_test", "x", "X", "data")


def is_npz(path: Path) -> bool:
    """Whether a file calls itself one of NumPy's archives."""
    return path.suffix.lower() == ".npz"


def npz_images(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The images of an archive, one at a time, each uint8 (H, W) or (C, H, W).

    They are in its array ``images``, ``x_test``, ``x``, ``X`` or ``data``, or in its only one.

    Raises:
        DataError: if it holds none, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            held = [name[:-4] for name in archive.namelist() if name.endswith(".npy")]
            named = [name for name in _NAMES if name in held] or (held if len(held) == 1 else [])
            if not named:
                raise DataError(
                    f"{path}: which array holds the images? it has {', '.join(held) or 'none'}; "
                    f"name one of them images"
                )
            with archive.open(f"{named[0]}.npy") as file:
                yield from _rows(path, named[0], file)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def _rows(path: Path, name: str, file: IO[bytes]) -> Iterator[NDArray[np.uint8]]:
    version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
    read: Any = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, by_column, kind = read(file)
    if kind != np.uint8 or len(shape) not in (3, 4) or by_column:
        raise DataError(
            f"{path}: {name} must be uint8 of shape (N, H, W) or (N, C, H, W), "
            f"it is {kind} of shape {shape}"
        )
    count, *each = shape
    for _ in range(count):
        content = file.read(math.prod(each))
        if len(content) < math.prod(each):
            raise DataError(f"{path}: {name} ends early")
        yield np.frombuffer(content, np.uint8).reshape(each)
