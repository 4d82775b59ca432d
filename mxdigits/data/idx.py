"""Reads and writes the IDX format, that of MNIST, plain or compressed with gzip.

A file is a header and then the elements, row by row: two zero bytes, one byte for the type of the
elements, one for the number of dimensions, and each dimension as a big-endian 32-bit integer.
It is defined on "The MNIST database of handwritten digits" by LeCun, Cortes and Burges
(yann.lecun.com/exdb/mnist).  Here the elements are unsigned bytes, as in every file of MNIST, or
32-bit integers, as in QMNIST's labels.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Callable, Optional, Union, cast

import numpy as np

from ..arrays import AnyArray, Bytes, Pixels, Shape
from ..errors import DataError, UsageError
from ..foreign import reason_of
from ..storage.files import replacing, sha256_of
from .images import ImageFile

StrPath = Union[str, "os.PathLike[str]"]

_GZIP = b"\x1f\x8b"
# The types of elements, by the number that a file's third byte has for each.
UNSIGNED_BYTE = 0x08
INT32 = 0x0C
ELEMENTS = {
    UNSIGNED_BYTE: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    INT32: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
_CHUNK = 1 << 20


def read_idx(path: StrPath, *, dims: int, sha256: Optional[str] = None) -> tuple[AnyArray, str]:
    """Read one IDX file; gzip is recognised by its content, not by its name.

    It reads at most what the header promises, plus one byte, and memory grows only with what is
    read. So neither a false header nor a small file that unpacks to a huge one can exhaust it.

    Args:
        path: the file.
        dims: the number of dimensions that it must have: 3 for images (N, H, W), 1 for labels (N,).
        sha256: the SHA-256 that its uncompressed content must have, in lower-case hexadecimal.

    Returns:
        The array, uint8 and writable, and the SHA-256 of the file's
        uncompressed content.

    Raises:
        DataError: if the file is missing, unreadable or damaged, or is not the one expected.

    Example:
        >>> write_idx("labels-idx1-ubyte.gz", np.array([7, 2, 1], np.uint8))
        >>> labels, sha256 = read_idx("labels-idx1-ubyte.gz", dims=1)
        >>> labels
        array([7, 2, 1], dtype=uint8)
    """
    with _opened(path, dims) as (file, header, shape), _in_words(path):
        digest = hashlib.sha256(header)
        data = _content(path, file, shape, digest.update)
    array = _shaped(path, data, shape, UNSIGNED_BYTE)
    if sha256 is not None and digest.hexdigest() != sha256:
        raise DataError(f"{path}: its SHA-256 is {digest.hexdigest()}, expected {sha256}")
    return array, digest.hexdigest()


def read_idx_hashed_later(
    path: StrPath, *, dims: int, kind: int = UNSIGNED_BYTE
) -> tuple[AnyArray, Callable[[], str]]:
    """Read one IDX file like :func:`read_idx`, with a function that computes the SHA-256 on demand.

    For a plain file, the function reads the file again.

    Args:
        path: the file.
        dims: the number of dimensions that it must have.
        kind: the type that its elements must have: ``UNSIGNED_BYTE``, or ``INT32``, which is read
            as big-endian.

    Raises:
        DataError: as :func:`read_idx` does; the function raises it too, if the file has changed
            meanwhile.

    Example:
        >>> write_idx("labels-idx1-ubyte", np.array([7, 2, 1], np.uint8))
        >>> labels, sha256 = read_idx_hashed_later("labels-idx1-ubyte", dims=1)
        >>> sha256()[:8]
        'e10ef624'
    """
    with _opened(path, dims, kind) as (file, header, shape), _in_words(path):
        if not _is_plain(file):
            digest = hashlib.sha256(header)
            data = _content(path, file, shape, digest.update)
            return _shaped(path, data, shape, kind), digest.hexdigest
        read = _state(os.fstat(file.fileno()))
        data = _content(path, file, shape, lambda piece: None)
    return _shaped(path, data, shape, kind), partial(_hash_again, os.path.abspath(path), read)


def _hash_again(path: StrPath, read: tuple[int, ...]) -> str:
    """The SHA-256 of a plain file, which must still be in the state ``state``."""
    with _in_words(path):
        sha256 = sha256_of(Path(path))
        if _state(os.stat(path)) != read:
            raise DataError(f"{path}: has changed since it was read")
    return sha256


def _state(known: os.stat_result) -> tuple[int, ...]:
    """Numbers that change when a file is replaced or written to."""
    return known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns


def idx_header(path: StrPath) -> Optional[tuple[int, int]]:
    """The type of the elements and the number of dimensions of an IDX file, plain or compressed.

    None if the file is not an IDX file, or cannot be read.

    Example:
        >>> write_idx("images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
        >>> idx_header("images-idx3-ubyte") == (UNSIGNED_BYTE, 3)
        True
    """
    try:
        with open(path, "rb") as raw, _uncompressed(raw) as file:
            return header_of(file.read(4))
    except (OSError, EOFError, zlib.error):
        return None


def header_of(content: bytes) -> Optional[tuple[int, int]]:
    """The type and number of dimensions, as by :func:`idx_header`, from uncompressed first bytes.

    Example:
        >>> header_of(bytes([0, 0, UNSIGNED_BYTE, 3])) == (UNSIGNED_BYTE, 3)
        True
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        return None
    kind, dims = content[2:4]
    return (kind, dims) if kind in ELEMENTS and dims else None


def is_idx(path: StrPath) -> bool:
    """Whether a file begins as an IDX file of images does, plain or compressed.

    Example:
        >>> write_idx("images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
        >>> is_idx("images-idx3-ubyte")
        True
    """
    return idx_header(path) == (UNSIGNED_BYTE, 3)


@contextmanager
def idx_images(path: StrPath) -> Iterator[ImageFile]:
    """The images of an IDX file, one at a time, within a ``with`` block.

    Raises:
        DataError: if the file is missing, unreadable or damaged; some damage shows only while
            iterating.

    Example:
        >>> write_idx("images-idx3-ubyte", np.full((2, 28, 28), 255, np.uint8))
        >>> with idx_images("images-idx3-ubyte") as file:
        ...     print([image.shape for image in file])
        [(1, 28, 28), (1, 28, 28)]
    """
    with _opened(path, 3) as (file, _, shape):
        yield ImageFile(str(path), shape[1:], _images(path, file, shape))


def _images(path: StrPath, file: BinaryIO, shape: Shape) -> Iterator[Pixels]:
    size = math.prod(shape[1:])
    with _in_words(path):
        for piece in _pieces(path, file, shape, size * max(1, _CHUNK // max(size, 1))):
            yield from np.frombuffer(piece, np.uint8).reshape(-1, *shape[1:])


def write_idx(path: StrPath, array: Bytes) -> None:
    """Write a uint8 array as an IDX file, compressed with gzip if the name ends in ``.gz``.

    Equal arrays give equal files: the gzip header holds neither a name nor a time.

    Raises:
        UsageError: if the array is not uint8.
        OutputError: if the file cannot be written.

    Example:
        >>> write_idx("labels-idx1-ubyte", np.array([7, 2, 1], np.uint8))
        >>> with open("labels-idx1-ubyte", "rb") as file:
        ...     file.read().hex(" ")
        '00 00 08 01 00 00 00 03 07 02 01'
    """
    array = np.asarray(array)
    if array.dtype != np.uint8:
        raise UsageError(f"{path}: an IDX file here holds uint8, got an array of {array.dtype}")
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    content = header + array.tobytes()
    with replacing(Path(path)) as temporary, open(temporary, "wb") as raw:
        if os.fspath(path).endswith(".gz"):
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
                file.write(content)
        else:
            raw.write(content)


@contextmanager
def _opened(
    path: StrPath, dims: int, kind: int = UNSIGNED_BYTE
) -> Iterator[tuple[BinaryIO, bytes, tuple[int, ...]]]:
    """A file, read to the end of its header, the header, and the shape in bytes it promises."""
    with ExitStack() as files:
        with _in_words(path):
            raw = files.enter_context(open(path, "rb"))
            file = files.enter_context(_uncompressed(raw))
            header = file.read(4 + 4 * dims)
            shape = _shape(path, header, dims, kind)
            if _is_plain(file):  # a compressed file's length shows only when it is read
                _check_size(path, shape, os.fstat(raw.fileno()).st_size - len(header))
        yield file, header, shape


@contextmanager
def _in_words(path: StrPath) -> Iterator[None]:
    """Turn whatever reading a file may raise into a one-line error."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: damaged gzip data: {reason_of(error)}") from None
    except MemoryError:
        raise DataError(f"{path}: its images take more memory than there is") from None
    except (OSError, ValueError) as error:  # open() raises ValueError for a name with a NUL
        raise DataError(f"{path}: cannot be read: {reason_of(error)}") from None


def _uncompressed(raw: BinaryIO) -> BinaryIO:
    magic = raw.read(len(_GZIP))
    raw.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb")) if magic == _GZIP else raw


def _shape(path: StrPath, header: bytes, dims: int, kind: int) -> Shape:
    """The shape in a header, checked; a header shorter than ``4 + 4 * dims`` bytes is refused.

    For 32-bit integers, a last dimension of four bytes is added.
    """
    if header[:2] != b"\0\0"[: len(header)]:
        raise DataError(
            f"{path}: not an IDX file: it begins with {header[:4].hex(' ')}, "
            f"expected 00 00 {kind:02x} {dims:02x}"
        )
    if len(header) >= 4:
        of, count = header[2], header[3]
        if of != kind:
            name = ELEMENTS.get(of, "of no known type")
            raise DataError(
                f"{path}: the elements are {name} (0x{of:02x}), "
                f"expected {ELEMENTS[kind]} (0x{kind:02x})"
            )
        if count != dims:
            raise DataError(f"{path}: the number of dimensions is {count}, expected {dims}")
    if len(header) < 4 + 4 * dims:
        raise DataError(
            f"{path}: ends within its header, after {len(header)} bytes of {4 + 4 * dims}"
        )
    return (*struct.unpack(f">{dims}I", header[4:]), *[4] * (kind == INT32))


def _content(
    path: StrPath,
    file: BinaryIO,
    shape: Shape,
    tell: Callable[[Union[bytearray, memoryview]], object],
) -> Union[bytearray, Bytes]:
    """All elements that a header promises; ``tell`` is called with each piece in turn."""
    if not _is_plain(file):
        grown = bytearray()
        for piece in _pieces(path, file, shape, _CHUNK):
            grown += piece
            tell(piece)
        return grown
    data = np.empty(math.prod(shape), np.uint8)  # the file's length was checked
    view, done = data.data, 0
    while count := file.readinto(view[done : done + _CHUNK]):  # type: ignore[attr-defined]
        tell(view[done : done + count])
        done += count
    _check_size(path, shape, done + len(file.read(1)))
    return data


def _is_plain(file: BinaryIO) -> bool:
    """Whether a file is neither compressed nor a pipe, so that its length is known in advance."""
    return not isinstance(file, gzip.GzipFile) and stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def _pieces(path: StrPath, file: BinaryIO, shape: Shape, size: int) -> Iterator[bytearray]:
    """The elements that a header promises, ``size`` at a time; then check that the file ends."""
    total, done = math.prod(shape), 0
    while done < total:
        wanted = min(size, total - done)
        piece = bytearray()
        # In chunks, so that memory grows with the file and not with what its header promises.
        while chunk := file.read(min(_CHUNK, wanted - len(piece))):
            piece += chunk
        done += len(piece)
        if len(piece) < wanted:
            _check_size(path, shape, done)
        yield piece
    # Reading one more byte shows whether anything follows. At the end of a gzip file it also makes
    # gzip compare its checksum.
    _check_size(path, shape, done + len(file.read(1)))


def _check_size(path: StrPath, shape: Shape, there: int) -> None:
    size = math.prod(shape)
    promise = f"the header promises {_promised(shape)}"
    if there < size:
        raise DataError(f"{path}: truncated: {promise}, found {there}")
    if there > size:
        raise DataError(f"{path}: too long: {promise}, found at least {size + 1}")


def _promised(shape: Shape) -> str:
    return f"{'x'.join(map(str, shape))} = {math.prod(shape)} bytes"


def _shaped(path: StrPath, data: Union[bytearray, Bytes], shape: Shape, kind: int) -> AnyArray:
    try:
        array = np.frombuffer(data, np.uint8).reshape(shape)
    except ValueError:  # sizes too large for NumPy, with a zero among them
        raise DataError(
            f"{path}: the header promises {_promised(shape)}, a shape that no array can have"
        ) from None
    return array if kind == UNSIGNED_BYTE else array.view(">i4")[..., 0]
