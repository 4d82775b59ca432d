"""Operators of two arrays, or of an array and a number; and products of matrices."""

from __future__ import annotations

from typing import Optional

from ....backends.graphs.arithmetic import arithmetic_table
from ..code import Code, Emitter, Layers, NotWritten, Value, cast, kept

_OPERATORS = {"add": "+", "mul": "*", "sub": "-", "div": "/", "power": "**"}
_COMPARISONS = {
    "equal": "==",
    "greater": ">",
    "greater_equal": ">=",
    "lesser": "<",
    "lesser_equal": "<=",
    "not_equal": "!=",
}
_FUNCTIONS = {"maximum": "torch.maximum", "minimum": "torch.minimum", "hypot": "torch.hypot"}
_EXACT = ("add", "mul", "sub", *_COMPARISONS)


def _rank(*values: Value) -> Optional[int]:
    ranks = [value.rank for value in values]
    return None if None in ranks else max(rank or 0 for rank in ranks)


def _of_arrays(name: str) -> Emitter:
    def emit(w: Layers, lhs: Value, rhs: Value) -> Code:
        a, b = "@0", "@1"
        if name not in _EXACT and not lhs.is_floating:
            a, b = "@0.float()", "@1.float()"
        return _applied(w, name, a, b, lhs, _rank(lhs, rhs))

    return emit


def _applied(w: Layers, name: str, a: str, b: str, like: Value, rank: Optional[int]) -> Code:
    have = like.dtype if like.is_floating or name in _EXACT else "float32"
    if name in _COMPARISONS:
        return Code(f"({a} {_COMPARISONS[name]} {b}).to(torch.{like.dtype})", like.dtype, rank)
    if name in _OPERATORS:
        text = f"{a} {_OPERATORS[name]} {b}"
        if have == like.dtype:
            return Code(text, like.dtype, rank, operator=True)
        return Code(cast(f"({text})", have, like.dtype), like.dtype, rank)
    function = _FUNCTIONS.get(name) or w.helper("modulo")
    a, b = (each.replace("@", "$") if "." not in each else each for each in (a, b))
    return Code(cast(f"{function}({a}, {b})", have, like.dtype), like.dtype, rank)


def _of_scalar(name: str, reverse: bool = False) -> Emitter:
    def emit(w: Layers, data: Value, *, scalar: float, is_int: bool) -> Code:
        if not is_int and not data.is_floating:
            raise NotWritten("it gives float64 for whole numbers, which is not exported")
        number = repr(scalar) if data.is_floating else str(int(scalar))
        array = "@0" if data.is_floating or name in _EXACT else "@0.float()"
        if name in ("maximum", "minimum"):
            bound = "min" if name == "maximum" else "max"
            return kept(f"@0.clamp({bound}={number})", data)
        if name in (*_FUNCTIONS, "mod"):
            number = f"torch.tensor({number})"
        a, b = (number, array) if reverse else (array, number)
        return _applied(w, name, a, b, data, data.rank)

    return emit


def dot(
    w: Layers, lhs: Value, rhs: Value, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Code:
    """The product over the last axis of one array and the first axis of the other.

    Example:
        >>> layers = Layers({}, {})
        >>> dot(layers, Value(rank=2), Value(rank=2), transpose_a=False, transpose_b=True).text
        'torch.tensordot($0, @1.movedim(-1, 0), dims=1)'
    """
    a = "@0.movedim(0, -1)" if transpose_a else "$0"
    b = "@1.movedim(-1, 0)" if transpose_b else "$1"
    rank = None if lhs.rank is None or rhs.rank is None else lhs.rank + rhs.rank - 2
    text = f"torch.tensordot({a}, {b}, dims=1)"
    if rank == 0:
        return Code(f"{text}.reshape(1)", lhs.dtype, 1)
    return Code(text, lhs.dtype, rank)


def batch_dot(
    w: Layers, lhs: Value, rhs: Value, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Code:
    """The products of matrices (..., n, k) and (..., k, m), pair by pair.

    Example:
        >>> batch_dot(Layers({}, {}), Value(), Value(), transpose_a=False, transpose_b=True).text
        'torch.matmul($0, @1.transpose(-2, -1))'
    """
    a = "@0.transpose(-2, -1)" if transpose_a else "$0"
    b = "@1.transpose(-2, -1)" if transpose_b else "$1"
    return kept(f"torch.matmul({a}, {b})", lhs)


def add_n(w: Layers, *args: Value, num_args: int) -> Code:
    """The sum of any number of arrays of one shape.

    Example:
        >>> add_n(Layers({}, {}), Value(), Value(), Value(), num_args=3).text
        '@0 + @1 + @2'
    """
    text = " + ".join(f"@{i}" for i in range(num_args))
    return kept(text, args[0], operator=num_args > 1)


def where(w: Layers, condition: Value, x: Value, y: Value) -> Code:
    """Elements of ``x`` where ``condition`` is not 0, and of ``y`` elsewhere.

    A ``condition`` of one axis chooses whole rows.

    Example:
        >>> where(Layers({}, {}), Value(rank=2), Value(rank=2), Value(rank=2)).text
        'torch.where(@0 != 0, $1, $2)'
    """
    if condition.rank == 1 and x.rank != 1:  # it chooses whole rows
        return kept(f"{w.helper('chosen_rows')}($0, $1, $2)", x)
    return kept("torch.where(@0 != 0, $1, $2)", x)


EMITTERS: dict[str, Emitter] = {
    **arithmetic_table(_of_arrays, _of_scalar),
    "add_n": add_n,
    "batch_dot": batch_dot,
    "dot": dot,
    "where": where,
}
