"""The CUDA libraries that MXNet's builds for GPUs need: found where pip puts them, and loaded."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest

from mxdigits.backends.mxnet.installation import cuda


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with distributions and with files in the package nvidia; gives what is loaded."""

    def machine(*distributions, files=(), broken=()):
        loaded = []
        for each in files:
            file = tmp_path / each
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()

        def load(path):
            name = path.rpartition("/")[2]
            if name in broken:
                raise OSError(f"{name}: wrong ELF class")
            loaded.append(name)

        spec = ModuleSpec("nvidia", None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path)]
        monkeypatch.setattr(cuda, "find_spec", lambda name: spec if files else None)
        monkeypatch.setattr(cuda, "installed", lambda name: name in distributions)
        monkeypatch.setattr(cuda.ctypes, "CDLL", load)
        return loaded

    return machine


BLAS = ("cublas/lib/libcublas.so.11", "cublas/lib/libcublasLt.so.11")
CUDNN = "cudnn/lib/libcudnn.so.8"


@pytest.mark.parametrize("build", cuda.BUILDS)
def test_each_comes_after_what_it_needs(machine, build):
    loaded = machine(build, files=[CUDNN, *BLAS, "cublas/lib/libcublas.so.12"])
    cuda.load_cuda()
    assert loaded == ["libcublasLt.so.11", "libcublas.so.11", "libcudnn.so.8"]


def test_an_mxnet_for_cpus_needs_none(machine):
    loaded = machine("mxnet", files=BLAS)
    cuda.load_cuda()
    assert loaded == []


def test_what_lacks_or_does_not_load_is_left_to_the_import(machine):
    loaded = machine("mxnet-cu117", files=[*BLAS, CUDNN], broken=["libcublas.so.11"])
    cuda.load_cuda()
    assert loaded == ["libcublasLt.so.11", "libcudnn.so.8"]
    loaded = machine("mxnet-cu117")
    cuda.load_cuda()
    assert loaded == []


@pytest.mark.parametrize(
    ("distributions", "what"),
    [
        ((), ""),
        (("mxnet",), ""),
        (("mxnet-cu117",), ""),
        (
            ("mxnet", "mxnet-cu117"),
            "mxnet and mxnet-cu117 have overwritten each other's files: pip uninstall -y mxnet "
            "mxnet-cu117, and install one of them again",
        ),
    ],
)
def test_builds_that_overwrite_each_other(machine, distributions, what):
    machine(*distributions)
    assert cuda.several_builds() == what


def test_a_library_that_was_loaded_is_found_by_its_name(tmp_path):
    """What it rests on: the loader takes a library that is there, though it knows no path to it."""
    compiler = ["cc", "-shared", "-fPIC", "-x", "c", "-"]
    try:
        for code, name, options in (
            ("int one(void) { return 1; }", "libone.so", ["-Wl,-soname,libone.so"]),
            ("int one(void); int two(void) { return 1 + one(); }", "libtwo.so",
             [f"-L{tmp_path}", "-lone"]),
        ):  # fmt: skip
            command = [*compiler, "-o", tmp_path / name, *options]
            subprocess.run(command, input=code, text=True, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no C compiler")
    (tmp_path / "away").mkdir()
    (tmp_path / "libone.so").rename(tmp_path / "away" / "libone.so")
    for first, result in (([], "OSError"), (["away/libone.so"], "2")):
        load = "\n".join(f"ctypes.CDLL('{tmp_path}/{each}')" for each in first)
        code = f"import ctypes\n{load}\nprint(ctypes.CDLL('{tmp_path}/libtwo.so').two())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert result in done.stdout + done.stderr
