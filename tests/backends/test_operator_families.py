"""Every folder of operators has the same families, and an operator the same family in each."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from backends import operator_cases
from backends.operator_cases import RANDOM

from mxdigits.graph import operators

# Each family of these has its operators in a table of this name.
FOLDERS = {
    "mxdigits.backends.onnx.operators": "FUNCTIONS",
    "mxdigits.backends.torch.operators": "FUNCTIONS",
    "mxdigits.backends.xla.operators": "FUNCTIONS",
    "mxdigits.export.torch.operators": "EMITTERS",
}
LIBRARIES = {"onnx": "onnx", "torch": "torch", "xla": "jax"}


def tables(folder, table):
    """The table of each family of a folder, by the family's name."""
    names = (each.name for each in pkgutil.iter_modules(folder.__path__))
    modules = {name: importlib.import_module(f"{folder.__name__}.{name}") for name in names}
    return {
        name: getattr(module, table) for name, module in modules.items() if hasattr(module, table)
    }


FAMILIES = {name: {*table} for name, table in tables(operators, "OPERATORS").items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_operator_stands_in_the_family_that_the_table_says(folder):
    _, kind, name, _ = folder.split(".")
    if kind == "backends":
        pytest.importorskip(LIBRARIES[name])
    there = tables(importlib.import_module(folder), FOLDERS[folder])
    known = {operator for table in there.values() for operator in table}
    assert known
    wanted = {name: family & known for name, family in FAMILIES.items()}
    assert {name: {*table} for name, table in there.items()} == wanted


def test_the_cases_of_an_operator_stand_in_its_family():
    there = {
        name: {case.operator for case in cases}
        for name, cases in tables(operator_cases, "CASES").items()
    }
    assert there == {name: family - RANDOM for name, family in FAMILIES.items()}
