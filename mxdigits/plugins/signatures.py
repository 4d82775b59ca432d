"""The options that a factory takes, read from its source without running it, or from the object.

Because only the source is read, a recipe can be checked where MXNet is not installed, and without
importing a plugin that may be slow or broken.
"""

from __future__ import annotations

import ast
import inspect
import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Callable, Optional, Union

from ..foreign import describe
from ..storage.files import read_plain
from .suggest import nearest

# Real source files are smaller; parsing a megabyte takes a second.
_MOST_BYTES = 500_000


class SourceMissing(Exception):
    """There is no such module, or no object of that name in it.

    Example:
        >>> options_in_source("no_such_module", "Tiny")
        Traceback (most recent call last):
            ...
        mxdigits.plugins.signatures.SourceMissing: there is no module 'no_such_module'
    """


@dataclass(frozen=True)
class Options:
    """The keyword options of a factory: ``defaults`` maps each to its default as source text.

    A required option has the default None. ``open_ended`` factories accept any keyword.

    Example:
        >>> options = Options({"units": "4", "activation": None})
        >>> print(options)
        units=4, activation
        >>> options.problems(["unit"], reserved={})
        {'unit': "unknown; did you mean 'units'?", 'activation': 'is required'}
    """

    defaults: Mapping[str, Optional[str]]
    open_ended: bool = False

    def __str__(self) -> str:
        parts = [k if d is None else f"{k}={d}" for k, d in self.defaults.items()]
        return ", ".join(parts + ["**options"] * self.open_ended)

    def problems(self, given: Iterable[str], *, reserved: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the keywords ``given``: {keyword: message}.

        ``reserved`` holds the options that the framework passes itself, each with the reason.
        """
        given = set(given)
        problems = {key: reserved[key] for key in given & set(reserved)}
        mine = [key for key in self.defaults if key not in reserved]
        if not self.open_ended:
            for key in sorted(given - set(mine) - set(reserved)):
                problems[key] = f"unknown; {nearest(key, mine)}"
        for key in mine:
            if self.defaults[key] is None and key not in given:
                problems[key] = "is required"
        return problems


def options_of(factory: Callable[..., object]) -> Options:
    """The options of a factory that is imported already.

    Example:
        >>> def tiny(*, classes=10, units=4): ...
        >>> print(options_of(tiny))
        classes=10, units=4
    """
    defaults: dict[str, Optional[str]] = {}
    open_ended = False
    for name, parameter in inspect.signature(factory).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            open_ended = True
        elif parameter.kind in (
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        ):
            required = parameter.default is inspect.Parameter.empty
            defaults[name] = None if required else repr(parameter.default)
    return Options(defaults, open_ended)


def options_in_source(module: str, attribute: str) -> Optional[Options]:
    """The options of ``module:attribute`` as its source states them; runs none of it.

    Returns:
        None if the source does not show them: the object is imported, computed or inherited there,
        or the source is larger than half a megabyte.

    Raises:
        SourceMissing: if the module, or a name in it, does not exist.

    Example:
        >>> print(options_in_source("mxdigits.models.mlp", "MLP"))
        classes=10, hidden=(128, 64), activation='relu', dropout=0.0
    """
    path = source_path(module)
    if path is None:
        return None
    name, _, nested = attribute.partition(".")
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            return None
        tree = _parsed(path, path.stat().st_mtime_ns, size)
        for node in tree.body:
            if getattr(node, "name", None) == name and not nested:
                return _options_of_node(node)
    except (MemoryError, RecursionError):  # Python raises one of them for deep nesting
        raise SourceMissing(f"{module} cannot be read: it is nested too deep for Python") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise SourceMissing(f"{module} cannot be read: {describe(error)}") from None
    if not _binds(tree, name):
        raise SourceMissing(f"module {module!r} has no {name!r}")
    return None


def docstring_in_source(module: str, attribute: str) -> str:
    """The docstring of a class or function of mxdigits, read from its source; empty without one.

    Raises:
        SourceMissing: if there is no such module.

    Example:
        >>> docstring_in_source("mxdigits.models.mlp", "MLP").splitlines()[0]
        'Fully connected layers and a classifier; by default 128, 64 and relu.'
    """
    path = source_path(module)
    if path is None:
        return ""
    about = path.stat()
    for node in _parsed(path, about.st_mtime_ns, about.st_size).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == attribute:
            return ast.get_docstring(node) or ""
    return ""


@lru_cache(maxsize=8)
def _parsed(path: Path, changed: int, size: int) -> ast.Module:
    """The parsed source of a module; cached, since a module may offer several factories."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for example of an invalid escape in the source
        return ast.parse(read_plain(path, _MOST_BYTES), path.name)


def source_path(module: str) -> Optional[Path]:
    """The source file of a module, found without importing its parent packages.

    None if there is no source to read, as for an extension or a module in an archive.

    Raises:
        SourceMissing: if there is no such module.

    Example:
        >>> source_path("mxdigits.models.lenet").name
        'lenet.py'
    """
    root, *rest = module.split(".")
    try:
        spec = find_spec(root)
        for depth in range(len(rest)):
            if spec is None or spec.submodule_search_locations is None:
                break
            places = list(spec.submodule_search_locations)
            spec = _spec_inside(".".join([root, *rest[: depth + 1]]), places)
    except Exception:  # foreign import finders may raise anything
        spec = None
    if spec is None or (rest and spec.name != module):
        raise SourceMissing(f"there is no module {module!r}")
    if spec.origin is None and spec.submodule_search_locations is not None:
        raise SourceMissing(f"{module!r} is a folder without __init__.py, and holds no objects")
    if spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    return path if path.is_file() else None  # it may be in an archive


def _spec_inside(full: str, places: list[str]) -> Optional[ModuleSpec]:
    """The spec of a module, looked for in the folders of its package."""
    try:
        return PathFinder.find_spec(full, places)
    except KeyError:  # raised for namespace packages, because their parent is not imported
        spec = ModuleSpec(full, None, is_package=True)
        folders = [os.path.join(place, full.rpartition(".")[2]) for place in places]
        spec.submodule_search_locations = [each for each in folders if os.path.isdir(each)]
        return spec


def _options_of_node(node: ast.stmt) -> Optional[Options]:
    if isinstance(node, ast.ClassDef):
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                return _options_of_function(item, skip=1)
    if isinstance(node, ast.FunctionDef) and not node.decorator_list:
        return _options_of_function(node, skip=0)
    return None


def _options_of_function(node: ast.FunctionDef, *, skip: int) -> Options:
    plain = [*node.args.posonlyargs, *node.args.args]
    blanks: list[Union[ast.expr, None]] = [None] * (len(plain) - len(node.args.defaults))
    pairs = [
        *list(zip(plain, [*blanks, *node.args.defaults]))[max(skip, len(node.args.posonlyargs)) :],
        *zip(node.args.kwonlyargs, node.args.kw_defaults),
    ]
    defaults = {a.arg: None if d is None else ast.unparse(d) for a, d in pairs}
    return Options(defaults, open_ended=node.args.kwarg is not None)


def _binds(tree: ast.Module, name: str) -> bool:
    """Whether the module may define ``name``, also by assignment, import or a star import."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            if name in names or "*" in names:
                return True
        elif (
            (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
            or getattr(node, "name", None) == name
            or getattr(node, "name", None) == "__getattr__"
        ):
            return True
    return False
