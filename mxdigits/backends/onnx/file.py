"""A network in a file of ONNX alone, whoever made it: checked once, before onnxruntime sees it.

That a file passed is kept in the user's cache, by the hash of its content, with what it says of
itself. Who finds that imports no ``onnx``, and not what reads a description, which take longer than
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

# Raised when what is checked changes.
_CHECKS = 2

# What a file says of itself, in values that JSON knows.
Metadata = dict[str, Unchecked]


def read_model(
    file: Path, describe: Callable[[Mapping[str, str], Path], Metadata]
) -> tuple[Model, Metadata]:
    """A file as ``mxdigits export`` writes it, whoever made it; and what it says of itself.

    Args:
        file: of ONNX.
        describe: what is to be known of the metadata of a file; it raises if they will not do. It
            is asked once of each content, and always has to be the same function.

    Raises:
        RunFolderError: if it is anything else.
        BackendMissing: if it has to be checked, and onnx is not installed.

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
    """Where it is kept that such a content passed."""
    told = f"{__version__} {_CHECKS} {hashlib.sha256(content).hexdigest()}"
    return cache_folder("onnx") / f"{hashlib.sha256(told.encode()).hexdigest()}.json"


def _read(passed: Path) -> Optional[Metadata]:
    """What a file that passed says of itself; None if that is not known."""
    try:
        sha256, _, text = read_plain(passed).partition(b"\n")
    except OSError:
        return None
    if hashlib.sha256(text).hexdigest().encode() != sha256:  # damaged
        return None
    told: Metadata = json.loads(text)
    return told
