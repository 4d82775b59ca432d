"""Horovod's workers, which its own launcher starts; see ``together.py``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any, Callable

# The launcher imports MXNet too, which mxdigits makes work with any NumPy.
_LAUNCH = """
from mxdigits.backends.mxnet.runtime import import_mxnet
import_mxnet(1)
from horovod.runner.launch import run_commandline
run_commandline()
"""


def worker_0_of_horovod(workers: int, work: str, batches: int) -> list[float]:
    """What worker 0 of so many prints."""
    launch = ["-c", _LAUNCH, "--gloo", "-np", str(workers), "-H", f"localhost:{workers}"]
    worker = ["-m", "benchmarks.together", "--work", work, "--batches", str(batches)]
    command = [sys.executable, *launch, sys.executable, *worker]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    (first,) = re.findall(r"^\[0\]<stdout>:(\[.+\])$", said.stdout, re.MULTILINE)
    numbers: list[float] = json.loads(first)
    return numbers


def horovod_trainer() -> tuple[Callable[..., Any], int]:
    """What makes a trainer of Gluon's in one of its workers, and how many there are."""
    from mxdigits.backends.mxnet.runtime import import_mxnet

    import_mxnet(1)
    import horovod.mxnet as hvd

    hvd.init()
    return hvd.DistributedTrainer, hvd.size()
