"""Where a fit stands, as plain arrays and values: all that it takes to go on to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A fit between two batches.

    ``epoch`` and ``batch`` say what is trained next, both counted from 0. ``arrays`` are weights,
    statistics and the state of the optimizer, by name; ``facts`` is everything else, in values that
    JSON knows. Neither depends on the devices or their number.
    """

    epoch: int
    batch: int
    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]
