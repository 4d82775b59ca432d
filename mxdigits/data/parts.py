"""The parts of a mix of data sets in recipes, and checks for mistakes in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from ..values import Options, as_written, is_number, is_whole

MIX = "mix"  # the name of the data set that has parts
FOLD = "fold"  # the name of the data set that tests on a fold of training images

# Keys of a part that belong to the mix, and not to the part's data set.
OWN = ("share", "repeat")

Path = tuple[Union[str, int], ...]


@dataclass(frozen=True)
class Part:
    """A data set of a mix, and how much of the training images it makes.

    ``share`` is its share of all training images of the mix; without it, ``repeat`` is how often
    each of its images comes.

    Example:
        >>> Part("folder", {"path": "mine"}, share=0.1)
        Part(name='folder', options={'path': 'mine'}, share=0.1, repeat=1)
    """

    name: str
    options: Options
    share: Optional[float] = None
    repeat: int = 1


def parts_of(value: Any) -> list[Part]:
    """The parts in a recipe's value, in which :func:`part_problems` must have found nothing.

    Example:
        >>> parts_of(["mnist", {"name": "folder", "path": "mine", "repeat": 3}])[1].repeat
        3
    """
    parsed = []
    for each in value:
        keys: dict[str, Any] = {"name": each} if isinstance(each, str) else dict(each)
        own = {key: keys.pop(key) for key in OWN if key in keys}
        parsed.append(Part(keys.pop("name"), keys, **own))
    return parsed


def first_of(name: str, options: Options) -> tuple[str, Options]:
    """The data set that gives the classes and test images: a mix's first part, else the set itself.

    Example:
        >>> first_of("mix", {"parts": ["mnist", {"name": "folder", "path": "mine"}]})
        ('mnist', {})
    """
    while name == MIX and not any(part_problems(options.get("parts"))):
        first = parts_of(options["parts"])[0]
        name, options = first.name, first.options
    return name, options


def missing_paths(options: Options, key: str = "data") -> dict[str, str]:
    """The full paths in options, also in parts, at which there is nothing, by their keys.

    Args:
        options: of a data set.
        key: that of the options in a recipe.

    Example:
        >>> missing_paths({"parts": ["mnist", {"name": "folder", "path": "/no/such"}]})
        {'data.parts.1.path': '/no/such'}
    """
    path, of, parts = options.get("path"), options.get("of"), options.get("parts")
    missing: dict[str, str] = {}
    if isinstance(path, str) and os.path.isabs(path) and not os.path.lexists(path):
        missing[f"{key}.path"] = path
    if isinstance(of, Mapping):
        missing |= missing_paths(of, f"{key}.of")
    for place, part in enumerate(parts if isinstance(parts, (list, tuple)) else ()):
        if isinstance(part, Mapping):
            missing |= missing_paths(part, f"{key}.parts.{place}")
    return missing


def in_full(options: Options, paths: Sequence[str] = ("path",)) -> dict[str, object]:
    """Options with absolute paths, also in parts, so that they work from any folder.

    A path that does not exist is left unchanged: for a plugin's data set it may be an address.

    Example:
        >>> os.mkdir("mine")
        >>> in_full({"path": "mine"})["path"] == os.path.abspath("mine")
        True
    """
    full = dict(options)
    parts, of = full.get("parts"), full.get("of")
    for key in paths:
        path = full.get(key)
        if isinstance(path, str) and os.path.exists(os.path.expanduser(path)):
            full[key] = os.path.abspath(os.path.expanduser(path))
    if isinstance(of, Mapping):  # a fold's data set to divide
        full["of"] = in_full(of, paths)
    if isinstance(parts, (list, tuple)):
        full["parts"] = [in_full(part) if isinstance(part, Mapping) else part for part in parts]
    return full


def part_problems(value: object) -> Iterator[tuple[Path, str]]:
    """The mistakes in a mix's parts, (where, what); the parts' names and options are not checked.

    Example:
        >>> list(part_problems(["mnist", {"name": "folder", "share": 2}]))
        [((1, 'share'), 'must be a number between 0 and 1, got 2')]
    """
    if not isinstance(value, (list, tuple)) or not value:
        example = "[mnist, {name: folder, path: mine, share: 0.1}]"
        yield (), f"must be a list of data sets, such as {example}, got {as_written(value)}"
        return
    shares = 0.0
    for i, each in enumerate(value):
        if isinstance(each, str):
            continue
        if not isinstance(each, Mapping) or not isinstance(each.get("name"), str):
            yield (
                (i,),
                f"must be a name, or a mapping with name and options, got {as_written(each)}",
            )
            continue
        yield from (((i, *path), what) for path, what in _own_problems(each, first=not i))
        shares += each["share"] if _is_share(each.get("share")) else 0
    if shares >= 1:
        yield (), f"the shares must add up to less than 1, they add up to {shares:g}"


def _own_problems(part: Mapping[str, object], *, first: bool) -> Iterator[tuple[Path, str]]:
    for key in OWN:
        if first and key in part:
            yield (key,), "is for the parts after the first; the first is always taken whole"
    if "share" in part and not _is_share(part["share"]):
        yield ("share",), f"must be a number between 0 and 1, got {part['share']!r}"
    if "repeat" in part and not _is_count(part["repeat"]):
        yield ("repeat",), f"must be a whole number from 1 on, got {part['repeat']!r}"
    if all(key in part for key in OWN):
        yield ("repeat",), "cannot be given with share: each of them sets the number of images"


def _is_share(value: object) -> bool:
    return is_number(value) and 0 < value < 1


def _is_count(value: object) -> bool:
    return is_whole(value) and value >= 1
