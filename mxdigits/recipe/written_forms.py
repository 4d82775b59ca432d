"""The types of the keys that may be written in more than one way.

A name may stand for a section, and one word for a list of one. Each type converts all forms into
one, or says what to write instead; its JSON Schema has all forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Optional, Union

from pydantic import BaseModel, BeforeValidator, PlainSerializer, WithJsonSchema

from ..backends.context import parse_backend, parse_context, parse_precision
from ..backends.mxnet.names import OPTIMIZERS
from ..plugins.registry import EXPORTERS
from ..values import as_written, is_number
from .sections import (
    DataOptions,
    NamedOptions,
    OptimizerOptions,
    TeacherOptions,
    is_positive,
)


def _named_options(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _list_of_options(value: object) -> object:
    several = value if isinstance(value, (list, tuple)) else [value]
    return tuple(_named_options(each) for each in several)


def _augmentations(value: object) -> object:
    return () if value is None else _list_of_options(value)


def _as_written(chosen: tuple[NamedOptions, ...]) -> object:
    """The values to write: a single one without a list, none as null."""
    dumped = [each.model_dump(mode="json") for each in chosen]
    return dumped if len(dumped) > 1 else next(iter(dumped), None)


def _teacher(value: object) -> object:
    return {"run": value} if isinstance(value, str) else value


def _optimizer(value: object) -> object:
    """Fill in MXNet's default learning rate, so that the complete recipe states it."""
    value = _named_options(value)
    if not isinstance(value, Mapping):
        return value
    # An unknown name gets any rate: a second error about a missing rate would be noise.
    known = OPTIMIZERS.get(str(value.get("name")), OPTIMIZERS["sgd"])
    return {"learning_rate": known["learning_rate"], **value}


def _context(value: object) -> object:
    parse_context(value)
    return tuple(value) if isinstance(value, list) else value


def _backend(value: object) -> object:
    parse_backend(value)
    return tuple(value) if isinstance(value, list) else value


def _precision(value: object) -> object:
    return parse_precision(value)


def _validation(value: object) -> object:
    if value is None:
        return None
    if is_number(value):
        whole = value >= 1 and value % 1 == 0
        if whole or 0 < value < 1:
            return value
    raise ValueError(
        f"must be a number of images or a share between 0 and 1, got {as_written(value)}"
    )


def _predictions(value: object) -> object:
    formats = [value] if isinstance(value, str) else value
    if not isinstance(formats, (list, tuple)):
        raise ValueError(f"must be a list of formats, got {as_written(value)}")
    for each in formats:
        if each not in EXPORTERS:
            what = each if isinstance(each, str) else repr(each)
            raise ValueError(EXPORTERS.unknown(what))
    return tuple(dict.fromkeys(formats))


def _patterns(value: object) -> object:
    patterns = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(patterns, (list, tuple)) or not all(
        isinstance(each, str) and each for each in patterns
    ):
        raise ValueError(
            f"must be a pattern of names such as 'features.*', or a list, got {as_written(value)}"
        )
    return tuple(patterns)


def _multipliers(value: object) -> object:
    given = {} if value is None else value
    if not isinstance(given, Mapping) or not all(map(is_positive, given.values())):
        raise ValueError(
            "must be a mapping from patterns of names to numbers above 0, such as "
            f"{{'features.*': 0.1}}, got {as_written(value)}"
        )
    return {str(pattern): float(factor) for pattern, factor in given.items()}


def _or_word(section: type[BaseModel], *others: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string"}, section.model_json_schema(), *others]})


_WORD_OR_WORDS = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
)
_MULTIPLIERS = WithJsonSchema(
    {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
)
_SEVERAL = [
    {
        "type": "array",
        "items": {"anyOf": [{"type": "string"}, NamedOptions.model_json_schema()]},
    }
]
_WORDS_OR_OPTIONS = WithJsonSchema({"anyOf": [{"type": "string"}, *_SEVERAL]})

NameOrOptions = Annotated[NamedOptions, BeforeValidator(_named_options), _or_word(NamedOptions)]
NameOrData = Annotated[DataOptions, BeforeValidator(_named_options), _or_word(DataOptions)]
NameOrOptimizer = Annotated[
    OptimizerOptions, BeforeValidator(_optimizer), _or_word(OptimizerOptions)
]
RunOrTeacher = Annotated[
    Optional[TeacherOptions],
    BeforeValidator(_teacher),
    _or_word(TeacherOptions, {"type": "null"}),
]
OneOrSeveral = Annotated[
    tuple[NamedOptions, ...], BeforeValidator(_list_of_options), _WORDS_OR_OPTIONS
]
NoneOrSeveral = Annotated[
    tuple[NamedOptions, ...],
    BeforeValidator(_augmentations),
    PlainSerializer(_as_written),
    _or_word(NamedOptions, *_SEVERAL, {"type": "null"}),
]
NumberOrShare = Annotated[Union[int, float, None], BeforeValidator(_validation)]
Patterns = Annotated[
    tuple[str, ...], BeforeValidator(_patterns), PlainSerializer(list), _WORD_OR_WORDS
]
Multipliers = Annotated[dict[str, float], BeforeValidator(_multipliers), _MULTIPLIERS]
Contexts = Annotated[Union[str, tuple[str, ...]], BeforeValidator(_context), _WORD_OR_WORDS]
Backends = Annotated[Union[str, tuple[str, ...]], BeforeValidator(_backend), _WORD_OR_WORDS]
Precision = Annotated[str, BeforeValidator(_precision)]
Formats = Annotated[tuple[str, ...], BeforeValidator(_predictions), _WORD_OR_WORDS]
