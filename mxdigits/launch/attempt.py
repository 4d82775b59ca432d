"""One attempt at a run: its workers are started and watched until all of them have ended."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from ..values import Unchecked
from .agent import Orders
from .connection import SILENCE
from .job import Job
from .member import Member
from .output import Output

_GRACE = 5.0  # seconds for the other processes to end by themselves after one has failed
_TO_PART = 2.0  # seconds for companions to end when no worker is left
_TO_REPORT = 20.0  # seconds for rank 0 to report its finished run when another process is lost
_TO_STOP = 20.0  # seconds for workers to reach a safe point after a signal
_TICK = 0.5

# Exit codes of a finished run: 4 if it is below --min-accuracy.
_DONE = (0, 4)
# The exit code for a mistake in the recipe or the command, which would only happen again.
_USAGE = 2


@dataclass(frozen=True)
class End:
    """How a process of the run ended.

    Args:
        name: of the process, such as ``rank 1``; of its machine, if the machine is lost.
        where: its machine.
        code: its exit code, minus a signal's number; None if it hung, or was not started.
        pid: of the process.
        said: its last line of output.
        lost: what became of the machine, if it is lost.

    >>> End("rank 1", "this machine", -9, 4242).why
    'rank 1 (process 4242) was ended by SIGKILL'
    """

    name: str
    where: str
    code: Optional[int]
    pid: Optional[int]
    said: str = ""
    lost: str = ""

    @property
    def why(self) -> str:
        """The end in words."""
        if self.lost:
            return self.lost
        place = "" if self.where == "this machine" else f" on {self.where}"
        if self.pid is None:
            return f"{self.name}{place} could not be started: {self.said}"
        who = f"{self.name} (process {self.pid}{place})"
        if self.code is None:
            how = f"gave no sign of life for {SILENCE:.0f} s"
        elif self.code < 0:
            how = f"was ended by {_signal_name(-self.code)}"
        else:
            how = f"ended with exit code {self.code}"
        return f"{who} {how}" + (f"; its last line: {self.said}" if self.said else "")

    @property
    def is_violent(self) -> bool:
        """Whether something outside ended the process; others may then fail because it is missing.

        A process that fails because another is missing may abort, by a signal to itself.
        """
        return self.code is None or (self.code < 0 and self.code != -signal.SIGABRT)

    @property
    def exit_code(self) -> int:
        """The exit code as a shell gives it; 1 if there is none."""
        if self.code is None:
            return 1
        return 128 - self.code if self.code < 0 else self.code


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt: the end that decided it, None if the run is done.

    ``code`` is the exit code, ``folder`` that of the run, None if no worker has reported it;
    ``diverged`` says that training diverged, which would only happen again.

    >>> Outcome(0, None, "runs/mlp/20261123T153755Z-62fd27").may_go_on
    False
    """

    code: int
    end: Optional[End]
    folder: Optional[str]
    diverged: bool = False

    @property
    def may_go_on(self) -> bool:
        """Whether another attempt may end in another way."""
        return self.end is not None and self.code != _USAGE and not self.diverged


class Attempt:
    """Starts the processes of each member, and watches them.

    >>> async def train(job, members):
    ...     return await Attempt(job, members, Output()).run()
    """

    def __init__(self, job: Job, members: Sequence[Member], output: Output) -> None:
        self._job = job
        self._members = list(members)
        self._output = output
        self._events: asyncio.Queue[tuple[Member, Optional[dict[str, Unchecked]]]] = asyncio.Queue()
        self._workers: set[str] = set()  # that run
        self._companions: set[str] = set()
        self._ends: list[End] = []
        self._folder: Optional[str] = None  # until a worker reports it
        self._finished = self._diverged = False
        self._deadline: Optional[float] = None
        self._signals: list[int] = []
        self._orders: list[Orders] = []

    async def run(self) -> Outcome:
        """Run until all workers have ended, or were made to end."""
        everyone = list(self._members)
        readers = [asyncio.create_task(self._read(member)) for member in everyone]
        try:
            self._start()
            while not self._is_over():
                await self._next()
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
            await asyncio.gather(*(member.end() for member in everyone))
            for orders in self._orders:  # a killed agent has not removed them
                orders.remove_files()
        return self._outcome()

    def signal(self, number: int) -> None:
        """Pass a signal on to the workers; the second SIGINT ends them at once."""
        again = number == signal.SIGINT and number in self._signals
        self._signals.append(number)
        for member in self._members:
            member.connection.send("signal", number=number)
        if again:
            self._end_by(0)
        elif number not in (signal.SIGUSR1, signal.SIGUSR2):
            self._end_by(_TO_STOP)

    def _start(self) -> None:
        hellos = [member.hello for member in self._members if member.hello is not None]
        ranks = [member.ranks for member in self._members]
        self._orders = self._job.orders(hellos, ranks)
        for member, orders in zip(self._members, self._orders):
            self._workers |= {program.name for program in orders.workers}
            self._companions |= {program.name for program in orders.companions}
            member.connection.send("start", orders=orders.to_json())

    async def _read(self, member: Member) -> None:
        while True:
            message = await member.connection.receive()
            self._events.put_nowait((member, message))
            if message is None:
                return

    async def _next(self) -> None:
        for member in list(self._members):
            member.connection.beat()
            if member.connection.silent:
                self._lose(member, f"gave no sign of life for {SILENCE:.0f} s")
        try:
            member, message = await asyncio.wait_for(self._events.get(), _TICK)
        except asyncio.TimeoutError:
            return
        if message is None:
            self._lose(member, f"is lost: {await member.last_words()}")
        elif message["kind"] == "line":
            self._output.line(message["name"], message["stream"], message["text"])
        elif message["kind"] == "cut":
            self._cut(member.title, message["other"])
        elif message["kind"] == "facts":
            self._folder = message["facts"].get("folder", self._folder)
            self._finished = self._finished or "finished" in message["facts"]
            self._diverged = self._diverged or "diverged" in message["facts"]
        elif message["kind"] == "ended":
            values = [message[key] for key in ("code", "pid", "said")]
            self._ended(End(message["name"], member.title, *values))

    def _ended(self, end: End) -> None:
        self._workers.discard(end.name)
        self._companions.discard(end.name)
        self._ends.append(end)
        if not self._workers:
            self._end_by(_TO_PART)
        elif end.code != 0:
            self._end_by(_TO_REPORT if self._finished else _GRACE)

    def _lose(self, member: Member, how: str) -> None:
        """A machine is gone, and with it its workers."""
        if member not in self._members:
            return
        self._members.remove(member)
        if gone := self._workers & {_rank(rank) for rank in member.ranks}:
            self._workers -= gone
            why = f"{member.title} with {_listed(member.ranks)} {how}"
            self._ends.append(End(member.title, member.title, None, None, lost=why))
            self._end_by(_GRACE)

    def _cut(self, title: str, other: str) -> None:
        """Two machines no longer reach each other, although the launcher reaches both."""
        why = f"{title} and {other} did not reach each other for {SILENCE:.0f} s"
        self._ends.append(End(title, title, None, None, lost=why))
        self._end_by(_GRACE)

    def _end_by(self, seconds: float) -> None:
        """End all processes in this many seconds, or at an earlier time that was set before."""
        deadline = time.monotonic() + seconds
        self._deadline = deadline if self._deadline is None else min(self._deadline, deadline)

    def _is_over(self) -> bool:
        late = self._deadline is not None and time.monotonic() >= self._deadline
        return late or not self._workers | self._companions

    def _outcome(self) -> Outcome:
        first = next((end for end in self._ends if end.name == "rank 0"), None)
        if first is not None and first.code in _DONE:
            return Outcome(first.exit_code, None, self._folder)
        if self._finished:  # at its exit, rank 0 may have waited in vain for a lost process
            return Outcome(0, None, self._folder)
        bad = [end for end in self._ends if end.code != 0]
        late = End("", "", None, None, lost="the workers were ended before they were done")
        decisive = next((end for end in bad if end.is_violent), [*bad, late][0])
        return Outcome(decisive.exit_code, decisive, self._folder, self._diverged)


def _rank(rank: int) -> str:
    return f"rank {rank}"


def _listed(ranks: range) -> str:
    return _rank(ranks[0]) if len(ranks) == 1 else f"ranks {ranks[0]} to {ranks[-1]}"
