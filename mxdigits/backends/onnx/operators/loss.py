"""Operators whose gradient is that of a loss; a file only predicts, so it has only their output."""

from __future__ import annotations

from .types import Builder, Function, Value


def softmax_output(
    g: Builder,
    data: Value,
    label: Value,
    *,
    multi_output: bool,
    preserve_shape: bool,
    **_: object,
) -> Value:
    """The softmax only: the labels matter only to the gradient.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3), (4, 3)))
        >>> label = g.input("label", "float32", ((2,), (4,)))
        >>> result = softmax_output(g, data, label, multi_output=False, preserve_shape=False)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Softmax'])
    """
    if multi_output:
        return g.op("Softmax", data, axis=1)
    if preserve_shape or data.rank == 2:
        return g.op("Softmax", data, axis=-1)
    flat = g.op("Flatten", data, axis=1)
    return g.reshape(g.op("Softmax", flat, axis=1), data.shapes)


FUNCTIONS: dict[str, Function] = {"SoftmaxOutput": softmax_output}
