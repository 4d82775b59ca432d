"""The sections of a recipe: their keys, the types and the defaults of these."""

from __future__ import annotations

from typing import Annotated, Any, Optional

from pydantic import ConfigDict, Field, model_serializer

from ..storage.schema import Schema

# What a recipe stands for that does not say it.
DATA = "mnist"
EPOCHS = 10

GRAPH = "graph"  # the model that is a file

PositiveInt = Annotated[int, Field(ge=1)]


class Section(Schema):
    """Part of a recipe; it cannot be changed, and refuses what it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        ser_json_inf_nan="constants",  # a plugin's options may be what mxdigits itself refuses
    )


class NamedOptions(Section):
    """A name, and the options that go to what it names."""

    model_config = ConfigDict(extra="allow")

    name: str

    @property
    def options(self) -> dict[str, Any]:
        """What stands beside the name and is not mxdigits' own."""
        return dict(self.model_extra or {})

    @model_serializer
    def _one_word_where_one_is_enough(self) -> Any:
        own = {key: getattr(self, key) for key in type(self).model_fields}
        keys = {**own, **self.options}
        return self.name if list(keys) == ["name"] else keys


class DataOptions(NamedOptions):
    """The data set, and how many of its images make a batch."""

    batch_size: PositiveInt = 100


class OptimizerOptions(NamedOptions):
    """An optimizer that MXNet registers, and its options."""

    learning_rate: Annotated[float, Field(gt=0)] = 0.01

    @property
    def options(self) -> dict[str, Any]:
        """The learning rate and all the others."""
        return {"learning_rate": self.learning_rate, **super().options}


class Loss(Section):
    """Softmax cross-entropy against labels that give ``label_smoothing`` to all classes alike."""

    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0


class CheckpointPolicy(Section):
    """After every so many epochs and, within one, batches or minutes; the newest are kept."""

    epochs: Optional[PositiveInt] = 1
    batches: Optional[PositiveInt] = None
    minutes: Optional[Annotated[float, Field(gt=0)]] = 10.0
    keep: PositiveInt = 2
