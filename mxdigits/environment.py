"""Variables of this process's environment that libraries read at one moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for the length of a ``with`` block.

    Example:
        >>> with variable("MXDIGITS_EXAMPLE", "1"):
        ...     os.environ["MXDIGITS_EXAMPLE"]
        '1'
        >>> "MXDIGITS_EXAMPLE" in os.environ
        False
    """
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
