"""Rewrites a training graph so that a part of a batch gives the same as within the whole batch.

- Batch normalization uses the mean and variance over all workers' images, and its gradient passes
  through them to all these images.
- Random numbers, such as those of dropout and augmentations, are drawn for the whole batch, and
  each worker takes those of its images: the same numbers that one process would draw.

Other operators that draw (``rrelu``, and those of plugins) draw the same numbers in each worker,
although for different images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Callable

from ....errors import NetworkError
from ....graph import Graph, Node, Operation, Output
from ....graph.attributes import Attributes
from ....graph.operators import OPERATORS
from ...batches import pieces, shares
from ...team.agreement import Part, Team, part_of, sizes_of
from ..team.moments import OPERATOR, Channels
from ..team.team import ParameterServer
from .device_worker import Piece

_LIKE = ("_random_uniform_like", "_random_normal_like")
_NORMALIZES = "BatchNorm"
# Other operators that use a batch as a whole.
_REFUSED = ("BatchNorm_v1", "_contrib_SyncBatchNorm", "_contrib_BatchNormWithReLU")


class WholeBatch:
    """Rewrites a training graph for parts of batches.

    Args:
        graph: the graph of a training step.
        team: the workers.
        shapes: the shapes of the graph's parameters and auxiliary states, by name.

    Raises:
        NetworkError: if a layer needs the whole batch but would see only its part.

    Example:
        >>> whole = WholeBatch(graph, team, shapes)  # doctest: +SKIP
        >>> whole.graph(Part(0, 50, 100)).operators  # doctest: +SKIP
    """

    def __init__(self, graph: Graph, team: ParameterServer, shapes: Mapping[str, Sequence[int]]):
        if seen := sorted(graph.operators & set(_REFUSED)):
            raise NetworkError(
                [f"several workers cannot train a layer of {', '.join(seen)}; use BatchNorm"]
            )
        self._graph, self._team = graph, team
        self._graphs: dict[Part, Graph] = {}
        self._sizes = {
            place: shapes[graph.nodes[node.inputs[3].node].name][0]
            for place, node in _normalizing(graph)
        }
        # For each layer and batch size, because steps of different sizes may overtake each other.
        self._channels: dict[tuple[int, int], Channels] = {}

    @property
    def moving(self) -> tuple[tuple[str, float], ...]:
        """The statistics that a graph's heads after the first two update, and their momentum."""
        return tuple(
            (self._graph.nodes[each.node].name, node.attributes["momentum"])
            for _, node in _normalizing(self._graph)
            for each in node.inputs[3:]
        )

    @property
    def needs_all(self) -> bool:
        """Whether a worker takes part in pieces of which it has no image.

        It must, if the others wait for it there, or it has to draw the same random numbers.
        """
        return bool(self._sizes or self._graph.operators & {"Dropout", *_LIKE})

    def graph(self, part: Part) -> Graph:
        """The graph for a part of a batch; the same object each time."""
        if part not in self._graphs:
            self._graphs[part] = self._written(part)
        return self._graphs[part]

    def _written(self, part: Part) -> Graph:
        writer = _Writer(self._graph, part)
        sizes = sizes_of(self._team, part.whole)
        for place, _ in _normalizing(self._graph):
            writer.moments[place] = {
                "op_type": OPERATOR,
                "number": str(self._channels_of(place, part.whole).number),
                "rank": str(self._team.rank),
                "shares": ",".join(repr(size / part.whole) for size in sizes),
            }
        return writer.run()

    def _channels_of(self, place: int, whole: int) -> Channels:
        if (place, whole) not in self._channels:
            self._channels[place, whole] = Channels(self._team, self._sizes[place])
        return self._channels[place, whole]


def division(
    graph: Graph, team: Team, shapes: Mapping[str, Sequence[int]], devices: int, parts: int
) -> Callable[[int, int, int], list[Piece]]:
    """How to divide batches: over workers, or over the devices of one process, and into parts.

    Args:
        graph: the graph of a training step in one process.
        team: the workers; if there are several, each has one device.
        shapes: the shapes of the graph's parameters and auxiliary states, by name.
        devices: the number of devices of this process.
        parts: the number of parts in which a batch is computed.

    Returns:
        A function of a device, counted from 0, and the bounds of a batch in an epoch's order, that
        gives the pieces which the device computes one after the other.

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
        >>> from mxdigits.graph import Variable
        >>> same = Graph((Variable("data", "input"),), (Output(0),))
        >>> divided = division(same, Alone(), {}, devices=2, parts=1)
        >>> [divided(device, 0, 100)[0].begin for device in range(2)]
        [0, 50]
    """
    if not isinstance(team, ParameterServer):

        def of_device(device: int, begin: int, end: int) -> list[Piece]:
            own = shares(begin, end, devices)[device : device + 1]
            return [Piece(*each, graph) for part in own for each in pieces(*part, parts)]

        return of_device
    whole = WholeBatch(graph, team, shapes)

    def of_worker(device: int, begin: int, end: int) -> list[Piece]:
        found = []
        for first, last in pieces(begin, end, parts):
            low, high = part_of(team, first, last)
            if low < high or whole.needs_all:
                part = Part(low - first, high - first, last - first)
                found.append(Piece(low, high, whole.graph(part), whole.moving))
        return found

    return of_worker


def _normalizing(graph: Graph) -> Iterator[tuple[int, Operation]]:
    """The batch normalizations that use the batch's statistics, and their places."""
    for place, node in enumerate(graph.nodes):
        if (
            isinstance(node, Operation)
            and node.operator == _NORMALIZES
            and not node.attributes["use_global_stats"]
        ):
            yield place, node


class _Writer:
    """Writes a new graph, node by node."""

    def __init__(self, graph: Graph, part: Part):
        self._old, self._part = graph, part
        self._new: list[Node] = []
        self._place: dict[int, int] = {}  # old node -> new node
        self._found: list[Output] = []  # mean and variance of each normalization
        self.moments: dict[int, dict[str, str]] = {}  # old node -> attributes of its moments

    def run(self) -> Graph:
        """The new graph."""
        _, shown = self._old.heads
        logits = _inputs(self._old.nodes[shown.node])[0].node
        for place, node in enumerate(self._old.nodes):
            if isinstance(node, Operation):
                inputs = tuple(self._moved(each) for each in node.inputs)
                self._write(place, replace(node, inputs=inputs))
            else:
                self._new.append(node)
            if place == logits and self._part.begin == self._part.end:
                # Logits multiplied by 0 give no gradient, and the other workers do not wait in
                # vain.
                self._add("_mul_scalar", f"{node.name}_of_none", [self._last], scalar="0")
            self._place[place] = self._last.node
        heads = [self._moved(head) for head in self._old.heads]
        return Graph(tuple(self._new), (*heads, *self._found))

    @property
    def _last(self) -> Output:
        return Output(len(self._new) - 1)

    def _write(self, place: int, node: Operation) -> None:
        if place in self.moments:
            self._normalize(node, self.moments[place])
        elif node.operator == "Dropout":
            self._drop(node)
        elif node.operator in _LIKE:
            self._draw(node)
        else:
            self._new.append(node)

    def _normalize(self, node: Operation, attributes: Mapping[str, str]) -> None:
        """Write batch normalization as single operators, with the moments of the whole batch."""
        x, gamma, beta, *_ = node.inputs
        name, axis, eps = node.name, node.attributes["axis"], node.attributes["eps"]
        over = {"axis": str(axis), "exclude": "True", "keepdims": "True"}

        def add(operator: str, step: str, *inputs: Output, **attributes: str) -> Output:
            return self._add(operator, f"{name}_{step}", inputs, **attributes)

        own_mean = add("mean", "own_mean", x, **over)
        off = add("broadcast_sub", "off", x, own_mean)
        own_variance = add("mean", "own_variance", add("square", "square", off), **over)
        mean = add("Custom", "moments", own_mean, own_variance, **attributes)
        variance = Output(mean.node, 1)
        self._found += [self._add("BlockGrad", f"{name}_told", [each]) for each in (mean, variance)]
        scale = add("rsqrt", "scale", add("_plus_scalar", "eps", variance, scalar=repr(eps)))
        if not node.attributes["fix_gamma"]:
            by = self._like(gamma, mean, f"{name}_gamma")
            scale = add("broadcast_mul", "by_gamma", scale, by)
        centred = add("broadcast_mul", "scaled", add("broadcast_sub", "centred", x, mean), scale)
        add("broadcast_add", "out", centred, self._like(beta, mean, f"{name}_beta"))

    def _drop(self, node: Operation) -> None:
        """Write dropout with a mask that is drawn for the whole batch."""
        (x,) = node.inputs
        if node.attributes["axes"]:
            ones = self._whole(x, node.name, flat=False)
            mask = self._part_of(self._same(node, ones), node.name)
        else:
            ones = self._whole(x, node.name, flat=True)
            mask = self._like(self._part_of(self._same(node, ones), node.name), x, node.name)
        self._add("elemwise_mul", f"{node.name}_dropped", [x, mask])

    def _draw(self, node: Operation) -> None:
        """Write random numbers for the whole batch, and take a part of them."""
        (x,) = node.inputs
        drawn = self._same(node, self._whole(x, node.name, flat=True))
        self._like(self._part_of(drawn, node.name), x, node.name)

    def _whole(self, x: Output, name: str, *, flat: bool) -> Output:
        """Ones in the shape of the whole batch; if ``flat``, one row for each image."""
        if flat:
            x = self._add("Reshape", f"{name}_rows", [x], shape=f"({self._part.own}, -1)")
        row = self._add("slice_axis", f"{name}_row", [x], axis="0", begin="0", end="1")
        zeros = self._add("zeros_like", f"{name}_zeros", [row])
        ones = self._add("_plus_scalar", f"{name}_ones", [zeros], scalar="1")
        size = f"({self._part.whole},)"
        return self._add("broadcast_axis", f"{name}_whole", [ones], axis="(0,)", size=size)

    def _part_of(self, whole: Output, name: str) -> Output:
        begin = self._part.first_seen
        bounds = {"begin": str(begin), "end": str(begin + self._part.own)}
        return self._add("slice_axis", f"{name}_part", [whole], axis="0", **bounds)

    def _like(self, x: Output, shaped: Output, name: str) -> Output:
        return self._add("reshape_like", f"{name}_like", [x, shaped])

    def _same(self, node: Operation, *inputs: Output) -> Output:
        self._new.append(replace(node, inputs=inputs))
        return self._last

    def _add(self, operator: str, name: str, inputs: Sequence[Output], **attributes: str) -> Output:
        self._new.append(_made(operator, name, inputs, attributes))
        return self._last

    def _moved(self, output: Output) -> Output:
        return replace(output, node=self._place[output.node])


def _inputs(node: Node) -> Sequence[Output]:
    return node.inputs if isinstance(node, Operation) else ()


def _made(
    operator: str, name: str, inputs: Sequence[Output], attributes: Mapping[str, str]
) -> Operation:
    known = OPERATORS.get(operator)
    if known is None:
        return Operation(operator, name, tuple(inputs), Attributes(attributes))
    return Operation(operator, name, tuple(inputs), known.read(attributes))
