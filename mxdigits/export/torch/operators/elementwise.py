"""Operators that work on each element of one array."""

from __future__ import annotations

from typing import Callable

from ..code import Code, Emitter, Layers, NotWritten, Value, as_floating, cast, kept

# PyTorch's functions by MXNet's names; HELPERS has those that the file itself must define.
_FUNCTIONS = {
    "arccos": "torch.acos",
    "arccosh": "torch.acosh",
    "arcsin": "torch.asin",
    "arcsinh": "torch.asinh",
    "arctan": "torch.atan",
    "arctanh": "torch.atanh",
    "ceil": "torch.ceil",
    "cos": "torch.cos",
    "cosh": "torch.cosh",
    "degrees": "torch.rad2deg",
    "erf": "torch.erf",
    "erfinv": "torch.erfinv",
    "exp": "torch.exp",
    "expm1": "torch.expm1",
    "fix": "torch.trunc",
    "floor": "torch.floor",
    "gammaln": "torch.lgamma",
    "log": "torch.log",
    "log10": "torch.log10",
    "log1p": "torch.log1p",
    "log2": "torch.log2",
    "radians": "torch.deg2rad",
    "reciprocal": "torch.reciprocal",
    "rsqrt": "torch.rsqrt",
    "sigmoid": "torch.sigmoid",
    "sin": "torch.sin",
    "sinh": "torch.sinh",
    "softsign": "F.softsign",
    "sqrt": "torch.sqrt",
    "tan": "torch.tan",
    "tanh": "torch.tanh",
    "trunc": "torch.trunc",
}
_ACTIVATIONS = {
    "relu": "torch.relu",
    "sigmoid": "torch.sigmoid",
    "softrelu": "F.softplus",
    "softsign": "F.softsign",
    "tanh": "torch.tanh",
}
_HELPERS = {
    "_contrib_div_sqrt_dim": "over_root_of_size",
    "cbrt": "cube_root",
    "gamma": "gamma",
    "rint": "rounded_half_down",
    "round": "rounded_half_away",
}
# These work on whole numbers too.
_EXACT = {
    "abs": "torch.abs",
    "ones_like": "torch.ones_like",
    "relu": "torch.relu",
    "sign": "torch.sign",
    "square": "torch.square",
    "zeros_like": "torch.zeros_like",
}


def activation(w: Layers, data: Value, *, act_type: str) -> Code:
    """An activation by its name: ``relu``, ``sigmoid``, ``softrelu``, ``softsign`` or ``tanh``.

    Example:
        >>> activation(Layers({}, {}), Value(), act_type="softrelu").text
        'F.softplus($0)'
    """
    if data.is_floating:
        return kept(f"{_ACTIVATIONS[act_type]}($0)", data)
    text = f"{_ACTIVATIONS[act_type]}({as_floating(data)})"
    return kept(cast(text, "float32", data.dtype), data)


def _floating(call: Callable[[Layers], str]) -> Emitter:
    """A floating-point function; for whole numbers its result is cast back to them."""

    def emit(w: Layers, data: Value) -> Code:
        if data.is_floating:
            return kept(f"{call(w)}($0)", data)
        return kept(cast(f"{call(w)}(@0.float())", "float32", data.dtype), data)

    return emit


def _function(name: str) -> Emitter:
    return _floating(lambda w: name)


def _helper(name: str) -> Emitter:
    return _floating(lambda w: w.helper(name))


def _exact(name: str) -> Emitter:
    return lambda w, data: kept(f"{name}($0)", data)


def _dequantize(w: Layers, data: Value, low: Value, high: Value, *, out_type: str) -> Code:
    return Code(f"{w.helper('dequantized')}($0, $1, $2)", out_type, data.rank)


def _inverse_cube_root(w: Layers, data: Value) -> Code:
    return kept(f"torch.reciprocal({w.helper('cube_root')}($0))", data)


def _logical_not(w: Layers, data: Value) -> Code:
    return kept(f"(@0 == 0).to(torch.{data.dtype})", data)


def _to(w: Layers, data: Value, *, dtype: str) -> Code:
    if dtype == "bfloat16":
        raise NotWritten("NumPy has no bfloat16 to compare it in; write float32")
    if data.dtype == dtype:
        return kept("$0", data)
    return Code(cast("@0", data.dtype, dtype), dtype, data.rank)


def _clip(w: Layers, data: Value, *, a_min: float, a_max: float) -> Code:
    # For whole numbers, MXNet casts the bounds: they lose their fractions.
    low, high = (a_min, a_max) if data.is_floating else (int(a_min), int(a_max))
    return kept(f"@0.clamp({low}, {high})", data)


def _hard_sigmoid(w: Layers, data: Value, *, alpha: float, beta: float) -> Code:
    return kept(f"({alpha} * @0 + {beta}).clamp(0, 1)", data)


def _smooth_l1(w: Layers, data: Value, *, scalar: float) -> Code:
    return kept(f"{w.helper('smooth_l1')}($0, {scalar})", data)


EMITTERS: dict[str, Emitter] = {
    **{name: _function(function) for name, function in _FUNCTIONS.items()},
    **{name: _helper(function) for name, function in _HELPERS.items()},
    **{name: _exact(function) for name, function in _EXACT.items()},
    "Activation": activation,
    "BlockGrad": lambda w, data: kept("@0.detach()", data),
    "Cast": _to,
    "_contrib_dequantize": _dequantize,
    "_copy": lambda w, data: kept("$0", data),
    "clip": _clip,
    "hard_sigmoid": _hard_sigmoid,
    "logical_not": _logical_not,
    "negative": lambda w, data: kept("-@0", data, operator=True),
    "rcbrt": _inverse_cube_root,
    "smooth_l1": _smooth_l1,
}
