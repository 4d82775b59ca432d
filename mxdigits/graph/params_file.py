"""Writes MXNet's ``.params`` files, and reads them without trusting them; both without MXNet.

MXNet's own reader allocates what a file announces before it checks the file's length, and some
malformed files end its process. Here nothing is allocated: every array is a view into the file's
bytes, made only if all of its bytes are there.

The format is that of ``NDArray::Save`` in MXNet 1.9.1's ``src/ndarray/ndarray.cc``, little-endian:
a list's magic number and a reserved one; a count, and each array as a magic number, its storage
type, its shape (a number of dimensions, then 64-bit sizes), its device, its type and its elements;
a count, and each name as its length and its bytes.
"""

from __future__ import annotations

import math
import struct

import numpy as np

from ..arrays import Arrays, Numbers
from ..errors import RunFolderError

_LIST_MAGIC = 0x112
_ARRAY_MAGICS = (0xF993FAC9, 0xF993FACA)  # versions 2 and 3; only empty shapes differ
_DENSE = 0
_DEVICES = (1, 2, 3, 5)  # CPU, GPU, pinned and shared memory: where the array was saved from
_TYPES = ("<f4", "<f8", "<f2", "|u1", "<i4", "|i1", "<i8")
_MOST_DIMENSIONS = 32
_MOST_NAME = 1024


def parse_params(content: bytes, source: object) -> dict[str, Numbers]:
    """The arrays of a ``.params`` file by their names, such as ``arg:dense0_weight``.

    Args:
        content: the file's bytes; the arrays are read-only views into it.
        source: its name in messages.

    Raises:
        RunFolderError: if it is not a file of named, dense arrays.

    Example:
        >>> content = write_params({"arg:w": np.zeros((10, 784), np.float32)})
        >>> parse_params(content, "net.params")["arg:w"].shape
        (10, 784)
    """
    try:
        return _parse(_Cursor(content))
    except ValueError as error:
        raise RunFolderError(f"{source} is no file of parameters: {error}") from None


def write_params(arrays: Arrays) -> bytes:
    """The ``.params`` file of named arrays, bit for bit as ``mxnet.nd.save`` writes it.

    Args:
        arrays: by names such as ``arg:dense0_weight`` and, for auxiliary states,
            ``aux:norm0_running_mean``; float16, 32 or 64, uint8, or int8, 32 or 64.

    Raises:
        ValueError: if an array is of another type, or has no dimensions or no elements.

    Example:
        >>> content = write_params({"arg:w": np.ones((2, 3), np.float32)})
        >>> parse_params(content, "w.params")["arg:w"].shape
        (2, 3)
    """
    names = [name.encode() for name in arrays]
    return b"".join(
        [
            struct.pack("<3Q", _LIST_MAGIC, 0, len(arrays)),
            *(piece for name, array in arrays.items() for piece in _pieces(name, array)),
            struct.pack("<Q", len(names)),
            *(struct.pack("<Q", len(name)) + name for name in names),
        ]
    )


def _pieces(name: str, array: Numbers) -> tuple[bytes, bytes]:
    """The parts of an array in a file: its header, and its elements."""
    kind = array.dtype.newbyteorder("<").str
    if kind not in _TYPES or not array.shape or not array.size:
        raise ValueError(
            f"{name} is of type {array.dtype} and shape {array.shape}, which no file of parameters "
            "can hold"
        )
    magic, device = _ARRAY_MAGICS[0], _DEVICES[0]
    described = struct.pack("<Iii", magic, _DENSE, array.ndim)
    described += struct.pack(f"<{array.ndim}q", *array.shape)
    described += struct.pack("<3i", device, 0, _TYPES.index(kind))
    return described, array.astype(kind, copy=False).tobytes()


class _Cursor:
    """Reads a file's bytes one piece after the other, and never beyond the end."""

    def __init__(self, content: bytes):
        self._rest = memoryview(content)

    def __len__(self) -> int:
        return len(self._rest)

    def bytes(self, size: int) -> memoryview:
        if size > len(self._rest):
            raise ValueError(f"it ends where {size} more bytes should be")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def numbers(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.bytes(struct.calcsize(form)))


def _parse(cursor: _Cursor) -> dict[str, Numbers]:
    magic, reserved, count = cursor.numbers("<3Q")
    if magic != _LIST_MAGIC or reserved:
        raise ValueError("it does not begin as one")
    # Each array takes bytes of the file, so a false count ends in an error before it takes memory.
    arrays: list[Numbers] = []
    while len(arrays) < count:
        arrays.append(_array(cursor))
    (named,) = cursor.numbers("<Q")
    if named != count:
        raise ValueError(f"it holds {count} arrays and {named} names")
    by_name: dict[str, Numbers] = {}
    for array in arrays:
        name = _name(cursor)
        if name in by_name:
            raise ValueError(f"two arrays are named {name!r}")
        by_name[name] = array
    if len(cursor):
        raise ValueError(f"{len(cursor)} bytes follow its end")
    return by_name


def _array(cursor: _Cursor) -> Numbers:
    magic, storage, dimensions = cursor.numbers("<Iii")
    if magic not in _ARRAY_MAGICS:
        raise ValueError("one of its arrays does not begin as one")
    if storage != _DENSE:
        raise ValueError("one of its arrays is sparse")
    if not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise ValueError(f"one of its arrays has {dimensions} dimensions")
    shape = cursor.numbers(f"<{dimensions}q")
    if min(shape) < 1:
        raise ValueError(f"one of its arrays has the shape {shape}")
    device, number, kind = cursor.numbers("<3i")
    if device not in _DEVICES or number < 0:
        raise ValueError("one of its arrays comes from no device")
    if not 0 <= kind < len(_TYPES):
        raise ValueError(f"one of its arrays is of the unknown type {kind}")
    dtype = np.dtype(_TYPES[kind])
    data = cursor.bytes(math.prod(shape) * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape)


def _name(cursor: _Cursor) -> str:
    (size,) = cursor.numbers("<Q")
    if size > _MOST_NAME:
        raise ValueError(f"one of its names has {size} bytes")
    name = str(cursor.bytes(size), "utf-8", "replace")
    if not name.isprintable() or "\ufffd" in name:
        raise ValueError(f"{name!r} is no name")
    return name
