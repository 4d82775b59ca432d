"""PyTorch's devices: which are taken, and the exact reason where one is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="the backend torch needs PyTorch")

from mxdigits.backends.context import Devices
from mxdigits.backends.torch import devices as module
from mxdigits.errors import ContextError

GPU = Devices("gpu", (0,))
TF32 = {"tf32": "NVIDIA GPUs from compute capability 8.0 on have; write precision: float32"}


class Ones:
    """What the fake PyTorch computes with."""

    def __init__(self, trouble):
        self.trouble = trouble

    def __mul__(self, other):
        if self.trouble:
            raise RuntimeError(self.trouble)
        return self

    sum = item = lambda self: self


def fake(kind="cuda", *, count=1, capability=(9, 0), cuda="13.0", hip=None, trouble=""):
    """The part of PyTorch that finding a device touches; it sees GPUs of a kind, or none."""
    gpu = SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: count,
        get_device_name=lambda device: "a GPU",
        get_device_capability=lambda device: capability,
    )
    none = SimpleNamespace(is_available=lambda: False)
    return SimpleNamespace(
        __version__="2.14.1",
        version=SimpleNamespace(cuda=cuda, hip=hip),
        cuda=gpu if kind == "cuda" else none,
        xpu=gpu if kind == "xpu" else none,
        backends=SimpleNamespace(mps=gpu if kind == "mps" else none),
        device=lambda kind, index=None: SimpleNamespace(type=kind, index=index),
        ones=lambda size, device: Ones(trouble),
    )


@pytest.fixture
def machine(monkeypatch):
    def machine(torch, driver="580.1"):
        monkeypatch.setattr(module, "import_torch", lambda: torch)
        monkeypatch.setattr(module, "driver_version", lambda: driver)

    return machine


UNTRIED = "nobody has tried mxdigits on it"


@pytest.mark.parametrize(
    ("torch", "requested", "kind", "about", "without"),
    [
        (fake(), Devices("cpu", (0,)), "cpu", {}, TF32),
        (
            fake(),
            GPU,
            "cuda",
            {"name": "a GPU", "compute_capability": "9.0", "driver": "580.1"},
            {},
        ),
        (
            fake(capability=(7, 5)),
            GPU,
            "cuda",
            {"name": "a GPU", "compute_capability": "7.5", "driver": "580.1"},
            TF32,
        ),
        (fake(cuda=None, hip="6.4"), GPU, "cuda", {"name": "a GPU", "rocm": UNTRIED}, TF32),
        (fake("xpu", cuda=None), GPU, "xpu", {"name": "a GPU", "xpu": UNTRIED}, TF32),
        (fake("mps", cuda=None), GPU, "mps", {"mps": UNTRIED}, TF32),
    ],
)
def test_a_device_is_found_and_told(machine, torch, requested, kind, about, without):
    machine(torch)
    found = module.find_devices(requested)
    (device,) = found.devices
    assert device.type == kind
    assert (found.about, found.versions, found.without) == (about, {"torch": "2.14.1"}, without)


@pytest.mark.parametrize(
    ("torch", "driver", "requested", "message"),
    [
        (fake(), "", Devices("gpu", (0, 1)), "the backend torch works on one device; name one"),
        (fake(), "", Devices("gpu", (1,)), "PyTorch has no gpu(1): it sees 1, counted from 0"),
        (fake(), "", Devices("cpu", (1,)), "PyTorch has no cpu(1): it sees 1, counted from 0"),
        (
            fake("", cuda=None),
            "",
            GPU,
            "the installed PyTorch is the CPU-only build; https://pytorch.org/get-started says how "
            "to install another",
        ),
        (fake(""), None, GPU, "PyTorch sees no gpu"),
        (
            fake(""),
            "470.1",
            GPU,
            "PyTorch sees no gpu: it is built for CUDA 13.0, for which the NVIDIA driver 470.1 may "
            "be too old",
        ),
        (
            fake(trouble="CUDA error: out of memory\nmore"),
            "",
            GPU,
            "gpu(0) has no free memory: end what else uses it, which nvidia-smi shows, or take "
            "another device (CUDA error: out of memory)",
        ),
        (
            fake(trouble="\nno kernel image\nmore"),
            "",
            GPU,
            "gpu(0) does not work with PyTorch (no kernel image)",
        ),
    ],
)
def test_why_a_device_is_not_taken(machine, torch, driver, requested, message):
    machine(torch, driver)
    with pytest.raises(ContextError) as caught:
        module.find_devices(requested)
    assert str(caught.value) == message
