"""The race of backends: who is measured, who is taken, what is said and what is remembered."""

from __future__ import annotations

import json
import math
import os
import pickle
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from mxdigits.backends.choose import DeviceChoice
from mxdigits.backends.context import Devices
from mxdigits.backends.cpus import CpuTime
from mxdigits.backends.race import memory, race
from mxdigits.backends.race.decision import Decision
from mxdigits.backends.race.memory import Entry, Memory, forget, remembered
from mxdigits.backends.race.race import fastest
from mxdigits.backends.race.trial import Requirements, TrialFailed
from mxdigits.backends.race.work import Figure
from mxdigits.errors import BackendMissing, ContextError, NetworkError

NAMES = ["mxnet", "xla", "torch"]


@dataclass(frozen=True)
class Steps:
    """Work of so many steps."""

    count: int = 2000
    graph: str = "one"
    total: float | None = None  # of additions and multiplications
    lacking: tuple[str, ...] = ()  # who cannot do it
    best: float = math.inf

    def beside(self, best):
        return replace(self, best=best)

    def facts(self):
        return {"work": "steps", "graph": self.graph}

    def operations(self):
        return self.total

    def usual(self):
        return ("xla", "mxnet", "torch"), "steps like these"

    def check(self, choice):
        if choice.backend in self.lacking:
            raise NetworkError([f"{choice.backend} has no such layer"])

    def seconds(self, figure):
        return figure.start + figure.ready + self.count * figure.step


def figure(ready, step):
    return Figure(start=1.0, ready=ready, step=step, image=0.0)


@pytest.fixture(autouse=True)
def cache_and_clock(tmp_path, monkeypatch):
    """A cache of its own, and a clock that stands still."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(race, "time", SimpleNamespace(perf_counter=lambda: 100.0))


@pytest.fixture
def machine(monkeypatch):
    """Says of each backend its preference or why it has none, and its figure or why it has none.

    ``busy`` are those that wait for a CPU, all the time; ``ran`` is how long a process computed.
    ``beside`` collects the best estimate that each is told.
    """

    def machine(installed=NAMES, busy=(), ran=math.inf, beside=None, **there):
        log = []
        beside = [] if beside is None else beside
        monkeypatch.setattr(race, "version_of", lambda n: f"{n} 1" if n in installed else "")
        monkeypatch.setattr(memory, "version_of", lambda n: f"{n} 1" if n in installed else "")

        class Trial:
            def __init__(self, backend):
                self.backend, self.answers = backend, list(there[backend])
                self.waited = 0.0

            @property
            def cpu_time(self):
                self.waited += self.backend in busy
                return CpuTime(ran, {"1": self.waited})

            def give(self, work):
                log.append(f"measure {self.backend}")
                beside.append(pickle.loads(work).best)

            def answer(self, seconds):
                found = self.answers.pop(0)
                if isinstance(found, TrialFailed):
                    raise found
                if isinstance(found, int):
                    return {"preference": found}
                return {name: getattr(found, name) for name in ("start", "ready", "step", "image")}

        @contextmanager
        def started(backend, wanted):
            log.append(f"start {backend}")
            yield Trial(backend)
            log.append(f"end {backend}")

        monkeypatch.setattr(race, "started", started)
        return log

    return machine


def test_the_fastest_for_all_of_the_work_is_taken_compiling_included(machine):
    log = machine(
        mxnet=[0, figure(0.5, 0.010)], torch=[0, figure(0.5, 0.008)], xla=[0, figure(4.0, 0.006)]
    )
    said = []
    assert fastest(NAMES, Requirements("cpu"), Steps(1000), said.append).backend == "torch"
    assert log == [
        *("start mxnet", "measure mxnet", "end mxnet", "start torch", "start xla"),
        *("measure torch", "measure xla", "end xla", "end torch"),
    ]
    assert said[0] == (
        "backend: torch is used, the fastest here: about 9.50 s, 11.0 s with xla, 11.5 s with "
        "mxnet; measured in 0.00 s"
    )
    # The figures serve for work of another length, and nothing is measured for it.
    log.clear()
    longer = fastest(NAMES, Requirements("cpu"), Steps(10_000), said.append)
    assert (longer.backend, longer.took, log) == ("xla", None, [])
    assert said[1] == (
        "backend: xla is used, the fastest here: about 1 min 5 s, 1 min 22 s with torch, "
        "1 min 42 s with mxnet; as remembered"
    )
    assert longer.record["estimated_seconds"] == {"mxnet": 101.5, "xla": 65.0, "torch": 81.5}
    assert json.loads(json.dumps(longer.record)) == longer.record


def test_one_that_cannot_do_the_work_is_passed_over_and_not_asked_again(machine):
    no_layer = TrialFailed("it has no such layer", late=False)
    log = machine(mxnet=[0, figure(0.5, 0.01)], torch=[0, no_layer], xla=[0, figure(1.0, 0.005)])
    said = []
    done = fastest(NAMES, Requirements("cpu"), Steps(), said.append)
    assert (done.backend, done.passed_over) == ("xla", {"torch": "it has no such layer"})
    assert said[0].endswith("; torch: it has no such layer")
    log.clear()
    assert fastest(NAMES, Requirements("cpu"), Steps(), said.append).passed_over == done.passed_over
    assert log == []


def test_one_that_takes_too_long_is_asked_again_for_work_that_takes_much_longer(machine):
    late = TrialFailed("it was not ready within 3 s", late=True)
    log = machine(mxnet=[0, figure(0.5, 0.01)], torch=[0, figure(0.5, 0.02)], xla=[0, late])
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "mxnet"
    log.clear()
    fastest(NAMES, Requirements("cpu"), Steps(1001), print)
    assert log == []
    machine(xla=[0, figure(20.0, 0.001)])
    assert fastest(NAMES, Requirements("cpu"), Steps(100_000), print).backend == "xla"


def test_one_that_starts_too_late_is_asked_again_for_work_that_takes_much_longer(machine):
    late = TrialFailed("it was not ready within 5 s", late=True)
    log = machine(mxnet=[late], torch=[0, figure(0.5, 0.02)], xla=[0, figure(0.5, 0.01)])
    done = fastest(NAMES, Requirements("cpu"), Steps(), print)
    assert (done.backend, done.passed_over) == ("xla", {"mxnet": "it was not ready within 5 s"})
    log.clear()
    again = fastest(NAMES, Requirements("cpu"), Steps(), print)
    assert (again.backend, again.passed_over, again.took) == ("xla", done.passed_over, None)
    assert log == []
    machine(mxnet=[0, figure(0.5, 0.001)])
    assert fastest(NAMES, Requirements("cpu"), Steps(100_000), print).backend == "mxnet"


def test_one_that_waited_for_its_start_is_asked_again(machine):
    late = TrialFailed("it was not ready within 5 s", late=True)
    others = {"torch": [0, figure(0.5, 0.02)], "xla": [0, figure(0.5, 0.01)]}
    machine(mxnet=[late], **others, ran=1.4)  # of the 5 s, for example for a disk
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "xla"
    log = machine(mxnet=[0, figure(0.5, 0.001)])
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "mxnet"
    assert log == ["start mxnet", "measure mxnet", "end mxnet"]


def test_what_other_work_has_disturbed_serves_once_and_that_is_said(machine):
    there = {"mxnet": [0, figure(0.5, 0.01)], "torch": [0, figure(0.5, 0.02)]}
    machine(installed=["mxnet", "torch"], busy=["mxnet"], **there)
    said = []
    done = fastest(NAMES, Requirements("cpu"), Steps(), said.append)
    assert done.record["disturbed"] == ["mxnet"]
    assert said == [
        "backend: mxnet is used, the fastest here: about 21.5 s, 41.5 s with torch; measured in "
        "0.00 s; other work kept the CPUs busy: the figures of mxnet are not remembered"
    ]
    log = machine(installed=["mxnet", "torch"], **there)
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).disturbed == []
    assert log == ["start mxnet", "measure mxnet", "end mxnet"]
    log.clear()
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).took is None
    assert log == []


def test_one_that_is_late_as_other_work_disturbs_it_is_asked_again(machine):
    late = TrialFailed("it was not ready within 3 s", late=True)
    no_layer = TrialFailed("it has no such layer", late=False)
    there = {"mxnet": [0, figure(0.5, 0.01)], "torch": [0, no_layer], "xla": [0, late]}
    machine(busy=["torch", "xla"], **there)
    done = fastest(NAMES, Requirements("cpu"), Steps(), print)
    assert (done.backend, done.disturbed) == ("mxnet", ["xla"])
    log = machine(xla=[0, figure(0.5, 0.001)])
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "xla"
    assert log == ["start xla", "measure xla", "end xla"]


def test_where_all_start_too_late_all_are_asked_again(machine):
    late = TrialFailed("it was not ready within 5 s", late=True)
    machine(mxnet=[late], torch=[late], xla=[late])
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).seconds == {}
    machine(mxnet=[0, figure(0.5, 0.02)], torch=[0, figure(0.5, 0.01)], xla=[late])
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "torch"


def test_where_one_alone_has_the_device_there_is_no_race(machine):
    none = TrialFailed("gpu(0) is not available", late=False)
    log = machine(mxnet=[none], torch=[none], xla=[0])
    said = []
    assert fastest(NAMES, Requirements("gpu"), Steps(), said.append).backend == "xla"
    assert [each for each in log if each.startswith("measure")] == []
    assert said == [
        "backend: xla is used: there was nothing to compare; mxnet: gpu(0) is not available; "
        "torch: gpu(0) is not available"
    ]


def test_those_on_the_first_device_are_compared(machine):
    machine(mxnet=[1], torch=[0, figure(3.0, 0.02)], xla=[0, figure(2.0, 0.01)])
    done = fastest(NAMES, Requirements(["gpu", "cpu"]), Steps(), print)
    assert (done.backend, sorted(done.seconds)) == ("xla", ["torch", "xla"])


def test_where_one_alone_is_installed_no_process_is_started(machine):
    log = machine(installed=["torch"])
    said = []
    assert fastest(NAMES, Requirements("cpu"), Steps(), said.append).backend == "torch"
    assert (log, said) == ([], ["backend: torch is used: no other is installed here"])


def test_where_none_is_installed_the_error_names_each(machine, monkeypatch):
    """It said that mxnet is taken, and then that MXNet is not installed."""
    asked = []

    def none(context, backend, *, precision, predicting):
        asked.append((context, list(backend), precision, predicting))
        raise ContextError("cpu(0) is not available by any")

    machine(installed=[])
    monkeypatch.setattr(race, "choose_devices", none)
    said = []
    with pytest.raises(ContextError):
        fastest(NAMES, Requirements("cpu"), Steps(), said.append)
    assert (asked, said) == ([("cpu", NAMES, "float32", False)], [])


@pytest.mark.parametrize(
    ("lacking", "taken"),
    [((), "xla"), (("xla",), "mxnet")],
    ids=["all able", "one unable"],
)
def test_without_any_figure_who_is_usually_the_fastest_is_taken(machine, chosen, lacking, taken):
    late = TrialFailed("it was not ready within 5 s", late=True)
    machine(mxnet=[late], torch=[late], xla=[late])
    done = fastest(NAMES, Requirements("cpu"), Steps(lacking=lacking), print)
    assert (done.backend, done.seconds) == (taken, {})
    assert str(done).startswith(
        f"backend: {taken} is used: no backend was measured in time; steps like these are usually "
        "the fastest with xla, mxnet, torch, in this order; mxnet: it was not ready within "
    )


def test_each_backend_is_told_the_best_estimate_so_far(machine):
    beside = []
    machine(
        mxnet=[0, figure(0.5, 0.010)],
        torch=[0, figure(0.5, 0.008)],
        xla=[0, figure(4.0, 0.006)],
        beside=beside,
    )
    fastest(NAMES, Requirements("cpu"), Steps(1000), print)
    assert beside == [math.inf, 11.5, 9.5]


def test_the_time_is_bounded_by_what_is_estimated(machine, monkeypatch):
    given = []
    machine(mxnet=[0, figure(0.5, 0.1)], torch=[0, figure(0.5, 0.1)], xla=[0, figure(0.5, 0.1)])
    real = race._Race._measure

    def measure(self, trial):
        given.append(round(self._left))
        real(self, trial)

    monkeypatch.setattr(race._Race, "_measure", measure)
    fastest(NAMES, Requirements("cpu"), Steps(1000), print)
    assert given == [5, 10, 10]  # a tenth of 101.5 s


def test_whose_turn_comes_when_the_time_is_over_is_passed_over_and_has_it_the_next_time(
    machine, monkeypatch
):
    there = {"mxnet": [0, figure(0.5, 0.01)], "torch": [0, figure(0.5, 0.02)]}
    log = machine(installed=["mxnet", "torch"], **there)
    real = race._Race._measure

    def measure(self, trial):
        real(self, trial)
        self._began -= 60

    with monkeypatch.context() as slow:
        slow.setattr(race._Race, "_measure", measure)
        done = fastest(NAMES, Requirements("cpu"), Steps(), print)
    assert (done.backend, log) == ("mxnet", ["start mxnet", "measure mxnet", "end mxnet"])
    assert str(done) == (
        "backend: mxnet is used: no other was measured; torch: there was no time left for it"
    )
    log = machine(installed=["mxnet", "torch"], **there)
    assert len(fastest(NAMES, Requirements("cpu"), Steps(), print).seconds) == 2
    assert log == ["start torch", "measure torch", "end torch"]


@pytest.mark.parametrize("damage", ["", "{}", '{"facts": {}, "entries": {"xla": 1}}', "[1]"])
def test_a_damaged_memory_is_none(machine, damage):
    both = {"mxnet": [0, figure(0.5, 0.01)], "torch": [0, figure(0.5, 0.02)]}
    machine(installed=["mxnet", "torch"], **both)
    fastest(NAMES, Requirements("cpu"), Steps(), print)
    (found,) = remembered()
    found.file.write_text(damage)
    log = machine(installed=["mxnet", "torch"], **both)
    assert fastest(NAMES, Requirements("cpu"), Steps(), print).backend == "mxnet"
    assert "measure torch" in log


def test_what_is_remembered_is_of_this_work_device_and_version(monkeypatch):
    monkeypatch.setattr(memory, "version_of", lambda name: "jax 1")
    entry = Entry("jax 1", figure(1.0, 0.1))
    Memory.of({"graph": "one"}, "cpu").keep("xla", entry)
    assert Memory.of({"graph": "one"}, "cpu").entries == {"xla": entry}
    assert Memory.of({"graph": "two"}, "cpu").entries == {}
    assert Memory.of({"graph": "one"}, "gpu").entries == {}
    monkeypatch.setattr(memory, "version_of", lambda name: "jax 2")
    assert Memory.of({"graph": "one"}, "cpu").entries == {}


def test_it_is_forgotten_on_request():
    Memory.of({"graph": "one"}, "cpu").keep("xla", Entry("jax 1"))
    (older,) = remembered()
    os.utime(older.file, (0, 0))  # the newest is told first
    Memory.of({"graph": "two"}, "cpu").keep("xla", Entry("jax 1"))
    assert [each.facts["graph"] for each in remembered()] == ["two", "one"]
    assert (forget(), list(remembered()), forget()) == (2, [], 0)


def test_a_cache_that_cannot_be_written_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    Memory.of({"graph": "one"}, "cpu").keep("xla", Entry("jax 1"))
    assert list(remembered()) == []


def test_what_is_said_without_a_comparison():
    assert str(Decision("mxnet", {"mxnet": 3.0}, passed_over={"xla": "late"})) == (
        "backend: mxnet is used: no other was measured; xla: late"
    )


# Work that is too short for a race


@pytest.fixture
def chosen(monkeypatch):
    """A processor of a million operations a second, and who was tried in this process."""
    tried = []

    def choose(context, backend, *, precision, predicting):
        tried.append(backend)
        if backend == "torch":
            raise BackendMissing("PyTorch does not start")
        return DeviceChoice((), Devices("cpu", (0,)), backend=backend)

    monkeypatch.setattr(race, "processor_speed", lambda: 1e6)
    monkeypatch.setattr(race, "choose_devices", choose)
    return tried


def test_short_work_gets_what_is_usually_the_fastest(machine, chosen):
    log = machine()
    said = []
    done = fastest(NAMES, Requirements("cpu"), Steps(total=2e6), said.append)
    assert (done.backend, done.took, log, chosen) == ("xla", None, [], ["xla"])
    why = (
        "about 2.00 s of work is too little for a race; steps like these are usually the fastest "
        "with xla, mxnet, torch, in this order"
    )
    assert said == [f"backend: xla is used: {why}"]
    assert done.record["no_race"] == why
    assert list(remembered()) == []


def test_who_cannot_do_short_work_is_passed_over(machine, chosen):
    machine()
    order = ["torch", "mxnet", "xla"]
    work = Steps(total=2e6, lacking=("xla",))
    assert fastest(order, Requirements("cpu"), work, print).backend == "mxnet"
    assert chosen == ["xla", "mxnet"]
    machine(installed=["torch", "xla"])
    done = fastest(order, Requirements("cpu"), work, print)
    assert done.passed_over == {"xla": "xla has no such layer", "torch": "PyTorch does not start"}
    assert (done.backend, done.no_race) == ("xla", "")  # which says itself what it lacks


@pytest.mark.parametrize(("total", "races"), [(14.9e6, False), (15.1e6, True), (None, True)])
def test_there_is_a_race_where_the_work_takes_three_times_as_long(machine, chosen, total, races):
    log = machine(mxnet=[0, figure(0.5, 0.01)], torch=[0, figure(0.5, 0.02)], xla=[0, figure(1, 1)])
    fastest(NAMES, Requirements("cpu"), Steps(total=total), print)
    assert bool(log) == races


def test_there_is_one_for_a_gpu_however_short_the_work_is(machine, chosen):
    log = machine(mxnet=[0, figure(0.5, 0.01)], torch=[0, figure(0.5, 0.02)], xla=[0, figure(1, 1)])
    fastest(NAMES, Requirements(["gpu", "cpu"]), Steps(total=1.0), print)
    assert log


def test_what_is_remembered_decides_short_work_too(machine, chosen):
    both = {"mxnet": [0, figure(0.5, 0.02)], "torch": [0, figure(0.5, 0.01)]}
    machine(installed=["mxnet", "torch"], **both)
    fastest(NAMES, Requirements("cpu"), Steps(), print)
    log = machine()  # with XLA, of which nothing is known
    said = []
    done = fastest(NAMES, Requirements("cpu"), Steps(300, total=1.0), said.append)
    assert (done.backend, log, chosen) == ("torch", [], [])
    assert said == [
        "backend: torch is used: about 4.50 s of work is too little for a race, and it is the "
        "fastest of those with remembered figures"
    ]
    assert fastest(["mxnet", "torch"], Requirements("cpu"), Steps(300), print).no_race == ""
