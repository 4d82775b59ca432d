"""Checks of options that several augmentations take."""

from __future__ import annotations

import math

from ..values import as_written, is_number


def check_amount(name: str, value: object, most: float = math.inf) -> None:
    """Raise ValueError unless it is a finite number from 0 to ``most``.

    Example:
        >>> check_amount("shift", -1)
        Traceback (most recent call last):
            ...
        ValueError: shift: must be a number of at least 0, got -1
    """
    if not is_number(value) or not 0 <= value <= most or value == math.inf:
        upto = f"from 0 to {most}" if most < math.inf else "of at least 0"
        raise ValueError(f"{name}: must be a number {upto}, got {as_written(value)}")
