"""Lined and squared paper: rules are thin, straight, and run from edge to edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def without_rules(ink: Floats) -> Floats:
    """Ink with the rules of the paper taken away, where they do not cross a stroke.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
    """
    return ink
