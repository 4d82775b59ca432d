"""Whether the process keeps the memory that PyTorch frees after each step."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from textwrap import dedent
from types import SimpleNamespace

import pytest

from mxdigits.backends.torch import runtime

TRIM, MMAP = -1, -3


@pytest.fixture
def libc(monkeypatch):
    """Stands in for the C library; ``most`` is the largest threshold that it takes."""
    calls: list[tuple[int, int]] = []

    def loaded(most):
        def mallopt(parameter, value):
            calls.append((parameter, value))
            return int(parameter == TRIM or value <= most)

        library = SimpleNamespace() if most is None else SimpleNamespace(mallopt=mallopt)
        monkeypatch.setattr(runtime.ctypes, "CDLL", lambda name: library)
        for name in runtime._SET_BY_USER:
            monkeypatch.delenv(name, raising=False)
        return calls

    return loaded


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (2**62, [(TRIM, 2**31 - 1), (MMAP, 2**30)]),
        (2**25, [(TRIM, 2**31 - 1), (MMAP, 2**30), (MMAP, 2**25)]),
        (None, []),
    ],
)
def test_glibc_is_told_to_keep_it_and_no_other_library_is(libc, most, expected):
    calls = libc(most)
    runtime.keep_memory.__wrapped__()
    assert calls == expected


@pytest.mark.parametrize("name", runtime._SET_BY_USER)
def test_what_the_user_has_set_stays(libc, monkeypatch, name):
    calls = libc(2**62)
    monkeypatch.setenv(name, "65536")
    runtime.keep_memory.__wrapped__()
    assert calls == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have no mallopt")
def test_memory_that_was_freed_is_there_again_without_page_faults():
    code = """
        import resource
        import numpy as np
        from mxdigits.backends.torch.runtime import keep_memory

        def faults():
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

        keep_memory()
        for _ in range(3):
            before = faults()
            np.empty(2**24, np.uint8).fill(1)
        print(faults() - before < 100)
    """
    kept = {k: v for k, v in os.environ.items() if k not in runtime._SET_BY_USER}
    command = [sys.executable, "-c", dedent(code)]
    done = subprocess.run(command, env=kept, capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("True\n", "")
