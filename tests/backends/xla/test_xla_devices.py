"""JAX's devices: which are taken, the exact reason where one is not, and what JAX is told."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mxdigits.backends.context import Devices
from mxdigits.backends.xla import devices as module
from mxdigits.backends.xla import runtime
from mxdigits.errors import BackendMissing, ContextError
from mxdigits.installing import install_command

HERE = Devices("gpu", (0,))


class FakeJax:
    """The part of JAX that finding a device touches."""

    numpy = SimpleNamespace(ones=lambda shape: 1)
    __version__ = "0.7.1"

    def __init__(self, there, trouble=None):
        self.there, self.trouble = there, trouble

    def local_devices(self, backend):
        if backend not in self.there:
            raise RuntimeError(f"Unknown backend: '{backend}' requested\nmore")
        return self.there[backend]

    def device_put(self, value, device):
        if self.trouble:
            raise RuntimeError(self.trouble)
        return SimpleNamespace(__mul__=None) if value is None else _Array()


class _Array:
    def __mul__(self, other):
        return self

    def block_until_ready(self):
        pass


def card(**facts):
    return SimpleNamespace(platform="gpu", id=0, device_kind="NVIDIA H100", **facts)


@pytest.fixture
def machine(monkeypatch):
    def machine(there, trouble=None, plugins=("jax_cuda12_plugin",), driver="580.1"):
        monkeypatch.setattr(module, "import_jax", lambda: FakeJax(there, trouble))
        monkeypatch.setattr(module, "keep_compiled", lambda: None)
        monkeypatch.setattr(module, "gpu_plugins", lambda: list(plugins))
        monkeypatch.setattr(module, "versions", lambda: {"jax": "0.7.1"})
        monkeypatch.setattr(module, "driver_version", lambda: driver)

    return machine


def test_a_gpu_is_told_with_its_name_capability_and_driver(machine):
    gpu = card(compute_capability="9.0")
    machine({"gpu": [gpu]})
    found = module.find_devices(HERE)
    assert found.devices == (gpu,)
    assert found.about == {
        "name": "NVIDIA H100",
        "compute_capability": "9.0",
        "driver": "580.1",
    }
    assert found.versions == {"jax": "0.7.1"}


@pytest.mark.parametrize(
    ("there", "settings", "requested", "message"),
    [
        (
            {},
            {"plugins": ()},
            HERE,
            "the installed JAX is the CPU-only build; for NVIDIA GPUs: "
            + install_command("xla-cuda"),
        ),
        ({}, {}, HERE, "JAX sees no gpu (Unknown backend: 'gpu' requested)"),
        (
            {"gpu": [card()]},
            {},
            Devices("gpu", (1,)),
            "JAX has no gpu(1): it sees 1, counted from 0",
        ),
        (
            {"cpu": ["the processor"]},
            {},
            Devices("cpu", (0, 1)),
            "JAX has no cpu(1): it sees 1, counted from 0; XLA_FLAGS="
            "--xla_force_host_platform_device_count=2 makes so many of a processor",
        ),
        (
            {},
            {"driver": "470.42.01"},
            HERE,
            "the NVIDIA driver 470.42.01 is too old for the installed JAX (jax-cuda12-plugin), "
            "which needs 525.60.13 or newer: update the driver",
        ),
        (
            {},
            {"driver": "570.1", "plugins": ("jax_cuda13_plugin",)},
            HERE,
            "the NVIDIA driver 570.1 is too old for the installed JAX (jax-cuda13-plugin), "
            "which needs 580.65.06 or newer: update the driver",
        ),
        (
            {"gpu": [card()]},
            {
                "trouble": "CUDA driver version is insufficient for CUDA runtime version\n at ...",
                "driver": "470.42.01",
            },
            HERE,
            "gpu(0) does not work with JAX: the NVIDIA driver 470.42.01 is too old for the "
            "installed JAX (jax-cuda12-plugin), which needs 525.60.13 or newer: update the driver",
        ),
        (
            {"gpu": [card()]},
            {"trouble": "INTERNAL: no kernel image\n at ..."},
            HERE,
            "gpu(0) does not work with JAX (INTERNAL: no kernel image)",
        ),
        *(
            (
                {"gpu": [card()]},
                {"trouble": f"{trouble}\n at ..."},
                HERE,
                "gpu(0) has no free memory: end what else uses it, which nvidia-smi shows, or take "
                f"another device ({trouble})",
            )
            for trouble in (
                "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 16 bytes.",
                "INTERNAL: failed initializing StreamExecutor: CUDA_ERROR_OUT_OF_MEMORY",
            )
        ),
    ],
)
def test_the_reason_is_exact(machine, there, settings, requested, message):
    machine(there, **settings)
    with pytest.raises(ContextError) as caught:
        module.find_devices(requested)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("capability", "lacks"), [("7.5", True), ("8.0", False), ("12.0", False), ("gfx942", True)]
)
def test_tf32_is_of_newer_gpus(machine, capability, lacks):
    machine({"gpu": [card(compute_capability=capability)]})
    assert ("tf32" in module.find_devices(HERE).without) is lacks


def test_several_gpus_are_tried_together(machine, monkeypatch):
    machine({"gpu": [card(compute_capability="9.0"), card(compute_capability="7.5")]})
    tried = []
    monkeypatch.setattr(
        module, "_try", lambda jax, devices, requested: tried.append(str(requested))
    )
    found = module.find_devices(Devices("gpu", (1, 0)))
    assert tried == ["gpu(1)", "gpu(0)", "gpu(1,0)"]
    assert found.about["name"] == "NVIDIA H100"
    assert found.about["compute_capability"] == "7.5, 9.0"
    assert "tf32" in found.without


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (
            ModuleNotFoundError("No module named 'jax'", name="jax"),
            f"JAX is not installed: {install_command('xla')}, or for an NVIDIA GPU "
            f"{install_command('xla-cuda')}",
        ),
        (
            ModuleNotFoundError("No module named 'scipy'", name="scipy"),
            "JAX does not start: it needs the module 'scipy'",
        ),
        (
            RuntimeError("jaxlib is too old"),
            "JAX does not start: RuntimeError: jaxlib is too old; to install what it needs: "
            f"{install_command('xla')}",
        ),
    ],
)
def test_a_jax_that_is_not_there_or_does_not_start(monkeypatch, trouble, message):
    genuine = builtins.__import__

    def refuse(name, *arguments, **options):
        if name == "jax":
            raise trouble
        return genuine(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(BackendMissing) as caught:
        runtime.import_jax()
    assert str(caught.value) == message
    assert caught.value.exit_code == 3


def started(code, **environment):
    """What a process prints that finds JAX's CPU and then runs code."""
    pytest.importorskip("jax", reason="the backend xla needs JAX")
    begin = (
        "import os, jax; from mxdigits.backends.xla.devices import find_devices; "
        "from mxdigits.backends.context import Devices; find_devices(Devices('cpu', (0,))); "
    )
    known = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XLA_"))}
    process = subprocess.run(
        [sys.executable, "-c", begin + code],
        env={**known, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.strip()


def test_jax_leaves_the_memory_of_a_gpu_to_others():
    code = "print(os.environ['XLA_PYTHON_CLIENT_PREALLOCATE'])"
    assert started(code) == "false"
    assert started(code, XLA_PYTHON_CLIENT_PREALLOCATE="true") == "true"


def test_what_is_compiled_is_kept_where_the_user_wants_it(tmp_path):
    code = "print(jax.config.jax_compilation_cache_dir)"
    assert started(code, XDG_CACHE_HOME=str(tmp_path)) == str(tmp_path / "mxdigits" / "xla")
    own = {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / "own")}
    assert started(code, XDG_CACHE_HOME=str(tmp_path), **own) == str(tmp_path / "own")


def test_what_is_compiled_is_kept_however_short_it_took(tmp_path):
    code = "print(jax.config.jax_persistent_cache_min_compile_time_secs)"
    assert started(code, XDG_CACHE_HOME=str(tmp_path)) == "0.0"
    own = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "3"}
    assert started(code, XDG_CACHE_HOME=str(tmp_path), **own) == "3.0"
