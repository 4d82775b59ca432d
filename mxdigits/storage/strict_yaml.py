"""YAML that means what it looks like, with the place of every key and value.

PyYAML alone reads ``1e-3`` as a string and ``on`` as true, and silently uses the last of two equal
keys. This reader follows YAML 1.2's core schema, refuses duplicate keys and tags, bounds the
expansion of anchors, and remembers the line and column of every key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Union

import yaml

from ..errors import RecipeError
from ..values import Unchecked

Path = tuple[Union[str, int], ...]

MAX_CHARACTERS = 100_000  # PyYAML takes seconds for a million
MAX_DEPTH = 50
MAX_DIGITS = 1000
MAX_PROBLEMS = 100
MAX_VALUES = 10_000  # far more than any recipe has, far fewer than nested anchors can make

_TAG = "tag:yaml.org,2002:"


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's parser with the scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, object] = {}


class _Dumper(yaml.SafeDumper):
    """PyYAML's writer, which quotes words that YAML 1.1 or 1.2 would read as something else."""


for _kind, _pattern, _first in (
    ("null", r"(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+)$", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$",
        list("-+.0123456789"),
    ),
):
    for _class in (_CoreLoader, _Dumper):
        _class.add_implicit_resolver(_TAG + _kind, re.compile(_pattern), _first)


# PyYAML's problems, and what to say in their place; others are said as they are.
_SYNTAX = (
    (r"found character '\\t' that cannot start any token", "a tab where YAML wants spaces"),
    (r"found character '(.)' that cannot start any token", "{0} cannot begin a value; quote it"),
    (
        r"found undefined alias '(.+)'",
        "*{0} repeats the value that is called &{0}, and there is none; put text in quotes",
    ),
    (
        r"(found unknown escape character .+)",
        "{0}; in double quotes \\ begins an escape: write single quotes",
    ),
    (
        r"mapping values are not allowed here",
        "a second ': ' in a value, or a line that is indented too far; put text that has ': ' in "
        "quotes, and begin the keys of a mapping in one column",
    ),
    (
        r"expected <block end>, but found '(?:<block .+|[?-])'",
        "this line is indented less or more than the lines that it belongs to",
    ),
    (r"expected <block end>, but found .+", "this cannot follow the value before it"),
    (r"could not find expected ':'", "here ends a line that has no ': '; write key: value"),
    (r"found unexpected end of stream", "a quotation mark that opens a text is never closed"),
    (
        r"expected ',' or '(.)', but got '<stream end>'",
        "a bracket is never closed; {0} is missing",
    ),
    (r"(expected ',' or '.'), but got .+", "{0} here"),
    (
        r"but found another document|expected '<document start>', but found .+",
        "a second document begins here; keep one of them",
    ),
)


@dataclass(frozen=True)
class Document:
    r"""A text's values and their places: ``marks`` maps a path of keys to (line, column), from 1.

    Example:
        >>> document = read("model:\n  name: lenet\n", "mine.yaml")
        >>> document.value, document.place(("model", "name"))
        ({'model': {'name': 'lenet'}}, 'mine.yaml:2:3')
    """

    source: str
    value: Unchecked
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def mark(self, path: Path) -> tuple[int, int]:
        """The place of a path, or of its nearest parent in the text."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))

    def place(self, path: Path) -> str:
        """The place of a path as ``source:line:column``."""
        line, column = self.mark(path)
        return f"{self.source}:{line}:{column}"


def parse(text: str, source: str) -> Document:
    r"""Read one YAML document, and refuse it if it has mistakes.

    Args:
        text: the document.
        source: its name in messages, a file's path.

    Raises:
        RecipeError: with every mistake that could be found, each with its place.

    Example:
        >>> parse("epochs: 10\nlearning_rate: 1e-3\n", "mine.yaml").value
        {'epochs': 10, 'learning_rate': 0.001}
        >>> parse("epochs: 10\nepochs: 20\n", "mine.yaml")
        Traceback (most recent call last):
            ...
        mxdigits.errors.RecipeError: mine.yaml:2:1: epochs: duplicate key; the first is in line 1
    """
    document = read(text, source)
    if document.problems:
        raise RecipeError(document.problems)
    return document


def read(text: str, source: str) -> Document:
    r"""Read one YAML document; its mistakes are in ``problems`` of the result.

    Raises:
        RecipeError: if it is not YAML at all.

    Example:
        >>> read("epochs: 10\nepochs: 20\n", "mine.yaml").problems
        ('mine.yaml:2:1: epochs: duplicate key; the first is in line 1',)
    """
    if len(text) > MAX_CHARACTERS:
        raise RecipeError([f"{source}: longer than {MAX_CHARACTERS:,} characters"])
    try:
        reader = _Reader(source)
        node = yaml.compose(text, Loader=_CoreLoader)
        value = None if node is None else reader.read(node, ())
    except yaml.MarkedYAMLError as error:
        raise RecipeError([_syntax_problem(source, error)]) from None
    except yaml.reader.ReaderError as error:
        raise RecipeError(
            [f"{source}: not text: character #x{error.character:04x} at {error.position}"]
        ) from None
    except (ValueError, OverflowError):  # PyYAML does not check that an escape is a character
        raise RecipeError([f"{source}: not YAML: a number or an escape out of range"]) from None
    except RecursionError:
        raise RecipeError([f"{source}: nested too deeply"]) from None
    return Document(source, value, reader.marks, tuple(reader.problems))


def dump(value: object) -> str:
    r"""Return plain values as YAML, which :func:`parse` reads as the same values.

    Example:
        >>> dump({"epochs": 10, "name": "on"})
        "{epochs: 10, name: 'on'}\n"
    """

    def write(allow_unicode: bool) -> str:
        text: str = yaml.dump(
            value,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=allow_unicode,
            default_flow_style=None,
        )
        return text

    text = write(allow_unicode=True)
    # PyYAML prints marks of the writing direction, and a terminal would obey them.
    return text if text.replace("\n", "").isprintable() else write(allow_unicode=False)


def _syntax_problem(source: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context
    for pattern, words in _SYNTAX:
        found = re.fullmatch(pattern, what)
        if found:
            what = words.format(*found.groups())
            break
    return f"{source}:{mark.line + 1}:{mark.column + 1}: not YAML: {what}"


class _Reader:
    """Builds plain values from a graph of nodes, and collects the marks and the problems."""

    def __init__(self, source: str):
        self.source = source
        self.marks: dict[Path, tuple[int, int]] = {}
        self.problems: list[str] = []
        self._count = 0
        self._open: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> object:
        self.marks.setdefault(path, _position(node))
        self._count += 1
        if self._count > MAX_VALUES:
            raise RecipeError(
                [f"{self.source}: it holds, or its anchors expand to, over {MAX_VALUES:,} values"]
            )
        if len(path) > MAX_DEPTH:
            raise RecipeError([f"{self.source}: nested too deeply"])
        if id(node) in self._open:
            self._problem(node, path, "an anchor that contains itself")
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode):
                self._expect_tag(node, path, "seq")
                return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
            return self._scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        self._expect_tag(node, path, "map")
        mapping: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, path, "a key must be a word")
                continue
            key = key_node.value
            inner = (*path, key)
            if key in mapping:
                first = self.marks[inner][0]
                self._problem(key_node, inner, f"duplicate key; the first is in line {first}")
                continue
            self.marks[inner] = _position(key_node)
            mapping[key] = self.read(value_node, inner)
        return mapping

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> object:
        kind = node.tag[len(_TAG) :] if node.tag.startswith(_TAG) else ""
        text = node.value
        try:
            if kind == "str":
                return text
            if kind == "null":
                return {"": None, "~": None, "null": None}[text.lower()]
            if kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if kind == "int":
                if len(text) > MAX_DIGITS:
                    raise ValueError("more digits than anything here has")
                return int(text, 0 if text[:2] in ("0x", "0o") else 10)
            if kind == "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except (KeyError, ValueError):
            self._problem(node, path, f"{text[:100]!r} cannot be read as {kind}")
            return None
        self._expect_tag(node, path, "str")
        return None

    def _expect_tag(self, node: yaml.Node, path: Path, kind: str) -> None:
        if node.tag != _TAG + kind:
            shown = node.tag.replace(_TAG, "!!")
            self._problem(node, path, f"the tag {shown} is not allowed here; write a plain value")

    def _problem(self, node: yaml.Node, path: Path, what: str) -> None:
        line, column = _position(node)
        self.problems.append(f"{self.source}:{line}:{column}: {prefix(path)}{what}")
        if len(self.problems) > MAX_PROBLEMS:
            raise RecipeError([*self.problems[:MAX_PROBLEMS], f"{self.source}: and more"])


def _position(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def prefix(path: Path) -> str:
    """The beginning of a message, such as ``optimizer.learning_rate: ``; empty for the document.

    Example:
        >>> prefix(("optimizer", "learning_rate"))
        'optimizer.learning_rate: '
    """
    return ".".join(map(str, path)) + ": " if path else ""
