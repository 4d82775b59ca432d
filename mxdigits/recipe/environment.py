"""Environment variables in the paths of a recipe: ``path: ${DATA:data}/mine``.

Only paths may use them. Everything else that decides a run is in the recipe itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Callable

from ..storage.strict_yaml import Path

_Change = Callable[[str, Path], str]

# The keys whose values are paths, at any place in a recipe.
PATHS = ("init", "parameters", "path", "run", "teacher")

# Three forms: $${ for a literal ${; ${NAME} or ${NAME:default}; and any other ${, a mistake.
_FORMS = re.compile(
    r"(?P<itself>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:[^{}]*)?\}|\$\{"
)


def expand(text: str) -> str:
    """A text in which each variable is replaced by its value.

    An empty variable counts as not set.

    Raises:
        ValueError: if a variable is not set and has no default, or ``${`` is used wrongly.

    >>> os.environ["EXAMPLE"] = "/data"
    >>> expand("${EXAMPLE}/mine"), expand("${EXAMPLE_2:here}/mine"), expand("$${EXAMPLE}")
    ('/data/mine', 'here/mine', '${EXAMPLE}')
    """
    return _FORMS.sub(_value, text)


def protect(text: str) -> str:
    """The text from which :func:`expand` makes this one.

    >>> protect("${EXAMPLE}")
    '$${EXAMPLE}'
    """
    return text.replace("${", "$${")


def _value(form: re.Match[str]) -> str:
    if form["itself"]:
        return "${"
    name, default = form["name"], form["default"]
    if name is None:
        raise ValueError(
            "a variable is written ${NAME} or ${NAME:default}; write $${ where ${ itself is meant"
        )
    value = os.environ.get(name, "")
    if not value and default is None:
        raise ValueError(
            f"the environment variable {name} is not set; set it, or write ${{{name}:default}}"
        )
    if not value.isprintable():  # Python makes unprintable characters of bytes that are not text
        raise ValueError(f"the environment variable {name} is no text: {value!r}")
    return value or str(default)[1:]


def expand_paths(recipe: Mapping[str, object]) -> tuple[dict[str, object], list[tuple[Path, str]]]:
    """Plain values of a recipe with all paths expanded, and the problems of these paths.

    >>> expand_paths({"data": {"name": "idx", "path": "${EXAMPLE_2}"}})[1]  # doctest: +ELLIPSIS
    [(('data', 'path'), 'the environment variable EXAMPLE_2 is not set; set it, or write ...')]
    """
    problems: list[tuple[Path, str]] = []

    def change(text: str, path: Path) -> str:
        try:
            return expand(text)
        except ValueError as error:
            problems.append((path, str(error)))
            return text

    return {key: _with_paths(value, (key,), change) for key, value in recipe.items()}, problems


def protect_paths(recipe: Mapping[str, object]) -> dict[str, object]:
    """The plain values from which :func:`expand_paths` makes these.

    >>> protect_paths({"data": {"name": "idx", "path": "${EXAMPLE}"}})
    {'data': {'name': 'idx', 'path': '$${EXAMPLE}'}}
    """
    return {
        key: _with_paths(value, (key,), lambda text, _: protect(text))
        for key, value in recipe.items()
    }


def _with_paths(value: object, path: Path, change: _Change) -> object:
    if isinstance(value, Mapping):
        return {key: _with_paths(each, (*path, key), change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_with_paths(each, (*path, i), change) for i, each in enumerate(value))
    return change(value, path) if isinstance(value, str) and path[-1] in PATHS else value
