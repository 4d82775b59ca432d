"""The installed distributions that offer something to mxdigits, read without importing any.

``MXDIGITS_PLUGINS`` limits which of them count: a comma list of distributions, empty for none.
What mxdigits itself brings is always there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distributions, requires, version
from typing import Any, Optional

from . import __version__

OURS = "mxdigits"
LIMIT = "MXDIGITS_PLUGINS"


@dataclass(frozen=True)
class Installed:
    """A distribution, and its entry points in mxdigits' groups: {group: ((name, target), ...)}."""

    name: str
    version: str
    offers: Mapping[str, tuple[tuple[str, str], ...]]

    @property
    def counts(self) -> bool:
        """Whether ``MXDIGITS_PLUGINS`` leaves it in."""
        return counts(self.name)


def installed(prefix: str = "mxdigits.") -> Iterator[Installed]:
    """Every distribution with an entry point in a group that begins with ``prefix``.

    Of one that is found twice the first counts, as for imports.
    """
    seen = set()
    for distribution in distributions():
        offers = _entry_points(distribution, prefix)
        # Reading the metadata is the slow part: only for those that offer something.
        metadata: Any = distribution.metadata if offers else None
        name = None if metadata is None else metadata.get("Name")
        if name and normal(name) not in seen:
            seen.add(normal(name))
            yield Installed(name, distribution.version, offers)


def limit() -> Optional[list[str]]:
    """The distributions that ``MXDIGITS_PLUGINS`` names; None where it is not set."""
    text = os.environ.get(LIMIT)
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def counts(distribution: str) -> bool:
    """Whether ``MXDIGITS_PLUGINS`` leaves a distribution in."""
    wanted = limit()
    return wanted is None or normal(distribution) in {OURS, *map(normal, wanted)}


def normal(name: str) -> str:
    """A distribution's name as pip compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_version(distribution: str) -> Optional[str]:
    """The version of an installed distribution, or None."""
    if normal(distribution) == OURS:
        return __version__
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def unmet(distribution: str) -> list[str]:
    """What a distribution requires and does not find here, each with what is installed instead."""
    from packaging.requirements import InvalidRequirement, Requirement  # only for plugins

    found = []
    for text in _requires(distribution):
        try:
            required = Requirement(text)
        except InvalidRequirement:
            continue  # pip has let it pass
        if required.marker is not None and not required.marker.evaluate({"extra": ""}):
            continue
        here = installed_version(required.name)
        wanted = f"{required.name}{required.specifier}"
        if here is None:
            found.append(f"{wanted}, which is not installed")
        elif not required.specifier.contains(here, prereleases=True):
            found.append(f"{wanted}, and {here} is installed")
    return found


def _requires(distribution: str) -> list[str]:
    try:
        return requires(distribution) or []
    except PackageNotFoundError:
        return []


def _entry_points(
    distribution: Distribution, prefix: str
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Names and targets as ``entry_points.txt`` has them, by group.

    Read here, because some versions of importlib's own reader refuse all of a distribution, or of
    all distributions, for one malformed line.
    """
    parser = ConfigParser(delimiters="=", strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(distribution.read_text("entry_points.txt") or "")
    except (ConfigParserError, UnicodeDecodeError):
        return {}
    groups = [group for group in parser.sections() if group.startswith(prefix)]
    return {group: tuple(parser.items(group)) for group in groups}
