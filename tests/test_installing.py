"""What an error tells people to do is right wherever mxdigits came from."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace

import pytest

from mxdigits.installing import install_command, why_not_imported

REQUIRES = [
    "numpy<2,>=1.23",
    "tomli; python_version < '4'",
    "mxnet==1.9.1; extra == 'cpu'",
    "setuptools; python_version >= '3' and extra == 'cpu'",
    "other; python_version >= '4' and extra == 'cpu'",
    "matplotlib>=3.7; extra == 'report'",
    "jax[cuda12,k8s]<0.13,>=0.4.30; extra == 'xla-cuda'",
]


@pytest.fixture
def mxnet(monkeypatch):
    """Says whether MXNet is installed: a module, a folder of that name, or nothing."""

    def mxnet(what):
        spec = {"module": SimpleNamespace(origin="there"), "folder": SimpleNamespace(origin=None)}
        monkeypatch.setattr("importlib.util.find_spec", lambda name: spec.get(what))

    return mxnet


@pytest.mark.parametrize(
    ("extra", "command"),
    [
        ("cpu", "pip install mxnet==1.9.1 setuptools"),
        ("report", "pip install 'matplotlib>=3.7'"),
        ("xla-cuda", "pip install 'jax[cuda12,k8s]<0.13,>=0.4.30'"),
        ("unheard-of", "pip install 'mxdigits[unheard-of]'"),
    ],
)
def test_what_an_extra_needs_is_named(monkeypatch, mxnet, extra, command):
    monkeypatch.setattr(metadata, "requires", {"mxdigits": REQUIRES}.__getitem__)
    for what in ("nothing", "folder"):
        mxnet(what)
        assert install_command(extra) == command
    mxnet("module")  # which a newer NumPy would break
    assert install_command(extra) == f"{command} 'numpy<2'"


def test_numpy_is_named_once(monkeypatch, mxnet):
    required = ["numpy<2; extra == 'cpu'", "mxnet==1.9.1; extra == 'cpu'"]
    monkeypatch.setattr(metadata, "requires", {"mxdigits": required}.__getitem__)
    mxnet("module")
    assert install_command("cpu") == "pip install 'numpy<2' mxnet==1.9.1"


def test_without_metadata_the_extra_is_named(monkeypatch, mxnet):
    mxnet("nothing")

    def refuse(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", refuse)
    assert install_command("cpu") == "pip install 'mxdigits[cpu]'"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            ModuleNotFoundError("No module named 'optuna'", name="optuna"),
            f"Optuna is not installed: {install_command('sweep')}",
        ),
        (
            ModuleNotFoundError("No module named 'alembic'", name="alembic"),
            "Optuna does not start: it needs the module 'alembic'",
        ),
        (RuntimeError("built for\nNumPy 1"), "Optuna does not start: RuntimeError: built for"),
    ],
)
def test_why_a_library_is_not_imported(error, why):
    told = why_not_imported("Optuna", "optuna", "sweep", error)
    assert told.startswith(why)
    assert "\n" not in told
