"""Operators of two arrays, or of an array and a number; and products of matrices."""

from __future__ import annotations

import operator
from typing import Callable

import torch
from torch import Tensor

from ...graphs.arithmetic import arithmetic_table
from ..types import Number
from .types import Function, cast, floating, is_floating

Binary = Callable[[Number, Number], Tensor]


def _modulo(lhs: Number, rhs: Number) -> Tensor:
    # MXNet gives 0 for division by zero. The inner where keeps NaN out of the gradient.
    lhs, rhs = _both(lhs, rhs)
    rest = torch.remainder(lhs, torch.where(rhs == 0, 1, rhs))
    return torch.where(rhs == 0, 0, rest)


def _both(lhs: Number, rhs: Number) -> tuple[Tensor, Tensor]:
    """Both as arrays."""
    if isinstance(lhs, Tensor):
        return lhs, rhs if isinstance(rhs, Tensor) else torch.full_like(lhs, rhs)
    assert isinstance(rhs, Tensor)
    return torch.full_like(rhs, lhs), rhs


def _maximum(lhs: Number, rhs: Number) -> Tensor:
    """The element-wise maximum; if both are equal, the first gets the gradient."""
    return torch.where((lhs >= rhs) | (lhs != lhs), lhs, rhs)


def _minimum(lhs: Number, rhs: Number) -> Tensor:
    return torch.where((lhs <= rhs) | (lhs != lhs), lhs, rhs)


def _hypotenuse(lhs: Number, rhs: Number) -> Tensor:
    lhs, rhs = _both(lhs, rhs)
    return (lhs * lhs + rhs * rhs).sqrt()


_ARITHMETIC: dict[str, Binary] = {
    "add": operator.add,
    "div": operator.truediv,
    "hypot": _hypotenuse,
    "maximum": _maximum,
    "minimum": _minimum,
    "mod": _modulo,
    "mul": operator.mul,
    "power": operator.pow,
    "sub": operator.sub,
}
_COMPARISONS: dict[str, Binary] = {
    "equal": operator.eq,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "lesser": operator.lt,
    "lesser_equal": operator.le,
    "not_equal": operator.ne,
}


def _of_arrays(name: str) -> Function:
    def applied(lhs: Tensor, rhs: Tensor) -> Tensor:
        return _applied(name, lhs, rhs, lhs)

    return applied


def _applied(name: str, lhs: Number, rhs: Number, like: Tensor) -> Tensor:
    """An operation in the type of ``like``, one of its two operands."""
    if name in _COMPARISONS:
        return _COMPARISONS[name](lhs, rhs).to(like.dtype)
    # Sums of whole numbers stay exact; all other results of whole numbers are float32.
    if not is_floating(like) and name not in ("add", "mul", "sub"):
        lhs, rhs = (floating(each) if isinstance(each, Tensor) else each for each in (lhs, rhs))
    return cast(_ARITHMETIC[name](lhs, rhs), like.dtype)


def _of_scalar(name: str, reverse: bool = False) -> Function:
    def applied(data: Tensor, *, scalar: float, is_int: bool) -> Tensor:
        if not is_int and not is_floating(data):
            data = data.double()  # as in MXNet
        number = scalar if is_floating(data) else int(scalar)
        lhs, rhs = (number, data) if reverse else (data, number)
        return _applied(name, lhs, rhs, data)

    return applied


def dot(lhs: Tensor, rhs: Tensor, *, transpose_a: bool, transpose_b: bool, **_: object) -> Tensor:
    """The product over the last axis of ``lhs`` and the first of ``rhs``.

    The product of two vectors has the shape (1,).

    Example:
        >>> rows, columns = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0], [10.0]])
        >>> dot(rows, columns, transpose_a=False, transpose_b=False).tolist()
        [[21.0], [43.0]]
    """
    axes = [0 if transpose_a else lhs.ndim - 1], [rhs.ndim - 1 if transpose_b else 0]
    product = torch.tensordot(lhs, rhs, dims=axes)
    return product.reshape(1) if product.ndim == 0 else product


def batch_dot(
    lhs: Tensor, rhs: Tensor, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Tensor:
    """The products of matrices (..., n, k) and (..., k, m), pair by pair: (..., n, m).

    Example:
        >>> rows, columns = torch.ones((5, 2, 3)), torch.ones((5, 4, 3))
        >>> tuple(batch_dot(rows, columns, transpose_a=False, transpose_b=True).shape)
        (5, 2, 4)
    """
    return torch.matmul(lhs.mT if transpose_a else lhs, rhs.mT if transpose_b else rhs)


def add_n(*args: Tensor, num_args: int) -> Tensor:
    """The sum of any number of arrays of one shape.

    Example:
        >>> add_n(torch.tensor([1, 2]), torch.tensor([10, 20]), num_args=2).tolist()
        [11, 22]
    """
    total = args[0]
    for each in args[1:]:
        total = total + each
    return total


def where(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Elements of ``x`` where ``condition`` is not 0, and of ``y`` elsewhere.

    A ``condition`` of one axis chooses whole rows.

    Example:
        >>> x, y = torch.tensor([[1, 2], [3, 4]]), torch.zeros((2, 2), dtype=torch.int32)
        >>> where(torch.tensor([1, 0]), x, y).tolist()
        [[1, 2], [0, 0]]
    """
    if condition.ndim == 1:  # it chooses whole rows
        condition = condition.reshape((-1,) + (1,) * (x.ndim - 1))
    return torch.where(condition != 0, x, y)


FUNCTIONS: dict[str, Function] = {
    **arithmetic_table(_of_arrays, _of_scalar),
    "add_n": add_n,
    "batch_dot": batch_dot,
    "dot": dot,
    "where": where,
}
