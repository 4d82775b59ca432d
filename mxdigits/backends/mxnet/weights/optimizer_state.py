"""Converts an optimizer's state to named arrays and plain values, and back.

MXNet itself pickles the state, which runs code when it is read. The state is a tree of tuples,
lists, dictionaries, arrays and numbers; here arrays go to a separate dictionary, and references
take their places.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ....arrays import Arrays, Numbers
from ....errors import CheckpointError
from ....foreign import describe
from ....values import Json, Unchecked
from ..runtime import import_mxnet
from ..types import Device, Optimizer, Updater

mx = import_mxnet()

_PLAIN = (bool, int, float, str, type(None))

# Attributes set by the recipe, the schedule or the step itself; the counts are saved separately.
_SET_ELSEWHERE = {"rescale_grad", "param_dict", "idx2name", "sym_info", "lr_scheduler", "lr"} | {
    *("lr_mult", "wd_mult", "_all_index_update_counts", "_index_update_count"),
}


def remembered(optimizer: Optimizer) -> dict[str, object]:
    """The attributes of an optimizer that training may change.

    Example:
        >>> remembered(mx.optimizer.SGD(momentum=0.9))["momentum"]
        0.9
    """
    return {k: v for k, v in vars(optimizer).items() if k not in _SET_ELSEWHERE}


def pack(
    updater: Updater, fresh: Mapping[str, object]
) -> tuple[dict[str, Numbers], dict[str, Unchecked]]:
    """The state of an ``mx.optimizer.Updater`` and of its optimizer.

    Args:
        updater: the updater.
        fresh: what :func:`remembered` gave before the first step. Attributes unchanged since then
            are left out, because the recipe sets them.

    Returns:
        The arrays by name, and the rest as JSON values.

    Raises:
        CheckpointError: if the optimizer keeps something that is neither an array nor a plain
            value.

    Example:
        >>> updater = mx.optimizer.get_updater(mx.optimizer.SGD())
        >>> arrays, facts = pack(updater, remembered(updater.optimizer))
        >>> facts["class"]
        'SGD'
    """
    arrays: dict[str, Numbers] = {}
    optimizer = updater.optimizer
    changed = {
        key: value
        for key, value in remembered(optimizer).items()
        if not isinstance(value, _PLAIN) or value != fresh.get(key)
    }
    # From any device: there is only one, because only the first device is updated.
    counts = {k: v for each in optimizer._all_index_update_counts.values() for k, v in each.items()}
    return arrays, {
        "class": type(optimizer).__name__,
        "counts": _pack(counts, "counts", arrays),
        "optimizer": _pack(changed, "optimizer", arrays),
        "states": _pack(updater.states, "state", arrays),
    }


def unpack(
    updater: Updater,
    arrays: Arrays,
    facts: Unchecked,
    context: Device,
    fresh: Mapping[str, object],
) -> None:
    """Restore an updater to a state that :func:`pack` gave, on any device.

    ``fresh`` is what :func:`remembered` gave before the first step; the updater may have trained
    since then.

    Raises:
        CheckpointError: if it is the state of another optimizer, or of another network.

    Example:
        >>> unpack(updater, arrays, facts, mx.cpu(), fresh)  # doctest: +SKIP
    """
    optimizer = updater.optimizer
    try:
        if facts["class"] != type(optimizer).__name__:
            raise CheckpointError(
                f"the state is of the optimizer {facts['class']}, not of {type(optimizer).__name__}"
            )
        states = _unpack(facts["states"], arrays, context)
        changed = _unpack(facts["optimizer"], arrays, context)
        counts = _unpack(facts["counts"], arrays, context)
        _check_counts(counts)
        _check_values(changed, fresh)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"the optimizer's state is damaged: {describe(error)}") from error
    if _shapes(states) != _shapes(updater.states):
        raise CheckpointError("the optimizer's state is of another network")
    updater.states.update(states)
    unchanged = {k: v for k, v in fresh.items() if isinstance(v, _PLAIN)}
    vars(optimizer).update({**unchanged, **changed})
    optimizer._all_index_update_counts = {context.device_id: counts}
    optimizer._index_update_count = counts


def _pack(value: object, name: str, arrays: dict[str, Numbers]) -> Json:
    if isinstance(value, mx.nd.NDArray):
        arrays[name] = value.asnumpy()
        return {"array": name}
    if isinstance(value, Mapping):
        pairs = [[k, _pack(v, f"{name}.{k}", arrays)] for k, v in value.items()]
        return {"mapping": pairs}
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_pack(v, f"{name}.{i}", arrays) for i, v in enumerate(value)]}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, _PLAIN):
        return value
    raise CheckpointError(
        f"the optimizer cannot be saved: it keeps a {type(value).__name__} ({name}); "
        "choose another one, or write checkpoint: null"
    )


def _unpack(value: object, arrays: Arrays, context: Device) -> Unchecked:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "array":
        array = arrays[inner]
        return mx.nd.array(array, ctx=context, dtype=array.dtype)
    if kind == "mapping":
        return {k: _unpack(v, arrays, context) for k, v in inner}
    values = [_unpack(v, arrays, context) for v in inner]
    return tuple(values) if kind == "tuple" else values


def _check_counts(counts: Unchecked) -> None:
    for pair in counts.items():
        if any(type(each) is not int or each < 0 for each in pair):
            raise ValueError(f"{pair[1]!r} updates of parameter {pair[0]!r}")


def _check_values(changed: Mapping[str, object], fresh: Mapping[str, object]) -> None:
    """Refuse values that an optimizer of this kind does not keep under these names."""
    for key, value in changed.items():
        was = fresh[key]
        number = isinstance(value, (int, float)) and isinstance(was, (int, float))
        if was is not None and not number and not isinstance(value, type(was)):
            raise TypeError(f"{key} is a {type(value).__name__}, not a {type(was).__name__}")


def _shapes(states: object) -> object:
    """The structure of a state, with the shape and type of each array."""
    if isinstance(states, mx.nd.NDArray):
        return states.shape, np.dtype(states.dtype)
    if isinstance(states, Mapping):
        return {key: _shapes(each) for key, each in states.items()}
    if isinstance(states, (tuple, list)):
        return [_shapes(each) for each in states]
    return type(states)
