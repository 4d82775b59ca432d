"""Hints in a ``symbol.json`` about parameters: how they are initialised, and how they learn.

MXNet keeps them as attributes of variables, named __like_this__; they are no part of the graph.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ..arrays import Shape
from ..errors import RunFolderError
from ..values import Unchecked
from .attributes import shape as shape_attribute
from .old_files import upgraded

_SHAPE, _INIT, _TYPE = "__shape__", "__init__", "__dtype__"
_LR_MULT, _WD_MULT = "__lr_mult__", "__wd_mult__"
_FLOATS = ("0", "1", "2", "float32", "float64", "float16")  # all of them are read as float32
_MOST_TEXT = 1 << 16
_MOST_DIMENSIONS = 8
_MOST_SIZE = 1 << 28


@dataclass(frozen=True)
class Hint:
    """A file's hints about one parameter.

    Args:
        shape: None if the file does not say it, or not in full.
        init: an initializer as MXNet writes it: a name, or JSON of a name and options; empty for
            the network's default.
        lr_mult: a factor of the learning rate; with 0 the parameter is not trained.
        wd_mult: a factor of the weight decay.

    Example:
        >>> Hint((10, 784), init="xavier", lr_mult=0.5).attributes()
        {'__shape__': '(10, 784)', '__init__': 'xavier', '__lr_mult__': '0.5'}
    """

    shape: Optional[Shape] = None
    init: str = ""
    lr_mult: float = 1.0
    wd_mult: float = 1.0

    def attributes(self) -> dict[str, str]:
        """The hints as MXNet's attributes, without those at their defaults."""
        told = {
            _SHAPE: "" if self.shape is None else str(self.shape),
            _INIT: self.init,
            _LR_MULT: "" if self.lr_mult == 1 else str(self.lr_mult),
            _WD_MULT: "" if self.wd_mult == 1 else str(self.wd_mult),
        }
        return {name: text for name, text in told.items() if text}


def read_hints(content: bytes, source: object) -> dict[str, Hint]:
    """The hints in a graph's file, by the names of the variables.

    Args:
        content: the file's bytes, which :func:`~mxdigits.graph.symbol_json.read_graph` has already
            accepted.
        source: its name in messages.

    Raises:
        RunFolderError: if a hint has an invalid value.

    Example:
        >>> text = '{"nodes": [{"op": "null", "name": "w", "attrs": {"__lr_mult__": "0.5"}}]}'
        >>> read_hints(text.encode(), "symbol.json")["w"].lr_mult
        0.5
    """
    variables = [node for node in _nodes_in(content) if node["op"] == "null"]
    hints = {}
    for node in variables:
        try:
            hints[node["name"]] = _hint(node.get("attrs", {}))
        except ValueError as error:
            raise RunFolderError(f"{source}: the parameter {node['name']!r} {error}") from None
    return hints


def _nodes_in(content: bytes) -> list[dict[str, Unchecked]]:
    document: Unchecked = upgraded(json.loads(content))
    nodes: list[dict[str, Unchecked]] = document["nodes"]
    return nodes


def _hint(attributes: Mapping[str, object]) -> Hint:
    texts: dict[str, str] = {}
    for name in _READ:
        if name in attributes:
            text = attributes[name]
            if not isinstance(text, str) or len(text) > _MOST_TEXT:
                raise ValueError(f"has no proper {name}")
            texts[name] = text
    if texts.get(_TYPE, "0") not in _FLOATS:
        raise ValueError("is not of floats")
    return Hint(
        _shape(texts.get(_SHAPE, "")),
        texts.get(_INIT, ""),
        _factor(_LR_MULT, texts.get(_LR_MULT, "1")),
        _factor(_WD_MULT, texts.get(_WD_MULT, "1")),
    )


def _shape(text: str) -> Optional[Shape]:
    """A shape; None if MXNet left a size open, written as 0 or -1."""
    if not text or text == "None":
        return None
    try:
        sizes = shape_attribute().read(text)
    except ValueError:
        sizes = None
    given = sizes if isinstance(sizes, tuple) else ()
    whole = tuple(size for size in given if isinstance(size, int))
    if whole != sizes or len(whole) > _MOST_DIMENSIONS:
        raise ValueError(f"has no proper {_SHAPE}")
    if max(whole, default=0) > _MOST_SIZE:
        raise ValueError(f"has no proper {_SHAPE}")
    return whole if whole and min(whole) > 0 else None


def _factor(name: str, text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not (0 <= factor < math.inf):
        raise ValueError(f"has no proper {name}")
    return factor


_READ = (_SHAPE, _INIT, _TYPE, _LR_MULT, _WD_MULT)
