"""The sections of a recipe: their keys, the types and the defaults of these."""

from __future__ import annotations

from typing import Annotated, Optional

from pydantic import ConfigDict, Field, model_serializer

from ..storage.schema import Schema

# What a recipe means that leaves the key out.
DATA = "mnist"
EPOCHS = 10

GRAPH = "graph"  # the model that is a file

PositiveInt = Annotated[int, Field(ge=1)]


class Section(Schema):
    """Part of a recipe; it cannot be changed, and refuses what it does not know.

    >>> class Pause(Section):
    ...     minutes: PositiveInt = 1
    >>> Pause(minutes=2)
    Pause(minutes=2)
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        ser_json_inf_nan="constants",  # a plugin's options may be what mxdigits itself refuses
    )


class NamedOptions(Section):
    """A name, and the options that go to what it names.

    >>> NamedOptions(name="lenet", dropout=0.2).options
    {'dropout': 0.2}
    """

    model_config = ConfigDict(extra="allow")

    name: str

    @property
    def options(self) -> dict[str, object]:
        """What stands beside the name and is not mxdigits' own."""
        return dict(self.model_extra or {})

    @model_serializer
    def _one_word_where_one_is_enough(self) -> object:
        own = {key: getattr(self, key) for key in type(self).model_fields}
        keys = {**own, **self.options}
        return self.name if list(keys) == ["name"] else keys


class DataOptions(NamedOptions):
    """The data set, and how many of its images make a batch.

    >>> data = DataOptions(name="idx", path="mine")
    >>> data.batch_size, data.options
    (100, {'path': 'mine'})
    """

    batch_size: PositiveInt = 100


class OptimizerOptions(NamedOptions):
    """An optimizer that MXNet registers, and its options.

    >>> OptimizerOptions(name="sgd", momentum=0.9).options
    {'learning_rate': 0.01, 'momentum': 0.9}
    """

    learning_rate: Annotated[float, Field(gt=0)] = 0.01

    @property
    def options(self) -> dict[str, object]:
        """The learning rate and all the others."""
        return {"learning_rate": self.learning_rate, **super().options}


class Loss(Section):
    """Softmax cross-entropy against labels that give ``label_smoothing`` to all classes alike.

    >>> Loss(label_smoothing=0.1).label_smoothing
    0.1
    """

    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0


class TeacherOptions(Section):
    """A run whose network is learnt from besides the labels, and how.

    >>> TeacherOptions(run="strong").temperature
    4.0
    """

    run: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0)] = 4.0
    share: Annotated[float, Field(ge=0, le=1)] = 0.7


class CheckpointPolicy(Section):
    """When to keep a checkpoint: after so many epochs, and in an epoch after batches or minutes.

    >>> CheckpointPolicy(minutes=5, keep=3)
    CheckpointPolicy(epochs=1, batches=None, minutes=5.0, keep=3)
    """

    epochs: Optional[PositiveInt] = 1
    batches: Optional[PositiveInt] = None
    minutes: Optional[Annotated[float, Field(gt=0)]] = 10.0
    keep: PositiveInt = 2
