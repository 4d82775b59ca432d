"""What backends have in common about parameters: their order."""

from __future__ import annotations

import re
from typing import Union


def natural_key(name: str) -> list[Union[str, int]]:
    """Text and numbers in turn, to sort by: ``dense9`` comes before ``dense10``.

    Example:
        >>> sorted(["dense10", "dense9"], key=natural_key)
        ['dense9', 'dense10']
    """
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"(\d+)", name))]
