"""Wheels whose bytes depend on their content alone: no time, no user, no compression.

https://packaging.python.org/specifications/binary-distribution-format
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__

_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP file can say
_MODE = 0o100644 << 16


@dataclass(frozen=True)
class Wheel:
    """A distribution of pure Python, as it will be installed.

    ``name`` is normalised, with hyphens; ``requires`` are requirements; ``entry_points`` are
    targets by group and name; ``files`` are contents by path below ``site-packages``;
    ``description`` is Markdown.

    Example:
        >>> files = {"digits_lenet/__init__.py": b""}
        >>> wheel = Wheel("digits-lenet", "1.0", "A network", "", files=files)
        >>> wheel.filename
        'digits_lenet-1.0-py3-none-any.whl'
        >>> wheel.write(Path(wheel.filename))
        >>> zipfile.ZipFile(wheel.filename).namelist()[0]
        'digits_lenet/__init__.py'
    """

    name: str
    version: str
    summary: str
    description: str
    requires: Sequence[str] = ()
    requires_python: str = ">=3.9"
    license: str = ""
    entry_points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def filename(self) -> str:
        """The name that the file must have."""
        return f"{self._stem}-py3-none-any.whl"

    def write(self, target: Path) -> None:
        """Write the file.

        Raises:
            OSError: if it cannot be written.
        """
        info = f"{self._stem}.dist-info"
        contents = {
            **self.files,
            f"{info}/METADATA": self._metadata().encode(),
            f"{info}/WHEEL": _lines(
                ("Wheel-Version", "1.0"),
                ("Generator", f"mxdigits {__version__}"),
                ("Root-Is-Purelib", "true"),
                ("Tag", "py3-none-any"),
            ).encode(),
            f"{info}/entry_points.txt": self._entry_points().encode(),
        }
        record = f"{info}/RECORD"
        rows = [f"{path},{_hash(content)},{len(content)}" for path, content in contents.items()]
        contents[record] = "\n".join([*rows, f"{record},,", ""]).encode()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for path, content in contents.items():
                member = zipfile.ZipInfo(path, _TIME)
                member.external_attr = _MODE
                member.create_system = 3  # Unix, on whatever system it is written
                archive.writestr(member, content)

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    def _metadata(self) -> str:
        headers = _lines(
            ("Metadata-Version", "2.1"),
            ("Name", self.name),
            ("Version", self.version),
            ("Summary", self.summary),
            *([("License", self.license)] if self.license else []),
            ("Requires-Python", self.requires_python),
            *(("Requires-Dist", each) for each in self.requires),
            ("Description-Content-Type", "text/markdown; charset=UTF-8"),
        )
        return f"{headers}\n{self.description}"

    def _entry_points(self) -> str:
        sections = [
            "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in each.items()), ""])
            for group, each in self.entry_points.items()
        ]
        return "\n".join(sections)


def _lines(*headers: tuple[str, str]) -> str:
    """Headers as in e-mail; each stays on one line, whatever its value holds."""
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in headers)


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"
