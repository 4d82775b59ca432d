"""Every example in a docstring of the backend xla is true."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

pytest.importorskip("jax")

import mxdigits.backends.xla as package

MODULES = [each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
# What all backends share has examples of JAX.
SHARED = (
    *("abstract", "fit_weights", "loss_scaling", "optimizers", "updating"),
    *("updates.adaptive", "updates.base", "updates.descent"),
)
MODULES += [f"mxdigits.backends.graphs.{name}" for name in SHARED]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name, run_examples):
    run_examples(importlib.import_module(name))
