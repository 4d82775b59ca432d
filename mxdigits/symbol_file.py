"""``symbol.json``, the graph of a network, checked before MXNet sees it.

MXNet's reader trusts a graph: an input that points nowhere ends the process, and among the
operators that it would run are some that read files, call Python or follow an address.  So only
the operators of :data:`OPERATORS` are read from a file, each with as many inputs as it takes, and
what is handed on is written anew from what was checked: nodes, names, inputs and plain attributes.

The format is that of nnvm's ``SaveJSON``, as MXNet 1.9.1 writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Union

from .errors import RunFolderError

MOST_BYTES = 16 << 20
MOST_NODES = 10_000
INPUT = "data"

_MOST_NAME = 256
_MOST_NUMBER = 1 << 20
_NUMBER = r"[-+]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?"
_PLAIN = re.compile(
    rf"{_NUMBER}|[-+]?(?:inf|nan)|[A-Za-z][A-Za-z0-9_]{{0,31}}|"
    r"[(\[] *(?:(?:-?\d{1,9}|None) *, *)*(?:-?\d{1,9}|None)? *,? *[)\]]"
)
_AT_LEAST_ONE = {
    *("dilate", "height", "kernel", "num_args", "num_filter", "num_group", "num_hidden"),
    *("num_outputs", "output_size", "reps", "repeats", "scale", "stride", "width"),
    *("block_size", "nsize"),
}
_AT_LEAST_ZERO = {"adj", "pad", "pad_width", "target_shape"}
_WINDOW = {"adj", "dilate", "kernel", "nsize", "pad", "pad_width", "scale", "stride"}
_MOST_WINDOW = 1 << 10

# With other values these operators take more inputs.
_ONLY = {"sample_type": "nearest", "use_length": "False"}

Attributes = Mapping[str, str]


def _weighted(no_bias: str) -> Callable[[Attributes], int]:
    """Data, weight, and a bias unless an attribute, ``no_bias`` where it is left out, says no."""
    return lambda attrs: 2 if _true(attrs.get("no_bias", no_bias)) else 3


def _true(text: str) -> bool:
    return text.lower() in ("true", "1")


def _many(attrs: Attributes) -> int:
    return int(attrs["num_args"])


def _each(count: Union[int, Callable[[Attributes], int]], names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), count)


OPERATORS: dict[str, Union[int, Callable[[Attributes], int]]] = {
    # Layers
    **_each(_weighted("False"), "Convolution FullyConnected"),
    **_each(_weighted("True"), "Deconvolution"),
    **_each(5, "BatchNorm"),
    **_each(3, "GroupNorm InstanceNorm LayerNorm"),
    **_each(1, "Activation Dropout L2Normalization LRN Pooling _contrib_AdaptiveAvgPooling2D"),
    "LeakyReLU": lambda attrs: 2 if attrs.get("act_type") == "prelu" else 1,
    "UpSampling": _many,
    "_contrib_BilinearResize2D": 1,
    # Shapes
    **_each(1, "Flatten Pad Reshape SliceChannel SwapAxis depth_to_space expand_dims repeat"),
    **_each(1, "reverse slice slice_axis space_to_depth squeeze tile transpose"),
    **_each(2, "broadcast_like reshape_like slice_like"),
    **_each(_many, "Concat add_n stack"),
    # Reductions, and what goes along an axis
    **_each(1, "argmax argmin broadcast_axis broadcast_to log_softmax max mean min nanprod"),
    **_each(1, "nansum norm prod softmax softmin sum"),
    # Arithmetic
    **_each(1, "BlockGrad Cast _copy abs amp_cast arccos arccosh arcsin arcsinh arctan arctanh"),
    **_each(1, "cbrt ceil clip cos cosh degrees erf erfinv exp expm1 fix floor gamma gammaln"),
    **_each(1, "hard_sigmoid log log10 log1p log2 logical_not negative ones_like radians rcbrt"),
    **_each(1, "reciprocal relu rint round rsqrt sigmoid sign sin sinh smooth_l1 softsign sqrt"),
    **_each(1, "square tan tanh trunc zeros_like _contrib_div_sqrt_dim"),
    **_each(1, "_div_scalar _equal_scalar _greater_equal_scalar _greater_scalar _hypot_scalar"),
    **_each(1, "_lesser_equal_scalar _lesser_scalar _maximum_scalar _minimum_scalar _minus_scalar"),
    **_each(1, "_mod_scalar _mul_scalar _not_equal_scalar _plus_scalar _power_scalar"),
    **_each(1, "_rdiv_scalar _rminus_scalar _rmod_scalar _rpower_scalar"),
    **_each(2, "_equal _greater _greater_equal _hypot _lesser _lesser_equal _maximum _minimum"),
    **_each(2, "_mod _not_equal _power elemwise_add elemwise_div elemwise_mul elemwise_sub"),
    **_each(2, "batch_dot broadcast_add broadcast_div broadcast_equal broadcast_greater"),
    **_each(2, "broadcast_greater_equal broadcast_hypot broadcast_lesser broadcast_lesser_equal"),
    **_each(2, "broadcast_maximum broadcast_minimum broadcast_mod broadcast_mul"),
    **_each(2, "broadcast_not_equal broadcast_power broadcast_sub dot"),
    "where": 3,
}


@dataclass(frozen=True)
class Graph:
    """A checked graph.

    ``json`` is the symbol without its last node, the softmax, for ``mxnet.sym.load_json``;
    ``parameters`` are the names of its variables, the input left out.
    """

    json: str
    parameters: frozenset[str]


def parse_symbol(content: bytes, source: Any, version: int) -> Graph:
    """The graph of a ``symbol.json`` that gives probabilities.

    Args:
        content: the file's bytes.
        source: its name in messages.
        version: of the MXNet that the graph is handed to, such as 10901.

    Raises:
        RunFolderError: if it is anything but a network of known operators.
    """
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES} bytes")
        try:
            found = json.loads(content.decode("utf-8"))
        except UnicodeDecodeError:
            raise ValueError("it is no text") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"it is not JSON in line {error.lineno}: {error.msg}") from None
        fields = _fields(found, "the file", nodes=list, heads=list, attrs=dict)
        return _graph(**fields, version=version)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise RunFolderError(f"{source} is no network: {reason}") from None


def _graph(nodes: list[Any], heads: list[Any], attrs: dict[str, Any], version: int) -> Graph:
    written = attrs.get("mxnet_version")
    if not isinstance(written, list) or written[:1] != ["int"] or len(written) != 2:
        raise ValueError("it does not say which MXNet wrote it")
    if type(written[1]) is not int or not 10000 <= written[1] <= version:
        raise ValueError(f"it was written by version {written[1]!r} of MXNet, this is {version}")
    if not 3 <= len(nodes) <= MOST_NODES:
        raise ValueError(f"it has {len(nodes)} nodes")
    if heads not in ([[len(nodes) - 1, 0, 0]], [[len(nodes) - 1, 0]]):
        raise ValueError("its output is not its last node")
    checked: list[_Node] = []
    for index, each in enumerate(nodes):
        checked.append(_node(each, index, checked))
    logits = _before_softmax(checked)
    used = {index for node in checked for index, *_ in node.inputs}
    if len(used) != len(nodes) - 1:
        raise ValueError("it has nodes that lead nowhere")
    variables = [node.name for node in checked if node.is_variable]
    if len(set(variables)) != len(variables) or INPUT not in variables:
        raise ValueError(f"its variables are not {INPUT!r} and one for each parameter")
    return Graph(_written(checked[:-1], logits, version), frozenset(variables) - {INPUT})


@dataclass(frozen=True)
class _Node:
    op: str
    name: str
    attrs: Attributes
    inputs: tuple[tuple[int, int, int], ...]

    @property
    def is_variable(self) -> bool:
        return self.op == "null"

    @property
    def outputs(self) -> int:
        """How many of its outputs others may take; the layers' further ones are for training."""
        return int(self.attrs["num_outputs"]) if self.op == "SliceChannel" else 1


def _node(found: Any, index: int, before: list[_Node]) -> _Node:
    where = f"node {index}"
    found = {"attrs": {}, **found} if isinstance(found, dict) else found
    fields = _fields(found, where, op=str, name=str, attrs=dict, inputs=list, whole=True)
    op, name, attrs, inputs = fields.values()
    if len(name) > _MOST_NAME or not name.isprintable():
        raise ValueError(f"{where} has no proper name")
    where = f"{where}, {name!r},"
    if op == "null":
        if inputs:
            raise ValueError(f"{where} is a variable with inputs")
        return _Node(op, name, {}, ())
    if op not in OPERATORS:
        raise ValueError(f"{where} is of the operator {op!r}, which is not run from a file")
    attrs = _attributes(attrs, where)
    expected = OPERATORS[op]
    try:
        count = expected if isinstance(expected, int) else expected(attrs)
    except KeyError as error:
        raise ValueError(f"{where} lacks {error}") from None
    if op == "SliceChannel" and "num_outputs" not in attrs:
        raise ValueError(f"{where} lacks 'num_outputs'")
    for key, only in _ONLY.items():
        if key in attrs and attrs[key] != only:
            raise ValueError(f"{where} has {key} {attrs[key]}, which is not run from a file")
    if len(inputs) != count:
        raise ValueError(f"{where} has {len(inputs)} inputs, {op} takes {count}")
    return _Node(op, name, attrs, tuple(_input(each, where, before) for each in inputs))


def _input(found: Any, where: str, before: list[_Node]) -> tuple[int, int, int]:
    if not isinstance(found, list) or len(found) not in (2, 3):
        raise ValueError(f"{where} has an input that is no reference")
    if any(type(number) is not int for number in found):
        raise ValueError(f"{where} has an input that is no reference")
    node, output, version = (*found, 0)[:3]
    if not 0 <= node < len(before):
        raise ValueError(f"{where} has an input that does not come before it")
    if not 0 <= output < before[node].outputs or version not in (0, 1):
        raise ValueError(f"{where} takes an output that node {node} does not have")
    return node, output, version


def _attributes(found: dict[str, Any], where: str) -> dict[str, str]:
    """An operator's attributes; those that only direct MXNet, ``__like_this__``, are left out."""
    attrs = {key: value for key, value in found.items() if not key.startswith("__")}
    for key, value in attrs.items():
        if not re.fullmatch("[A-Za-z_0-9]{1,64}", key):
            raise ValueError(f"{where} has an attribute without a proper name")
        if not isinstance(value, str) or len(value) > 1000 or not _PLAIN.fullmatch(value):
            raise ValueError(f"{where} has no plain value for {key}")
        if key == "scalar" or key.endswith(("_value", "_min", "_max")):
            continue
        numbers = [float(number) for number in re.findall(_NUMBER, value)]
        least = 1 if key in _AT_LEAST_ONE else 0 if key in _AT_LEAST_ZERO else -_MOST_NUMBER
        most = _MOST_WINDOW if key in _WINDOW else _MOST_NUMBER
        if not all(least <= number <= most for number in numbers):
            raise ValueError(f"{where} has {key} {value}, beyond {least} to {most}")
    return attrs


def _before_softmax(nodes: list[_Node]) -> tuple[int, int, int]:
    """What the last node, the softmax that makes probabilities, takes."""
    last = nodes[-1]
    if last.op != "softmax" or last.attrs.get("axis", "-1") != "-1":
        raise ValueError("it does not end in a softmax over the classes")
    if nodes[last.inputs[0][0]].is_variable:
        raise ValueError("it computes nothing")
    return last.inputs[0]


def _fields(found: Any, where: str, *, whole: bool = False, **types: type) -> dict[str, Any]:
    """The fields of an object, each of its type; no others are there if that is ``whole``."""
    if not isinstance(found, dict):
        raise ValueError(f"{where} is no object")
    for name, kind in types.items():
        if not isinstance(found.get(name), kind):
            raise ValueError(f"{where} has no proper {name!r}")
    if whole and found.keys() != types.keys():
        raise ValueError(f"{where} has more than {', '.join(types)}")
    return {name: found[name] for name in types}


def _written(nodes: list[_Node], head: tuple[int, int, int], version: int) -> str:
    return json.dumps(
        {
            "nodes": [
                {"op": n.op, "name": n.name, "attrs": n.attrs, "inputs": n.inputs} for n in nodes
            ],
            "arg_nodes": [index for index, node in enumerate(nodes) if node.is_variable],
            "node_row_ptr": list(range(len(nodes) + 1)),
            "heads": [head],
            "attrs": {"mxnet_version": ["int", version]},
        },
        ensure_ascii=False,
    )
