"""Names of files as text that can be written to any file and shown on any terminal."""

from __future__ import annotations


def as_text(name: str) -> str:
    r"""A name as valid UTF-8, for any file and any terminal.

    A name on disk is bytes, and need not be UTF-8. Python keeps the other bytes as halves of
    surrogate pairs, which only the file system takes back.

    Example:
        >>> import os
        >>> print(as_text(os.fsdecode(b"t\xe9.png")))
        t\xe9.png
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # a half that stands for no byte
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
