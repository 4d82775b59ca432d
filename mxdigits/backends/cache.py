"""The user's cache, where backends keep what they compiled or checked for later processes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..errors import OutputError
from ..storage.files import replacing


def cache_folder(backend: str) -> Path:
    """The folder of a backend in the user's cache; it may not exist yet.

    Run folders are not used for this: they may come from anybody, and may be read-only.

    Example:
        >>> cache_folder("xla").name
        'xla'
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "mxdigits" / backend


def keep(file: Path, content: bytes) -> None:
    """Keep a file for later processes; a cache that cannot be written is ignored.

    Example:
        >>> keep(Path("cache/onnx/08b6.onnx"), b"...")
        >>> Path("cache/onnx/08b6.onnx").read_bytes()
        b'...'
    """
    with suppress(OSError, OutputError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as temporary:
            temporary.write_bytes(content)
