"""All that is installed here, for a record; and that record as a file for pip."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from ..storage.schema import Schema
from .distribution_files import is_from_files, read_metadata
from .installed import normal

# Far more than an environment has; what is beyond is counted.
MOST_DISTRIBUTIONS = 2000
# Where setuptools has copies of its own; importing it appends that folder to sys.path.
_COPIES = "_vendor"


class Installation(Schema, frozen=True):
    """What was installed.

    Args:
        distributions: versions by name.
        from_files: those of them that no index gave, but a folder, a file or an address.
        left_out: how many more there were.

    Example:
        >>> Installation(distributions={"numpy": "1.26.4"}).lines()
        ['numpy==1.26.4']
    """

    distributions: dict[str, str] = {}
    from_files: tuple[str, ...] = ()
    left_out: int = 0

    def lines(self) -> list[str]:
        """Requirements of exactly these versions, of what an index gives."""
        return [
            f"{name}=={version}"
            for name, version in self.distributions.items()
            if name not in self.from_files and _is_plain(name) and _is_plain(version)
        ]


@dataclass(frozen=True)
class Changed:
    """A distribution whose version is another one; an empty one is not there.

    Example:
        >>> Changed("numpy", then="1.26.4", now="2.0.0").now
        '2.0.0'
    """

    name: str
    then: str
    now: str


def installation() -> Installation:
    """What is installed here: of what is found twice the first, as for imports.

    What setuptools has copies of, inside its own package, was not installed.

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
    """Every distribution that is not as it was.

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
    """Whether it can stand in a file for pip, which reads options and addresses there too."""
    return text.isascii() and all(c.isalnum() or c in "._-+!" for c in text) and text[0] != "-"
