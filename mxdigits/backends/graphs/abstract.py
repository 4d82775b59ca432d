"""Runs a graph on shapes only, before anything is allocated: for every backend of graphs."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, Optional, Protocol, TypeVar

import numpy as np

from ...arrays import Arrays, Shape
from ...errors import MxdigitsError, NetworkError
from ...foreign import describe
from ...graph import OPERATORS, Graph, Operation, Output, Variable
from ...graph import parameter_shapes as rules
from ...graph.graph import has_open_size
from ...graph.network_files import no_network, read_network_files
from ...graph.recurrent import JOIN, is_flattening
from ...graph.symbol_json import read_network
from ..limits import IMAGES, check_memory
from ..network import GraphNetwork
from .stochastic import is_stochastic


class Shaped(Protocol):
    """A backend's array without its numbers.

    Example:
        >>> def elements(array: Shaped) -> int:
        ...     return math.prod(array.shape)
        >>> elements(np.zeros((2, 3)))
        6
    """

    @property
    def shape(self) -> Shape: ...


Abstract = TypeVar("Abstract", bound=Shaped)  # each backend has its own


class Shaper(ABC, Generic[Abstract]):
    """Finds the shapes of a graph's outputs by a backend's library, and loads a run's network.

    Example:
        >>> from mxdigits.backends.xla.loading import SHAPER
        >>> SHAPER.abstract((2, 3), "float32").shape
        (2, 3)
    """

    @abstractmethod
    def check_supported(self, graph: Graph) -> None:
        """Refuse a graph that the backend cannot run."""

    @abstractmethod
    def abstract(self, shape: Sequence[int], dtype: str) -> Abstract:
        """An array of a shape and a NumPy type, without numbers."""

    @abstractmethod
    def heads(self, graph: Graph, arrays: Mapping[str, Abstract]) -> tuple[Abstract, ...]:
        """The outputs of a graph in inference, given the arrays of all its variables.

        Raises:
            NetworkError: if a layer does not fit its inputs.
        """

    def load_network(
        self,
        symbol_file: Path,
        parameters_file: Path,
        contexts: Sequence[object],
        image_shape: Sequence[int],
        classes: int,
        sha256: Optional[Mapping[str, str]] = None,
    ) -> GraphNetwork:
        """Read the network that :func:`~mxdigits.graph.network_files.write_network` wrote.

        Anybody may have made the files: nothing that they ask for is allocated or run before it is
        checked.

        Args:
            symbol_file: the graph.
            parameters_file: the parameters.
            contexts: the devices that will run it.
            image_shape: (C, H, W) of an image.
            classes: the number of logits of an image.
            sha256: the hash that each file must have, by file name; a file without one is not
                checked.

        Raises:
            RunFolderError: if a file is damaged or has changed, or they do not fit each other.
            NetworkError: if the backend cannot run a layer.
        """
        graph, arrays = read_network_files(symbol_file, parameters_file, sha256, read_network)
        self.check_supported(graph)
        try:
            self._check_sizes(graph, arrays, image_shape, classes)
        except MxdigitsError as error:
            raise no_network(symbol_file, parameters_file, str(error)) from error
        except Exception as error:  # the backend's library raises kinds of its own
            raise no_network(symbol_file, parameters_file, describe(error)) from error
        return GraphNetwork(graph, arrays)

    def parameter_shapes(
        self,
        graph: Graph,
        image_shape: Sequence[int],
        classes: int,
        known: Mapping[str, Shape],
    ) -> dict[str, Shape]:
        """The shape of every parameter and auxiliary state, by name.

        Args:
            graph: a graph from images (n, C, H, W) to logits.
            image_shape: (C, H, W).
            classes: the number of logits that an image must get.
            known: the shapes that a file gives for parameters whose layers do not imply them.

        Raises:
            NetworkError: if shapes cannot be found, the backend cannot run a layer, or the network
                does not fit such images and classes, or takes too much memory.
        """
        self.check_supported(graph)
        if is_stochastic(graph, training=False):
            raise NetworkError(["the network draws random numbers when it predicts"])
        shapes: dict[str, Shape] = dict(known)
        outputs: list[Optional[tuple[Abstract, ...]]] = []
        for node in graph.nodes:
            if isinstance(node, Variable):
                given = (IMAGES, *image_shape) if node.role == "input" else shapes.get(node.name)
                outputs.append(None if given is None else (self.abstract(given, "float32"),))
            else:
                outputs.append(self._outputs(graph, node, outputs, shapes))
        try:
            stand_ins = {
                name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes.items()
            }
            self._check_sizes(graph, stand_ins, image_shape, classes)
        except ValueError as error:
            raise NetworkError([str(error)]) from None
        return shapes

    def _check_sizes(
        self, graph: Graph, arrays: Arrays, image_shape: Sequence[int], classes: int
    ) -> None:
        """Check before anything is allocated that shapes fit and no output is huge.

        Raises:
            ValueError: if they do not, or an output is too large.
            NetworkError: if a layer does not fit its inputs.
        """
        places = [i for i, node in enumerate(graph.nodes) if isinstance(node, Operation)]
        everything = replace(graph, heads=(*map(Output, places), *graph.heads))
        (name,) = graph.inputs
        given = {n: self.abstract(a.shape, str(a.dtype)) for n, a in arrays.items()}
        given[name] = self.abstract((IMAGES, *image_shape), "float32")
        *outputs, logits = self.heads(everything, given)
        if min((size for each in outputs for size in each.shape), default=1) < 1:
            raise ValueError("one of its outputs has no elements")
        if tuple(logits.shape) != (IMAGES, classes):
            raise ValueError(f"its output for {IMAGES} images has the shape {tuple(logits.shape)}")
        check_memory([math.prod(each.shape) for each in outputs], [a.size for a in arrays.values()])

    def _outputs(
        self,
        graph: Graph,
        node: Operation,
        outputs: list[Optional[tuple[Abstract, ...]]],
        shapes: dict[str, Shape],
    ) -> Optional[tuple[Abstract, ...]]:
        """A node's outputs; writes the shapes of its parameters into ``shapes`` and ``outputs``.

        None for a recurrent layer's weights, until the layer itself implies their shapes.
        """
        self._shape_parameters(graph, node, outputs, shapes)
        if (is_flattening(node) or node.operator == JOIN) and any(
            outputs[each.node] is None for each in node.inputs
        ):
            return None
        taken = []
        for each in graph.taken_by(node):
            there = outputs[each.node]
            if there is None:
                raise NetworkError(
                    [
                        f"the shape of the parameter {_weight(graph, each)!r} does not follow "
                        "from its layer; the file has to give it as __shape__"
                    ]
                )
            taken.append(there[each.index])
        alone = _alone(node)
        given = {str(place): each for place, each in enumerate(taken)}
        try:
            return self.heads(alone, given)
        except NetworkError:
            raise
        except Exception as error:  # the backend's library raises kinds of its own
            raise NetworkError(
                [f"layer {node.name!r} ({node.operator}): {describe(error)}"]
            ) from error

    def _shape_parameters(
        self,
        graph: Graph,
        node: Operation,
        outputs: list[Optional[tuple[Abstract, ...]]],
        shapes: dict[str, Shape],
    ) -> None:
        first = outputs[node.inputs[0].node] if node.inputs else None
        if first is None:
            return
        try:
            shape = tuple(first[node.inputs[0].index].shape)
            given = rules.parameter_shapes(node, shape)
            shapes.update(rules.recurrent_shapes(graph, node, shape))
        except ValueError as error:
            raise NetworkError([str(error)]) from None
        for name, each in zip(OPERATORS[node.operator].input_names(node.attributes), node.inputs):
            source = graph.nodes[each.node]
            if name in given and outputs[each.node] is None:
                if isinstance(source, Variable):
                    shapes[source.name] = given[name]
                elif source.operator != JOIN:
                    continue
                outputs[each.node] = (self.abstract(given[name], "float32"),)


def _weight(graph: Graph, output: Output) -> str:
    """The name of the variable that an output is, or that it is a flattened vector of."""
    node = graph.nodes[output.node]
    return node.name if isinstance(node, Variable) else _weight(graph, node.inputs[0])


def _alone(node: Operation) -> Graph:
    """A graph of one operation, whose inputs are variables named 0, 1 and so on."""
    inputs = [Variable(str(place)) for place in range(len(node.inputs))]
    taken = tuple(Output(place) for place in range(len(inputs)))
    if has_open_size(node):
        inputs.append(Variable(str(len(inputs)), "input"))
    outputs = range(OPERATORS[node.operator].outputs(node.attributes))
    return Graph(
        (*inputs, replace(node, inputs=taken)),
        tuple(Output(len(inputs), index) for index in outputs),
    )
