"""One trial: an ordinary run with the chosen values, watched by a callback."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from platform import node
from time import monotonic
from typing import Optional, Union

from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import Study
from optuna.trial import Trial, TrialState

from ..errors import (
    Diverged,
    FolderInUse,
    Interrupted,
    MxdigitsError,
    OutputError,
    Pruned,
    SetupError,
)
from ..experiment.run import Run, resume, run
from ..foreign import describe
from ..recipe.sections import NamedOptions
from ..runs.listing import read_run
from ..train.callbacks import Callback, FitStart, KeepWeights, Stop, actions_of
from ..train.history import EpochRecord, History
from ..train.monitors import BestWeights, EarlyStopping
from .missing import meets_all
from .plan import Plan
from .storages import StorageFailed, storage_errors
from .study import (
    BEAT,
    DIVERGED,
    EPOCHS,
    ERROR,
    HOST,
    PRUNED_AFTER,
    RUN,
    SECONDS,
    TEST,
    THREADS,
    WORKER,
    give_back,
)

_RUN_FOLDER = "run folder: "  # the beginning of the line in which a run tells its folder

# mxdigits' own callbacks after which a run ends with other weights than the last ones.
_KEEPERS = {"best_weights": BestWeights, "early_stopping": EarlyStopping}


@dataclass(frozen=True)
class WorkerEnvironment:
    """The environment of a worker: its name, its files, its share of the machine.

    ``beat`` is the time in seconds between two signs of life.

    >>> WorkerEnvironment("3f2a", Path("runs"), "study.db", threads=2, beat=10).worker
    '3f2a'
    """

    worker: str
    output: Path
    storage: str
    threads: Optional[int]
    beat: float


class TrialTaken(MxdigitsError):
    """Another process has taken this trial away, because this process seemed to be dead.

    >>> TrialTaken("trial 3 was given to another process").exit_code
    1
    """


class EpochReporter(Callback):
    """Reports each epoch's validation accuracy to a study, and stops a run that is pruned.

    >>> reporter = EpochReporter(trial, "study.db")  # doctest: +SKIP
    """

    def __init__(self, trial: Trial, storage: str):
        self._trial = trial
        self._storage = storage
        self._reported: set[int] = set()
        self._last: Optional[int] = None
        self._pruned_after: Optional[int] = trial.user_attrs.get(PRUNED_AFTER)
        self.history: Optional[History] = None

    def on_fit_start(self, event: FitStart) -> None:
        self._last = event.epochs - 1

    def on_epoch_end(self, record: EpochRecord) -> Optional[Stop]:
        with _the_trials_own(self._trial, self._storage):
            self._report(record)
            self._pruned_after = None
            if record.epoch == self._last or not self._trial.should_prune():
                return None
            self._pruned_after = record.epoch
            # Another process may have to do the rest of this trial.
            self._trial.set_user_attr(PRUNED_AFTER, record.epoch)
        return Stop(self._why)

    @property
    def _why(self) -> str:
        return f"pruned after epoch {self._pruned_after}: other trials were better by then"

    def on_fit_end(self, history: History) -> None:
        self.history = history
        with _the_trials_own(self._trial, self._storage):
            for record in history:  # also the epochs before the run was resumed
                self._report(record)
        if self._pruned_after is not None:
            raise Pruned(self._why)

    def _report(self, record: EpochRecord) -> None:
        accuracy = _accuracy_after(record)
        if accuracy is not None and record.epoch not in self._reported:
            self._reported.add(record.epoch)
            self._trial.report(accuracy, record.epoch)


@contextmanager
def _the_trials_own(trial: Trial, storage: str) -> Iterator[None]:
    """Write to the storage, if the trial still belongs to this process.

    Raises:
        TrialTaken: if it does not.
        StorageFailed: if the storage cannot be used.
    """
    try:
        with storage_errors(storage):
            yield
    except UpdateFinishedTrialError:
        raise TrialTaken(f"trial {trial.number} was given to another process") from None


def carry_out(plan: Plan, study: Study, trial: Trial, environment: WorkerEnvironment) -> None:
    """Train with the values of a trial, and record the result in the study.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP; the trial will be done again.
        OutputError: if the run cannot be written, as on a full disk; the trial is done again.
        SetupError: if something is missing that every trial needs; the trial is done again.
        StorageFailed: if the storage cannot be used.

    >>> carry_out(plan, study, claim(study, plan), environment)  # doctest: +SKIP
    """
    before = trial.user_attrs
    with _the_trials_own(trial, environment.storage):
        trial.set_user_attr(WORKER, environment.worker)
        trial.set_user_attr(HOST, node())
    with suppress(TrialTaken), _beating(trial, environment.beat):
        try:
            _train(plan, trial, environment, before, study)
        except Interrupted as error:
            _give_back(study, trial, environment, error)
            raise
        except OutputError as error:  # the trial's values did not cause it
            _give_back(study, trial, environment, error)
            raise OutputError(f"{error}; the same command continues") from None
        except (StorageFailed, TrialTaken):
            raise
        except SetupError as error:
            if trial.user_attrs.get(RUN) != before.get(RUN) or not meets_all(error, plan):
                _end(study, trial, environment, TrialState.FAIL, {ERROR: str(error)})
                return
            _give_back(study, trial, environment, error)
            raise SetupError(
                f"{error}; every trial needs it. Mend that, then the same command continues"
            ) from None
        except Diverged as error:
            _end(study, trial, environment, TrialState.PRUNED, {DIVERGED: True, ERROR: str(error)})
        except (Exception, SystemExit) as error:
            if not isinstance(error, MxdigitsError):
                traceback.print_exc()  # into the worker's log
            why = str(error) if isinstance(error, MxdigitsError) else describe(error)
            _end(study, trial, environment, TrialState.FAIL, {ERROR: why})


def _give_back(
    study: Study, trial: Trial, environment: WorkerEnvironment, error: MxdigitsError
) -> None:
    with storage_errors(environment.storage):
        frozen = study.get_trials(deepcopy=False)[trial.number]
        give_back(study, frozen, str(error), killed=False)


def _train(
    plan: Plan,
    trial: Trial,
    environment: WorkerEnvironment,
    before: Mapping[str, object],
    study: Study,
) -> None:
    recipe = plan.recipe(trial.params, environment.threads)
    reporter = EpochReporter(trial, environment.storage)
    begun = monotonic()

    def say(text: str) -> None:
        if text.startswith(_RUN_FOLDER):
            with _the_trials_own(trial, environment.storage):
                trial.set_user_attr(RUN, str(Path(text[len(_RUN_FOLDER) :]).absolute()))

    facts: dict[str, object] = {THREADS: environment.threads}
    state, value = TrialState.PRUNED, None
    with suppress(Pruned):
        done = _go_on(before, reporter) or run(
            recipe, output=environment.output, callbacks=[reporter], say=say, report=False
        )
        assert reporter.history is not None
        facts[TEST] = done.scores.accuracy
        state, value = TrialState.COMPLETE, accuracy_of(recipe.callbacks, reporter.history)
    assert reporter.history is not None
    facts |= {EPOCHS: len(reporter.history), SECONDS: monotonic() - begun}
    _end(study, trial, environment, state, facts, value)


def _go_on(before: Mapping[str, object], reporter: EpochReporter) -> Optional[Run]:
    """Continue the run of a stopped trial, if it lies here and is usable; else return None."""
    path = before.get(RUN)
    if not isinstance(path, str) or before.get(HOST) != node():
        return None
    if not read_run(Path(path)).resume_command:
        return None
    try:
        done = resume(path, callbacks=[reporter], report=False)
    except (Interrupted, StorageFailed, TrialTaken, Diverged, Pruned):
        raise
    except MxdigitsError as error:  # damaged or in use: begin anew
        if isinstance(error, OutputError) and not isinstance(error, FolderInUse):
            raise
        return None
    return done


def _end(
    study: Study,
    trial: Trial,
    environment: WorkerEnvironment,
    state: TrialState,
    facts: Mapping[str, object],
    value: Optional[float] = None,
) -> None:
    with _the_trials_own(trial, environment.storage):
        for key, each in facts.items():
            trial.set_user_attr(key, each)
        study.tell(trial, value, state)


def accuracy_of(callbacks: Sequence[NamedOptions], history: History) -> float:
    """Return the validation accuracy of the weights that a run ended with.

    It is that of the last epoch, unless a callback of mxdigits kept the weights of another one.

    >>> numbers = (0.1, 9, 1.0, 9.0, 1.0, 0.5)
    >>> history = History([EpochRecord(0, *numbers, 0.5, 0.9), EpochRecord(1, *numbers, 0.6, 0.8)])
    >>> accuracy_of([], history), accuracy_of([NamedOptions(name="best_weights")], history)
    (0.8, 0.9)
    """
    kept = history[-1]
    for each in callbacks:
        if each.name not in _KEEPERS:
            continue
        keeper: Union[BestWeights, EarlyStopping] = _KEEPERS[each.name](**each.options)
        for record in history:
            if any(isinstance(a, KeepWeights) for a in actions_of(keeper.on_epoch_end(record))):
                kept = record
    accuracy = _accuracy_after(kept)
    return float("nan") if accuracy is None else accuracy


def _accuracy_after(record: EpochRecord) -> Optional[float]:
    """The validation accuracy after an epoch, of the average of the weights if there is one."""
    average = record.validation_ema_accuracy
    return record.validation_accuracy if average is None else average


@contextmanager
def _beating(trial: Trial, pause: float) -> Iterator[None]:
    """Give a sign of life every ``pause`` seconds during a ``with`` block."""
    over = threading.Event()

    def beat() -> None:
        count = 0
        while not over.is_set():
            with suppress(Exception):  # the training meets the same failure, and reports it
                trial.set_user_attr(BEAT, count)
            count += 1
            over.wait(pause)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
