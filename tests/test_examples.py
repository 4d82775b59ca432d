"""Every public name has an example in its docstring, and every example is true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from contextlib import suppress
from types import ModuleType

import pytest

import mxdigits
from mxdigits.errors import BackendMissing
from mxdigits.registry import REGISTRIES

# Users of mxdigits and authors of plugins import from these.
DOORS = ("mxdigits", "mxdigits.digitize", "mxdigits.graph", "mxdigits.registry", "mxdigits.testing")
NAMES = [(door, name) for door in DOORS for name in importlib.import_module(door).__all__]
MODULES = ["mxdigits"] + [
    each.name
    for each in pkgutil.walk_packages(mxdigits.__path__, "mxdigits.")
    if each.name != "mxdigits.__main__"  # it does nothing but run the command line
]
# Libraries that not every environment has.
EXTRAS = {"anyio", "jax", "matplotlib", "mxnet", "onnx", "onnxruntime", "starlette", "uvicorn"}


def imported(name: str) -> ModuleType:
    """A module; the test is skipped where that needs a library which is not installed."""
    with suppress(BackendMissing):
        mxdigits.import_mxnet()  # before a model's module does so
    try:
        return importlib.import_module(name)
    except BackendMissing as error:
        pytest.skip(str(error))
    except ImportError as error:
        if error.name not in EXTRAS:
            raise
        pytest.skip(str(error))


@pytest.mark.parametrize(("door", "name"), NAMES, ids=[f"{door}.{name}" for door, name in NAMES])
def test_every_public_class_and_function_has_an_example(door, name):
    thing = getattr(imported(door), name)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        assert ">>> " in (thing.__doc__ or ""), f"{door}.{name} has no example"


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name, tmp_path, monkeypatch):
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for number, each in enumerate(doctest.DocTestFinder().find(imported(name))):
        (tmp_path / str(number)).mkdir()
        monkeypatch.chdir(tmp_path / str(number))  # some write files, and some register plugins
        for registry in REGISTRIES:
            monkeypatch.setattr(registry, "_registered", {})
        assert runner.run(each).failed == 0, each.name
