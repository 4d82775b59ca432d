"""Brings a graph's file by an MXNet before 1.0 into the form of 1.0.

MXNet itself upgrades old files when it reads them. This does so without MXNet for the versions that
people still have: 0.9 to 0.12, and those before, whose files name no version. A node that cannot be
upgraded is left as it is, and the check of the file then refuses it.
"""

from __future__ import annotations

from typing import Any, Optional

# Names before 0.9 of a variable's attributes for MXNet, such as lr_mult; now __lr_mult__.
_HIDDEN = ("ctx_group", "force_mirroring", "lr_mult", "mirror_stage", "wd_mult")

# Before 0.9 a layer's statistics were not inputs in the file; they were named after the layer.
_STATISTICS = {"BatchNorm": ("moving_mean", "moving_var")}

# Their attributes meant something else before 0.9.5.
_CHANGED = ("argmax", "argmin")

# Versions of MXNet as its files have them: 905 is 0.9.5, 10000 is 1.0.0.
_FIRST_WITH_VERSION = 900  # files of earlier ones name none
_UNCHANGED_SINCE = 905  # what is in _CHANGED means what it means in 1.0
_NEW = 10000  # what is older is upgraded to it

_Described = dict[str, Any]


def upgraded(document: object) -> object:
    """The content of an old ``symbol.json`` as 1.0 would have written it; any other unchanged.

    Args:
        document: as ``json`` gives it, from a file by anybody, so it may hold anything.

    Example:
        >>> norm = {"op": "BatchNorm", "name": "bn", "param": {"eps": "0.1"}, "inputs": [[0, 0]]}
        >>> data = {"op": "null", "name": "data", "param": {}, "inputs": []}
        >>> new = upgraded({"nodes": [data, norm], "heads": [[1, 0]]})
        >>> [node["name"] for node in new["nodes"]], new["nodes"][-1]["attrs"]
        (['data', 'bn_moving_mean', 'bn_moving_var', 'bn'], {'eps': '0.1'})
    """
    if not isinstance(document, dict):
        return document
    nodes, version = document.get("nodes"), _version(document)
    if version is None or not isinstance(nodes, list):
        return document
    if not all(map(_is_node, nodes)) or not _are_references(document.get("heads"), len(nodes)):
        return document
    if version < _UNCHANGED_SINCE and any(each["op"] in _CHANGED for each in nodes):
        return document
    new: list[_Described] = []
    places: list[int] = []  # the new place of each old node
    for each in nodes:
        if not _are_references(each["inputs"], len(places)):
            return document
        inputs = [_moved(reference, places) for reference in each["inputs"]]
        if version < _FIRST_WITH_VERSION:
            for statistic in _STATISTICS.get(each["op"], ()):
                inputs.append([len(new), 0, 0])
                new.append({"op": "null", "name": f"{each['name']}_{statistic}", "inputs": []})
        places.append(len(new))
        new.append({**_upgraded_node(each), "inputs": inputs})
    heads = [_moved(reference, places) for reference in document["heads"]]
    attrs = {"mxnet_version": ["int", _NEW]}
    return {**document, "nodes": new, "heads": heads, "attrs": attrs}


def _version(document: _Described) -> Optional[int]:
    """The version of an old MXNet, such as 905 for 0.9.5; 0 before 0.9; None for any other file."""
    attrs, nodes = document.get("attrs"), document.get("nodes")
    written = attrs.get("mxnet_version") if isinstance(attrs, dict) else None
    if isinstance(written, list) and written[:1] == ["int"] and len(written) == 2:
        number = written[1]
        old = type(number) is int and _FIRST_WITH_VERSION <= number < _NEW
        return number if old else None
    if written is not None or not isinstance(nodes, list):
        return None
    return 0 if any(isinstance(each, dict) and "param" in each for each in nodes) else None


def _is_node(described: object) -> bool:
    return (
        isinstance(described, dict)
        and all(isinstance(described.get(key), str) for key in ("op", "name"))
        and all(isinstance(described.get(key, {}), dict) for key in ("param", "attr", "attrs"))
    )


def _are_references(described: object, before: int) -> bool:
    """Whether all references point to existing nodes."""
    if not isinstance(described, list):
        return False
    return all(
        isinstance(each, list)
        and len(each) in (2, 3)
        and all(type(number) is int for number in each)
        and 0 <= each[0] < before
        for each in described
    )


def _moved(reference: list[int], places: list[int]) -> list[int]:
    place, output, *_ = reference
    return [places[place], output, 0]


def _upgraded_node(node: _Described) -> _Described:
    given = {**node.get("param", {}), **node.get("attr", {}), **node.get("attrs", {})}
    attrs = {f"__{key}__" if key in _HIDDEN else key: text for key, text in given.items()}
    known = ("param", "attr", "attrs", "backward_source_id")
    rest = {key: value for key, value in node.items() if key not in known}
    return {**rest, "attrs": attrs} if attrs else rest
