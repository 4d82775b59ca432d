"""The name, the version and the licence of a network that is given away."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..errors import UsageError
from ..runs.folder import RunFolder

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MOST_NAME = 80
_MOST_LICENSE = 100


@dataclass(frozen=True)
class Naming:
    """The name, the version and the licence of a network that is given away.

    ``name`` is that of the distribution and of the network, ``version`` that of the distribution;
    ``license`` is an SPDX identifier, or empty.

    Example:
        >>> Naming("digits-lenet", "1.0", "CC-BY-4.0").module
        'digits_lenet'
    """

    name: str
    version: str
    license: str = ""

    @property
    def module(self) -> str:
        """The name of the package to import."""
        return self.name.replace("-", "_")


def naming_of(
    path: Path, name: Optional[str] = None, version: Optional[str] = None, license: str = ""
) -> Naming:
    """Return the checked name, version and licence of a run's network.

    Args:
        path: the run folder.
        name: by default ``digits-`` and the name of the recipe.
        version: by default the time at which the run began, so that a later run of a recipe has a
            higher version.
        license: an SPDX identifier or expression, in upper or lower case.

    Raises:
        UsageError: if one of them cannot be used.
        RunFolderError: if the folder is no run's.

    Example:
        >>> naming_of(Path("runs/lenet/20240131-120000"), version="1.0")  # doctest: +SKIP
    """
    status = RunFolder.open(path).read_status()
    given = name if name is not None else f"digits-{status.recipe}"
    called = canonicalize_name(given)
    if not _NAME.fullmatch(called) or len(called) > _MOST_NAME:
        raise UsageError(
            f"--name {given!r} is no name for a package: up to {_MOST_NAME} letters, digits and "
            "hyphens, the first of them a letter"
        )
    module = called.replace("-", "_")
    if keyword.iskeyword(module) or module in (*_STANDARD, "mxdigits"):
        raise UsageError(f"--name {given!r} is taken by Python or mxdigits; write another")
    try:
        numbered = str(Version(version if version is not None else _dated(status.started)))
    except InvalidVersion:
        raise UsageError(f"--version {version!r} is no version, such as 1.0") from None
    return Naming(called, numbered, _spdx(license) if license else "")


def _spdx(license: str) -> str:
    """A licence as SPDX writes it: ``MIT`` for ``mit``."""
    try:
        if len(license) > _MOST_LICENSE:
            raise InvalidLicenseExpression
        return str(canonicalize_license_expression(license))
    except InvalidLicenseExpression:
        short = license[:_MOST_LICENSE] + "..." * (len(license) > _MOST_LICENSE)
        raise UsageError(
            f"--license {short!r} is no licence that SPDX lists, such as CC-BY-4.0 or Apache-2.0 "
            "(all: spdx.org/licenses); of your own: LicenseRef-NAME"
        ) from None


_STANDARD: frozenset[str] = getattr(sys, "stdlib_module_names", frozenset())  # from Python 3.10


def _dated(started: datetime) -> str:
    return f"{started.astimezone(timezone.utc):%Y.%m.%d.%H%M%S}"
