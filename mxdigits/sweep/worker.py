"""The process that carries out trials; its orders come on standard input.

Workers are processes, because MXNet's threads belong to a process. A worker carries out trial
after trial, so it imports MXNet only once. When its parent is gone for any reason, it stops as
after SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

from ..errors import Interrupted, MxdigitsError
from ..printing import finish, print_error
from ..signals import ignore_requests, stoppable
from .plan import Plan

# The exit code of a worker that could not work and has said why; other codes mean a crash.
CANNOT = 64


@dataclass(frozen=True)
class Orders:
    """The orders of a worker: the plan as JSON, its folders and storage, and its CPUs.

    >>> orders = Orders("{}", "3f2a", "runs", "study.db", threads=1, cpus=(0,), beat=10)
    >>> Orders.from_json(orders.to_json()) == orders
    True
    """

    plan: str
    worker: str
    output: str
    storage: str
    threads: Optional[int]
    cpus: Sequence[int]
    beat: float

    def to_json(self) -> str:
        """Return the orders as a line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Orders:
        """Read the orders that :meth:`to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "cpus": tuple(values["cpus"])})


def work(orders: Orders) -> None:
    """Carry out trials until there is none left.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP.
        SetupError: if the study's storage cannot be used, or no trial can begin here.

    >>> work(orders)  # doctest: +SKIP
    """
    from .storages import storage_errors
    from .study import claim, open_study
    from .trial import WorkerEnvironment, carry_out

    plan = Plan.from_json(orders.plan)
    environment = WorkerEnvironment(
        orders.worker, Path(orders.output), orders.storage, orders.threads, orders.beat
    )
    stopping = threading.Event()
    with stoppable() as stopper, stopper.tell(stopping.set):
        study = open_study(plan, orders.storage)
        while not stopping.is_set():
            with storage_errors(orders.storage):
                trial = claim(study, plan)
            if trial is None:
                return
            carry_out(plan, study, trial, environment)
        raise stopper.interruption("between two trials")


def _end_with_parent() -> None:
    """Stop this process when its parent closes our input, or dies, which closes it too."""

    def wait() -> None:
        while os.read(0, 1):  # a buffered reader would hold a lock when this process ends
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Carry out the orders on standard input; return the exit code.

    >>> main()  # doctest: +SKIP
    0
    """
    ignore_requests()
    orders = Orders.from_json(sys.stdin.buffer.readline().decode())
    _end_with_parent()
    if orders.cpus:  # libraries then use only these CPUs
        os.sched_setaffinity(0, orders.cpus)
    try:
        work(orders)
    except Interrupted as error:
        return error.exit_code
    except MxdigitsError as error:
        print_error(error.lines)
        return CANNOT
    finally:
        finish()
    return 0
