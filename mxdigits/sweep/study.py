"""A study: its trials are counted, handed out, taken back and handed out again.

Any number of processes on any machines do that at once, so no count can be relied on: another
process may change it. Who is first is decided by the trial's number, which the storage gives once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Optional

import optuna
from optuna.exceptions import DuplicatedStudyError, UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from .plan import Plan
from .ranges import Plain
from .samplers import distributions, make_pruner, make_sampler
from .storages import open_storage, shown_address, storage_errors

# Attributes of a trial. The first two mark a trial that was replaced by another one.
SURPLUS = "surplus"  # two processes took the last trial at once
REPEATED = "repeated"  # why it is done again
ATTEMPT = "attempt"  # counts from 1, and rises when its process was killed
WORKER = "worker"
BEAT = "beat"  # a number that grows as long as its process lives
ERROR, DIVERGED = "error", "diverged"
RUN, HOST, EPOCHS, SECONDS, TEST = "run", "host", "epochs", "seconds", "test_accuracy"
PRUNED_AFTER = "pruned_after"  # this epoch
_KEPT = (RUN, HOST, PRUNED_AFTER)  # if the trial is done again
THREADS = "threads"

MOST_ATTEMPTS = 3

_PLAN = "mxdigits"

# A process writes the values of its trial within milliseconds, unless it is killed before.
_CHOOSING_TRIES = 100
_CHOOSING_PAUSE = 0.05  # seconds between tries


def open_study(plan: Plan, address: str) -> Study:
    """Begin a plan's study, or join it.

    Raises:
        UsageError: if it was begun with another recipe or other ranges.
        StorageFailed: if the storage cannot be used.

    >>> study = open_study(plan, "study.db")  # doctest: +SKIP
    """
    storage = open_storage(address)
    sampler, pruner = make_sampler(plan, values_taken), make_pruner(plan)
    with storage_errors(address):
        try:
            study = optuna.create_study(
                storage=storage,
                study_name=plan.study,
                direction="maximize",
                sampler=sampler,
                pruner=pruner,
            )
            study.set_user_attr(_PLAN, plan.identity)
        except DuplicatedStudyError:
            study = optuna.load_study(
                storage=storage, study_name=plan.study, sampler=sampler, pruner=pruner
            )
        begun = study.user_attrs.get(_PLAN)
    # The process that made the study may not have set this yet.
    plan.check_same(begun or plan.identity, shown_address(address))
    return study


def active(study: Study) -> list[FrozenTrial]:
    """Return the trials that count, by their numbers: those that no other trial has replaced.

    >>> [trial.number for trial in active(study)]  # doctest: +SKIP
    """
    return [trial for trial in study.get_trials(deepcopy=False) if not _replaced(trial)]


def _replaced(trial: FrozenTrial) -> bool:
    ended = trial.state == TrialState.FAIL
    return ended and (SURPLUS in trial.user_attrs or REPEATED in trial.user_attrs)


def values_taken(study: Study) -> Sequence[Mapping[str, Plain]]:
    """Return the values of the trials that count.

    >>> values_taken(study)  # doctest: +SKIP
    """
    return [_values(trial) for trial in active(study)]


def _values(trial: FrozenTrial) -> Mapping[str, Plain]:
    values: Mapping[str, Plain] = trial.system_attrs.get("fixed_params") or trial.params
    return values


def waiting(study: Study, plan: Plan) -> int:
    """Return how many trials no process has begun yet.

    >>> waiting(study, plan)  # doctest: +SKIP
    """
    trials = active(study)
    repeats = sum(bool(trial.state == TrialState.WAITING) for trial in trials)
    return repeats + max(plan.trials - len(trials), 0)


def claim(study: Study, plan: Plan) -> Optional[Trial]:
    """Take the next trial, with its values; return None if there is none left.

    If two processes take the last trial, or the same combination of a grid, the second gives it
    back.

    >>> trial = claim(study, plan)  # doctest: +SKIP
    """
    while waiting(study, plan):
        trial = study.ask(distributions(plan.space))
        if _is_mine(study, plan, trial):
            return trial
        trial.set_user_attr(SURPLUS, True)
        study.tell(trial, state=TrialState.FAIL)
    return None


def _is_mine(study: Study, plan: Plan, trial: Trial) -> bool:
    before = _before(study, trial)
    if len(before) >= plan.trials:
        return False
    if plan.sampler == "grid":
        tries = _CHOOSING_TRIES
        while tries and any(_chooses(each, plan) for each in before):
            time.sleep(_CHOOSING_PAUSE)
            before, tries = _before(study, trial), tries - 1
        return all(_values(each) != trial.params for each in before)
    return True


def _before(study: Study, trial: Trial) -> list[FrozenTrial]:
    return [each for each in active(study) if each.number < trial.number]


def _chooses(trial: FrozenTrial, plan: Plan) -> bool:
    """Whether a trial does not have all of its values yet, so they cannot be compared."""
    return trial.state == TrialState.RUNNING and len(_values(trial)) < len(plan.space)


def give_back(study: Study, trial: FrozenTrial, why: str, *, killed: bool) -> bool:
    """End a running trial, so that it is done again with the same values.

    A trial whose process was killed :data:`MOST_ATTEMPTS` times is recorded as failed instead.

    Args:
        study: of the trial.
        trial: as it is in the storage.
        why: the reason to record.
        killed: whether its process was killed; else the process was asked to stop.

    Returns:
        Whether the trial will be done again, perhaps because another process has arranged it.

    >>> give_back(study, study.trials[0], "interrupted", killed=False)  # doctest: +SKIP
    """
    attempt = int(trial.user_attrs.get(ATTEMPT, 1))
    again = not killed or attempt < MOST_ATTEMPTS
    storage, number = study._storage, trial._trial_id
    kept = {key: trial.user_attrs[key] for key in _KEPT if key in trial.user_attrs}
    try:
        mark, text = (REPEATED, why) if again else (ERROR, f"{why}, {attempt} times")
        storage.set_trial_user_attr(number, mark, text)
        storage.set_trial_state_values(number, TrialState.FAIL)
    except UpdateFinishedTrialError:  # another process was first
        return True
    if again:
        attributes = {**kept, ATTEMPT: attempt + killed}
        study.enqueue_trial(dict(_values(trial)), user_attrs=attributes)
    return again


class StaleTrials:
    """Notices running trials whose process is gone, on any machine.

    A trial's :data:`BEAT` grows every few seconds. Its last change is timed by this process's own
    clock, so the clocks of the machines need not agree.

    >>> watch = StaleTrials(patience=60)
    """

    def __init__(self, patience: float):
        self._patience = patience
        self._seen: dict[int, tuple[object, float]] = {}

    def stale(self, trials: Sequence[FrozenTrial], now: float) -> list[FrozenTrial]:
        """Return the running trials whose beat has not changed for ``patience`` seconds."""
        found = []
        for trial in trials:
            if trial.state != TrialState.RUNNING:
                continue
            beat = trial.user_attrs.get(BEAT)
            known, since = self._seen.get(trial.number, (None, now))
            if trial.number not in self._seen or known != beat:
                since = now
            self._seen[trial.number] = (beat, since)
            if now - since > self._patience:
                found.append(trial)
        return found
