"""Checks that a run can be repeated: trains a part of it again and compares bit by bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Callable, Optional

from ..errors import CheckpointError, RunFailed
from ..runs.checkpoints import Checkpoints
from ..signals import stoppable
from ..storage.lock import hold
from ..train.state import TrainingState
from ..train.state_facts import read_facts
from ..wording import Say, say_nothing
from .preparation.prepare import prepare
from .resumption import read_resumption


class _Until:
    """A state sink that keeps one state in memory, and ends the fit there."""

    def __init__(self, epoch: int, batch: int):
        self.state: Optional[TrainingState] = None
        self.stop: Callable[[], None] = lambda: None
        self._place = epoch, batch

    def due(self, batch: int) -> bool:
        return batch == self._place[1]

    def keep(self, state: TrainingState, *, last: bool) -> None:
        if (state.epoch, state.batch) == self._place:
            self.state = state
            self.stop()


def verify(path: Path, say: Say) -> str:
    """Train again from the checkpoint before the newest, and compare with the newest.

    With one checkpoint only, the run is trained again from its beginning. Nothing is written.

    Args:
        path: the run folder.
        say: called with what a user should know at once.

    Returns:
        A sentence about what is equal.

    Raises:
        RunFailed: if something differs; says what.
        MxdigitsError: for anything that the user can mend.

    >>> verify(Path("runs/mlp/20261123T153755Z-62fd27"), print)  # doctest: +SKIP
    """
    with stoppable() as stopper, hold(path, say):
        resumption = read_resumption(path, (), say_nothing, finished=True)
        if resumption.checkpoint is None:
            raise CheckpointError(f"{path} has no checkpoint to compare with")
        target = resumption.checkpoint
        before = Checkpoints(resumption.folder.checkpoints_folder).newest_before(target)
        start = "the beginning" if before is None else before.path.name
        say(f"training again from {start} to {target.path.name}")
        begun, classes = before is not None, resumption.previous.network.classes
        recipe = resumption.settled(resumption.recipe)
        prepared = prepare(recipe, (), say, weights_follow=begun, classes=classes)
        resumption.check_changes(prepared, say, allow=False)
        trainer = prepared.trainer(())
        read_facts(target.state.facts)
        if before is not None:
            trainer.restore(before.state)
        until = _Until(target.state.epoch, target.state.batch)
        until.stop = trainer.stop
        with stopper.tell(trainer.stop):
            trainer.fit(
                prepared.train,
                epochs=target.state.epoch + bool(target.state.batch) - len(trainer.history),
                batch_size=resumption.recipe.data.batch_size,
                validation=prepared.validation,
                schedule=prepared.schedule,
                sink=until,
            )
        if stopper.received is not None:
            raise stopper.interruption("before there was anything to compare")
    if until.state is None:
        raise RunFailed(f"{target.path.name} was not reached again")
    differing = _differences(target.state, until.state)
    if differing:
        raise RunFailed(
            f"training again from {start} to {target.path.name} gave other bits: "
            + ", ".join(differing)
        )
    return (
        f"verified: {start} to {target.path.name} gave the same bits again "
        f"({len(target.state.arrays)} arrays, the history and all else)"
    )


def _differences(one: TrainingState, other: TrainingState) -> list[str]:
    names = sorted({*one.arrays, *other.arrays})
    differing = [
        name
        for name in names
        if name not in one.arrays
        or name not in other.arrays
        or one.arrays[name].tobytes() != other.arrays[name].tobytes()
    ]
    before, after = _timeless(one.facts), _timeless(other.facts)
    return differing + [name for name in sorted(after) if before.get(name) != after[name]]


def _timeless(facts: Mapping[str, object]) -> dict[str, str]:
    """Each fact as text, without times."""
    plain = json.loads(json.dumps(facts))
    for each in (plain["begun"], *plain["history"]):
        for timed in ("seconds", "samples_per_second"):
            each.pop(timed, None)
    return {name: json.dumps(fact) for name, fact in plain.items()}
