"""Images in NumPy's archives, read one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..storage.npz import NpzFile, open_npz
from .images import ImageFile

_NAMES = ("images", "x_test", "x", "X", "data")


def is_npz(path: Path) -> bool:
    """Whether a file calls itself one of NumPy's archives.

    Example:
        >>> is_npz(Path("digits.NPZ"))
        True
    """
    return path.suffix.lower() == ".npz"


@contextmanager
def npz_images(path: Path) -> Iterator[ImageFile]:
    """The images of an archive, one at a time, for the length of a ``with`` block.

    They are in its array ``images``, ``x_test``, ``x``, ``X`` or ``data``, or in its only one.

    Raises:
        DataError: if it holds none, or is damaged; iteration, too, at a damaged image.

    Example:
        >>> np.savez("digits.npz", images=np.full((2, 28, 28), 255, np.uint8))
        >>> with npz_images(Path("digits.npz")) as file:
        ...     print([image.shape for image in file])
        [(1, 28, 28), (1, 28, 28)]
    """
    with open_npz(path) as file:
        name = _chosen(path, file)
        header = file.header(name)
        if header.dtype != np.uint8 or len(header.shape) not in (3, 4) or header.by_column:
            order = ", column by column" if header.by_column else ""
            scaled = f"; save ({name} * 255).astype('uint8') of numbers from 0 to 1"
            raise DataError(
                f"{path}: {name} must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
                f"it is {header.dtype} of shape {header.shape}{order}"
                f"{scaled * (header.dtype.kind in 'bf')}"
            )
        others = [other for other in file.names if other != name]
        note = f"{path}: the images are its array {name}; passed over {', '.join(others)}"
        notes = (note,) if others else ()
        yield ImageFile(str(path), header.shape[1:], file.rows(name), notes)


def _chosen(path: Path, file: NpzFile) -> str:
    """The name of the array that holds the images."""
    named = [name for name in _NAMES if name in file.names] or list(file.names)
    if not named or (named[0] not in _NAMES and len(named) > 1):
        raise DataError(
            f"{path}: which array holds the images? it has {', '.join(file.names) or 'none'}; "
            f"name one of them images"
        )
    return named[0]
