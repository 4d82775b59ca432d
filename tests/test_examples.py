"""Every public class and function has an example in its docstring, and every example is true."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from contextlib import suppress
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
    *("backends/abstract.py", "backends/fit_weights.py", "backends/loading.py"),
    *("backends/loss_scaling.py", "backends/optimizers.py", "backends/updates/"),
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
EXAMPLES_WITH_MXNET = {"mxdigits.backends.mxnet.sizes"}


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
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, PUBLIC) and not node.name.startswith("_"):
            inside = [each for each in node.body if isinstance(each, ast.FunctionDef)]
            told = [ast.get_docstring(each) or "" for each in (node, *inside)]
            yield node.name, "\n".join(told)


@pytest.mark.parametrize("file", DOCUMENTED, ids=str)
def test_every_public_class_and_function_has_an_example(file):
    assert [name for name, told in defined(HOME / file) if ">>> " not in told] == []


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
