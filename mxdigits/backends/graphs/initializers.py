"""MXNet's initializers in NumPy, by their formulas, for a graph's initial weights.

With a NumPy generator, the same seed gives the same weights on every backend, but not those that
MXNet draws. With a generator like MXNet's, uniform numbers are the same as MXNet's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable, Union

import numpy as np

from ...arrays import AnyArray, Doubles, Floats, Numbers, Shape
from ...values import Options, as_written
from ..mxnet.names import INITIALIZERS, REQUIRED, Default, option_problem
from ..mxnet.random import MXNetRandom

NumPyRandom = np.random.RandomState  # it draws the same numbers in every version of NumPy
Random = Union[NumPyRandom, MXNetRandom]
_Drawn = Union[Floats, Doubles]

# The shape to try an initializer on before it is used.
PROBED = (2, 2, 2, 2)

_ALIASES = {"zeros": "zero", "ones": "one"}

# Initial values of parameters without an initializer, by the end of their name.
_BY_ENDING = {
    "bias": "zero",
    "beta": "zero",
    "gamma": "one",
    "running_mean": "zero",
    "moving_mean": "zero",
    "running_var": "one",
    "moving_var": "one",
}


@dataclass(frozen=True)
class Initializer:
    """A way to draw the initial values of an array.

    Args:
        name: the name of an MXNet initializer, such as ``xavier``.
        options: its options; those left out have MXNet's defaults.

    Raises:
        ValueError: if there is no such initializer, or it does not take an option.

    Example:
        >>> Initializer("constant", {"value": 0.5})((2,), np.random.RandomState(0))
        array([0.5, 0.5], dtype=float32)
    """

    name: str
    options: Options = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = _ALIASES.get(self.name, self.name)
        if name not in INITIALIZERS:
            known = ", ".join(sorted(INITIALIZERS))
            raise ValueError(f"there is no initializer {self.name[:40]!r}; there are {known}")
        object.__setattr__(self, "name", name)
        for option, value in self.options.items():
            _check_option(name, option, value)
        for option, default in INITIALIZERS[name].items():
            if default is REQUIRED and option not in self.options:
                raise ValueError(f"the initializer {name} needs the option {option!r}")
        if name != "constant":  # with several numbers, it fits one shape only
            self(PROBED, NumPyRandom(0))  # some invalid values show only in use

    @classmethod
    def parse(cls, text: str) -> Initializer:
        """An initializer from MXNet's text: a name, or JSON of a name and options.

        Raises:
            ValueError: if the text is neither, or the initializer is unknown.

        Example:
            >>> Initializer.parse('["normal", {"sigma": 0.5}]').options
            {'sigma': 0.5}
        """
        if not text.startswith("["):
            return cls(text.lower())
        try:
            name, options = json.loads(text)
        except (ValueError, RecursionError):
            name = options = None
        if not isinstance(name, str) or not isinstance(options, dict):
            raise ValueError(f"{text[:40]!r} is no initializer")
        return cls(name.lower(), options)

    def __call__(self, shape: Shape, random: Random) -> Floats:
        """Draw an array of a shape, float32.

        Raises:
            ValueError: if the initializer is not for arrays of that shape.
        """
        options = {**INITIALIZERS[self.name], **self.options}
        values = _FORMULAS[self.name](tuple(shape), random, **options)
        return np.asarray(values, np.float32)


def initial_value(
    name: str, shape: Shape, hint: str, initializer: Initializer, random: Random
) -> Floats:
    """A parameter's initial value: by its own initializer, else by its name or the network's.

    Args:
        name: the parameter's name; biases, ``beta`` and running means begin with 0, ``gamma`` and
            running variances with 1.
        shape: the shape of the parameter.
        hint: its own initializer as MXNet writes it; empty for none.
        initializer: the initializer of the network.
        random: the generator to draw from.

    Raises:
        ValueError: naming the parameter, if its initializer is unknown or does not fit such a
            shape.

    Example:
        >>> random, uniform = NumPyRandom(0), Initializer("uniform")
        >>> initial_value("dense0_bias", (3,), "", uniform, random).tolist()
        [0.0, 0.0, 0.0]
        >>> own = '["constant", {"value": 0.5}]'
        >>> initial_value("dense0_weight", (2, 3), own, uniform, random).tolist()
        [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    try:
        if hint:
            return Initializer.parse(hint)(shape, random)
        ending = next((kind for end, kind in _BY_ENDING.items() if name.endswith(end)), "")
        return (Initializer(ending) if ending else initializer)(shape, random)
    except ValueError as error:
        raise ValueError(f"the parameter {name!r} cannot be initialised: {error}") from None


def _check_option(name: str, option: str, value: object) -> None:
    takes = INITIALIZERS[name]
    if option not in takes:
        raise ValueError(f"the initializer {name} has no option {option[:40]!r}")
    numbers = value if name == "constant" and isinstance(value, list) else [value]
    if problem := next(filter(None, (_problem(takes[option], each) for each in numbers)), ""):
        raise ValueError(f"{option} of the initializer {name} {problem}")


def _problem(default: Default, value: object) -> str:
    if isinstance(value, list):  # nested lists: an array of several dimensions
        return next(filter(None, (_problem(default, each) for each in value)), "")
    return option_problem(default, value) or ""


def _filled(value: float) -> Callable[..., Numbers]:
    return lambda shape, random: np.full(shape, value)


def _constant(shape: Shape, random: Random, value: Union[float, list[object]]) -> Floats:
    return np.broadcast_to(np.asarray(value, np.float32), shape)


def _uniform(shape: Shape, random: Random, scale: float) -> _Drawn:
    return random.uniform(-scale, scale, shape)


def _normal(shape: Shape, random: Random, sigma: float) -> Doubles:
    return random.normal(0, sigma, shape)


def _xavier(
    shape: Shape, random: Random, rnd_type: str, factor_type: str, magnitude: float
) -> _Drawn:
    scale = math.sqrt(_not_negative("magnitude", magnitude) / _fan(shape, factor_type))
    if rnd_type == "uniform":
        return _uniform(shape, random, scale)
    if rnd_type == "gaussian":
        return _normal(shape, random, scale)
    raise ValueError(f"rnd_type must be uniform or gaussian, got {as_written(rnd_type)}")


def _msraprelu(shape: Shape, random: Random, factor_type: str, slope: float) -> _Drawn:
    return _xavier(shape, random, "gaussian", factor_type, 2 / (1 + slope**2))


def _fan(shape: Shape, factor_type: str) -> float:
    """The fan-in or the fan-out of a weight, or the mean of both."""
    if len(shape) < 2:
        raise ValueError(f"this initializer is for arrays of 2 dimensions or more, not for {shape}")
    window = math.prod(shape[2:])
    into, out = shape[1] * window, shape[0] * window
    factors = {"avg": (into + out) / 2, "in": into, "out": out}
    if factor_type not in factors:
        raise ValueError(f"factor_type must be avg, in or out, got {as_written(factor_type)}")
    return factors[factor_type]


def _orthogonal(shape: Shape, random: Random, scale: float, rand_type: str) -> _Drawn:
    if not shape:
        raise ValueError("orthogonal is for arrays with a dimension or more")
    flat = (shape[0], math.prod(shape[1:]))
    draws: dict[str, Callable[[], AnyArray]] = {
        "uniform": lambda: _uniform(flat, random, 1),
        "normal": lambda: _normal(flat, random, 1),
    }
    if rand_type not in draws:
        raise ValueError(f"rand_type must be uniform or normal, got {as_written(rand_type)}")
    rows, _, columns = np.linalg.svd(draws[rand_type](), full_matrices=False)
    return scale * (rows if rows.shape == flat else columns).reshape(shape)


def _bilinear(shape: Shape, random: Random) -> Doubles:
    if len(shape) != 4:
        raise ValueError(f"bilinear is for arrays of 4 dimensions, not for {tuple(shape)}")
    # As in MXNet, only the width counts, even if a window is not square.
    half = math.ceil(shape[3] / 2)
    centre = (2 * half - 1 - half % 2) / (2 * half)
    across, down = (1 - abs(np.arange(size) / half - centre) for size in (shape[3], shape[2]))
    return np.broadcast_to(down[:, None] * across[None, :], shape)


def _not_negative(name: str, value: float) -> float:
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return value


_FORMULAS: Mapping[str, Callable[..., Numbers]] = {
    "bilinear": _bilinear,
    "constant": _constant,
    "msraprelu": _msraprelu,
    "normal": _normal,
    "one": _filled(1),
    "orthogonal": _orthogonal,
    "uniform": _uniform,
    "xavier": _xavier,
    "zero": _filled(0),
}
