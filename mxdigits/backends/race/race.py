"""Lets each backend in turn do a little of some work, and takes the fastest for all of it."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Optional

from ...errors import MxdigitsError
from ...wording import Say, duration
from ..choose import DeviceChoice, choose_devices
from ..context import BackendSpec, parse_context
from .decision import Decision
from .estimate import processor_speed
from .memory import Entry, Memory, version_of
from .trial import Requirements, Trial, TrialFailed, started
from .work import Work, figure_of

# A race may take this many seconds, or this share of the estimate for the work if that is longer.
LEAST_SECONDS = 5.0
_SHARE = 0.1
# On a CPU there is no race if the work takes less than this many times as long: it could not save
# what it costs.
_WORTH = 3
_HARDLY = 0.1  # seconds: too short to measure anything
# A backend was disturbed if one of its threads waited for a CPU longer than this share of its time.
# Alone it waits up to 0.11 on two CPUs; beside another program, 0.24 to 0.30.
_DISTURBED = 0.15
_NO_TIME = "there was no time left for it"

# Backends that compile come last, so that a long compilation costs no other backend its turn.
_TURNS = ("onnx", "mxnet", "torch", "xla")


def fastest(names: Sequence[str], wanted: Requirements, work: Work, say: Say) -> Decision:
    """The backend that will finish some work first, start and compiling included.

    Remembered figures are not measured again. This process's random numbers are not touched.

    Args:
        names: the names of backends, in the order of preference if nothing can be measured.
        wanted: the precision, and the device, which all backends compared can use.
        work: the work to do.
        say: called with the decision, its figures, and the backends passed over.

    Raises:
        ContextError: if none is installed.

    Example:
        >>> fastest(["mxnet", "xla"], Requirements("cpu"), work, print).backend  # doctest: +SKIP
        backend: xla is used, the fastest here: about 9.41 s, 14.2 s with mxnet; measured in 3.20 s
        'xla'
    """
    installed = [name for name in names if version_of(name)]
    if len(installed) < 2:
        if not installed:  # the error names what to install for each of them
            installed = [_choose(names, wanted).backend]
        decision = Decision(installed[0])
        say(f"backend: {decision.backend} is used: no other is installed here")
        return decision
    race = _Race(installed, wanted, work)
    decision = race.decision_without() or race.held()
    say(str(decision))
    return decision


def _choose(backend: BackendSpec, wanted: Requirements) -> DeviceChoice:
    return choose_devices(
        wanted.context, backend, precision=wanted.precision, predicting=wanted.predicting
    )


class _Race:
    """A race: backends that are measured now, and backends whose figures are remembered."""

    def __init__(self, names: Sequence[str], wanted: Requirements, work: Work):
        self._names, self._wanted, self._work = names, wanted, work
        self._memory = Memory.of(work.facts(), wanted.context)
        self._today: dict[str, str] = {}  # problems that may not last, by backend
        self._late: dict[str, float] = {}  # seconds given to backends that did not start in time
        self._disturbed: list[str] = []
        self._began = time.perf_counter()
        self.took: Optional[float] = None

    def decision_without(self) -> Optional[Decision]:
        """The decision without a race, if the work is too short for one; else None."""
        if self._wants_gpu or not self._unknown:
            return None
        known = self._seconds
        total = min(known.values(), default=None)
        if total is None and (operations := self._work.operations()) is not None:
            total = operations / processor_speed()
        if total is None or total >= _WORTH * LEAST_SECONDS:
            return None
        short = f"about {duration(total)} of work is too little for a race"
        if known:
            best = self.decision()
            return replace(
                best, no_race=f"{short}, and it is the fastest of those with remembered figures"
            )
        order, like = self._work.usual()
        names = [name for name in order if name in self._names]
        return self._first_able(names, f"{short}; {_inclined(like, names)}")

    def _first_able(self, names: Sequence[str], why: str) -> Decision:
        """The first backend that can do the work, tried in this process, which will do the work."""
        passed_over = {}
        for name in names:
            try:
                self._work.check(_choose(name, self._wanted))
            except MxdigitsError as error:
                passed_over[name] = str(error)
                continue
            return Decision(name, passed_over=passed_over, no_race=why)
        return Decision(names[0], passed_over=passed_over)

    def held(self) -> Decision:
        """The decision after the race."""
        self.run()
        return self.decision()

    def run(self) -> None:
        """Measure the backends that have no measurement yet."""
        unknown = self._unknown
        if not unknown and len(self._compared) < 2:
            return
        new = unknown + [name for name in self._compared if self._entries[name].figure is None]
        turns = [name for name in _TURNS if name in new]
        # The first backend's time decides how long the others may take. With GPUs, all start first,
        # to find out which of them can use the GPU.
        alone = 0 if self._wants_gpu or self._seconds else 1
        for names in (turns[:alone], turns[alone:]):
            self._try(names)
        if self._seconds:  # without any figure, the machine was just too busy
            for name, had in self._late.items():
                self._keep(name, problem=self._today[name], allowed=had)
        if turns:
            self.took = time.perf_counter() - self._began

    def _try(self, names: Sequence[str]) -> None:
        """Measure some backends; their imports run in parallel, because each uses one thread."""
        if self._left < _HARDLY:
            self._today.update(dict.fromkeys(names, _NO_TIME))
            return
        with ExitStack() as processes:
            trials = [processes.enter_context(started(name, self._wanted)) for name in names]
            for trial in trials:
                self._await_start(trial)
            if len(self._compared) < 2 and len(names) > 1:
                return
            for trial in trials:
                if trial.backend not in self._compared:
                    continue
                if self._left < _HARDLY:
                    self._today[trial.backend] = _NO_TIME
                else:
                    self._measure(trial)

    def decision(self) -> Decision:
        """The backend with the shortest estimate; without estimates, the first that may be able."""
        seconds = self._seconds
        taken = min(seconds, key=lambda name: seconds[name], default=None)
        known = {name: entry.problem for name, entry in self._entries.items() if entry.problem}
        passed_over = {n: w for n, w in {**known, **self._today}.items() if n in self._names}
        if taken is None:
            return self._unmeasured(passed_over)
        figures = {n: e.figure for n, e in self._entries.items() if n in seconds and e.figure}
        return Decision(taken, seconds, figures, passed_over, self._disturbed, self.took)

    def _unmeasured(self, passed_over: Mapping[str, str]) -> Decision:
        """The decision if no backend was measured, as on a busy machine: the usual fastest one."""
        lasting = [name for name in passed_over if name not in self._today]
        able = self._compared or [name for name in self._names if name not in lasting]
        if self._wants_gpu or len(able) < 2:
            found = Decision(next(iter(able), self._names[0]))
        else:
            order, like = self._work.usual()
            names = [name for name in order if name in able]
            why = f"no backend was measured in time; {_inclined(like, names)}"
            found = self._first_able(names, why)
        over = {**passed_over, **found.passed_over}
        return replace(found, passed_over=over, disturbed=self._disturbed, took=self.took)

    @property
    def _entries(self) -> Mapping[str, Entry]:
        return self._memory.entries

    @property
    def _unknown(self) -> list[str]:
        """The backends without a measurement, or that may be ready in time now."""

        def is_unknown(entry: Optional[Entry]) -> bool:
            return entry is None or entry.worth_another(self._allowed)

        return [name for name in self._names if is_unknown(self._entries.get(name))]

    @property
    def _compared(self) -> list[str]:
        """The backends that can run on the first device that any backend has."""
        able = [n for n in self._names if n in self._entries and not self._entries[n].problem]
        able = [name for name in able if name not in self._today]
        first = min((self._entries[name].preference for name in able), default=0)
        return [name for name in able if self._entries[name].preference == first]

    @property
    def _seconds(self) -> dict[str, float]:
        """The estimate for all of the work in seconds, by backend."""
        figures = {name: self._entries[name].figure for name in self._compared}
        return {n: self._work.seconds(each) for n, each in figures.items() if each is not None}

    @property
    def _allowed(self) -> float:
        return max(LEAST_SECONDS, _SHARE * min(self._seconds.values(), default=0.0))

    @property
    def _left(self) -> float:
        return self._allowed - (time.perf_counter() - self._began)

    def _await_start(self, trial: Trial) -> None:
        name, left = trial.backend, self._left
        try:
            preference = int(trial.answer(left)["preference"])
        except TrialFailed as problem:
            if problem.late or self._wants_gpu:
                self._today[name] = str(problem)  # for example, the GPU had no free memory
                if problem.late:  # waiting for a disk or a CPU is not its fault
                    self._late[name] = max(min(left, trial.cpu_time.ran), _HARDLY)
            else:
                self._keep(name, problem=str(problem))
        else:
            self._keep(name, preference=preference)

    def _measure(self, trial: Trial) -> None:
        name, left = trial.backend, self._left
        began, before = time.perf_counter(), trial.cpu_time
        entry = Entry(version_of(name), preference=self._entries[name].preference)
        try:
            trial.give(self._given())
            entry = replace(entry, figure=figure_of(trial.answer(left)))
        except TrialFailed as problem:
            entry = replace(entry, problem=str(problem), allowed=left if problem.late else 0.0)
        waited = trial.cpu_time.waited_since(before)
        if waited > _DISTURBED * (time.perf_counter() - began) and (entry.figure or entry.allowed):
            self._disturbed.append(name)
            entry = replace(entry, lasts=False)
        self._memory.keep(name, entry)

    def _keep(self, name: str, **known: Any) -> None:
        self._memory.keep(name, Entry(version_of(name), **known))

    def _given(self) -> bytes:
        best = min(self._seconds.values(), default=math.inf)
        return pickle.dumps(self._work.beside(best), protocol=5)

    @property
    def _wants_gpu(self) -> bool:
        return any(each.kind == "gpu" for each in parse_context(self._wanted.context))


def _inclined(like: str, names: Sequence[str]) -> str:
    return f"{like} are usually the fastest with {', '.join(names)}, in this order"
