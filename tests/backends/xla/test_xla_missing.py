"""Why JAX is not there, in a line with what to install."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from mxdigits.backends.xla import runtime
from mxdigits.installing import install_command

XLA, CUDA = install_command("xla"), install_command("xla-cuda")


@pytest.fixture
def machine(monkeypatch):
    def machine(*, numpy="1.26.4", mxnet=False, wants=None):
        def requires(name):
            if wants is None:
                raise PackageNotFoundError(name)
            return [f"numpy{wants}", "scipy>=1.13"]

        monkeypatch.setattr(runtime.numpy, "__version__", numpy)
        monkeypatch.setattr(runtime, "beside_mxnet", lambda: mxnet)
        monkeypatch.setattr(runtime, "requires", requires)
        monkeypatch.setattr(runtime, "version", lambda name: "0.10.2")

    return machine


BROKEN = AttributeError("module 'numpy.dtypes' has no attribute 'StringDType'")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {},
            ModuleNotFoundError("no", name="jax"),
            f"JAX is not installed: {XLA}, or for an NVIDIA GPU {CUDA}",
        ),
        (
            {"mxnet": True},
            ModuleNotFoundError("no", name="jaxlib"),
            f"JAX is not installed: {XLA}, or for an NVIDIA GPU {CUDA}",
        ),
        (
            {"wants": ">=2.0", "mxnet": True},
            BROKEN,
            f"JAX does not start: JAX 0.10.2 needs NumPy 2, and NumPy 1.26.4 is installed: {XLA}",
        ),
        (
            {"wants": " (>=2.0)"},
            BROKEN,
            "JAX does not start: JAX 0.10.2 needs NumPy 2, and NumPy 1.26.4 is installed: "
            "pip install -U numpy",
        ),
        (
            {"wants": ">=2.0", "numpy": "2.1.0"},
            RuntimeError("jaxlib is too old"),
            f"JAX does not start: RuntimeError: jaxlib is too old; to install what it needs: {XLA}",
        ),
        (
            {"wants": ">=1.26", "mxnet": True},
            RuntimeError("jaxlib is too old"),
            f"JAX does not start: RuntimeError: jaxlib is too old; to install what it needs: {XLA}",
        ),
        (
            {},
            ModuleNotFoundError("no", name="scipy"),
            "JAX does not start: it needs the module 'scipy'",
        ),
    ],
)
def test_why_and_what_to_install(machine, settings, error, message):
    machine(**settings)
    assert runtime.why_missing(error) == message
