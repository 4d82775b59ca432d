"""Checks that an option is a number in its range."""

from __future__ import annotations

import math

from ..values import as_written, is_number, is_whole


def check_whole(name: str, value: object, *, least: int) -> None:
    """Check that an option is a whole number in its range.

    Raises:
        ValueError: if not; the message begins with its name.

    >>> check_whole("patience", 0, least=1)
    Traceback (most recent call last):
    ValueError: patience: must be a whole number of at least 1, got 0
    """
    if not is_whole(value) or value < least:
        raise ValueError(
            f"{name}: must be a whole number of at least {least}, got {as_written(value)}"
        )


def check_number(name: str, value: object, *, least: float = 0, below: float = math.inf) -> None:
    """Check that an option is a finite number of at least ``least`` and less than ``below``.

    Raises:
        ValueError: if not; the message begins with its name.

    >>> check_number("factor", 1, below=1)
    Traceback (most recent call last):
    ValueError: factor: must be a number of at least 0 and less than 1, got 1
    """
    if not is_number(value) or not least <= value < below:
        bound = "" if math.isinf(below) else f" and less than {below:g}"
        raise ValueError(
            f"{name}: must be a number of at least {least:g}{bound}, got {as_written(value)}"
        )
