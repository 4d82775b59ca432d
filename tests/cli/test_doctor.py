"""The doctor says what there is, and what mxdigits made of it."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import pytest

from mxdigits import __version__
from mxdigits.backends.race.memory import Entry, Memory
from mxdigits.backends.race.work import Figure
from mxdigits.cli import main
from mxdigits.cli.commands import doctor
from mxdigits.errors import MXNetMissing

ROOT = Path(__file__).parents[2]


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


def test_the_doctor_tells_what_was_measured_and_forgets_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    facts = {"work": "training", "graph": "0123456789abcdef", "precision": "float32"}
    memory = Memory.of(facts, "cpu")
    memory.keep("xla", Entry("jax 0.7.1", Figure(0.5, 1.0, 1.86, 0.0001)))
    memory.keep("torch", Entry("torch 2.9", problem="it was not ready within 3 s", allowed=3.0))
    assert dict(doctor.diagnose())["fastest"] == (
        "training 0123456789ab, float32, cpu: torch 2.9: it was not ready within 3 s; jax 0.7.1: "
        "ready in 1.5 s, 1,860 ms a batch, 100 us an image predicted"
    )
    for told in ("1 kind", "0 kinds"):
        assert main(["doctor", "--forget"]) == 0
        assert capsys.readouterr().out == f"deleted the measurements of {told} of work\n"
    assert "fastest" not in dict(doctor.diagnose())


def test_the_doctor_knows_every_package_that_an_extra_brings():
    """Those that check and build mxdigits itself are left out, and the libraries of CUDA 11."""
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    left_out = {"test", "dev", "bench", "cuda11"}
    wanted = [*project["dependencies"], *(w for e in extras.keys() - left_out for w in extras[e])]
    names = {re.match(r"[\w-]+", each)[0].lower() for each in wanted} - {"mxdigits", "setuptools"}
    assert names - {name.lower() for name in doctor._PACKAGES} == set()


def test_the_doctor_tells_who_only_predicts():
    pytest.importorskip("onnxruntime")
    assert dict(doctor.diagnose())["cpu(0) by onnx"] == "works, predicts only"
