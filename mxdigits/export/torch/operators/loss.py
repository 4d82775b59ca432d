"""Operators whose gradient is that of a loss; the file only predicts, so only outputs matter."""

from __future__ import annotations

from ..code import Code, Emitter, Layers, NotWritten, Value, kept


def softmax_output(
    w: Layers, data: Value, label: Value, *, multi_output: bool, preserve_shape: bool, **_: object
) -> Code:
    """The softmax of the data; the labels matter only to the gradient.

    Example:
        >>> data, label = Value(rank=2), Value(rank=1)
        >>> more = {"multi_output": False, "preserve_shape": False}
        >>> softmax_output(Layers({}, {}), data, label, **more).text
        '@0.softmax(dim=-1)'
    """
    if multi_output:
        return kept("@0.softmax(dim=1)", data)
    if preserve_shape or data.rank == 2:
        return kept("@0.softmax(dim=-1)", data)
    raise NotWritten("it takes all axes but the first together; write a softmax of one axis")


EMITTERS: dict[str, Emitter] = {"SoftmaxOutput": softmax_output}
