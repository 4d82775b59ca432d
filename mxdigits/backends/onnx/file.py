"""Reads a network that is only an ONNX file, from anybody; it is checked once before it runs.

The user's cache keeps the metadata of each file that passed, by the hash of its content. A process
that finds it there needs no ``onnx`` and no reader of metadata, whose imports take longer than
everything else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Callable, Optional

from ... import __version__
from ...errors import RunFolderError
from ...storage.files import read_plain
from ...values import Unchecked
from ..cache import cache_folder, keep
from .loading import MOST_BYTES, Model

# To be increased when the checks change.
_CHECKS = 2

# A file's description of itself, as JSON values.
Metadata = dict[str, Unchecked]


def read_model(
    file: Path, describe: Callable[[Mapping[str, str], Path], Metadata]
) -> tuple[Model, Metadata]:
    """A file in the form of ``mxdigits export``, from anybody; and its description of itself.

    Args:
        file: the ONNX file.
        describe: gives the description from a file's metadata; it raises an error if they are
            unsuitable. It is called once for each content, so it must always be the same function.

    Raises:
        RunFolderError: if the file is anything else.
        BackendMissing: if the file has to be checked, and onnx is not installed.

    Example:
        >>> read_model(Path("digits.onnx"), lambda texts, file: {"name": texts["name"]})
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFolderError: cannot read digits.onnx: No such file or directory
    """
    try:
        content = read_plain(file, MOST_BYTES)
    except OSError as error:
        raise RunFolderError(f"cannot read {file}: {error.strerror or error}") from None
    passed = _place(content)
    told = _read(passed)
    if told is None:
        from .checked import checked_texts  # imports onnx

        told = describe(checked_texts(content, file), file)
        text = json.dumps(told).encode()
        keep(passed, hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    return Model(content, takes_bytes=False, gives_shares=True), told


def _place(content: bytes) -> Path:
    """The cache file which shows that a content passed."""
    told = f"{__version__} {_CHECKS} {hashlib.sha256(content).hexdigest()}"
    return cache_folder("onnx") / f"{hashlib.sha256(told.encode()).hexdigest()}.json"


def _read(passed: Path) -> Optional[Metadata]:
    """The description of a file that passed; None if it is not in the cache."""
    try:
        sha256, _, text = read_plain(passed).partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(text).hexdigest().encode() != sha256:  # damaged
        return None
    told: Metadata = json.loads(text)
    return told
