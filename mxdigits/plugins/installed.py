"""The distributions that offer something to mxdigits, found without importing any of them.

mxdigits itself comes first, even if it is imported from a folder; the others are installed.

``MXDIGITS_PLUGINS`` limits which of them count: a comma-separated list of distributions, empty for
none. mxdigits itself always counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Optional

from .. import __version__
from .distribution_files import Metadata, Offers, read_entry_points, read_metadata
from .own import OURS, OWN

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

LIMIT = "MXDIGITS_PLUGINS"


@dataclass(frozen=True)
class Installed:
    """A distribution, and its entry points in mxdigits' groups: {group: ((name, target), ...)}.

    ``fault`` says what is wrong with its files, empty if nothing.

    Example:
        >>> Installed("mxdigits-tiny", "0.1.0", {"mxdigits.models": (("tiny", "tiny:Tiny"),)}).fault
        ''
    """

    name: str
    version: str
    offers: Offers
    fault: str = ""

    @property
    def counts(self) -> bool:
        """Whether ``MXDIGITS_PLUGINS`` allows it."""
        return counts(self.name)


def installed(prefix: str = "mxdigits.") -> Iterator[Installed]:
    """Every distribution that offers something in a group that begins with ``prefix``.

    If one is found twice, the first counts, as for imports. Damaged ones come last, since they may
    be remains of another version.

    Example:
        >>> "mxdigits" in [each.name for each in installed()]
        True
    """
    own = {g: tuple(each.items()) for g, each in OWN.items() if g.startswith(prefix)}
    if own:
        yield Installed(OURS, __version__, own)
    seen = {OURS}
    damaged = []
    for distribution in distributions():
        offers, fault = read_entry_points(distribution, prefix)
        # Reading the metadata is slow, so it is done only for those that offer something.
        if not offers and not fault:
            continue
        metadata = read_metadata(distribution)
        fault = metadata.fault or fault
        each = Installed(metadata.name, metadata.version, offers, fault)
        if fault:
            damaged.append(each)
        elif normal(each.name) not in seen:
            seen.add(normal(each.name))
            yield each
    yield from {normal(e.name): e for e in damaged if normal(e.name) not in seen}.values()


def limit() -> Optional[list[str]]:
    """The distributions that ``MXDIGITS_PLUGINS`` names; None if it is not set.

    Example:
        >>> os.environ[LIMIT] = "mxdigits-tiny, mxdigits-tsv"
        >>> limit()
        ['mxdigits-tiny', 'mxdigits-tsv']
        >>> del os.environ[LIMIT]
    """
    text = os.environ.get(LIMIT)
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def counts(distribution: str) -> bool:
    """Whether ``MXDIGITS_PLUGINS`` allows a distribution.

    Example:
        >>> os.environ[LIMIT] = "mxdigits-tiny"
        >>> counts("mxdigits_tiny"), counts("mxdigits-tsv")
        (True, False)
        >>> del os.environ[LIMIT]
    """
    wanted = limit()
    return wanted is None or normal(distribution) in {OURS, *map(normal, wanted)}


def normal(name: str) -> str:
    """The normalized name of a distribution, as pip compares names.

    Example:
        >>> normal("MXDigits_Tiny")
        'mxdigits-tiny'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def absence(distribution: str, version: str) -> str:
    """Why a distribution no longer offers what a run used from it, and what to do.

    Example:
        >>> absence("mxdigits-tiny", "0.1")
        'is not installed: pip install mxdigits-tiny==0.1'
    """
    here = installed_version(distribution)
    if here is None:
        return f"is not installed: pip install {distribution}=={version}"
    if not counts(distribution):
        return f"is left out by {LIMIT}"
    return f"is {here} here and does not offer it"


def installed_version(distribution: str) -> Optional[str]:
    """The version of an installed distribution, or None.

    Example:
        >>> installed_version("mxdigits") == __version__
        True
    """
    if normal(distribution) == OURS:
        return __version__
    metadata = _metadata(distribution)
    return None if metadata is None else metadata.version


def unmet(distribution: str) -> list[str]:
    """The requirements of a distribution that are not met, each with what is installed instead.

    Example:
        >>> unmet("mxdigits")
        []
    """
    from packaging.requirements import InvalidRequirement, Requirement  # only for plugins

    missing = []
    metadata = _metadata(distribution)
    for text in () if metadata is None else metadata.requires:
        try:
            required = Requirement(text)
            if required.marker is not None and not required.marker.evaluate({"extra": ""}):
                continue
        except (InvalidRequirement, ValueError, RecursionError):
            continue  # pip accepted it
        here = installed_version(required.name)
        wanted = f"{required.name}{required.specifier}"
        if here is None:
            missing.append(f"{wanted}, which is not installed")
        elif not _takes(required.specifier, here):
            missing.append(f"{wanted}, and {here} is installed")
    return missing


def _takes(specifier: SpecifierSet, version: str) -> bool:
    try:
        return bool(specifier.contains(version, prereleases=True))
    except ValueError:  # the installed version is not one that can be compared
        return False


def _metadata(distribution: str) -> Optional[Metadata]:
    first = next(iter(distributions(name=distribution)), None)
    return None if first is None else read_metadata(first)
