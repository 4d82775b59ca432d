"""What an operator is: its inputs, its attributes, and how many outputs it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Callable, Optional, TypeVar

from .attributes import REQUIRED, Attribute, Attributes, AttributeValue, Value

_Given = TypeVar("_Given")


@dataclass(frozen=True)
class Operator:
    """The inputs, attributes and outputs of an operator.

    ``inputs`` are the names of its inputs, in order; ``auxiliary`` are those of them that it
    updates in training, such as the running mean of a batch normalisation. ``lacks`` gives the
    inputs that are missing with certain attributes. A ``variadic`` operator takes ``num_args``
    inputs, all of the one kind in ``inputs``.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> fc = OPERATORS["FullyConnected"]
        >>> fc.inputs
        ('data', 'weight', 'bias')
        >>> fc.input_names(fc.completed({"num_hidden": 10, "no_bias": True}))
        ('data', 'weight')
    """

    name: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(hash=False)
    auxiliary: tuple[str, ...] = ()
    variadic: bool = False
    lacks: Optional[Callable[[Mapping[str, AttributeValue]], Collection[str]]] = None

    def input_names(self, attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
        """The names of the inputs of an operation with these attributes, in order."""
        if self.variadic:
            return tuple(f"{self.inputs[0]}{i}" for i in range(attributes["num_args"]))
        if self.lacks is None:
            return self.inputs
        lacking = self.lacks(attributes)
        return tuple(name for name in self.inputs if name not in lacking)

    def outputs(self, attributes: Mapping[str, AttributeValue]) -> int:
        """The number of outputs that others may take; MXNet's layers have more for internal use."""
        if self.name == "SliceChannel":
            return int(attributes["num_outputs"])
        if self.name == "RNN":
            states = 2 if attributes["mode"] == "lstm" else 1
            return 1 + states * bool(attributes["state_outputs"])
        if self.name == "topk":
            return 2 if attributes["ret_typ"] == "both" else 1
        return 3 if attributes.get("output_mean_var") else 1

    def read(self, texts: Mapping[str, str]) -> Attributes:
        """All attributes: those given, read from their texts, and the others at their defaults.

        Raises:
            ValueError: if an attribute is missing or unknown, or has no proper value.

        Example:
            >>> from mxdigits.graph import OPERATORS
            >>> OPERATORS["softmax"].read({"axis": "1"})["axis"]
            1
        """
        return self.filled(self._each(texts, Attribute.read))

    def completed(self, given: Mapping[str, object]) -> Attributes:
        """All attributes: those given as Python values, and the others at their defaults.

        Raises:
            ValueError: if an attribute is missing, unknown or of another type.
        """
        return self.filled(self._each(given, Attribute.accepted))

    def given(self, attributes: Mapping[str, Value]) -> dict[str, Value]:
        """The attributes that :meth:`completed` needs to be given: those not at their defaults."""
        needed = {
            name: value
            for name, value in attributes.items()
            if self.attributes[name].default is REQUIRED or name == "kernel"
        }
        defaults = self.filled(needed)
        return {
            name: value
            for name, value in attributes.items()
            if (self.name, name) in _ALWAYS_GIVEN
            or (name in needed and self.attributes[name].default != value)
            or repr(defaults[name]) != repr(value)
        }

    def filled(self, values: Mapping[str, Value]) -> Attributes:
        """All attributes: those given, already of their types, and the others at their defaults.

        Raises:
            ValueError: if one without a default is missing.
        """
        everything = {name: values.get(name, a.default) for name, a in self.attributes.items()}
        for name, value in everything.items():
            if value is REQUIRED:
                raise ValueError(f"lacks {name}")
        return Attributes(_resolved(everything) if "kernel" in everything else everything)

    def _each(
        self, given: Mapping[str, _Given], read: Callable[[Attribute, _Given], Value]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, raw in given.items():
            if name not in self.attributes:
                raise ValueError(f"has the attribute {name[:40]!r}, which {self.name} lacks")
            try:
                values[name] = read(self.attributes[name], raw)
            except ValueError:
                raise ValueError(
                    f"has a value for {name} that {self.name} does not take: {str(raw)[:40]!r}"
                ) from None
        return values


# MXNet 1.9.1 cannot train through a sort whose axis is left out.
_ALWAYS_GIVEN = {("sort", "axis")}
_LAYOUTS = {1: "NCW", 2: "NCHW", 3: "NCDHW"}
_WINDOW = {"stride": 1, "dilate": 1, "pad": 0, "adj": 0}


def _resolved(values: dict[str, Value]) -> dict[str, Value]:
    """The attributes of a layer with a window, with MXNet's meaning for () and None filled in."""
    kernel = values["kernel"]
    dimensions = len(kernel) if isinstance(kernel, tuple) else 0
    windows = {
        name: (usual,) * dimensions for name, usual in _WINDOW.items() if values.get(name) == ()
    }
    layout = _LAYOUTS.get(dimensions) if values["layout"] is None else values["layout"]
    return {**values, **windows, "layout": layout}
