"""A worker that trains with others and writes nothing: worker 0 writes the run folder."""

from __future__ import annotations

import json
from typing import Optional

from ..backends.team.agreement import Team, first_decides
from ..errors import Interrupted, UsageError
from ..recipe.schema import Recipe
from ..signals import Stopper, stoppable
from ..train.callbacks import Callback
from ..train.history import EpochRecord
from ..train.state import TrainingState
from ..train.trainer import Trainer
from ..wording import Say
from ..workers import Workers
from .preparation.named_runs import with_runs_found
from .preparation.prepare import PreparedRun, prepare
from .resumption import changed_keys

# What may differ between machines: it changes no number of a batch that could drift apart.
_FREE = ("device.", "versions.python")


def follow(recipe: Recipe, workers: Workers, say: Say) -> None:
    """Train as worker 0 does, with this worker's part of every batch.

    Args:
        recipe: the one that worker 0 has; its folders may be this machine's.
        workers: which worker this is.
        say: called with what this worker's log should have.

    Raises:
        UsageError: if worker 0 has another recipe, other data or other versions.
        Interrupted: if any of the workers got a signal.
        MxdigitsError: as :func:`~mxdigits.experiment.run.run` does.

    Example:
        >>> follow(Recipe.load("lenet"), current(), print)  # doctest: +SKIP
    """
    with stoppable() as stopper:
        prepared = prepare(with_runs_found(recipe, say), (), say, workers=workers)
        trainer = prepared.trainer([_Line(say)], say)
        meet(trainer, prepared)
        recipe = prepared.recipe
        with stopper.tell(trainer.stop):
            trainer.fit(
                prepared.train,
                epochs=0 if trainer.ended else recipe.epochs - len(trainer.history),
                batch_size=recipe.data.batch_size,
                validation=prepared.validation,
                schedule=prepared.schedule,
            )
        check_not_stopped(trainer, stopper, "worker 0 has kept what there is")


def meet(trainer: Trainer, prepared: PreparedRun, state: Optional[TrainingState] = None) -> None:
    """Wait for the other workers, check that all train the same, and begin where worker 0 does.

    Args:
        trainer: the Trainer of this worker.
        prepared: what it is to train.
        state: the state to continue from; only worker 0 gives it, and the others get it from there.

    Raises:
        UsageError: in every worker, if one of them has another recipe, other data or versions.
        CheckpointError: if the state is of another network.

    Example:
        >>> meet(prepared.trainer(()), prepared)  # doctest: +SKIP
    """
    team = trainer.backend.team
    if team.count > 1:
        _check_alike(team, prepared)  # before a restore, which only worker 0 makes
    if state is not None:
        trainer.restore(state)
    trainer.meet()


def check_not_stopped(trainer: Trainer, stopper: Stopper, kept: str) -> None:
    """Raise an error if a signal has stopped the fit, whichever worker got it.

    Raises:
        Interrupted: says where the fit stopped; ``kept`` says what is saved.

    Example:
        >>> check_not_stopped(trainer, stopper, "to go on: mxdigits resume lenet")  # doctest: +SKIP
    """
    where = f"at epoch {len(trainer.history)}, batch {trainer.position.batch}; {kept}"
    if stopper.received is not None:
        raise stopper.interruption(where)
    if trainer.stopped and trainer.backend.team.count > 1:
        raise Interrupted(f"stopped with another worker {where}")


def _check_alike(team: Team, prepared: PreparedRun) -> None:
    own = json.loads(json.dumps(prepared.fingerprint))
    first = first_decides(team, own)
    assert isinstance(first, dict)
    found = {k: what for k, what in changed_keys(first, own).items() if not k.startswith(_FREE)}
    differing = team.gathered([len(found)])[:, 0].nonzero()[0].tolist()
    if not differing:
        return
    if found:
        told = "; ".join(f"{key} is {what}" for key, what in found.items())
        raise UsageError(f"worker {team.rank} would train something else than worker 0: {told}")
    raise UsageError(f"worker {differing[0]} would train something else than worker 0")


class _Line(Callback):
    """Writes a line to a worker's log for each epoch."""

    def __init__(self, say: Say):
        self._say = say

    def on_epoch_end(self, record: EpochRecord) -> None:
        self._say(f"epoch {record.epoch}: {record.seconds:.1f} s")
