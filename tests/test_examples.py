"""Every public class and function has an example in its docstring, and every example is true."""

from __future__ import annotations

import ast
import builtins
import doctest
import importlib
import inspect
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import mxdigits
from mxdigits.errors import BackendMissing

# Users of mxdigits and authors of plugins import from these.
DOORS = ("mxdigits", "mxdigits.digitize", "mxdigits.graph", "mxdigits.registry", "mxdigits.testing")
NAMES = [(door, name) for door in DOORS for name in importlib.import_module(door).__all__]
HOME = Path(mxdigits.__file__).parent
# The command line does nothing but run, templates are no modules, and tests/backends runs the
# examples of what needs JAX or PyTorch.
SKIPPED = (
    *("__main__.py", "plugins/templates/"),
    *("backends/graphs/abstract.py", "backends/graphs/fit_weights.py"),
    *("backends/graphs/loss_scaling.py", "backends/graphs/optimizers.py"),
    *("backends/graphs/updates/", "backends/graphs/updating.py"),
    *("backends/torch/", "backends/xla/"),
)
FILES = [file.relative_to(HOME) for file in sorted(HOME.rglob("*.py"))]
MODULES = [
    ".".join(["mxdigits", *file.with_suffix("").parts]).removesuffix(".__init__")
    for file in FILES
    if not file.as_posix().startswith(SKIPPED)
]
# Commands have their help as docstrings, and the helpers are pasted into files for PyTorch.
WITHOUT_EXAMPLES = ("cli/", "plugins/templates/", "export/torch/helpers.py")
DOCUMENTED = [file for file in FILES if not file.as_posix().startswith(WITHOUT_EXAMPLES)]
PUBLIC = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# Libraries that not every environment has.
EXTRAS = {
    *("anyio", "matplotlib", "mxnet", "onnx", "onnxruntime", "optuna"),
    *("sklearn", "starlette", "torch", "uvicorn"),
}

# Their examples need MXNet, which they themselves do not import.
EXAMPLES_WITH_MXNET = {"mxdigits.backends.mxnet.networks.sizes"}


def imported(name: str) -> ModuleType:
    """A module; the test is skipped where that needs a library which is not installed."""
    with suppress(BackendMissing):
        mxdigits.import_mxnet()  # before a model's module does so
    try:
        return importlib.import_module(name)
    except BackendMissing as error:
        pytest.skip(str(error))
    except ImportError as error:
        if (error.name or "").split(".")[0] not in EXTRAS:
            raise
        pytest.skip(str(error))


def defined(file: Path) -> Iterator[tuple[str, str]]:
    """The public classes and functions of a file, and what all of their docstrings say."""
    for node in tree(file).body:
        if isinstance(node, PUBLIC) and not node.name.startswith("_"):
            inside = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            told = [ast.get_docstring(each) or "" for each in (node, *inside)]
            yield node.name, "\n".join(told)


def names_in(code: ast.AST) -> Iterator[str]:
    """Every name that some code gives to something: what it defines, imports, assigns or takes."""
    for node in ast.walk(code):
        if isinstance(node, PUBLIC):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def examples(code: ast.AST) -> Iterator[ast.AST]:
    """The code of the examples of each docstring."""
    for node in ast.walk(code):
        if isinstance(node, (*PUBLIC, ast.Module)):
            told = doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
            yield ast.parse("".join(each.source for each in told))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse((HOME / file).read_bytes())


def test_the_examples_call_what_there_is():
    # Also those that are not run, which otherwise keep the names that things once had. They may go
    # on with what another module gives.
    anywhere = {name for file in DOCUMENTED for name in names_in(tree(file))} | set(dir(builtins))
    unknown = []
    for file in DOCUMENTED:
        for example in examples(tree(file)):
            given = set(names_in(example))
            calls = [node.func for node in ast.walk(example) if isinstance(node, ast.Call)]
            names = {each.id for each in calls if isinstance(each, ast.Name)}
            unknown += [(str(file), name) for name in names - given - anywhere]
    assert unknown == []


def test_every_public_class_and_function_has_an_example():
    without = [
        (str(file), name)
        for file in DOCUMENTED
        for name, told in defined(file)
        if ">>> " not in told
    ]
    assert without == []


@pytest.mark.parametrize(("door", "name"), NAMES, ids=[f"{door}.{name}" for door, name in NAMES])
def test_every_name_that_users_import_has_an_example(door, name):
    thing = getattr(imported(door), name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        assert ">>> " in (thing.__doc__ or ""), f"{door}.{name} has no example"


def marked(name: str):
    return pytest.param(name, marks=[pytest.mark.mxnet] if name in EXAMPLES_WITH_MXNET else [])


@pytest.mark.parametrize("name", [marked(name) for name in MODULES])
def test_the_examples_are_true(name, run_examples):
    run_examples(imported(name))
