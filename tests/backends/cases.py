"""What a case of an operator is, and how its inputs are drawn."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np

from mxdigits.graph import OPERATORS, Graph, Output, Variable, operation

Drawn = Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Case:
    """An operation, and how to draw its inputs.

    ``training`` says how it is run; ``gradients`` whether they are compared; ``fixed`` which inputs
    get none; ``bound`` how far results may lie apart, as a share of the largest number.
    """

    operator: str
    inputs: tuple[Drawn, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    gradients: bool = True
    training: bool = True
    fixed: tuple[int, ...] = ()
    bound: float = 1e-5

    def __str__(self) -> str:
        shapes = [each.shape for each in self.arrays().values()]
        given = [f"{k}={v}" for k, v in self.attributes.items()]
        mode = [] if self.training else ["inference"]
        return " ".join([self.operator, *(str(s).replace(" ", "") for s in shapes), *given, *mode])

    def graph(self) -> Graph:
        """The operation alone, with all its outputs as heads."""
        operator = OPERATORS[self.operator]
        attributes = dict(self.attributes)
        if operator.variadic:
            attributes["num_args"] = len(self.inputs)
        names = operator.input_names(operator.completed(attributes))
        variables = [
            Variable(n, "auxiliary" if n in operator.auxiliary else "parameter") for n in names
        ]
        node = operation(
            self.operator, "layer", [Output(i) for i in range(len(names))], **attributes
        )
        heads = range(operator.outputs(node.attributes))
        return Graph((*variables, node), tuple(Output(len(names), i) for i in heads))

    def arrays(self) -> dict[str, np.ndarray]:
        """The inputs by name: always the same."""
        random = np.random.default_rng(zlib.crc32(repr((self.operator, self.attributes)).encode()))
        names = [n.name for n in self.graph().nodes if isinstance(n, Variable)]
        return {name: draw(random) for name, draw in zip(names, self.inputs)}

    def trained(self) -> list[str]:
        """The inputs whose gradients are compared."""
        if not self.gradients:
            return []
        return [
            name for place, name in enumerate(self.graph().parameters) if place not in self.fixed
        ]


def words(text: str) -> list[str]:
    return text.split()


# How inputs are drawn


def normal(*shape: int) -> Drawn:
    return lambda random: random.standard_normal(shape).astype(np.float32)


def between(low: float, high: float, *shape: int) -> Drawn:
    return lambda random: random.uniform(low, high, shape).astype(np.float32)


def distinct(*shape: int) -> Drawn:
    """No two numbers are equal, or nearly."""
    return lambda random: (
        random.permutation(int(np.prod(shape))).reshape(shape).astype(np.float32) / 7 - 2
    )


def some_equal(*shape: int) -> Drawn:
    """Small whole numbers, many of them equal."""
    return lambda random: random.integers(-2, 3, shape).astype(np.float32)


def whole(low: int, high: int, *shape: int, dtype: str = "int32") -> Drawn:
    return lambda random: random.integers(low, high, shape).astype(dtype)


def exactly(*numbers: Any, dtype: str = "float32") -> Drawn:
    return lambda random: np.array(numbers, dtype)


def case(operator: str, *inputs: Drawn, **attributes: Any) -> Case:
    """A case of which only the attributes matter."""
    return Case(operator, inputs, attributes)


def still(operator: str, *inputs: Drawn, **attributes: Any) -> Case:
    """A case without gradients: of an operator that has none, or of whole numbers."""
    return Case(operator, inputs, attributes, gradients=False)
