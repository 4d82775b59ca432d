"""Measures the time of a training step by operator with MXNet's profiler."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from ....environment import variable
from ...profiling import Measured, OperatorTime, Work, by_time
from ..runtime import import_mxnet

mx = import_mxnet()

# MXNet reads it when it binds a graph. Without it, a segment of many operators is measured as one.
_TOGETHER = "MXNET_EXEC_BULK_EXEC_TRAIN"
# Entries of the profiler that are no operators: the engine's own work, and waiting for it.
_OF_THE_ENGINE = ("WaitForVar", "DeleteVariable", "Resource")

_HOW = (
    "by MXNet's profiler, each operator by itself; in training MXNet queues many together, which "
    "is a little faster. _backward_ marks the gradient of an operator"
)


def profile(work: Work) -> Measured:
    """Train under MXNet's profiler.

    >>> profile(work).operators[0].name  # doctest: +SKIP
    '_backward_Convolution'
    """
    with variable(_TOGETHER, "0"):  # each operator runs by itself
        fit = work.begin()
    mx.nd.waitall()
    with TemporaryDirectory() as folder:
        mx.profiler.set_config(
            profile_symbolic=True,
            profile_imperative=True,
            aggregate_stats=True,
            filename=str(Path(folder, "profile.json")),
        )
        mx.profiler.set_state("run")
        try:
            work.train(fit)
            mx.nd.waitall()
        finally:
            mx.profiler.set_state("stop")
        found = json.loads(mx.profiler.dumps(reset=True, format="json"))["Time"]["operator"]
    return Measured(
        by_time(
            OperatorTime(name, each["Count"] / work.steps, each["Total"] / 1000 / work.steps)
            for name, each in found.items()
            if not name.startswith(_OF_THE_ENGINE)
        ),
        _HOW,
    )
