"""What backends have in common about parameters: their order, and whose state may go where."""

from __future__ import annotations

import re
from typing import Union

from ..errors import CheckpointError


def natural_key(name: str) -> list[Union[str, int]]:
    """Text and numbers in turn, to sort by: ``dense9`` comes before ``dense10``.

    Example:
        >>> sorted(["dense10", "dense9"], key=natural_key)
        ['dense9', 'dense10']
    """
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"(\d+)", name))]


def other_form(optimizer: str, theirs: str, ours: str) -> CheckpointError:
    """The error of an optimizer's state that another backend has kept.

    Example:
        >>> str(other_form("adam", theirs="mxnet", ours="xla")).partition(",")[0]
        'the state of the optimizer adam was kept by the backend mxnet'
    """
    return CheckpointError(
        f"the state of the optimizer {optimizer} was kept by the backend {theirs}, and {ours} has "
        f"it in another form; go on with backend: {theirs}"
    )
