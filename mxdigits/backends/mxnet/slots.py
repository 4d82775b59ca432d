"""Converts states of MXNet's optimizers to and from the other backends' form.

MXNet keeps a tuple of arrays for each parameter, or for several parameters that lie side by side.
In the other form, each array is named ``SLOT.PLACE``, as in ``momentum.0.weight``; ``count`` is the
number of steps, and a number that an optimizer keeps only once is named without a place. Nothing
here imports MXNet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Optional

import numpy as np

from ...arrays import Arrays, Numbers
from ...errors import CheckpointError
from ...foreign import describe
from ...values import Unchecked

Shapes = Mapping[str, tuple[int, ...]]

COUNT = "count"

# Each array begins at a multiple of this many elements: a cache line for float32.
_ALIGNMENT = 16

# The slots of each optimizer in the order of MXNet's tuple, which may have only the first.
_SLOTS: Mapping[str, tuple[str, ...]] = {
    "adadelta": ("squares", "changes"),
    "adagrad": ("squares",),
    "adam": ("mean", "variance"),
    "adamax": ("mean", "largest"),
    "ccsgd": ("momentum",),
    "dcasgd": ("momentum", "previous"),
    "ftml": ("divisor", "variance", "total"),
    "ftrl": ("total", "squares"),
    "lamb": ("mean", "variance"),
    "lars": ("momentum",),
    "nadam": ("mean", "variance"),
    "nag": ("momentum",),
    "rmsprop": ("squares", "mean", "change"),
    "sgd": ("momentum",),
    "signum": ("momentum",),
}

# A number that an optimizer keeps only once: its name, MXNet's attribute, and the initial value.
_SHARED: Mapping[str, tuple[str, str, float]] = {
    "lars": ("last_rate", "cur_lr", -1.0),
    "nadam": ("schedule", "m_schedule", 1.0),
}


def begins(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Where arrays of these sizes begin if they lie side by side, and the total size.

    Example:
        >>> begins([10, 20])
        ([0, 16], 48)
    """
    *places, total = accumulate((-(-size // _ALIGNMENT) * _ALIGNMENT for size in sizes), initial=0)
    return places, total


def slots_of(
    optimizer: str, arrays: Arrays, facts: Unchecked, shapes: Shapes
) -> dict[str, Numbers]:
    """The state of an MXNet optimizer, by slot and place.

    Args:
        optimizer: the name of the optimizer that shall continue.
        arrays: the state's arrays, by name.
        facts: the state's facts.
        shapes: the shapes of the parameters, by their places.

    Raises:
        CheckpointError: if it is the state of another optimizer, its arrays cannot be assigned to
            slots, or it is damaged.

    Example:
        >>> facts = {"class": "SGD", "counts": {"mapping": [[0, 7]]}, "layout": [["0.weight"]],
        ...          "states": {"mapping": [[0, {"array": "state.0"}]]}}
        >>> slots = slots_of("sgd", {"state.0": np.ones(3)}, facts, {"0.weight": (3,)})
        >>> int(slots["count"]), slots["momentum.0.weight"].tolist()
        (7, [1.0, 1.0, 1.0])
    """
    try:
        name = str(facts["class"]).lower()
        check_same(name, optimizer)
        known = _slots(name)
        counts = {count for _, count in facts["counts"]["mapping"]}
        if len(counts) > 1:
            raise ValueError("its parameters were updated unequally often")
        slots: dict[str, Numbers] = {COUNT: np.array(max(counts, default=0), np.int32)}
        for slot, index, array in _placed(facts["states"], known):
            views = _views(np.asarray(arrays[array]), facts["layout"][index], shapes)
            slots.update({f"{slot}.{place}": view.copy() for place, view in views})
        if name in _SHARED:
            shared, attribute, before = _SHARED[name]
            value = dict(facts["optimizer"]["mapping"]).get(attribute)
            slots[shared] = np.array(before if value is None else value, np.float32)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"the optimizer's state is damaged: {describe(error)}") from error
    return slots


def state_of(
    slots: Arrays, arrays: Arrays, facts: Mapping[str, Unchecked], shapes: Shapes
) -> tuple[dict[str, Numbers], dict[str, object]]:
    """A state in MXNet's form.

    Args:
        slots: the state by slot and place.
        arrays: the arrays of a fresh state in MXNet's form, which give the structure.
        facts: the facts of the fresh state.
        shapes: the shapes of the parameters, by their places.

    Raises:
        CheckpointError: if it is not a state of that optimizer and network, or does not have
            MXNet's form.

    Example:
        >>> facts = {"class": "SGD", "layout": [["0.weight"]],
        ...          "states": {"mapping": [[0, {"array": "state.0"}]]}}
        >>> slots = {"count": np.int32(7), "momentum.0.weight": np.ones(3)}
        >>> arrays, _ = state_of(slots, {"state.0": np.zeros(3)}, facts, {"0.weight": (3,)})
        >>> arrays["state.0"].tolist()
        [1.0, 1.0, 1.0]
    """
    name = str(facts["class"]).lower()
    known, found = _slots(name), dict(slots)
    filled = {key: array.copy() for key, array in arrays.items()}
    try:
        count = int(found.pop(COUNT))
        changed: list[list[object]] = [["num_update", count]]
        if name in _SHARED:
            shared, attribute, before = _SHARED[name]
            value = float(found.pop(shared))
            changed += [[attribute, value]] if value != before else []
        for slot, index, array in _placed(facts["states"], known):
            for place, view in _views(filled[array], facts["layout"][index], shapes):
                view[...] = _alike(found.pop(f"{slot}.{place}"), view)
    except (LookupError, TypeError, ValueError) as error:
        raise CheckpointError(f"the state is not that of the optimizer {name} here") from error
    if found:
        raise CheckpointError(f"the state is not that of the optimizer {name} here")
    indices = [index for index, _ in facts["states"]["mapping"]] if count else []
    return filled, {
        **facts,
        "counts": {"mapping": [[index, count] for index in indices]},
        "optimizer": {"mapping": changed if count else []},
    }


def check_same(kept: object, optimizer: str) -> None:
    """Refuse the state of another optimizer.

    Raises:
        CheckpointError: naming both optimizers.

    Example:
        >>> check_same("adam", "sgd")
        Traceback (most recent call last):
            ...
        mxdigits.errors.CheckpointError: the state is of the optimizer adam, not sgd
    """
    if kept != optimizer:
        raise CheckpointError(f"the state is of the optimizer {kept}, not {optimizer}")


def check_same_places(kept: object, layout: Sequence[Sequence[str]]) -> None:
    """Refuse a layout of other parameters; other groups of the same ones are fine.

    Raises:
        CheckpointError: if the parameters differ, or it is no layout.

    Example:
        >>> check_same_places([["0.weight", "0.bias"]], [["0.bias"], ["0.weight"]])
        >>> check_same_places([["0.weight"]], [["0.bias"], ["0.weight"]])
        Traceback (most recent call last):
            ...
        mxdigits.errors.CheckpointError: the optimizer's state is of another network
    """
    groups = kept if isinstance(kept, list) else []
    if all(isinstance(group, list) for group in groups):
        places = [place for group in groups for place in group]
        if sorted(map(str, places)) == sorted(place for group in layout for place in group):
            return
    raise CheckpointError("the optimizer's state is of another network")


def _slots(optimizer: str) -> tuple[str, ...]:
    if optimizer not in _SLOTS:
        raise CheckpointError(
            f"what the optimizer {optimizer} remembers cannot be used by another backend; "
            "continue with the backend that saved it"
        )
    return _SLOTS[optimizer]


def _placed(states: Unchecked, slots: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """The slot, the group of parameters and the name of each array of a state."""
    for index, kept in states["mapping"]:
        if kept is not None:
            each: Sequence[Optional[Mapping[str, str]]] = kept.get("tuple", [kept])
            for slot, reference in zip(slots, each):
                if reference is not None:
                    yield slot, index, reference["array"]


def _views(buffer: Numbers, places: Sequence[str], shapes: Shapes) -> Iterator[tuple[str, Numbers]]:
    """Each parameter's part of an array that holds several parameters."""
    if len(places) == 1:
        yield places[0], buffer.reshape(shapes[places[0]])
        return
    sizes = [math.prod(shapes[place]) for place in places]
    for place, begin, size in zip(places, begins(sizes)[0], sizes):
        yield place, buffer[begin : begin + size].reshape(shapes[place])


def _alike(array: Numbers, view: Numbers) -> Numbers:
    if (array.shape, array.dtype) != (view.shape, view.dtype):
        raise ValueError(f"an array of shape {array.shape} where {view.shape} is due")
    return array
