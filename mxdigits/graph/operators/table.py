"""Functions to write the lines of the table, and types that several lines share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Optional

from ..attributes import Attribute, AttributeValue, choice
from ..operator import Operator

FLOATS = choice("float16 float32 float64", None)
DTYPES = "bfloat16 bool float16 float32 float64 int32 int64 int8 uint8"

Lacks = Callable[[Mapping[str, AttributeValue]], tuple[str, ...]]


def op(
    name: str, inputs: str, /, *, lacks: Optional[Lacks] = None, **attributes: Attribute
) -> Operator:
    """A line of the table; auxiliary inputs follow a bar, and ... means any number of inputs.

    ``lacks`` gives the inputs that are missing with certain attributes.

    Example:
        >>> op("BatchNorm", "data gamma beta | moving_mean moving_var").auxiliary
        ('moving_mean', 'moving_var')
    """
    names, _, auxiliary = inputs.partition(" | ")
    return Operator(
        name,
        tuple(names.replace("...", "").split() + auxiliary.split()),
        attributes,
        auxiliary=tuple(auxiliary.split()),
        variadic=inputs.endswith("..."),
        lacks=lacks,
    )


def alike(names: str, inputs: str, **attributes: Attribute) -> list[Operator]:
    """Lines of operators that differ only in their names.

    Example:
        >>> [operator.name for operator in alike("sin cos", "data")]
        ['sin', 'cos']
    """
    return [op(name, inputs, lacks=None, **attributes) for name in names.split()]


def table(*operators: Operator) -> dict[str, Operator]:
    """Operators by their names.

    Example:
        >>> list(table(op("Flatten", "data"), op("where", "condition x y")))
        ['Flatten', 'where']
    """
    return {operator.name: operator for operator in operators}
