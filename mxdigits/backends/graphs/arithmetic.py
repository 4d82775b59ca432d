"""MXNet's names of element-wise arithmetic, for the table of operators of every backend."""

from __future__ import annotations

from typing import Callable, Protocol, TypeVar

_COMPARISONS = ("equal", "greater", "greater_equal", "lesser", "lesser_equal", "not_equal")
# Each has two names in MXNet: with ``_`` and with ``broadcast_`` before it.
_ALIKE = ("hypot", "maximum", "minimum", "mod", "power", *_COMPARISONS)
# Only with ``elemwise_`` and with ``broadcast_`` before it.
_BASIC = ("add", "div", "mul", "sub")
# Their names in operators of a number and an array.
_SCALAR_NAMES = {"add": "plus", "sub": "minus"}
_REVERSED = ("div", "mod", "power", "sub")

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class OfScalar(Protocol[T_co]):
    """The implementation of an operation of an array and a number, in either order.

    Example:
        >>> of_scalar: OfScalar[str] = lambda name, reverse=False: f"{name} {reverse}"
        >>> of_scalar("sub", reverse=True)
        'sub True'
    """

    def __call__(self, name: str, reverse: bool = ...) -> T_co: ...


def arithmetic_table(of_arrays: Callable[[str], T], of_scalar: OfScalar[T]) -> dict[str, T]:
    """The implementation of each operator of arithmetic, by MXNet's names.

    Args:
        of_arrays: gives the implementation of an operation of two arrays, such as ``add``.
        of_scalar: the same for an array and a number.

    Example:
        >>> table = arithmetic_table(str, lambda name, reverse=False: f"{name} {reverse}")
        >>> table["broadcast_add"], table["_plus_scalar"], table["_rminus_scalar"]
        ('add', 'add False', 'sub True')
    """
    scalar = {name: _SCALAR_NAMES.get(name, name) for name in (*_BASIC, *_ALIKE)}
    return {
        **{f"elemwise_{name}": of_arrays(name) for name in _BASIC},
        **{f"_{name}": of_arrays(name) for name in _ALIKE},
        **{f"broadcast_{name}": of_arrays(name) for name in (*_BASIC, *_ALIKE)},
        **{f"_{called}_scalar": of_scalar(name) for name, called in scalar.items()},
        **{f"_r{scalar[name]}_scalar": of_scalar(name, reverse=True) for name in _REVERSED},
    }
