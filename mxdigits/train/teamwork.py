"""What the Trainers of several processes tell each other: a state, actions, logits."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Callable, Union

import numpy as np

from ..arrays import Images, Logits
from ..backends.base import PREDICT_BATCH
from ..backends.batches import shares
from ..backends.team.agreement import Team, first_decides, joined_rows
from ..values import Unchecked
from .callbacks import Action, KeepWeights, ScaleLearningRate, Stop
from .state import TrainingState

_FACTS = "facts"  # cannot be the name of an array: those all have a dot


def first_wants(team: Team, actions: Iterable[Action]) -> Iterable[Action]:
    """The actions that the callbacks of worker 0 want; those of other workers are ignored.

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
        >>> list(first_wants(Alone(), [Stop("enough")]))
        [Stop(reason='enough')]
    """
    if team.count == 1:
        return actions
    told: Unchecked = first_decides(team, [_told(each) for each in actions])
    return [_action(*each) for each in told]


def _told(action: Action) -> list[Union[str, float]]:
    if isinstance(action, Stop):
        return ["stop", action.reason]
    return ["scale", action.factor] if isinstance(action, ScaleLearningRate) else ["keep", 0]


def _action(kind: str, what: Union[str, float]) -> Action:
    if kind == "stop":
        return Stop(str(what))
    return ScaleLearningRate(float(what)) if kind == "scale" else KeepWeights()


def shared_logits(team: Team, logits: Callable[[Images], Logits], images: Images) -> Logits:
    """The logits (N, classes) of images; each worker computes a part of them.

    The parts end where a single process would also begin a new piece, so the numbers are the same.

    Args:
        team: the workers; all have the same images.
        logits: computes the logits of some images.
        images: uint8 (N, C, H, W).

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
        >>> shared_logits(Alone(), lambda x: np.zeros((len(x), 10)), np.zeros((5, 1, 2, 2))).shape
        (5, 10)
    """
    if team.count == 1:
        return logits(images)
    pieces = shares(0, -(-len(images) // PREDICT_BATCH), team.count)
    bounds = [(low * PREDICT_BATCH, min(high * PREDICT_BATCH, len(images))) for low, high in pieces]
    # Every worker computes at least one image, to know how many classes there are.
    begin, end = bounds[team.rank] if team.rank < len(bounds) else (0, 1)
    sizes = [high - low for low, high in bounds] + [0] * (team.count - len(bounds))
    return joined_rows(team, logits(images[begin:end]), sizes)


def packed(state: TrainingState) -> bytes:
    """A state as bytes.

    Example:
        >>> unpacked(packed(TrainingState(1, 0, {"weight.w": np.ones(3)}, {}))).epoch
        1
    """
    facts = json.dumps([state.epoch, state.batch, state.facts])
    buffer = io.BytesIO()
    np.savez(buffer, **{_FACTS: np.frombuffer(facts.encode(), np.uint8)}, **state.arrays)
    return buffer.getvalue()


def unpacked(data: bytes) -> TrainingState:
    """The state that :func:`packed` was given.

    Example:
        >>> state = unpacked(packed(TrainingState(1, 0, {"weight.w": np.ones(3)}, {})))
        >>> state.arrays["weight.w"].tolist()
        [1.0, 1.0, 1.0]
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    epoch, batch, facts = json.loads(arrays.pop(_FACTS).tobytes())
    return TrainingState(epoch, batch, arrays, facts)
