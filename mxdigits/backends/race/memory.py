"""Remembers races' measurements in the user's cache, one file for each kind of work."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

from ... import __version__
from ...errors import MxdigitsError
from ...storage.files import read_plain, write_text
from ...values import Json
from ..cache import cache_folder
from ..cpus import usable_cpus
from ..machine import processor
from ..nvidia import driver_version, gpu_models
from .work import Figure, figure_of

# The module that each backend imports, and the distributions that decide how fast it is.
_LIBRARIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mxnet": ("mxnet", ("mxnet", "mxnet-cu112", "mxnet-cu117")),
    "xla": ("jax", ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda13-plugin")),
    "torch": ("torch", ("torch",)),
    "onnx": ("onnxruntime", ("onnxruntime", "onnxruntime-gpu")),
}
# Each network adds a file; the oldest files are deleted.
_MOST_FILES = 500


@dataclass(frozen=True)
class Entry:
    """What is known about a backend: a figure, or why there is none.

    ``allowed`` is the time limit in seconds that it exceeded; 0 if it cannot do the work at all.
    ``preference`` is the index of the devices in ``context`` that it works on. An entry with
    ``lasts`` false is kept only in this process.

    Example:
        >>> Entry("torch 2.9.1", problem="it takes too long", allowed=5.0).worth_another(20.0)
        True
    """

    version: str
    figure: Optional[Figure] = None
    problem: str = ""
    allowed: float = 0.0
    preference: int = 0
    lasts: bool = True

    def worth_another(self, allowed: float) -> bool:
        """Whether a backend that was too slow deserves another try with ``allowed`` seconds."""
        return self.figure is None and 0 < 2 * self.allowed < allowed


@dataclass(frozen=True)
class Memory:
    """What is remembered about a kind of work on this machine.

    Example:
        >>> memory = Memory.of({"work": "training", "graph": "08b6"}, "cpu")
        >>> memory.keep("xla", Entry("jax 0.7.1", problem="no such layer"))  # doctest: +SKIP
        >>> memory.file.suffix
        '.json'
    """

    facts: Mapping[str, Json]
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Mapping[str, Json], context: object) -> Memory:
        """What is remembered about work on some devices, for the versions installed now."""
        facts: dict[str, Json] = {
            **work,
            "context": str(context),
            "mxdigits": __version__,
            "processor": processor(),
            "cpus": usable_cpus(),
            "threads": os.environ.get("OMP_NUM_THREADS", ""),
            "gpus": [driver_version(), *gpu_models()],
        }
        kept = _read(cls(facts).file)
        entries = {} if kept is None else kept.entries
        return cls(facts, {n: e for n, e in entries.items() if e.version == version_of(n)})

    @property
    def file(self) -> Path:
        """The file in the cache."""
        text = json.dumps(self.facts, sort_keys=True)
        return _folder() / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"

    def keep(self, backend: str, entry: Entry) -> None:
        """Remember an entry of a backend; a cache that cannot be written is ignored."""
        self.entries[backend] = entry
        lasting = {n: asdict(e) for n, e in self.entries.items() if e.lasts}
        plain = {"facts": self.facts, "entries": lasting}
        with suppress(OSError, MxdigitsError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.file, json.dumps(plain, indent=2, sort_keys=True) + "\n")
            for old in _files()[_MOST_FILES:]:
                old.unlink()


def version_of(backend: str) -> str:
    """The versions of a backend's distributions, without importing it; empty if not installed.

    Example:
        >>> version_of("abacus")
        ''
    """
    if backend not in _LIBRARIES:
        return ""
    module, names = _LIBRARIES[backend]
    try:
        if find_spec(module) is None:
            return ""
    except (ImportError, ValueError):
        return ""
    found = [f"{name} {here}" for name in names if (here := _version(name))]
    return ", ".join(found) or f"{module} of an unknown version"


def remembered() -> Iterator[Memory]:
    """Everything that is remembered, the newest first.

    Example:
        >>> [memory.facts["work"] for memory in remembered()]  # doctest: +SKIP
        ['training']
    """
    yield from (memory for file in _files() if (memory := _read(file)) is not None)


def forget() -> int:
    """Forget everything; gives the number of kinds of work that were forgotten.

    Example:
        >>> forget()  # doctest: +SKIP
        1
    """
    files = _files()
    for file in files:
        file.unlink()
    return len(files)


def _folder() -> Path:
    return cache_folder("fastest")


def _files() -> Sequence[Path]:
    return sorted(_folder().glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _read(file: Path) -> Optional[Memory]:
    """A file of the cache; None if it is missing or damaged."""
    try:
        plain = json.loads(read_plain(file))
        entries = {
            str(name): Entry(
                str(each["version"]),
                figure_of(each["figure"]),
                str(each["problem"]),
                float(each["allowed"]),
                int(each["preference"]),
            )
            for name, each in plain["entries"].items()
        }
        return Memory(dict(plain["facts"]), entries)
    except (OSError, MxdigitsError, LookupError, TypeError, ValueError, AttributeError):
        return None
