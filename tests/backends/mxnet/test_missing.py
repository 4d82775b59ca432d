"""Why MXNet is not there, in a line with what to install."""

from __future__ import annotations

import platform

import pytest

from mxdigits.backends.mxnet.installation import missing
from mxdigits.installing import install_command


@pytest.fixture
def machine(monkeypatch):
    def machine(*, numpy="1.26.4", python=(3, 11), jax=False, distributions=()):
        monkeypatch.setattr(missing.numpy, "__version__", numpy)
        monkeypatch.setattr(missing.sys, "version_info", python)
        monkeypatch.setattr(missing, "find_spec", lambda name: "there" if jax else None)
        monkeypatch.setattr(missing, "installed", lambda name: name in distributions)
        monkeypatch.setattr(missing, "several_builds", lambda: "")

    return machine


ABSENT = ModuleNotFoundError("No module named 'mxnet'", name="mxnet")
OLD_NAME = AttributeError("`np.PZERO` was removed in the NumPy 2.0 release")
NO_DRIVER = OSError("libcuda.so.1: cannot open shared object file")
XLA = install_command("xla")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({}, ABSENT, f"MXNet is not installed: {install_command('cpu')}"),
        (
            {"python": (3, 13), "numpy": "2.1.0"},
            ABSENT,
            "MXNet is not installed: it needs Python 3.9 to 3.12, and this is "
            f"{platform.python_version()}",
        ),
        (
            {},
            ModuleNotFoundError("No module named 'graphviz'", name="graphviz"),
            "MXNet does not start: it needs the module 'graphviz'",
        ),
        (
            {"numpy": "2.4.6"},
            OLD_NAME,
            "MXNet does not start: it needs NumPy 1, and NumPy 2.4.6 is installed: "
            "pip install 'numpy<2'",
        ),
        (
            {"numpy": "2.4.6", "jax": True},
            OLD_NAME,
            f"MXNet does not start: it needs NumPy 1, and NumPy 2.4.6 is installed: {XLA}",
        ),
        ({}, OSError("libgomp.so.1: no"), "MXNet does not start: libgomp.so.1: no"),
        ({}, TypeError("odd"), "MXNet does not start: TypeError: odd"),
        ({}, NO_DRIVER, f"MXNet does not start: {NO_DRIVER}"),
        (
            {"distributions": ["mxnet-cu117"]},
            NO_DRIVER,
            "MXNet does not start: mxnet-cu117 needs an NVIDIA driver, and this machine has none "
            f"({NO_DRIVER}); for its CPU: pip uninstall -y mxnet-cu117 && {install_command('cpu')}",
        ),
    ],
)
def test_why_and_what_to_install(machine, settings, error, message):
    machine(**settings)
    assert missing.why_missing(error) == message


def test_builds_that_overwrote_each_other_come_first(machine, monkeypatch):
    machine()
    monkeypatch.setattr(missing, "several_builds", lambda: "a and b")
    assert missing.why_missing(OSError("odd")) == "MXNet does not start: a and b"
