"""The parts of ``run.json`` that are read when a run is listed or resumed.

:mod:`mxdigits.experiment.records.record` makes a new record; :mod:`mxdigits.runs.training_record`
is the part that is read when a network is used again.
"""

from __future__ import annotations

from typing import Annotated, Literal, Optional

from pydantic import AwareDatetime, Field

from ..plugins.environment import Installation
from ..storage.schema import Schema
from ..values import Unchecked

# The whole run.json: sections of plain values, which other versions may write in another way.
Record = dict[str, Unchecked]


class _Score(Schema):
    accuracy: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    correct: int = 0
    samples: int = 0


class RunStatus(Schema):
    """The status of a run in its record.

    >>> text = '{"state": "finished", "recipe": "mlp", "started": "2026-11-23T15:37:55+00:00"}'
    >>> RunStatus.model_validate_json(text).state
    'finished'
    """

    state: Literal["running", "finished", "interrupted", "pruned", "failed"]
    recipe: str
    started: AwareDatetime
    error: str = ""
    scores: dict[str, _Score] = {}
    members: list[dict[str, Unchecked]] = []  # of an ensemble, which is not trained


class _Classes(Schema):
    classes: tuple[str, ...]


class PreviousRun(Schema):
    """The part of a record that is needed to resume the run.

    >>> previous = RunFolder(path).read_record(PreviousRun)  # doctest: +SKIP
    >>> sorted(previous.fingerprint)  # doctest: +SKIP
    """

    state: str
    started: str
    resumed: list[dict[str, str]] = []
    init: Optional[dict[str, str]] = None
    learning: Optional[dict[str, object]] = None
    members: list[dict[str, Unchecked]] = []  # of an ensemble
    seconds: dict[str, float] = {}
    versions: dict[str, object]
    plugins: dict[str, Unchecked]
    device: dict[str, object]
    data: dict[str, object]
    network: _Classes
    backend: str = "mxnet"
    fastest: Optional[dict[str, Unchecked]] = None  # of a recipe with ``backend: fastest``
    installed: Optional[Installation] = None  # missing in runs of mxdigits 0.1.0

    @property
    def fingerprint(self) -> dict[str, object]:
        """All that decided the bits of the run, besides its recipe."""
        return self.model_dump(include={"backend", "versions", "plugins", "device", "data"})
