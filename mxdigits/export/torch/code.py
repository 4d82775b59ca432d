"""Pieces of Python for PyTorch: the arguments of emitters, and their results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Callable, Optional

import numpy as np

from ...arrays import Arrays, Numbers

Sizes = tuple[int, ...]

FLOATS = ("float16", "float32", "float64")


class NotWritten(ValueError):
    """An operation cannot be written in the file; the message says why, and what to do.

    Example:
        >>> raise NotWritten("its weights are whole numbers; write --format onnx")
        Traceback (most recent call last):
            ...
        mxdigits.export.torch.code.NotWritten: its weights are whole numbers; write --format onnx
    """


@dataclass(frozen=True)
class Value:
    """An output as emitters see it: its type and, if it is known, its number of axes.

    ``variable`` names the variable of the graph that the output is, if the file holds its array.
    ``is_zero`` says that the output is known to be zeros.

    Example:
        >>> Value("int32", rank=2).is_floating
        False
    """

    dtype: str = "float32"
    rank: Optional[int] = None
    variable: str = ""
    is_zero: bool = False

    @property
    def is_floating(self) -> bool:
        return self.dtype in FLOATS


@dataclass(frozen=True)
class Code:
    """An expression with places for its inputs.

    In ``text``, ``$0`` is the first input as an argument of a call; ``@0`` is the first input as an
    operand or before a dot. ``operator`` says whether the text has operators outside of all
    brackets. ``outputs`` is the number of its values, a sequence if there are several; ``is_zero``
    says that they are zeros.

    Example:
        >>> Code("@0 + @1", rank=2, operator=True).outputs
        1
    """

    text: str
    dtype: str = "float32"
    rank: Optional[int] = None
    operator: bool = False
    outputs: int = 1
    is_zero: bool = False


Emitter = Callable[..., Code]

_PLACE = re.compile(r"([$@])(\d+)")


def filled(code: Code, inputs: Sequence[tuple[str, bool]]) -> str:
    """The text with its inputs filled in.

    Each input is an expression, and whether it has operators outside of all brackets.

    Example:
        >>> filled(Code("torch.relu($0) * @1"), [("x + y", True), ("x + y", True)])
        'torch.relu(x + y) * (x + y)'
    """

    def put(match: re.Match[str]) -> str:
        text, operator = inputs[int(match[2])]
        return f"({text})" if operator and match[1] == "@" else text

    return _PLACE.sub(put, code.text)


@dataclass
class Layers:
    """The layers and weights of the class, and the helpers that the file needs.

    ``built`` are the constructors by attribute, ``states`` the arrays by PyTorch's names, and
    ``helpers`` names of :mod:`~mxdigits.export.torch.helpers`. ``name`` is that of the layer that
    is written at the moment.

    Example:
        >>> layers = Layers({"w": np.zeros((10, 784))}, {}, name="dense")
        >>> layers.module("nn.Linear(784, 10)", {"weight": layers.arrays["w"]}, "w")
        'self.dense'
        >>> layers.built, list(layers.states)
        ({'dense': 'nn.Linear(784, 10)'}, ['dense.weight'])
    """

    arrays: Arrays
    names: Mapping[str, str]
    built: dict[str, str] = field(default_factory=dict)
    states: dict[str, Numbers] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    name: str = ""
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def module(self, constructor: str, held: Mapping[str, Numbers], *of: str) -> str:
        """Add a layer of PyTorch; return the expression for it, such as ``self.conv0``.

        Args:
            constructor: such as ``nn.Linear(64, 10)``.
            held: its arrays by PyTorch's names.
            of: the variables of these arrays; a layer of the same variables is made only once.
        """
        key = (constructor, *of)
        if key not in self._known:
            name = self._named(self.name)
            self._known[key] = name
            self.built[name] = constructor
            self.states.update({f"{name}.{each}": array for each, array in held.items()})
        return f"self.{self._known[key]}"

    def weight(self, value: Value) -> str:
        """Return the expression for a variable that no layer of PyTorch holds."""
        key = ("", value.variable)
        if key not in self._known:
            array = self.arrays[value.variable]
            name = self._named(self.names[value.variable])
            self._known[key] = name
            if not value.is_floating:
                raise NotWritten("its weights are whole numbers; write --format onnx")
            dtype = "" if value.dtype == "float32" else f", dtype=torch.{value.dtype}"
            shape = ", ".join(map(str, array.shape))
            self.built[name] = f"nn.Parameter(torch.zeros({shape}{dtype}))"
            self.states[name] = np.asarray(array)
        return f"self.{self._known[key]}"

    def array(self, value: Value) -> Numbers:
        """The array of a weight.

        Raises:
            NotWritten: if it is computed by another layer.
        """
        if not value.variable:
            raise NotWritten("its weights are computed by another layer; write --format onnx")
        return np.asarray(self.arrays[value.variable])

    def helper(self, name: str) -> str:
        """Add a helper function to the file; return its name."""
        self.helpers.add(name)
        return name

    def _named(self, wanted: str) -> str:
        taken = {*self.built, "forward", "training"}
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name


def kept(text: str, value: Value, *, operator: bool = False) -> Code:
    """Code whose output is of the same type and has as many axes as its input.

    Example:
        >>> kept("torch.relu($0)", Value("float32", rank=4)).rank
        4
    """
    return Code(text, value.dtype, value.rank, operator)


def as_floating(value: Value) -> str:
    """The first input, as float32 if it has whole numbers; for an argument or before a dot.

    Example:
        >>> as_floating(Value("float32")), as_floating(Value("uint8"))
        ('$0', '@0.float()')
    """
    return "$0" if value.is_floating else "@0.float()"


def cast(text: str, have: str, want: str) -> str:
    """An expression cast to another type as in C: fractions are cut off, small integers wrap.

    Example:
        >>> cast("x", "float32", "uint8")
        'x.int().to(torch.uint8)'
    """
    if have == want:
        return text
    if have in FLOATS and want in ("int8", "uint8"):
        text = f"{text}.int()"
    return f"{text}.to(torch.{want})"


def known_rank(value: Value) -> int:
    """The number of axes.

    Raises:
        NotWritten: if it is not known.

    Example:
        >>> known_rank(Value(rank=4))
        4
        >>> known_rank(Value())
        Traceback (most recent call last):
            ...
        mxdigits.export.torch.code.NotWritten: how many axes it is given is not known; ...
    """
    if value.rank is None:
        raise NotWritten("how many axes it is given is not known; write --format onnx")
    return value.rank


def tuple_of(numbers: Sequence[int]) -> str:
    """Sizes as PyTorch's layers take them: one number if all are equal, else a tuple.

    Example:
        >>> tuple_of((2, 2)), tuple_of((2, 3))
        ('2', '(2, 3)')
    """
    return str(numbers[0]) if len(set(numbers)) == 1 else str(tuple(numbers))


def options_of(**given: tuple[object, object]) -> str:
    """Keyword arguments as text, without those that have PyTorch's default.

    Example:
        >>> options_of(stride=(2, 1), groups=(1, 1))
        ', stride=2'
    """
    return "".join(f", {name}={value}" for name, (value, usual) in given.items() if value != usual)


def variables_of(*values: Optional[Value]) -> list[str]:
    """The variables of the graph that some values are; None stands for a value that was not given.

    Example:
        >>> variables_of(Value(variable="weight"), None)
        ['weight']
    """
    return [value.variable for value in values if value is not None]


def short(number: float) -> str:
    """A float32 as people write it.

    Example:
        >>> short(0.0010000000474974513), short(1 - 0.8999999761581421)
        ('0.001', '0.1')
    """
    return repr(float(f"{number:.6g}"))
