"""NPZ files, NumPy's archives of arrays, read without trusting them.

``numpy.load`` believes a header: it allocates what a shape promises before it looks whether the
file holds as much, and it reads whatever an archive unpacks to.  Here each size is checked against
the file's own first, a header is matched and never evaluated, and nothing is ever unpickled.
What ``numpy.savez`` and ``numpy.savez_compressed`` write of numbers is read; nothing else is.

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
from pathlib import Path
from typing import IO, Any, BinaryIO, Optional, Union

import numpy as np
from numpy.typing import NDArray

from .errors import RunFolderError

MOST_BYTES = 256 << 20
_CHUNK = 1 << 20
_DEFLATE_RATIO = 1032  # no stream that deflate can write unpacks to more, says zlib's documentation

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_NPY_HEADER = re.compile(
    rb"\{'descr': '(\|b1|\|[iu]1|<[iu][248]|<f[248])', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,19}(?:, \d{1,19})*,?)?)\), \} *\n"
)


def read_npz(
    source: Union[Path, BinaryIO], *, most_bytes: Optional[int] = None
) -> dict[str, NDArray[Any]]:
    """Every array of an NPZ file, by name.

    Args:
        source: the file, or an open binary file that can seek.
        most_bytes: what all arrays together may take; by default 256 MiB, or as much as the file
            itself if that is more.

    Returns:
        Writable arrays of booleans, integers or floats in the machine's own format.

    Raises:
        RunFolderError: if the file is missing, damaged, or anything but plain arrays.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _read(source, getattr(source, "name", "an NPZ file"), most_bytes)
    try:
        with open(source, "rb") as file:
            return _read(file, source, most_bytes)
    except FileNotFoundError:
        raise RunFolderError(f"{source}: no such file") from None
    except OSError as error:
        raise RunFolderError(f"{source}: cannot be read: {error.strerror or error}") from None


def _read(file: BinaryIO, name: Any, most_bytes: Optional[int]) -> dict[str, NDArray[Any]]:
    size = file.seek(0, os.SEEK_END)
    with _one_error(name), zipfile.ZipFile(file) as archive:
        members = _members(archive)
        _check_layout(file, members, archive.start_dir)
        if sum(member.file_size for member in members.values()) > (
            most := max(MOST_BYTES, size) if most_bytes is None else most_bytes
        ):
            raise ValueError(f"its arrays would take more than {most} bytes")
        return {key: _array(archive, member) for key, member in members.items()}


@contextmanager
def _one_error(name: Any) -> Iterator[None]:
    """All that ``zipfile`` and our own checks raise for a malformed file, as one kind of error."""
    try:
        yield
    except (
        *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
        *(ValueError, OverflowError, RuntimeError, NotImplementedError, OSError),
    ) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RunFolderError(f"{name}: not a sound NPZ file: {reason}") from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by the names of their arrays."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename
        # zipfile cuts a name at a NUL; and what is no ASCII reads in two ways.
        if not name.endswith(".npy") or not name.isprintable() or not name.isascii():
            raise ValueError(f"{name!r} is no name of an array")
        if name != member.orig_filename or name[:-4] in found:
            raise ValueError(f"more than one array is named {name[:-4]!r}")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name}: neither stored nor deflated")
        found[name[:-4]] = member
    return found


def _check_layout(file: BinaryIO, members: dict[str, zipfile.ZipInfo], directory: int) -> None:
    """Members must follow one another without gaps or overlaps up to the directory.

    So no member is hidden or counted twice, and the sizes that the directory promises are there.
    """
    end = 0
    for member in sorted(members.values(), key=lambda member: member.header_offset):
        stored = member.compress_type == zipfile.ZIP_STORED
        most = member.compress_size * (1 if stored else _DEFLATE_RATIO)
        if member.file_size > most or (stored and member.file_size < most):
            raise ValueError(f"{member.filename}: {member.file_size} bytes cannot come of {most}")
        if member.header_offset != end:
            raise ValueError(f"{member.filename} does not begin where it should")
        file.seek(member.header_offset)
        magic, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if magic != b"PK\x03\x04":
            raise ValueError(f"{member.filename} does not begin where it should")
        end += _LOCAL_HEADER.size + name + extra + member.compress_size
    if end != directory:
        raise ValueError("its directory does not begin where it should")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(member) as file:
        start = file.read(10)
        if len(start) != 10 or start[:8] != _NPY_MAGIC:
            raise ValueError(f"{member.filename} is no array of version 1.0")
        header = file.read(int.from_bytes(start[8:], "little"))
        match = _NPY_HEADER.fullmatch(header)
        if match is None:
            raise ValueError(f"{member.filename} does not begin with the header of plain numbers")
        dtype = np.dtype(match[1].decode())
        shape = tuple(int(size) for size in match[3].split(b",") if size.strip())
        size = dtype.itemsize * math.prod(shape)
        if size != member.file_size - len(start) - len(header):
            raise ValueError(f"{member.filename}: {shape} of {dtype} is not what it holds")
        data = _content(file, size)
    array = data.view(dtype).reshape(shape, order="F" if match[2] == b"True" else "C")
    if dtype.kind == "b" and (data > 1).any():
        raise ValueError(f"{member.filename}: a boolean is neither 0 nor 1")
    return array


def _content(file: IO[bytes], size: int) -> NDArray[np.uint8]:
    """The rest of a member, ``size`` bytes; reading to its end makes zipfile compare the CRC."""
    data = np.empty(size, np.uint8)
    done = 0
    while chunk := file.read(_CHUNK):
        if done + len(chunk) > size:
            raise ValueError("a member is longer than it says")
        data[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
        done += len(chunk)
    if done != size:
        raise ValueError("a member is shorter than it says")
    return data
