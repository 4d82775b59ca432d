"""The sections of a recipe: their keys, with types and defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Optional, Union

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_serializer

from ..backends.batches import BALANCED
from ..storage.schema import Schema
from ..values import as_written, is_number

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

# The values of keys that a recipe leaves out.
DATA = "mnist"
EPOCHS = 10

GRAPH = "graph"  # the model that is read from a file

PositiveInt = Annotated[int, Field(ge=1)]

# How much each class counts: "balanced", a weight for each class in order, or weights by name.
ClassWeights = Union[str, tuple[float, ...], dict[str, float]]


def _class_weights(value: object) -> Optional[ClassWeights]:
    if value is None or value == BALANCED:
        return value
    if isinstance(value, Mapping) and value and all(map(is_positive, value.values())):
        return {str(name): float(weight) for name, weight in value.items()}
    if isinstance(value, (list, tuple)) and value and all(map(is_positive, value)):
        return tuple(map(float, value))
    raise ValueError(
        f"must be {BALANCED}, a list of numbers above 0, one for each class, or a mapping such as "
        f"{{7: 2.0}}, got {as_written(value)}"
    )


def is_positive(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number above 0.

    >>> is_positive(0.5), is_positive(0), is_positive(True)
    (True, False, False)
    """
    return is_number(value) and 0 < value < math.inf


def _sampler(value: object) -> object:
    if value not in (None, BALANCED):
        raise ValueError(f"must be {BALANCED} or null, got {as_written(value)}")
    return value


_WEIGHT = {"type": "number", "exclusiveMinimum": 0}
_WEIGHTS_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"const": BALANCED},
            {"type": "array", "items": _WEIGHT, "minItems": 1},
            {"type": "object", "additionalProperties": _WEIGHT, "minProperties": 1},
            {"type": "null"},
        ]
    }
)


class Section(Schema):
    """Part of a recipe; it is immutable and refuses unknown keys.

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
        ser_json_inf_nan="constants",  # the options of plugins may be infinite or nan
    )


class NamedOptions(Section):
    """A name, and the options that are passed to what it names.

    >>> NamedOptions(name="lenet", dropout=0.2).options
    {'dropout': 0.2}
    """

    model_config = ConfigDict(extra="allow")

    name: str

    @property
    def options(self) -> dict[str, object]:
        """All keys beside the name, except those of mxdigits itself."""
        return dict(self.model_extra or {})

    @model_serializer
    def _one_word_where_one_is_enough(self) -> object:
        own = {key: getattr(self, key) for key in type(self).model_fields}
        keys = {**own, **self.options}
        return self.name if list(keys) == ["name"] else keys


class DataOptions(NamedOptions):
    """The data set, how many of its images make a batch, and how those of an epoch are chosen.

    With ``shard`` each of several workers holds only its own part of the images.

    >>> data = DataOptions(name="idx", path="mine")
    >>> data.batch_size, data.options
    (100, {'path': 'mine'})
    """

    batch_size: PositiveInt = 100
    sampler: Annotated[
        Optional[str],
        BeforeValidator(_sampler),
        WithJsonSchema({"enum": [BALANCED, None]}),
    ] = None
    shard: bool = False

    @property
    def apart(self) -> dict[str, object]:
        """The keys that are neither the data set's name nor its own options.

        >>> DataOptions(name="idx", path="mine", batch_size=50).apart
        {'batch_size': 50, 'sampler': None, 'shard': False}
        """
        return {key: getattr(self, key) for key in DataOptions.model_fields if key != "name"}


class OptimizerOptions(NamedOptions):
    """An optimizer that MXNet registers, and its options.

    >>> OptimizerOptions(name="sgd", momentum=0.9).options
    {'learning_rate': 0.01, 'momentum': 0.9}
    """

    learning_rate: Annotated[float, Field(gt=0)] = 0.01

    @property
    def options(self) -> dict[str, object]:
        """All options, the learning rate included."""
        return {"learning_rate": self.learning_rate, **super().options}


class Loss(Section):
    """Softmax cross-entropy; ``label_smoothing`` is spread evenly over all classes.

    ``class_weights`` says how much the images of each class count, ``focal`` how much less images
    count that the network already classifies correctly.

    >>> Loss(label_smoothing=0.1).label_smoothing
    0.1
    """

    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    class_weights: Annotated[
        Optional[ClassWeights], BeforeValidator(_class_weights), _WEIGHTS_SCHEMA
    ] = None
    focal: Annotated[float, Field(ge=0)] = 0.0


class TeacherOptions(Section):
    """A run whose network is the teacher, and how much its answers count besides the labels.

    >>> TeacherOptions(run="strong").temperature
    4.0
    """

    run: Annotated[str, Field(min_length=1)]
    temperature: Annotated[float, Field(gt=0)] = 4.0
    share: Annotated[float, Field(ge=0, le=1)] = 0.7


class CheckpointPolicy(Section):
    """How often to keep a checkpoint: in epochs; within an epoch in batches or in minutes.

    >>> CheckpointPolicy(minutes=5, keep=3)
    CheckpointPolicy(epochs=1, batches=None, minutes=5.0, keep=3)
    """

    epochs: Optional[PositiveInt] = 1
    batches: Optional[PositiveInt] = None
    minutes: Optional[Annotated[float, Field(gt=0)]] = 10.0
    keep: PositiveInt = 2
