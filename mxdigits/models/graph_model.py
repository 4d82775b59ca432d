"""Networks given as graphs, which any backend can train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Optional

import numpy as np

from ..arrays import Arrays, Shape
from ..backends.choose import BACKENDS, choose_devices
from ..backends.graphs.initializers import Initializer, Random, initial_value
from ..backends.network import GraphNetwork, ParameterSettings
from ..errors import NetworkError
from ..graph import Graph
from ..graph.hints import Hint
from ..graph.parameter_shapes import unshaped_parameters

# Most numbers in all parameters of a network from a file: a gigabyte of float32.
MOST_NUMBERS = 1 << 28

# The initializer of a constant array begins so in Gluon's files, which omit the array's values.
_CONSTANT = "Constant_"


@dataclass(frozen=True)
class GraphModel:
    """A network as a graph, before its parameters have shapes.

    Args:
        source: where the graph comes from, for messages: a file, or a model.
        graph: a graph from images (n, C, H, W) float32 from 0 to 1 to logits.
        hints: the hints about each parameter.
        arrays: the initial parameters; None if an initializer draws them.
        sha256: the SHA-256 of each file that was read, by the file's name.
        places: from a parameter's name in the graph to its name by its place in the network; left
            out if both are the same.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> GraphModel("mine-symbol.json", graph, {}).arrays is None
        True
    """

    source: str
    graph: Graph
    hints: Mapping[str, Hint]
    arrays: Optional[Arrays] = None
    sha256: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def network(
        self,
        *,
        classes: int,
        image_shape: Sequence[int],
        initializer: Initializer,
        random: Random,
        backend: Optional[str] = None,
    ) -> GraphNetwork:
        """The network for images of a given size, with every parameter initialised.

        Args:
            classes: the number of outputs that it must have.
            image_shape: (C, H, W) of its input.
            initializer: the initializer of the parameters that have no initializer of their own.
            random: the generator that it draws from.
            backend: the backend that will run the network; the first installed one by default.

        Raises:
            NetworkError: if the graph does not fit such images and classes, a parameter cannot be
                initialised, or the backend cannot run a layer.
        """
        name = backend or choose_devices("cpu").backend
        find = BACKENDS[name].parameter_shapes
        if find is None:
            raise NetworkError([f"the backend {name} trains no graph"])
        unshaped = unshaped_parameters(self.graph)
        known = {
            parameter: hint.shape
            for parameter, hint in self.hints.items()
            if parameter in unshaped and hint.shape is not None
        }
        if self.arrays is not None:
            known = {parameter: self.arrays[parameter].shape for parameter in unshaped}
        try:
            shapes = resolve_name(find)(self.graph, image_shape, classes, known)
            _check_size(shapes)
            arrays = self._arrays(shapes, initializer, random)
        except (NetworkError, ValueError) as error:
            shape = "x".join(map(str, image_shape))
            problems = getattr(error, "problems", None) or [str(error)]
            raise NetworkError(
                [f"{self.source}, images of {shape}: {problem}" for problem in problems]
            ) from error
        return GraphNetwork(self.graph, arrays, self.settings(), self.sha256)

    def settings(self) -> dict[str, ParameterSettings]:
        """How each parameter learns, by its name in the graph."""
        settings = {}
        for name in (*self.graph.parameters, *self.graph.auxiliary_states):
            hint = self._hint(name)
            learns = name in self.graph.parameters and hint.lr_mult > 0
            trained = learns and not hint.init.startswith(_CONSTANT)
            place = self.places.get(name, name)
            settings[name] = ParameterSettings(place, trained, hint.lr_mult, hint.wd_mult)
        return settings

    def _arrays(
        self, shapes: Mapping[str, Shape], initializer: Initializer, random: Random
    ) -> Arrays:
        names = [*self.graph.parameters, *self.graph.auxiliary_states]
        if self.arrays is not None:
            for name in names:
                if self.arrays[name].shape != shapes[name]:
                    raise ValueError(
                        f"the parameter {name!r} has the shape {self.arrays[name].shape}, it "
                        f"should have {shapes[name]}"
                    )
            return {name: np.asarray(self.arrays[name], np.float32) for name in names}
        try:
            return {
                name: initial_value(name, shapes[name], self._hint(name).init, initializer, random)
                for name in names
            }
        except ValueError as error:
            raise ValueError(f"{error}; or give its values in a file, as parameters") from None

    def _hint(self, name: str) -> Hint:
        return self.hints.get(name, Hint())


def _check_size(shapes: Mapping[str, Shape]) -> None:
    numbers = sum(int(np.prod(shape, dtype=np.float64)) for shape in shapes.values())
    if numbers > MOST_NUMBERS:
        raise ValueError(f"its parameters would be {numbers:,} numbers, at most {MOST_NUMBERS:,}")
