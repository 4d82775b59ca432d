"""The Python file: a class for the network, the helpers that it needs, code to load its weights."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Optional

from ...arrays import Arrays
from ...graph import Graph
from ...graph.recurrent import with_one_vector
from ...printing import printable
from .code import Value
from .forward import Forward, write_forward

_HELPERS = Path(__file__).with_name("helpers.py")
_WIDTH = 88


def write_module(
    graph: Graph,
    arrays: Arrays,
    inputs: Mapping[str, Value],
    *,
    name: str,
    about: Iterable[str] = (),
    structure: Optional[Mapping[str, str]] = None,
) -> tuple[str, Arrays]:
    """Write a graph as a Python file.

    Args:
        graph: of operators that have an emitter.
        arrays: of the variables that the file is to hold.
        inputs: what is known of all other variables, by name.
        name: what the network is called.
        about: the lines of the file's description.
        structure: Gluon's names of variables by their place in the block.

    Returns:
        The text, and the arrays by their names in the class.

    Raises:
        NetworkError: naming each layer that cannot be written.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> text, arrays = write_module(graph, {}, {"data": Value(rank=4)}, name="tiny")
        >>> print(text[text.index("class ") : text.index("def load")].rstrip())
        class Tiny(nn.Module):
            def forward(self, x):
                return torch.relu(x)
    """
    graph, arrays = with_one_vector(graph, arrays)
    forward = write_forward(graph, arrays, inputs, structure)
    parts = [
        _docstring([f"{name}, for PyTorch.", "", *about]),
        *_imports(forward),
        *(f"\n\n{each}" for each in _helpers(forward.layers.helpers)),
        f"\n\n{_class(class_name(name), forward)}",
        f"\n\n{_load(class_name(name))}",
    ]
    return "\n".join(parts) + "\n", forward.layers.states


def class_name(name: str) -> str:
    """The name of the class for a network's name.

    >>> class_name("digits-lenet"), class_name("20-net"), class_name("LeNet")
    ('DigitsLenet', 'Network20Net', 'LeNet')
    """
    words = re.findall(r"[A-Za-z0-9]+", name)
    joined = "".join(word[0].upper() + word[1:] for word in words)
    return joined if joined and not joined[0].isdecimal() else f"Network{joined}"


def _docstring(lines: Iterable[str]) -> str:
    """The lines as a docstring; they are escaped, so that none of them can end it."""
    safe = [printable(line).replace("\\", "/").replace('"', "'") for line in lines]
    wrapped = [piece for line in safe for piece in textwrap.wrap(line, _WIDTH) or [""]]
    return '"""' + "\n".join(wrapped).rstrip() + ('\n"""\n' if len(wrapped) > 2 else '"""\n')


def _imports(forward: Forward) -> Iterator[str]:
    text = " ".join([*forward.statements, forward.returned, *forward.layers.built.values()])
    helpers = list(_helpers(forward.layers.helpers))
    everything = " ".join([text, *helpers])
    if "math." in everything:
        yield "import math"
    yield "from pathlib import Path\n"
    if "torch." in everything:
        yield "import torch"
    if "F." in everything:
        yield "import torch.nn.functional as F"
    yield "from safetensors.torch import load_file\nfrom torch import nn"


def _class(name: str, forward: Forward) -> str:
    built = forward.layers.built
    lines = [f"class {name}(nn.Module):"]
    if built:
        lines += ["    def __init__(self):", "        super().__init__()"]
        lines += [_wrapped(f"self.{each} = {made}") for each, made in built.items()]
        lines.append("")
    lines.append(f"    def forward({', '.join(['self', *forward.arguments])}):")
    lines += [_wrapped(statement) for statement in forward.statements]
    lines.append(_wrapped(f"return {forward.returned}"))
    return "\n".join(lines)


def _wrapped(statement: str) -> str:
    """A statement of a method; if it is long, what is in brackets goes into a line of its own."""
    indent = " " * 8
    begin, equals, value = statement.partition(" = ")
    if len(statement) <= _WIDTH or not equals or not begin.replace("self.", "").isidentifier():
        return indent + statement
    call, _, arguments = value.partition("(")
    if not _closes_last(arguments):
        call, arguments = "", f"{value})"
    return f"{indent}{begin} = {call}(\n{indent}    {arguments[:-1]}\n{indent})"


def _closes_last(arguments: str) -> bool:
    """Whether the bracket that opens before a text is closed by the text's last character."""
    depth = 1
    for place, character in enumerate(arguments):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place == len(arguments) - 1
    return False


def _load(name: str) -> str:
    return f'''def load(weights=Path(__file__).with_suffix(".safetensors")):
    """The network with its weights, ready to predict."""
    network = {name}()
    network.load_state_dict(load_file(weights))
    return network.eval()'''


def _helpers(wanted: Iterable[str]) -> Iterator[str]:
    """The source of functions of ``helpers.py`` and of the functions that they use."""
    source = _HELPERS.read_text(encoding="utf-8")
    functions = {
        node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            used = (n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name))
            waiting += [each for each in used if each in functions]
    for name, node in functions.items():
        if name in needed:
            yield ast.get_source_segment(source, node) or ""
