"""A network in a file of ONNX alone, whoever made it: checked once, before onnxruntime sees it.

That a file passed is kept in the user's cache, by the hash of its content, with what it says of
itself. Who finds that imports no ``onnx``, which takes as long as everything else.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Optional

from ... import __version__
from ...errors import RunFolderError
from ...storage.files import read_plain
from ..cache import cache_folder, keep
from .loading import MOST_BYTES, Model

# Raised when what is checked changes.
_CHECKS = 1


def read_model(file: Path) -> tuple[Model, dict[str, str]]:
    """A file as ``mxdigits export`` writes it, whoever made it; and its metadata.

    Raises:
        RunFolderError: if it is anything else.
        BackendMissing: if it has to be checked, and onnx is not installed.

    Example:
        >>> read_model(Path("digits.onnx"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFolderError: cannot read digits.onnx: No such file or directory
    """
    try:
        content = read_plain(file, MOST_BYTES)
    except OSError as error:
        raise RunFolderError(f"cannot read {file}: {error.strerror or error}") from None
    passed = _place(content)
    texts = _read(passed)
    if texts is None:
        from .checked import checked_texts  # imports onnx

        texts = checked_texts(content, file)
        keep(passed, json.dumps(texts).encode())
    return Model(content, takes_bytes=False, gives_shares=True), texts


def _place(content: bytes) -> Path:
    """Where it is kept that such a content passed."""
    told = f"{__version__} {_CHECKS} {hashlib.sha256(content).hexdigest()}"
    return cache_folder("onnx") / f"{hashlib.sha256(told.encode()).hexdigest()}.json"


def _read(passed: Path) -> Optional[dict[str, str]]:
    """The metadata of a file that passed; None if that is not known."""
    with suppress(OSError, ValueError, RecursionError):
        texts = json.loads(read_plain(passed))
        if isinstance(texts, dict) and all(isinstance(each, str) for each in texts.values()):
            return texts
    return None
