"""Operators of two arrays, or of an array and a number; and products of matrices."""

from __future__ import annotations

from typing import Callable

import numpy as np

from ...graphs.arithmetic import arithmetic_table
from .types import Builder, Function, Value, cast, floating, whole

Binary = Callable[[Builder, Value, Value], Value]


def _plain(kind: str) -> Binary:
    return lambda g, lhs, rhs: g.op(kind, lhs, rhs)


def _modulo(g: Builder, lhs: Value, rhs: Value) -> Value:
    # As in MXNet, with the divisor's sign, and 0 for division by zero.
    zero = g.op("Equal", rhs, 0.0)
    divisor = g.op("Where", zero, g.constant(np.ones((), rhs.dtype)), rhs)
    rest = g.op("Mod", lhs, divisor, fmod=1)
    other = g.op("Less", g.op("Mul", rest, divisor), 0.0)
    signed = g.op("Where", other, g.op("Add", rest, divisor), rest)
    return g.op("Where", zero, g.constant(np.zeros((), rhs.dtype)), signed)


def _hypotenuse(g: Builder, lhs: Value, rhs: Value) -> Value:
    squares = g.op("Add", g.op("Mul", lhs, lhs), g.op("Mul", rhs, rhs))
    return g.op("Sqrt", squares)


def _or_equal(kind: str) -> Binary:
    """A comparison by two operators: before onnx 1.15, shape inference lacks the single one."""
    return lambda g, lhs, rhs: g.op("Or", g.op(kind, lhs, rhs), g.op("Equal", lhs, rhs))


def _not_equal(g: Builder, lhs: Value, rhs: Value) -> Value:
    return g.op("Not", g.op("Equal", lhs, rhs))


_ARITHMETIC: dict[str, Binary] = {
    "add": _plain("Add"),
    "div": _plain("Div"),
    "hypot": _hypotenuse,
    "maximum": _plain("Max"),
    "minimum": _plain("Min"),
    "mod": _modulo,
    "mul": _plain("Mul"),
    "power": _plain("Pow"),
    "sub": _plain("Sub"),
}
_COMPARISONS: dict[str, Binary] = {
    "equal": _plain("Equal"),
    "greater": _plain("Greater"),
    "greater_equal": _or_equal("Greater"),
    "lesser": _plain("Less"),
    "lesser_equal": _or_equal("Less"),
    "not_equal": _not_equal,
}
_ALL = {**_ARITHMETIC, **_COMPARISONS}
# With whole numbers these stay exact; everything else is computed as float32.
_EXACT = ("add", "mul", "sub", *_COMPARISONS)


def _of_arrays(name: str) -> Binary:
    function = _ALL[name]

    def applied(g: Builder, lhs: Value, rhs: Value) -> Value:
        prepared = whole if name in _EXACT else floating
        return cast(g, function(g, prepared(g, lhs), prepared(g, rhs)), lhs.dtype)

    return applied


def _of_scalar(name: str, reverse: bool = False) -> Function:
    function = _of_arrays(name)

    def applied(g: Builder, data: Value, *, scalar: float, is_int: bool) -> Value:
        if not is_int and not data.is_floating:
            raise ValueError("it gives float64 for whole numbers, which is not exported")
        number = g.constant(np.array(scalar).astype(data.dtype))
        return function(g, number, data) if reverse else function(g, data, number)

    return applied


def dot(
    g: Builder, lhs: Value, rhs: Value, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Value:
    """The product over the last axis of the first array and the first axis of the second.

    Example:
        >>> g = Builder(17)
        >>> lhs = g.input("lhs", np.float32, ((2, 3), (4, 3)))
        >>> rhs = g.input("rhs", np.float32, ((3, 5), (3, 5)))
        >>> result = dot(g, lhs, rhs, transpose_a=False, transpose_b=False)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 5), ['MatMul'])
    """
    if transpose_a:
        lhs = g.op("Transpose", lhs, perm=[*range(1, lhs.rank), 0])
    if transpose_b:
        rhs = g.op("Transpose", rhs, perm=[rhs.rank - 1, *range(rhs.rank - 1)])
    shapes = [(*left[:-1], *right[1:]) for left, right in zip(lhs.shapes, rhs.shapes)]
    if rhs.rank > 2:
        rhs = g.reshape(rhs, [(each[0], int(np.prod(each[1:]))) for each in rhs.shapes])
    product = g.op("MatMul", lhs, rhs)
    return g.reshape(product, [each or (1,) for each in shapes])


def batch_dot(
    g: Builder, lhs: Value, rhs: Value, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Value:
    """The products of matrices (..., n, k) and (..., k, m), pair by pair: (..., n, m).

    Example:
        >>> g = Builder(17)
        >>> lhs = g.input("lhs", np.float32, ((2, 2, 3), (4, 2, 3)))
        >>> rhs = g.input("rhs", np.float32, ((2, 4, 3), (4, 4, 3)))
        >>> result = batch_dot(g, lhs, rhs, transpose_a=False, transpose_b=True)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 2, 4), ['Transpose', 'MatMul'])
    """
    last_two = [*range(lhs.rank - 2), lhs.rank - 1, lhs.rank - 2]
    if transpose_a:
        lhs = g.op("Transpose", lhs, perm=last_two)
    if transpose_b:
        rhs = g.op("Transpose", rhs, perm=last_two)
    return g.op("MatMul", lhs, rhs)


def add_n(g: Builder, *args: Value, num_args: int) -> Value:
    """The sum of any number of arrays of one shape.

    Example:
        >>> g = Builder(17)
        >>> a = g.input("a", np.float32, ((2, 3), (4, 3)))
        >>> b = g.input("b", np.float32, ((2, 3), (4, 3)))
        >>> add_n(g, a, b, num_args=2).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Sum'])
    """
    return g.op("Sum", *args)


def where(g: Builder, condition: Value, x: Value, y: Value) -> Value:
    """Elements of ``x`` where ``condition`` is not 0, and of ``y`` elsewhere.

    A ``condition`` of one axis chooses whole rows.

    Example:
        >>> g = Builder(17)
        >>> rows = g.input("rows", np.float32, ((2,), (4,)))
        >>> x = g.input("x", np.float32, ((2, 3), (4, 3)))
        >>> y = g.input("y", np.float32, ((2, 3), (4, 3)))
        >>> where(g, rows, x, y).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Unsqueeze', 'Cast', 'Where'])
    """
    if condition.rank == 1 and x.rank > 1:  # it chooses whole rows
        condition = g.unsqueeze(condition, range(1, x.rank))
    return g.op("Where", g.cast(condition, np.bool_), x, y)


FUNCTIONS: dict[str, Function] = {
    **arithmetic_table(_of_arrays, _of_scalar),
    "add_n": add_n,
    "batch_dot": batch_dot,
    "dot": dot,
    "where": where,
}
