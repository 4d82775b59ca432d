"""The part of ``run.json`` that is read when the network of a run is used again.

It has its own module, because pydantic takes a millisecond for each class that it makes.
"""

from __future__ import annotations

from typing import Optional

from pydantic import Field, PositiveInt

from ..storage.schema import Schema
from ..values import Unchecked
from .trained import NetworkForm, TrainedNetwork, TrainedOn


class _Data(Schema):
    name: str
    options: dict[str, object] = {}
    sha256: dict[str, str] = {}


class _Input(Schema):
    preprocessing: Optional[str] = None
    dark_on_light: Optional[bool] = None


class _Network(Schema):
    input: _Input = _Input()
    image_shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    classes: tuple[str, ...]
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, allow_inf_nan=False)
    sha256: dict[str, str] = {}


class TrainingRecord(Schema):
    """What a record must hold so that its network can be used again; the rest is for people.

    >>> network = {"image_shape": (1, 28, 28), "classes": ("no", "yes")}
    >>> TrainingRecord(data={"name": "mine"}, network=network).trained.network.image_shape
    (1, 28, 28)
    """

    data: _Data
    network: _Network
    plugins: dict[str, Unchecked] = {}

    @property
    def trained(self) -> TrainedNetwork:
        """The same information as plain values."""
        data, network = self.data, self.network
        return TrainedNetwork(
            TrainedOn(data.name, data.options, data.sha256),
            NetworkForm(
                network.image_shape,
                network.classes,
                network.input.preprocessing,
                network.label_smoothing,
                network.sha256,
                network.input.dark_on_light,
            ),
            self.plugins,
        )
