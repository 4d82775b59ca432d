"""Operators that work on each element of one array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Callable

import numpy as np

from .types import Builder, Function, Value, cast, keeps_type, whole

Unary = Callable[[Builder, Value], Value]

# M. Giles: Approximating the erfinv function, GPU Computing Gems, 2011: the coefficients for
# w = -log(1 - x^2) below 5, and above.
_ERFINV = (
    [
        *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087),
        *(-0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
    ],
    [
        *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773),
        *(-0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
    ],
)
# Lanczos' approximation of the gamma function with g = 7 and nine terms.
_LANCZOS_G = 7
_LANCZOS = [
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
]


def _plain(kind: str) -> Unary:
    return lambda g, data: g.op(kind, data)


def _times(number: float) -> Unary:
    return lambda g, data: g.op("Mul", data, number)


def _log_of_base(base: float) -> Unary:
    return lambda g, data: g.op("Mul", g.op("Log", data), 1 / math.log(base))


def _choose(g: Builder, condition: Value, yes: Value, no: Value) -> Value:
    return g.op("Where", condition, yes, no)


def _round(g: Builder, data: Value) -> Value:
    # Halves are rounded away from zero.
    size = g.op("Abs", data)
    down = g.op("Floor", size)
    stays = g.op("Less", g.op("Sub", size, down), 0.5)
    rounded = _choose(g, stays, down, g.op("Add", down, 1.0))
    return g.op("Mul", g.op("Sign", data), rounded)


def _rint(g: Builder, data: Value) -> Value:
    # Halves are rounded down.
    below, above = g.op("Floor", data), g.op("Ceil", data)
    farther = g.op("Greater", g.op("Sub", data, below), g.op("Sub", above, data))
    return _choose(g, farther, above, below)


def _truncated(g: Builder, data: Value) -> Value:
    return g.op("Mul", g.op("Sign", data), g.op("Floor", g.op("Abs", data)))


def _cube_root(g: Builder, data: Value) -> Value:
    return g.op("Mul", g.op("Sign", data), g.op("Pow", g.op("Abs", data), 1 / 3))


def _polynomial(g: Builder, x: Value, coefficients: Sequence[float]) -> Value:
    total = g.op("Add", g.op("Mul", x, coefficients[0]), coefficients[1])
    for each in coefficients[2:]:
        total = g.op("Add", g.op("Mul", total, x), each)
    return total


def _erfinv(g: Builder, data: Value) -> Value:
    square = g.op("Mul", data, data)
    w = g.op("Neg", g.op("Log", g.op("Sub", g.constant(np.ones((), data.dtype)), square)))
    near = _polynomial(g, g.op("Sub", w, 2.5), _ERFINV[0])
    far = _polynomial(g, g.op("Sub", g.op("Sqrt", w), 3.0), _ERFINV[1])
    return g.op("Mul", data, _choose(g, g.op("Less", w, 5.0), near, far))


def _log_gamma_of_large(g: Builder, x: Value) -> Value:
    """The logarithm of the gamma function, for float64 of at least 0.5."""
    less = g.op("Sub", x, 1.0)
    series = g.op("Add", g.op("Mul", less, 0.0), _LANCZOS[0])
    for place, each in enumerate(_LANCZOS[1:], 1):
        term = g.op("Div", g.constant(np.array(each)), g.op("Add", less, float(place)))
        series = g.op("Add", series, term)
    base = g.op("Add", less, _LANCZOS_G + 0.5)
    power = g.op("Mul", g.op("Add", less, 0.5), g.op("Log", base))
    sum_ = g.op("Add", g.op("Sub", power, base), g.op("Log", series))
    return g.op("Add", sum_, math.log(2 * math.pi) / 2)


def _gammas(g: Builder, data: Value) -> tuple[Value, Value, Value]:
    """In float64: the logarithm of the gamma function of data reflected to at least 0.5; where they
    were reflected; and the sine for the reflection.
    """
    x = g.cast(data, np.float64)
    small = g.op("Less", x, 0.5)
    reflected = _choose(g, small, g.op("Sub", g.constant(np.array(1.0)), x), x)
    sine = g.op("Sin", g.op("Mul", x, math.pi))
    return _log_gamma_of_large(g, reflected), small, sine


def _gamma(g: Builder, data: Value) -> Value:
    log, small, sine = _gammas(g, data)
    large = g.op("Exp", log)
    other = g.op("Div", g.constant(np.array(math.pi)), g.op("Mul", sine, large))
    return g.cast(_choose(g, small, other, large), data.dtype)


def _log_gamma(g: Builder, data: Value) -> Value:
    log, small, sine = _gammas(g, data)
    size = g.op("Log", g.op("Abs", sine))
    other = g.op("Sub", g.op("Sub", g.constant(np.array(math.log(math.pi))), size), log)
    return g.cast(_choose(g, small, other, log), data.dtype)


def _exp_minus_1(g: Builder, data: Value) -> Value:
    # (e^x - 1) = tanh(x / 2) (e^x + 1), which keeps its digits near 0; but not for large x.
    power = g.op("Exp", data)
    near = g.op("Mul", g.op("Tanh", g.op("Mul", data, 0.5)), g.op("Add", power, 1.0))
    small = g.op("Less", g.op("Abs", data), 1.0)
    return _choose(g, small, near, g.op("Sub", power, 1.0))


def _log_plus_1(g: Builder, data: Value) -> Value:
    # log(1 + x) = 2 artanh(x / (2 + x)), which keeps its digits near 0; but not for large x.
    half = g.op("Div", data, g.op("Add", data, 2.0))
    near = g.op("Mul", g.op("Atanh", half), 2.0)
    small = g.op("Less", g.op("Abs", data), 0.5)
    return _choose(g, small, near, g.op("Log", g.op("Add", data, 1.0)))


def _soft_relu(g: Builder, data: Value) -> Value:
    return g.op("Softplus", data)


_FLOATING: dict[str, Unary] = {
    "arccos": _plain("Acos"),
    "arccosh": _plain("Acosh"),
    "arcsin": _plain("Asin"),
    "arcsinh": _plain("Asinh"),
    "arctan": _plain("Atan"),
    "arctanh": _plain("Atanh"),
    "cbrt": _cube_root,
    "ceil": _plain("Ceil"),
    "cos": _plain("Cos"),
    "cosh": _plain("Cosh"),
    "degrees": _times(180 / math.pi),
    "erf": _plain("Erf"),
    "erfinv": _erfinv,
    "exp": _plain("Exp"),
    "expm1": _exp_minus_1,
    "fix": _truncated,
    "floor": _plain("Floor"),
    "gamma": _gamma,
    "gammaln": _log_gamma,
    "log": _plain("Log"),
    "log10": _log_of_base(10),
    "log1p": _log_plus_1,
    "log2": _log_of_base(2),
    "radians": _times(math.pi / 180),
    "rcbrt": lambda g, data: g.op("Reciprocal", _cube_root(g, data)),
    "reciprocal": _plain("Reciprocal"),
    "rint": _rint,
    "round": _round,
    "rsqrt": lambda g, data: g.op("Reciprocal", g.op("Sqrt", data)),
    "sigmoid": _plain("Sigmoid"),
    "sin": _plain("Sin"),
    "sinh": _plain("Sinh"),
    "softsign": _plain("Softsign"),
    "sqrt": _plain("Sqrt"),
    "tan": _plain("Tan"),
    "tanh": _plain("Tanh"),
    "trunc": _truncated,
}
_ACTIVATIONS = {
    "relu": _plain("Relu"),
    "sigmoid": _plain("Sigmoid"),
    "softrelu": _soft_relu,
    "softsign": _plain("Softsign"),
    "tanh": _plain("Tanh"),
}


def _whole_too(function: Unary) -> Function:
    """A function that has kernels for every type after small whole numbers are cast to int32."""
    return lambda g, data: cast(g, function(g, whole(g, data)), data.dtype)


def _logical_not(g: Builder, data: Value) -> Value:
    return g.cast(g.op("Equal", whole(g, data), 0.0), data.dtype)


def _filled(number: float) -> Unary:
    """One number in a value's shape, for any batch: zeros come from comparing it with itself."""

    def filled(g: Builder, data: Value) -> Value:
        given = whole(g, data)
        zeros = g.cast(g.op("Less", given, given), given.dtype)
        return cast(g, g.op("Add", zeros, number), data.dtype)

    return filled


def activation(g: Builder, data: Value, *, act_type: str) -> Value:
    """An activation by its name: ``relu``, ``sigmoid``, ``softrelu``, ``softsign`` or ``tanh``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> activation(g, data, act_type="softrelu").shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Softplus'])
    """
    value: Value = keeps_type(_ACTIVATIONS[act_type])(g, data)
    return value


def clip(g: Builder, data: Value, *, a_min: float, a_max: float) -> Value:
    """The data clipped to the range from ``a_min`` to ``a_max``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> clip(g, data, a_min=-1.0, a_max=1.0).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Clip'])
    """
    given = whole(g, data)
    # With whole numbers, bounds lose their fractions, as in MXNet's cast.
    bounds = [np.array(bound).astype(given.dtype) for bound in (a_min, a_max)]
    return cast(g, g.op("Clip", given, *bounds), data.dtype)


def hard_sigmoid(g: Builder, data: Value, *, alpha: float, beta: float) -> Value:
    """A piecewise linear sigmoid: ``alpha * data + beta``, clipped to 0 and 1.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> hard_sigmoid(g, data, alpha=0.2, beta=0.5).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['HardSigmoid'])
    """
    return g.op("HardSigmoid", data, alpha=alpha, beta=beta)


def smooth_l1(g: Builder, data: Value, *, scalar: float) -> Value:
    """The Huber loss of each element: a parabola up to ``1 / scalar ** 2``, then a line.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> smooth_l1(g, data, scalar=1.0).shape
        (None, 3)
    """
    square = scalar * scalar
    size = g.op("Abs", data)
    parabola = g.op("Mul", g.op("Mul", data, data), 0.5 * square)
    far = g.op("Greater", size, 1 / square)
    return _choose(g, far, g.op("Sub", size, 0.5 / square), parabola)


def dequantize(
    g: Builder, data: Value, min_range: Value, max_range: Value, *, out_type: str
) -> Value:
    """8-bit whole numbers as floating-point numbers, by the range that they stand for.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.int8, ((2, 3), (4, 3)))
        >>> low = g.input("low", np.float32, ((1,), (1,)))
        >>> high = g.input("high", np.float32, ((1,), (1,)))
        >>> dequantize(g, data, low, high, out_type="float32").dtype
        dtype('float32')
    """
    # As in MXNet's CPU build, by oneDNN: 0 stays 0, and half a step is added to the range.
    largest = g.op("Max", g.op("Abs", min_range), g.op("Abs", max_range))
    step = g.op("Mul", g.reshape(largest, [(), ()]), 1 / (np.iinfo(data.dtype).max + 0.5))
    return g.op("Mul", g.cast(data, out_type), step)


def _div_sqrt_dim(g: Builder, data: Value) -> Value:
    return g.op("Mul", data, 1 / math.sqrt(data.size(-1)))


FUNCTIONS: dict[str, Function] = {
    **{name: keeps_type(function) for name, function in _FLOATING.items()},
    "Activation": activation,
    "BlockGrad": _plain("Identity"),
    "Cast": lambda g, data, *, dtype: cast(g, data, dtype),
    "_contrib_dequantize": dequantize,
    "_contrib_div_sqrt_dim": keeps_type(_div_sqrt_dim),
    "_copy": _plain("Identity"),
    "abs": _whole_too(_plain("Abs")),
    "clip": clip,
    "hard_sigmoid": hard_sigmoid,
    "logical_not": _logical_not,
    "negative": _whole_too(_plain("Neg")),
    "ones_like": _filled(1.0),
    "relu": _whole_too(lambda g, data: g.op("Max", data, 0.0)),
    "sign": _whole_too(_plain("Sign")),
    "smooth_l1": smooth_l1,
    "square": _whole_too(lambda g, data: g.op("Mul", data, data)),
    "zeros_like": _filled(0.0),
}
