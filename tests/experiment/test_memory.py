"""Too little memory for a batch size: one line that says which was tried, and what to set."""

from __future__ import annotations

import json
import subprocess
import sys
from textwrap import dedent

import pytest

from mxdigits.errors import Diverged, RunFailed
from mxdigits.experiment.memory import memory_in_words

# The address space is what the process has when its data are read, and some more: enough for
# everything but the training.
LIMITED = """
    import resource, sys
    from mxdigits.experiment import run as experiment
    from mxdigits.__main__ import main

    whole = experiment.prepare

    def limited(*arguments, **more):
        prepared = whole(*arguments, **more)
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20),) * 2)
        return prepared

    experiment.prepare = limited
    sys.exit(main())
"""


@pytest.mark.mxnet
def test_too_large_a_batch_is_one_line(tmp_path):
    recipe = ["lenet", "threads=1", "epochs=1", "data.batch_size=60000"]
    process = subprocess.run(
        [sys.executable, "-c", dedent(LIMITED), "run", *recipe],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    message = (
        "there is not enough memory for data.batch_size: 60000; set a smaller one, such as "
        "data.batch_size=30000, or compute it in parts: accumulate=2"
    )
    assert process.stderr == f"error: {message}\n"
    assert process.returncode == 1
    (folder,) = tmp_path.glob("runs/lenet/*")
    record = json.loads((folder / "run.json").read_text())
    assert (record["state"], record["error"]) == ("failed", message)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("Failed to allocate CPU Memory"),
        RuntimeError("cudaMalloc retry failed: out of memory"),
        RuntimeError("std: :bad_alloc"),
    ],
)
def test_a_lack_of_memory_by_any_name(error):
    with pytest.raises(RunFailed) as caught, memory_in_words(3):
        raise error
    assert str(caught.value) == (
        "there is not enough memory for data.batch_size: 3; set a smaller one, such as "
        "data.batch_size=1, or compute it in parts: accumulate=2"
    )


def test_a_batch_of_one_image_cannot_be_smaller():
    with pytest.raises(RunFailed) as caught, memory_in_words(1):
        raise MemoryError
    assert str(caught.value) == "there is not enough memory for data.batch_size: 1"


@pytest.mark.parametrize("error", [Diverged("x", 0, 0), ValueError("another"), KeyboardInterrupt()])
def test_other_errors_are_left_alone(error):
    with pytest.raises(type(error)) as caught, memory_in_words(100):
        raise error
    assert caught.value is error
