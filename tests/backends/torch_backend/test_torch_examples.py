"""Every example in a docstring of the backend torch is true."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

pytest.importorskip("torch")

import mxdigits.backends.torch as package

MODULES = [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name, run_examples):
    run_examples(importlib.import_module(name))
