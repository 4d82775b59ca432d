"""The doctor says what there is, and what mxdigits made of it."""

from __future__ import annotations

import os
import platform

import pytest

from mxdigits import __version__
from mxdigits.cli import doctor
from mxdigits.errors import MXNetMissing


@pytest.mark.mxnet
def test_the_doctor_tells_versions_threads_and_devices():
    found = dict(doctor.diagnose())
    assert found["mxdigits"] == __version__
    assert found["python"] == platform.python_version()
    assert found["mxnet"] == "1.9.1"
    assert found["MXNet"] == "starts"
    assert found["engine threads"] == os.environ["OMP_NUM_THREADS"]
    assert found["gpu(0)"] == ("gpu(0) is not available: the installed MXNet is the CPU-only build")
    assert found["model lenet"] == f"mxdigits {__version__}: ok"


def test_the_doctor_tells_why_mxnet_does_not_start(monkeypatch):
    def refuse():
        raise MXNetMissing("MXNet is not installed: pip install it")

    monkeypatch.setattr(doctor, "import_mxnet", refuse)
    found = dict(doctor.diagnose())
    assert found["MXNet"] == "MXNet is not installed: pip install it"
    assert "engine threads" not in found
    assert found["model lenet"] == f"mxdigits {__version__}: ok"
