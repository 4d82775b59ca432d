"""What is read of ``run.json`` when a run is used again, listed or resumed.

:mod:`mxdigits.experiment.record` makes a new one.
"""

from __future__ import annotations

from typing import Annotated, Literal, Optional

from pydantic import AwareDatetime, Field, PositiveInt

from ..plugins.environment import Installation
from ..storage.schema import Schema
from ..values import Unchecked
from .trained import NetworkForm, TrainedNetwork, TrainedOn

# The whole of run.json: sections of plain values, which other versions may write otherwise.
Record = dict[str, Unchecked]


class _Data(Schema):
    name: str
    options: dict[str, object] = {}
    sha256: dict[str, str] = {}


class _Input(Schema):
    preprocessing: Optional[str] = None


class _Network(Schema):
    input: _Input = _Input()
    image_shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    classes: tuple[str, ...]
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, allow_inf_nan=False)
    sha256: dict[str, str] = {}


class TrainingRecord(Schema):
    """What a record must say for its network to be used again; the rest is for people.

    >>> network = {"image_shape": (1, 28, 28), "classes": ("no", "yes")}
    >>> TrainingRecord(data={"name": "mine"}, network=network).trained.network.image_shape
    (1, 28, 28)
    """

    data: _Data
    network: _Network
    plugins: dict[str, Unchecked] = {}

    @property
    def trained(self) -> TrainedNetwork:
        """The same as plain values."""
        data, network = self.data, self.network
        return TrainedNetwork(
            TrainedOn(data.name, data.options, data.sha256),
            NetworkForm(
                network.image_shape,
                network.classes,
                network.input.preprocessing,
                network.label_smoothing,
                network.sha256,
            ),
            self.plugins,
        )


class _Score(Schema):
    accuracy: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class RunStatus(Schema):
    """What a record says of how its run went.

    >>> text = '{"state": "finished", "recipe": "mlp", "started": "2026-11-23T15:37:55+00:00"}'
    >>> RunStatus.model_validate_json(text).state
    'finished'
    """

    state: Literal["running", "finished", "interrupted", "failed"]
    recipe: str
    started: AwareDatetime
    error: str = ""
    scores: dict[str, _Score] = {}


class _Classes(Schema):
    classes: tuple[str, ...]


class PreviousRun(Schema):
    """What a record says when its run is resumed.

    >>> previous = RunFolder(path).read_record(PreviousRun)  # doctest: +SKIP
    >>> sorted(previous.fingerprint)  # doctest: +SKIP
    """

    state: str
    started: str
    resumed: list[dict[str, str]] = []
    init: Optional[dict[str, str]] = None
    learning: Optional[dict[str, object]] = None
    members: list[dict[str, str]] = []  # of an ensemble
    seconds: dict[str, float] = {}
    versions: dict[str, object]
    plugins: dict[str, Unchecked]
    device: dict[str, object]
    data: dict[str, object]
    network: _Classes
    backend: str = "mxnet"
    fastest: Optional[dict[str, Unchecked]] = None  # of a recipe with ``backend: fastest``
    installed: Optional[Installation] = None  # runs of mxdigits 0.1.0 do not say

    @property
    def fingerprint(self) -> dict[str, object]:
        """What decided the bits of the run, besides its recipe."""
        return self.model_dump(include={"backend", "versions", "plugins", "device", "data"})
