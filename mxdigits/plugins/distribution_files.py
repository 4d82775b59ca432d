"""Reads the metadata files of installed distributions, which may be damaged or hostile.

A damaged or huge file affects only its own distribution. The readers of importlib would fail for
all of them; in some versions one malformed line is enough.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import Distribution
from pathlib import Path
from typing import TYPE_CHECKING

from ..foreign import describe
from ..storage.files import read_plain

if TYPE_CHECKING:
    from importlib.abc import Traversable

# Far more than real files have: the bytes of a file, the entries that are read from it, and the
# characters of one. The limits are there because every entry is looked up and every name is shown.
_MOST_BYTES = 1_000_000
_MOST_LINES = 1000
_LONGEST_LINE = 500

Offers = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Metadata:
    """The metadata of a distribution; ``fault`` says what is wrong with it, empty if nothing.

    If the metadata cannot be read, name and version come from the name of its folder.

    Example:
        >>> Metadata("mxdigits-tiny", "0.1.0", ("mxdigits",)).fault
        ''
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    fault: str = ""


def read_metadata(distribution: Distribution) -> Metadata:
    """Name, version and requirements of a distribution; never raises for damaged files.

    Example:
        >>> from importlib.metadata import distribution
        >>> read_metadata(distribution("numpy")).name
        'numpy'
    """
    try:
        content = next(
            filter(None, (_content(distribution, each) for each in ("METADATA", "PKG-INFO", ""))),
            b"",
        )
    except OSError as error:
        return _by_folder(distribution, f"METADATA cannot be read: {error.strerror}")
    if not content:
        return _by_folder(distribution, "METADATA is missing")
    # An author's name in another encoding is no reason to refuse the rest.
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    headers = HeaderParser().parsestr(text.partition("\n\n")[0])
    # A long value may continue on the next line.
    name, version = (" ".join(str(headers.get(key, "")).split()) for key in ("Name", "Version"))
    if not name or not version:
        return _by_folder(distribution, f"METADATA has no {'Version' if name else 'Name'}")
    requires = tuple(map(str, headers.get_all("Requires-Dist", [])))
    excess = _excess("requirement", requires) or _excess("name", [name, version])
    if excess:
        return _by_folder(distribution, f"METADATA has {excess}")
    return Metadata(name, version, requires)


def read_entry_points(distribution: Distribution, prefix: str) -> tuple[Offers, str]:
    """Names and targets by group, for the groups that begin with ``prefix``.

    Returns:
        {group: ((name, target), ...)}, and what is wrong with the file, empty if nothing. A line
        without ``=`` gives a name with an empty target.

    Example:
        >>> from importlib.metadata import distribution
        >>> offers, fault = read_entry_points(distribution("numpy"), "mxdigits.")
        >>> offers, fault  # of a plugin {"mxdigits.models": (("tiny", "mxdigits_tiny:Tiny"),)}
        ({}, '')
    """
    try:
        content = _content(distribution, "entry_points.txt")
    except OSError as error:
        return {}, f"entry_points.txt cannot be read: {error.strerror}"
    if prefix.encode() not in content:
        return {}, ""
    parser = ConfigParser(
        delimiters="=", strict=False, interpolation=None, allow_no_value=True, default_section=""
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(content.decode("utf-8"))
    except UnicodeDecodeError:
        return {}, "entry_points.txt is not UTF-8 text"
    except ConfigParserError as error:
        return {}, f"entry_points.txt cannot be read: {' '.join(str(error).split())}"
    groups = [group for group in parser.sections() if group.startswith(prefix)]
    offers = {
        group: tuple((name, target or "") for name, target in parser.items(group))
        for group in groups
    }
    lines = [f"{name} = {target}" for offered in offers.values() for name, target in offered]
    excess = _excess("entry point", lines)
    return ({}, f"entry_points.txt has {excess}") if excess else (offers, "")


def is_from_files(distribution: Distribution) -> bool:
    """Whether it was installed from a folder, a file or an address, not from an index.

    Example:
        >>> from importlib.metadata import distribution
        >>> is_from_files(distribution("mine"))  # doctest: +SKIP
        True
    """
    try:
        return bool(_content(distribution, "direct_url.json"))
    except OSError:
        return False


def _excess(what: str, lines: Sequence[str]) -> str:
    """Which limit some lines exceed, in words; empty if none."""
    if len(lines) > _MOST_LINES:
        return f"more than {_MOST_LINES} {what}s"
    if any(len(line) > _LONGEST_LINE for line in lines):
        return f"one {what} of more than {_LONGEST_LINE} characters"
    return ""


def _content(distribution: Distribution, name: str) -> bytes:
    """A file of a distribution, or its only file if ``name`` is empty; empty if it is missing."""
    try:
        folder: object = getattr(distribution, "_path", None)
        if isinstance(folder, Path):
            return read_plain(folder / name, _MOST_BYTES)
        if hasattr(folder, "joinpath"):  # a Path of zipfile, or of its backport zipp
            return _in_archive(folder.joinpath(name))
        return (distribution.read_text(name) or "").encode()  # from a foreign import finder
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, KeyError):
        return b""
    except OSError:
        raise
    except Exception as error:  # from foreign finders, or from zipfile for a damaged archive
        raise OSError(0, describe(error)) from None


def _in_archive(path: Traversable) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise OSError(errno.EFBIG, f"more than {_MOST_BYTES:,} bytes")
    return content


def _by_folder(distribution: Distribution, fault: str) -> Metadata:
    try:
        folder = str(getattr(distribution, "_path", None))
    except Exception:  # from a foreign import finder
        folder = ""
    name, _, version = Path(folder).stem.partition("-")
    return Metadata(name or "?", version or "-", (), fault)
