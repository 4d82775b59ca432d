"""Where backends keep what they have compiled, for later processes of the same user."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(backend: str) -> Path:
    """The folder of a backend in the user's cache; it need not be there.

    Not in run folders: those may come from anybody, and may be read-only.

    Example:
        >>> cache_folder("xla").name
        'xla'
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "mxdigits" / backend
