"""What backends have in common about parameters: their order, and their names in a state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Union

from numpy.typing import NDArray


def natural_key(name: str) -> list[Union[str, int]]:
    """Text and numbers in turn, to sort by: ``dense9`` comes before ``dense10``."""
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"(\d+)", name))]


def below(kind: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The arrays of a state whose names begin with ``kind.``, without it."""
    split = ((name.partition("."), array) for name, array in arrays.items())
    return {rest: array for (first, _, rest), array in split if first == kind}
