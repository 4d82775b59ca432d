"""NPZ files, NumPy's archives of arrays, read without trusting them: whole, or row by row.

``numpy.load`` trusts a header: it allocates what a shape promises before it checks whether the
file is that large, and it reads whatever an archive unpacks to. Here each size is first checked
against the file's own, a header is matched and never evaluated, and nothing is ever unpickled.
Arrays of numbers and of text from ``numpy.savez`` and ``numpy.savez_compressed`` are read; nothing
else is.

A file is a ZIP archive (PKWARE's APPNOTE.TXT) of members ``<name>.npy``, each in NumPy's own
format, which the documentation of ``numpy.lib.format`` defines.
"""

from __future__ import annotations

import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Optional, Union

import numpy as np

from ..arrays import AnyArray, Bytes, Shape
from ..errors import DataError
from ..foreign import reason_of
from ..wording import no_such

MOST_BYTES = 256 << 20
_CHUNK = 1 << 20
_DEFLATE_RATIO = 1032  # the largest ratio that deflate can reach, by zlib's documentation

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED_FLAG = 1
_DESCRIPTOR_FLAG = 1 << 3  # the sizes follow the member, as in archives written to a stream
_DESCRIPTOR_SIZES = (12, 16, 20, 24)  # bytes: with or without a magic number, 32 or 64 bits
_NPY_MAGIC = b"\x93NUMPY"
_NPY_VERSIONS = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}  # bytes of the header's length
_MOST_HEADER = 1 << 16
_LAST_CHARACTER = 0x10FFFF
_NPY_HEADER = re.compile(
    rb"\{ *'descr': *'([|<][biu]1|<[iu][248]|<f[248]|<U\d{1,6})', *"
    rb"'fortran_order': *(True|False), *"
    rb"'shape': *\(((?:\d{1,19}(?:, *\d{1,19})*,?)?)\),? *\} *\n?"
)

_NPY_TYPE = re.compile(rb"\{ *'descr': *'([|<>])([\w\[\]]{1,12})'")


def read_npz(
    source: Union[Path, BinaryIO], *, most_bytes: Optional[int] = None
) -> dict[str, AnyArray]:
    """Read every array of an NPZ file, by name.

    Args:
        source: the file, or an open binary file that can seek.
        most_bytes: the most bytes of all arrays together; by default 256 MiB, or the size of the
            file itself if that is more.

    Returns:
        Writable arrays of booleans, integers, floats or text in the machine's own format.

    Raises:
        DataError: if the file is missing, damaged, or anything but plain arrays.

    Example:
        >>> np.savez("digits.npz", images=np.zeros((2, 28, 28), np.uint8))
        >>> read_npz(Path("digits.npz"))["images"].shape
        (2, 28, 28)
    """
    with open_npz(source) as file:
        file.check_size(most_bytes)
        return {name: file.array(name) for name in file.names}


@contextmanager
def open_npz(source: Union[Path, BinaryIO]) -> Iterator[NpzFile]:
    """Open an NPZ file to inspect and read it during a ``with`` block.

    Args:
        source: the file, or an open binary file that can seek.

    Raises:
        DataError: if the file is missing, or is no archive of arrays.

    Example:
        >>> np.savez("digits.npz", images=np.zeros((2, 28, 28), np.uint8))
        >>> with open_npz(Path("digits.npz")) as file:
        ...     print(file.names, [image.shape for image in file.rows("images")])
        ('images',) [(28, 28), (28, 28)]
    """
    if not isinstance(source, (str, os.PathLike)):
        yield NpzFile(source, getattr(source, "name", "an NPZ file"))
        return
    try:
        file = open(source, "rb")  # noqa: SIM115
    except FileNotFoundError:
        raise DataError(no_such("file", source)) from None
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise DataError(f"{source}: cannot be read: {reason_of(error)}") from None
    with file:
        yield NpzFile(file, source)


@dataclass(frozen=True)
class Header:
    """The header of an array; ``by_column`` is NumPy's ``fortran_order``.

    Example:
        >>> Header(np.dtype("uint8"), (2, 28, 28), by_column=False).nbytes
        1568
    """

    dtype: np.dtype[Any]
    shape: Shape
    by_column: bool

    @property
    def nbytes(self) -> int:
        return self.dtype.itemsize * math.prod(self.shape)


class NpzFile:
    """The arrays of an NPZ file, each read when it is asked for.

    Args:
        file: an open binary file that can seek.
        source: its name in messages.

    Raises:
        DataError: if it is no archive of arrays; each method also if an array is damaged.

    Example:
        >>> np.savez("digits.npz", images=np.zeros((2, 28, 28), np.uint8))
        >>> with open("digits.npz", "rb") as file:
        ...     print(NpzFile(file, "digits.npz").header("images").shape)
        (2, 28, 28)
    """

    def __init__(self, file: BinaryIO, source: object):
        self._source = source
        with self._one_error():
            self._size = file.seek(0, os.SEEK_END)
            if not self._size:
                raise ValueError("it is empty")
            self._archive = zipfile.ZipFile(file)
            self._members = _members(self._archive)
            _check_layout(file, self._members, self._archive.start_dir)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays, in the file's order."""
        return tuple(self._members)

    def check_size(self, most: Optional[int] = None) -> None:
        """Refuse arrays that would take more bytes than ``most``.

        By default that is 256 MiB, or the size of the file itself if that is more.
        """
        most = max(MOST_BYTES, self._size) if most is None else most
        with self._one_error():
            if sum(member.file_size for member in self._members.values()) > most:
                raise ValueError(f"its arrays would take more than {most} bytes")

    def header(self, name: str) -> Header:
        """Return an array's header after a check that the file can hold such an array."""
        with self._opened(name) as (_, header):
            return header

    def array(self, name: str) -> AnyArray:
        """Read a whole array."""
        with self._opened(name) as (file, header):
            data = _content(file, header.nbytes)
            array = data.view(header.dtype).reshape(
                header.shape, order="F" if header.by_column else "C"
            )
            _check_values(name, data, header.dtype)
        return array

    def rows(self, name: str) -> Iterator[AnyArray]:
        """Read an array row by row along its first axis; the checksum is checked at the end."""
        with self._opened(name) as (file, header):
            if header.by_column or not header.shape:
                raise ValueError(f"{name}.npy is not kept row by row")
            count, *shape = header.shape
            size = header.nbytes // max(count, 1)
            at_once = max(1, _CHUNK // max(size, 1))
            for begin in range(0, count if size else 0, at_once):
                data = _content(file, size * min(at_once, count - begin), more=True)
                _check_values(name, data, header.dtype)
                yield from data.view(header.dtype).reshape(-1, *shape)
            _content(file, 0)

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[IO[bytes], Header]]:
        """An opened member, positioned after its header."""
        with self._one_error(), self._archive.open(self._members[name]) as file:
            yield file, _header(file, self._members[name])

    @contextmanager
    def _one_error(self) -> Iterator[None]:
        """Turn all errors of ``zipfile`` and of the checks here into one kind of error."""
        try:
            yield
        except (
            *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, MemoryError),
            *(ValueError, OverflowError, RuntimeError, NotImplementedError, OSError),
        ) as error:
            raise DataError(f"{self._source}: not a sound NPZ file: {reason_of(error)}") from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by the names of their arrays."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        # zipfile cuts a name at a NUL, and names that are not ASCII can be read in two ways.
        if not name.endswith(".npy") or not name.isprintable() or not name.isascii():
            raise ValueError(f"{name!r} is no name of an array")
        if name != member.orig_filename or name[:-4] in members:
            raise ValueError(f"more than one array is named {name[:-4]!r}")
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise ValueError(f"{name} is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name}: neither stored nor deflated")
        members[name[:-4]] = member
    return members


def _check_layout(file: BinaryIO, members: dict[str, zipfile.ZipInfo], directory: int) -> None:
    """Check that members follow one another without gaps or overlaps up to the directory.

    Then no member is hidden or counted twice, and the sizes in the directory are true.
    """
    ends = {0}
    for member in sorted(members.values(), key=lambda member: member.header_offset):
        stored = member.compress_type == zipfile.ZIP_STORED
        most = member.compress_size * (1 if stored else _DEFLATE_RATIO)
        if member.file_size > most or (stored and member.file_size < most):
            raise ValueError(f"{member.filename}: {member.file_size} bytes cannot come of {most}")
        if member.header_offset not in ends:
            raise ValueError(f"{member.filename} does not begin where it should")
        file.seek(member.header_offset)
        magic, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if magic != b"PK\x03\x04":
            raise ValueError(f"{member.filename} does not begin where it should")
        end = member.header_offset + _LOCAL_HEADER.size + name + extra + member.compress_size
        followed = member.flag_bits & _DESCRIPTOR_FLAG
        ends = {end + size for size in (_DESCRIPTOR_SIZES if followed else (0,))}
    if directory not in ends:
        raise ValueError("its directory does not begin where it should")


def _header(file: IO[bytes], member: zipfile.ZipInfo) -> Header:
    name = member.filename
    start = file.read(8)
    if start[:6] != _NPY_MAGIC or start[6:] not in _NPY_VERSIONS:
        raise ValueError(f"{name} is no array of version 1.0, 2.0 or 3.0")
    width = _NPY_VERSIONS[start[6:]]
    size = int.from_bytes(file.read(width), "little")
    text = file.read(min(size, _MOST_HEADER))
    match = _NPY_HEADER.fullmatch(text)
    if match is None or len(text) != size:
        raise ValueError(f"{name} {_unread(text)}")
    shape = tuple(int(size) for size in match[3].split(b",") if size.strip())
    header = Header(np.dtype(match[1].decode()), shape, match[2] == b"True")
    if header.nbytes != member.file_size - len(start) - width - size:
        raise ValueError(f"{name}: {shape} of {header.dtype} is not what it holds")
    return header


def _unread(header: bytes) -> str:
    """Describe an array whose header is not that of plain numbers."""
    match = _NPY_TYPE.match(header)
    if match is None:
        return "does not begin with the header of plain numbers"
    order, kind = match[1].decode(), match[2].decode()
    if kind == "O":
        return "holds Python objects, which are never read; save an array of numbers"
    if order == ">":
        return f"is of type >{kind}; save it as <{kind}"
    return f"is of type {order}{kind}, which is no plain number; save an array of numbers"


def _check_values(name: str, data: Bytes, dtype: np.dtype[Any]) -> None:
    """Refuse bytes that are no boolean or character: NumPy would fail later."""
    if dtype.kind == "b" and (data > 1).any():
        raise ValueError(f"{name}.npy: a boolean is neither 0 nor 1")
    if dtype.kind == "U" and (data.view("<u4") > _LAST_CHARACTER).any():
        raise ValueError(f"{name}.npy: a character is none of Unicode's")


def _content(file: IO[bytes], size: int, *, more: bool = False) -> Bytes:
    """Read ``size`` bytes of a member: the rest; or, with ``more``, the next ones.

    Reading to the end makes zipfile compare the CRC.
    """
    data = np.empty(size, np.uint8)
    done = 0
    while chunk := file.read(min(_CHUNK, size - done) if more else _CHUNK):
        if done + len(chunk) > size:
            raise ValueError("a member is longer than it says")
        data[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
        done += len(chunk)
    if done != size:
        raise ValueError("a member is shorter than it says")
    return data
