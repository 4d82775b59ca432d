"""Launch a run: attempt after attempt, until it is done, stopped, or has failed too often."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Protocol

from ..errors import Interrupted, Problems, RunFailed
from ..signals import STOPPING
from ..wording import Say, shell_word
from .attempt import Attempt, Outcome
from .job import Job
from .member import HostUnreachable, Member
from .output import Output

_AWAY = 120.0  # seconds for a lost machine to come back
_PAUSE = 2.0  # seconds between two tries to reach it

_PASSED_ON = (*STOPPING, signal.SIGUSR1, signal.SIGUSR2)


class WorkerFailed(Problems, RunFailed):
    """The run ended because a worker or its machine failed; ``exit_code`` is that of the worker.

    >>> WorkerFailed(["rank 1 ended with exit code 3"], "", 3).exit_code
    3
    """

    def __init__(self, problems: Sequence[str], summary: str, exit_code: int) -> None:
        super().__init__(problems, summary)
        self.exit_code = exit_code


class Machines(Protocol):
    """The machines of a run, such as :class:`~mxdigits.launch.member.Hosts`.

    >>> async def members(machines):
    ...     return await machines.open(print)
    """

    async def open(self, say: Say) -> list[Member]:
        """Return the machines with their agents, for one attempt.

        Raises:
            HostUnreachable: if a machine cannot be reached.
        """

    def close(self) -> None:
        """Close everything, because no further attempt follows."""


@dataclass(frozen=True)
class Launched:
    """A finished run: its folder on the machine of rank 0, and the exit code of rank 0.

    >>> Launched("runs/mlp/20261123T153755Z-62fd27", 0).code
    0
    """

    folder: Optional[str]
    code: int


def launch(job: Job, machines: Machines, *, restarts: int = 0, say: Say) -> Launched:
    """Let several workers train a run, and wait for its end.

    Args:
        job: the run.
        machines: the machines to train on; rank 0 is on the first.
        restarts: how often to start again from the last checkpoint if a worker is lost.
        say: told what a user should know at once.

    Raises:
        WorkerFailed: if a worker failed, and no restart is left.
        HostUnreachable: if a machine cannot be reached.
        Interrupted: after SIGINT, SIGTERM or SIGHUP, which the workers were given.

    >>> launch(Job("mlp"), Hosts([Host(workers=2)]), say=print)  # doctest: +SKIP
    Launched(folder='runs/mlp/20261123T153755Z-62fd27', code=0)
    """
    return asyncio.run(_Launcher(job, machines, restarts, say).run())


class _Launcher:
    def __init__(self, job: Job, machines: Machines, restarts: int, say: Say) -> None:
        self._job = job
        self._machines = machines
        self._restarts = restarts
        self._say = say
        self._folder: Optional[str] = None  # the run to resume, once a worker has reported it
        self._attempt: Optional[Attempt] = None
        self._opening: Optional[asyncio.Task[list[Member]]] = None
        self._received: Optional[signal.Signals] = None

    async def run(self) -> Launched:
        loop = asyncio.get_running_loop()
        for number in _PASSED_ON:
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves SIGHUP
                loop.add_signal_handler(number, self._take, number)
        output = Output()
        try:
            return await self._attempts(output)
        finally:
            self._machines.close()
            await output.finish()

    async def _attempts(self, output: Output) -> Launched:
        for done in range(self._restarts + 1):
            members = await self._members(_AWAY if done else 0.0)
            self._attempt = Attempt(self._job, members, output)
            outcome = await self._attempt.run()
            self._attempt = None
            self._folder = outcome.folder or self._folder
            self._job = self._job.going_on(self._folder)
            if outcome.end is None:
                return Launched(outcome.folder, outcome.code)
            if self._received is not None:
                raise self._interrupted()
            if done == self._restarts or not outcome.may_go_on:
                raise self._failed(outcome)
            folder = self._job.folder
            source = "from its beginning" if folder is None else f"with {folder}"
            output.note(f"{outcome.end.why}")
            output.note(f"starting again {source}: restart {done + 1} of {self._restarts}")
        raise AssertionError("the last attempt returns or raises")

    async def _members(self, patience: float) -> list[Member]:
        """The machines; if one is away, it is tried again for this many seconds."""
        deadline = time.monotonic() + patience
        told: set[str] = set()
        while True:
            if self._received is not None:
                raise self._interrupted()
            self._opening = asyncio.ensure_future(self._machines.open(self._say))
            try:
                return await self._opening
            except asyncio.CancelledError:
                raise self._interrupted() from None
            except HostUnreachable as error:
                if time.monotonic() > deadline:
                    raise self._away(error) from None
                if str(error) not in told:
                    told.add(str(error))
                    self._say(f"{error}; trying again for {patience:.0f} s")
            finally:
                self._opening = None
            await asyncio.sleep(_PAUSE)

    def _away(self, error: HostUnreachable) -> Exception:
        """The error for an unreachable machine; if the run has begun, it says how to go on."""
        if self._folder is None:
            return error
        return WorkerFailed([str(error)], self._to_go_on(), error.exit_code)

    def _take(self, number: int) -> None:
        """Handle a signal."""
        if number in STOPPING:
            self._received = self._received or signal.Signals(number)
            if self._opening is not None:
                self._opening.cancel()
        if self._attempt is not None:
            self._attempt.signal(number)

    def _interrupted(self) -> Interrupted:
        number = self._received or signal.SIGINT
        return Interrupted(f"{STOPPING[number]}{self._to_go_on('; ')}", 128 + number)

    def _failed(self, outcome: Outcome) -> WorkerFailed:
        assert outcome.end is not None
        again = self._to_go_on() if outcome.may_go_on else ""
        return WorkerFailed([outcome.end.why], again, outcome.code)

    def _to_go_on(self, before: str = "") -> str:
        if self._folder is None:
            return ""
        return f"{before}to go on: the same command with --resume {shell_word(self._folder)}"
