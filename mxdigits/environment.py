"""Environment variables of this process, set only while a library reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Set an environment variable during a ``with`` block.

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
