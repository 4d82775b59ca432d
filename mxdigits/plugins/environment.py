"""A record of everything that is installed here; the record as a requirements file for pip."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from ..storage.schema import Schema
from .distribution_files import is_from_files, read_metadata
from .installed import normal

# Far more than an environment has; any others are only counted.
MOST_DISTRIBUTIONS = 2000
# The folder of setuptools' copies of other packages; importing setuptools adds it to sys.path.
_COPIES = "_vendor"


class Installation(Schema, frozen=True):
    """The distributions that are, or were, installed.

    Args:
        distributions: versions by name.
        from_files: the names of those installed from a folder, a file or an address.
        left_out: how many more there were.

    Example:
        >>> Installation(distributions={"numpy": "1.26.4"}).lines()
        ['numpy==1.26.4']
    """

    distributions: dict[str, str] = {}
    from_files: tuple[str, ...] = ()
    left_out: int = 0

    def lines(self) -> list[str]:
        """Requirements with exactly these versions, for everything installed from an index."""
        return [
            f"{name}=={version}"
            for name, version in self.distributions.items()
            if name not in self.from_files and _is_plain(name) and _is_plain(version)
        ]


@dataclass(frozen=True)
class Changed:
    """A distribution whose version has changed; an empty version means not installed.

    Example:
        >>> Changed("numpy", then="1.26.4", now="2.0.0").now
        '2.0.0'
    """

    name: str
    then: str
    now: str


def installation() -> Installation:
    """The distributions that are installed here.

    If one is found twice, the first counts, as for imports. The copies inside setuptools do not
    count as installed.

    Example:
        >>> "numpy" in installation().distributions
        True
    """
    found: dict[str, tuple[str, str, bool]] = {}
    for distribution in distributions(path=[p for p in sys.path if Path(str(p)).name != _COPIES]):
        metadata = read_metadata(distribution)
        if not metadata.fault:
            told = metadata.name, metadata.version, is_from_files(distribution)
            found.setdefault(normal(metadata.name), told)
    kept = [found[name] for name in sorted(found)[:MOST_DISTRIBUTIONS]]
    return Installation(
        distributions={name: version for name, version, _ in kept},
        from_files=tuple(name for name, _, from_files in kept if from_files),
        left_out=len(found) - len(kept),
    )


def changed(then: Installation, now: Installation) -> Iterator[Changed]:
    """Every distribution whose version differs between two installations.

    Example:
        >>> then = Installation(distributions={"numpy": "1.26.4", "jax": "0.4.30"})
        >>> [each.name for each in changed(then, Installation(distributions={"numpy": "1.26.4"}))]
        ['jax']
    """
    before, after = (
        {normal(name): (name, version) for name, version in each.distributions.items()}
        for each in (then, now)
    )
    for key in sorted({*before, *after}):
        name = (after.get(key) or before[key])[0]
        versions = [each.get(key, ("", ""))[1] for each in (before, after)]
        if versions[0] != versions[1]:
            yield Changed(name, *versions)


def _is_plain(text: str) -> bool:
    """Whether a text is safe in a requirements file, which may also hold options and addresses."""
    return text.isascii() and all(c.isalnum() or c in "._-+!" for c in text) and text[0] != "-"
