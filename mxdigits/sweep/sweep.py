"""A search from its plan to its report; workers carry out the trials."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ..backends.cpus import Share, machine_shares
from ..errors import Interrupted, RunFailed, SetupError, UsageError
from ..signals import Stopper, stoppable
from ..storage.files import make_folder
from ..wording import Say, say_nothing
from .page import write_page
from .plan import Plan, study_folder
from .results import OVER, Findings, read_findings, trial_row, write_best, write_trials
from .storages import shown_address, storage_address, storage_errors
from .study import WORKER, StaleTrials, active, give_back, open_study, waiting
from .worker import CANNOT, Orders
from .worker_pool import Ended, WorkerPool

_POLL = 0.5  # seconds
_FAILURES = 5  # the search ends if the first trials, or so many workers in a row, all fail


@dataclass(frozen=True)
class SearchResources:
    """What a search works with: the workers of this machine, a storage, a folder for its runs.

    ``storage`` is an address or a file; None means ``study.db`` in the study's folder. A worker
    shows every ``beat`` seconds that it is alive; after ``patience`` seconds without a sign of
    life, its trial is done again.

    >>> SearchResources(jobs=2).output
    PosixPath('runs')
    """

    output: Path = Path("runs")
    jobs: int = 1
    storage: Optional[str] = None
    report: bool = True
    beat: float = 10
    patience: float = 60


@dataclass(frozen=True)
class SearchResult:
    """The results of a search, and the files about it; ``interrupted`` if it is not over.

    >>> sweep(plan, SearchResources(), print).findings.best  # doctest: +SKIP
    """

    findings: Findings
    best: Optional[Path]
    trials: Path
    report: Optional[Path]
    interrupted: Optional[Interrupted] = None


def sweep(plan: Plan, resources: SearchResources, say: Say = say_nothing) -> SearchResult:
    """Begin a study, or go on with it, until all its trials are over; then write the report.

    Other processes and machines may take part in it at the same time.

    Args:
        plan: the plan of the search.
        resources: the workers, the storage and the folder.
        say: told what a user should know at once, such as how a trial ended.

    Raises:
        UsageError: if the study was begun with another plan.
        SetupError: if its storage cannot be used, or something is missing that every trial needs,
            such as a plugin, the data or a backend.
        RunFailed: if all trials fail.

    >>> plan = make_plan("mlp", ["validation=5000", "epochs=[1, 2, 3]"])  # doctest: +SKIP
    >>> print(sweep(plan, SearchResources(jobs=2)).findings.sentence)  # doctest: +SKIP
    """
    if resources.jobs < 1:
        raise UsageError(f"--jobs {resources.jobs}: must be at least 1")
    folder = study_folder(plan, resources.output)
    make_folder(folder)
    address = storage_address(resources.storage or str(folder / "study.db"))
    with stoppable() as stopper:
        stopper.meanwhile = "before the first trial"
        study = open_study(plan, address)
        _announce(plan, study, address, say)
        with _pool(plan, resources, address, folder) as pool:
            _Supervisor(plan, study, address, resources, say).work(pool, stopper)
        with storage_errors(address):
            findings = read_findings(plan, study, folder)
        stopper.meanwhile = "before the report was written; the same command writes it"
        stopped = None
        if stopper.received is not None:
            done = sum(row.state in OVER for row in findings.rows)
            how = "the same command continues"
            stopped = stopper.interruption(f"after {done} of {plan.trials} trials; {how}")
        elif findings.best is None:
            raise RunFailed(f"no trial has finished; {_last_failure(active(study))}")
        report = write_page(findings, say) if resources.report else None
        return SearchResult(findings, write_best(findings), write_trials(findings), report, stopped)


def _announce(plan: Plan, study: Study, address: str, say: Say) -> None:
    with storage_errors(address):
        trials = active(study)
    over = sum(trial.state.is_finished() for trial in trials)
    so_far = f", {over} of them done" if trials else ""
    say(f"study: {plan.study} in {shown_address(address)}, {plan.trials} trials{so_far}")
    for each in plan.space:
        say(str(each))


def _pool(plan: Plan, resources: SearchResources, address: str, folder: Path) -> WorkerPool:
    each = machine_shares(resources.jobs)
    if plan.base.threads is not None:  # the recipe sets the threads of each worker
        each = [Share()] * resources.jobs

    def orders(worker: str, share: Share) -> Orders:
        return Orders(
            plan=plan.to_json(),
            worker=worker,
            output=str(resources.output.absolute()),
            storage=address,
            threads=share.threads,
            cpus=share.cpus,
            beat=resources.beat,
        )

    return WorkerPool(orders, each, folder)


class _Supervisor:
    """Keeps the workers of this process busy, so that no trial is lost, here or elsewhere."""

    def __init__(
        self, plan: Plan, study: Study, address: str, resources: SearchResources, say: Say
    ):
        self._plan = plan
        self._study = study
        self._address = address
        self._say = say
        self._watch = StaleTrials(resources.patience)
        self._told = {t.number for t in self._trials() if t.state.is_finished()}
        self._crashes = 0
        self._waits = False

    def work(self, pool: WorkerPool, stopper: Stopper) -> None:
        """Work until no trial is waiting or running, or a signal comes.

        Raises:
            RunFailed, SetupError: if going on is pointless.
        """
        asked: list[bool] = []
        with stopper.tell(lambda: asked.append(True)):
            while not asked and self._round(pool):
                time.sleep(_POLL)
            if asked:
                self._say("waiting for the workers to write checkpoints")
                pool.stop()
                self._take_back(pool.ended())
            self._tell(self._trials())

    def _round(self, pool: WorkerPool) -> bool:
        """Do one round of checks; return false when there is nothing left to do."""
        self._take_back(pool.ended())
        trials = self._trials()
        with storage_errors(self._address):
            for trial in self._watch.stale(trials, time.monotonic()):
                give_back(self._study, trial, "its process is gone", killed=True)
            left = waiting(self._study, self._plan)
        self._tell(trials)
        self._check_failures(trials)
        pool.start(left)
        running = sum(trial.state == TrialState.RUNNING for trial in trials)
        if running and not left and not len(pool) and not self._waits:
            self._waits = True
            trials_of = "a trial" if running == 1 else f"{running} trials"
            self._say(f"waiting for {trials_of} of other processes")
        return bool(left or running or len(pool))

    def _trials(self) -> list[FrozenTrial]:
        with storage_errors(self._address):
            return active(self._study)

    def _take_back(self, ended: Sequence[Ended]) -> None:
        """Hand out the trials of killed workers again."""
        for each in ended:
            if each.code == CANNOT:
                # On a full disk, the log is empty too.
                said = each.said.removeprefix("error: ") or "a worker cannot write its log"
                raise SetupError(said)
            held = [t for t in self._trials() if t.user_attrs.get(WORKER) == each.worker]
            held = [trial for trial in held if trial.state == TrialState.RUNNING]
            for trial in held:
                with storage_errors(self._address):
                    again = give_back(self._study, trial, each.why, killed=True)
                if again:
                    self._say(f"trial {trial.number}: {each.why}; it will be done again")
            crashed = each.code not in (0, 129, 130, 143)
            self._crashes = self._crashes + 1 if crashed and not held else 0
            if self._crashes >= _FAILURES:
                said = f"; the last one wrote: {each.said}" * bool(each.said)
                raise RunFailed(f"{_FAILURES} workers ended at once, {each.why}{said}")

    def _tell(self, trials: Sequence[FrozenTrial]) -> None:
        for trial in trials:
            if trial.state.is_finished() and trial.number not in self._told:
                self._told.add(trial.number)
                self._say(trial_row(trial).sentence)

    def _check_failures(self, trials: Sequence[FrozenTrial]) -> None:
        over = [trial for trial in trials if trial.state.is_finished()]
        if len(over) >= _FAILURES and all(trial.state == TrialState.FAIL for trial in over):
            raise RunFailed(f"all of the first {len(over)} trials failed; {_last_failure(over)}")


def _last_failure(trials: Sequence[FrozenTrial]) -> str:
    failed = [row for row in map(trial_row, trials) if row.error]
    return f"the last: {failed[-1].error}" if failed else "none says why"
