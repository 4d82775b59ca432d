"""Reads images from NumPy's archives, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..storage.npz import NpzFile, open_npz
from .images import ImageFile
from .making import shape_advice

_NAMES = ("images", "x_test", "x", "X", "data")


def is_npz(path: Path) -> bool:
    """Whether a file's name is that of a NumPy archive.

    Example:
        >>> is_npz(Path("digits.NPZ"))
        True
    """
    return path.suffix.lower() == ".npz"


@contextmanager
def npz_images(path: Path) -> Iterator[ImageFile]:
    """The images of an archive, one at a time, within a ``with`` block.

    They are in its array ``images``, ``x_test``, ``x``, ``X`` or ``data``, or in its only array:
    uint8 (N, H, W), (N, C, H, W) or, with 1 or 3 channels, (N, H, W, C).

    Raises:
        DataError: if it holds no images, or is damaged; a damaged image shows only while iterating.

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
            order = f", column by column; save numpy.ascontiguousarray({name})"
            raise DataError(
                f"{path}: {name} must be uint8 of shape (N, H, W) or (N, C, H, W), row by row; "
                f"it is {header.dtype} of shape {header.shape}{order * header.by_column}"
                f"{shape_advice(name, header.shape)}{scale_advice(name, header.dtype)}"
            )
        others = [other for other in file.names if other != name]
        note = f"{path}: the images are its array {name}; passed over {', '.join(others)}"
        notes = (note,) if others else ()
        shape, rows = header.shape[1:], file.rows(name)
        if channels_last(header.shape):
            shape, rows = (shape[2], *shape[:2]), (np.moveaxis(row, 2, 0) for row in rows)
        yield ImageFile(str(path), shape, rows, notes)


def channels_last(shape: Sequence[int]) -> bool:
    """Whether images are (N, H, W, C) with 1 or 3 channels, TensorFlow's order.

    Example:
        >>> channels_last((10, 28, 28, 1)), channels_last((10, 1, 28, 28))
        (True, False)
    """
    return len(shape) == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3)


def scale_advice(name: str, dtype: np.dtype[Any]) -> str:
    """Advice on how to save images of another type as uint8; empty if the right scale is unknown.

    Example:
        >>> scale_advice("x", np.dtype(bool))
        "; save (x * 255).astype('uint8')"
    """
    plain = f"{name}.astype('uint8') of numbers from 0 to 255"
    if dtype.kind == "b":
        return f"; save ({name} * 255).astype('uint8')"
    if dtype.kind == "f":
        return f"; save ({name} * 255).round().astype('uint8') of numbers from 0 to 1, {plain}"
    if dtype.kind in "iu" and dtype != np.uint8:
        wide = f", ({name} // 257).astype('uint8') of numbers from 0 to 65535"
        return f"; save {plain}{wide}"
    return ""


def _chosen(path: Path, file: NpzFile) -> str:
    """The name of the array that holds the images."""
    named = [name for name in _NAMES if name in file.names] or list(file.names)
    if not named or (named[0] not in _NAMES and len(named) > 1):
        raise DataError(
            f"{path}: which array holds the images? it has {', '.join(file.names) or 'none'}; "
            f"name one of them images"
        )
    return named[0]
