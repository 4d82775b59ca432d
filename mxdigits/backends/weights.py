"""Shared by all backends: handling the weights that a fit changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional, Protocol

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Arrays, Numbers
from ..errors import CheckpointError
from .base import State
from .team.agreement import Alone, Team


class Weights(Protocol):
    """Weights, statistics and an optimizer's state on some devices.

    Each method does what the method of that name of :class:`~mxdigits.backends.base.Backend` does.

    Example:
        >>> weights.restore(*weights.state())  # doctest: +SKIP
    """

    def state(self) -> State: ...

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None: ...

    def snapshot(self) -> dict[str, Numbers]: ...

    def averaged(self) -> dict[str, Numbers]: ...

    def check_snapshot(self, snapshot: Arrays) -> None: ...

    def publish(self, snapshot: Optional[Arrays] = None) -> None: ...


class WeightsOwner:
    """The methods of a backend that its weights implement; backends derive from it.

    Example:
        >>> class Mine(WeightsOwner):
        ...     def __init__(self, weights):
        ...         self.own = weights
        ...     @property
        ...     def _weights(self):
        ...         return self.own
        >>> from types import SimpleNamespace
        >>> Mine(SimpleNamespace(state=lambda: ({}, {"format": 1}))).state()
        ({}, {'format': 1})
    """

    team: Team = Alone()

    @property
    def _weights(self) -> Weights:
        raise NotImplementedError

    def state(self) -> State:
        """The current weights, statistics and optimizer state."""
        return self._weights.state()

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Return to a state that :meth:`state` gave, and publish it."""
        self._weights.restore(arrays, facts)

    def snapshot(self) -> Arrays:
        """A copy of the weights and statistics as trained so far, by their place in the network."""
        return self._weights.snapshot()

    def averaged(self) -> Arrays:
        """A copy of the moving averages of the weights and statistics."""
        return self._weights.averaged()

    def check_snapshot(self, snapshot: Arrays) -> None:
        """Refuse a snapshot of another network."""
        self._weights.check_snapshot(snapshot)

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights in training, or those of a snapshot."""
        self._weights.publish(snapshot)


def arrays_below(kind: str, arrays: Arrays) -> dict[str, Numbers]:
    """The arrays with names that begin with ``kind`` and a dot, by the rest of the name.

    Example:
        >>> list(arrays_below("weight", {"weight.w": np.zeros(3), "optimizer.w": np.zeros(3)}))
        ['w']
    """
    begin = f"{kind}."
    return {n[len(begin) :]: array for n, array in arrays.items() if n.startswith(begin)}


def check_same_network(
    snapshot: Arrays, expected: Mapping[str, tuple[tuple[int, ...], DTypeLike]]
) -> None:
    """Refuse a snapshot of another network.

    Args:
        snapshot: arrays by their place in the network.
        expected: the shape and type of each array of the network, by its place.

    Raises:
        CheckpointError: naming the first array that differs.

    Example:
        >>> check_same_network({"w": np.zeros(3)}, {"w": ((4,), np.float64)})
        Traceback (most recent call last):
            ...
        mxdigits.errors.CheckpointError: the weights of w are of another network
    """
    for place, (shape, dtype) in expected.items():
        kept = snapshot.get(place)
        if kept is None or kept.shape != shape or kept.dtype != np.dtype(dtype):
            raise CheckpointError(f"the weights of {place} are of another network")
