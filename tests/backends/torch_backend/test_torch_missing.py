"""Why PyTorch is not there, in a line with what to install."""

from __future__ import annotations

import builtins

import pytest

from mxdigits.backends.torch import runtime
from mxdigits.errors import BackendMissing
from mxdigits.installing import install_command

HOW = install_command("torch")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModuleNotFoundError("no", name="torch"), f"PyTorch is not installed: {HOW}"),
        (
            ModuleNotFoundError("no", name="sympy"),
            "PyTorch does not start: it needs the module 'sympy'",
        ),
        (
            OSError("libcudart.so.13: cannot open shared object file"),
            "PyTorch does not start: OSError: libcudart.so.13: cannot open shared object file; to "
            f"install what it needs: {HOW}",
        ),
    ],
)
def test_why_and_what_to_install(error, message):
    assert runtime.why_missing(error) == message


@pytest.mark.parametrize(
    ("version", "fine"),
    [("2.4.0", True), ("2.14.1+cu130", True), ("2.3.1", False), ("1.13", False)],
)
def test_the_version_is_looked_at(monkeypatch, version, fine):
    class Torch:
        __version__ = version

    usual = builtins.__import__
    monkeypatch.setattr(
        builtins,
        "__import__",
        lambda name, *a, **k: Torch if name == "torch" else usual(name, *a, **k),
    )
    if fine:
        assert runtime.import_torch() is Torch
    else:
        with pytest.raises(BackendMissing) as caught:
            runtime.import_torch()
        assert str(caught.value) == (
            f"PyTorch is {version} here, and 2.4 or newer is needed: {HOW}"
        )
