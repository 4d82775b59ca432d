"""Every public name has an example in its docstring, and every example is true."""

from __future__ import annotations

import importlib
import inspect
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
    "__main__.py",
    "plugins/templates/",
    "backends/torch/",
    "backends/xla/",
    "backends/optimizers.py",
)
FILES = [file.relative_to(HOME) for file in sorted(HOME.rglob("*.py"))]
MODULES = [
    ".".join(["mxdigits", *file.with_suffix("").parts]).removesuffix(".__init__")
    for file in FILES
    if not file.as_posix().startswith(SKIPPED)
]
# Libraries that not every environment has.
EXTRAS = {"anyio", "matplotlib", "mxnet", "onnx", "onnxruntime", "starlette", "torch", "uvicorn"}


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


@pytest.mark.parametrize(("door", "name"), NAMES, ids=[f"{door}.{name}" for door, name in NAMES])
def test_every_public_class_and_function_has_an_example(door, name):
    thing = getattr(imported(door), name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        assert ">>> " in (thing.__doc__ or ""), f"{door}.{name} has no example"


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name, run_examples):
    run_examples(imported(name))
