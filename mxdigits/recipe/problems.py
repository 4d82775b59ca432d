"""The problems of a recipe: for each mistake the path of its key and what to write instead.

``unknown_key`` has the text for a misspelt key, ``_WORDS`` the texts for wrong types and values,
and ``CHECKS`` the checks of names and their options.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Callable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..backends.mxnet.names import INITIALIZERS, OPTIMIZERS, REQUIRED, Default, option_problem
from ..data.parts import MIX, OWN, first_of, part_problems
from ..plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, MODELS, Registry
from ..plugins.suggest import closest, nearest
from ..storage.strict_yaml import Path
from ..train.schedule import make_schedule
from ..train.schedule_shapes import BATCH, SCHEDULES
from ..values import Unchecked, as_written, is_number
from .sections import (
    DATA,
    EPOCHS,
    CheckpointPolicy,
    DataOptions,
    Loss,
    Section,
    TeacherOptions,
)
from .synonyms import SYNONYMS

Problem = tuple[Path, str]

# Finds the problems of a section; takes its key, its name, its other options, and the recipe.
_Check = Callable[[str, str, "dict[str, object]", Mapping[str, object]], "list[Problem]"]

# Data sets that never have a validation part of their own; others may, which only reading shows.
WITHOUT_VALIDATION = ("mnist", "idx", "hands")

_NAME_FORM = "must begin with a letter or digit and hold only letters, digits, '_', '.' and '-'"
_MERGE = "<<"
_NO_MERGES = "YAML 1.2 has no merges: write the keys out, or see extends"
_NAMED = "must be a name, or a mapping with name and options"

# Sections without a name, each with an example for messages.
_PLAIN_CHECKS: dict[str, tuple[type[Section], str]] = {
    "checkpoint": (CheckpointPolicy, "checkpoint: {minutes: 5, keep: 3}"),
    "loss": (Loss, "loss: {label_smoothing: 0.1}"),
    "teacher": (TeacherOptions, "teacher: {run: strong, temperature: 4}"),
}

# By the type of a pydantic error; {got} is the value in the recipe, the rest is pydantic's context.
_WORDS = {
    "missing": "is required",
    "int_type": "must be a whole number, got {got}",
    "int_from_float": "must be a whole number, got {got}",
    "float_type": "must be a number, got {got}",
    "bool_type": "must be true or false, got {got}",
    "finite_number": "must be a finite number, got {got}",
    "string_type": "must be a word, got {got}",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": _NAME_FORM + ", 100 at most, got {got}",
    "string_too_long": _NAME_FORM + ", 100 at most, got {got}",
    "greater_than": "must be greater than {gt}, got {got}",
    "greater_than_equal": "must be at least {ge}, got {got}",
    "less_than": "must be less than {lt}, got {got}",
    "less_than_equal": "must be at most {le}, got {got}",
    "model_type": _NAMED + ", got {got}",
    "value_error": "{error}",
}


def structure_problems(error: ValidationError, known: Collection[str]) -> list[Problem]:
    """The mistakes that pydantic found, in words; ``known`` are the keys of a recipe.

    >>> from mxdigits.recipe.schema import Recipe
    >>> try:
    ...     Recipe.model_validate({"model": "mlp", "epochs": "3"})
    ... except ValidationError as error:
    ...     structure_problems(error, Recipe.model_fields)
    [(('epochs',), "must be a whole number, got '3'")]
    """
    return [_structure_problem(each, known) for each in error.errors(include_url=False)]


def _shown(value: object) -> str:
    text = as_written(value)
    return text if len(text) <= 500 else f"{text[:500]}..."


def _structure_problem(error: ErrorDetails, known: Collection[str]) -> Problem:
    path = error["loc"]
    section = str(path[0])
    if error["type"] == "extra_forbidden":
        keys = known if len(path) == 1 else _PLAIN_CHECKS[section][0].model_fields
        return path, unknown_key(path, keys)
    if section in _PLAIN_CHECKS and len(path) == 1 and error["type"] == "model_type":
        return path, f"must be a mapping; write {_PLAIN_CHECKS[section][1]}"
    if error["type"] == "missing" and path[-1] == "name":
        return path, _nameless(error["input"])
    if error["type"] == "string_type" and is_number(error["input"]):
        number = _shown(error["input"])
        return path, f"must be a word, got the number {number}; write '{number}' in quotes"
    words = _WORDS.get(error["type"])
    if words is None:
        return path, f"{error['msg']}, got {_shown(error['input'])}"
    return path, words.format(got=_shown(error["input"]), **error.get("ctx", {}))


def _nameless(given: Unchecked) -> str:
    """What a section without a name lacks, such as ``{adam: {beta1: 0.9}}``."""
    if _MERGE in given:
        return f"is required, and {_MERGE} brings none: {_NO_MERGES}"
    meant = [key for key, value in given.items() if isinstance(value, Mapping)]
    if [*given.values()] == [None]:  # {early_stopping: }
        meant = [*given]
    if len(meant) == 1:
        return f"is required; write name: {meant[0]}, and its options beside it"
    return "is required"


def unknown_key(path: Path, known: Collection[str]) -> str:
    """What to write instead of the last key of ``path``.

    >>> unknown_key(("optimizer", "lr"), ["learning_rate", "wd"])
    'unknown key; write learning_rate'
    >>> unknown_key(("epoch",), ["epochs", "seed"])
    "unknown key; did you mean 'epochs'?"
    """
    key, section = str(path[-1]), str(path[0]) if len(path) > 1 else ""
    if key == _MERGE:
        return f"unknown key; {_NO_MERGES}"
    meant = SYNONYMS.get(key.lower().replace("-", "_"))
    if meant is None and closest(key, known) is None:
        meant = SYNONYMS.get(closest(key, SYNONYMS) or "")
    if meant is not None and section and meant.startswith(f"{section}."):
        meant = meant[len(section) + 1 :]
    if meant is not None and (not section or meant in known):
        return f"unknown key; write {meant}"
    if meant is not None and meant.split(".")[0] in CHECKS and section:
        return f"unknown key here; write {meant} at the top level"
    return f"unknown key; {nearest(key, known)}"


# The sections that may be lists; the schema refuses lists in others.
_SEVERAL = ("augmentation", "callbacks")


def name_problems(value: Mapping[str, object]) -> list[Problem]:
    """Unknown names, and options that the named models, data sets, ... do not take.

    >>> name_problems({"model": "mlps"})
    [(('model',), "unknown model 'mlps'; did you mean 'mlp'?")]
    """
    problems: list[Problem] = []
    for section, check in CHECKS.items():
        chosen = value.get(section)
        if section not in _SEVERAL or not isinstance(chosen, (list, tuple)):
            problems += _named_problems(section, (section,), check, chosen, value)
            continue
        for i, each in enumerate(chosen):
            problems += _named_problems(section, (section, i), check, each, value)
    return problems


def _named_problems(
    section: str, place: Path, check: _Check, chosen: object, recipe: Mapping[str, object]
) -> list[Problem]:
    """The problems of a name and its options, which are at ``place`` in the recipe."""
    if isinstance(chosen, str):
        return [
            ((*place, *(part for part in path[1:] if part != "name")), what)
            for path, what in check(section, chosen, {}, recipe)
        ]
    if not isinstance(chosen, Mapping) or not isinstance(chosen.get("name"), str):
        return []
    options = {key: each for key, each in chosen.items() if key != "name"}
    problems = check(section, chosen["name"], options, recipe)
    return [((*place, *path[1:]), what) for path, what in problems]


def _callback(
    section: str, name: str, options: dict[str, object], recipe: Mapping[str, object]
) -> list[Problem]:
    """Check name and options, and that images are held out if the callback watches them."""
    problems = _registered(CALLBACKS, {})(section, name, options, recipe)
    if problems:
        return problems
    chosen = recipe.get("data", DATA)
    chosen = chosen if isinstance(chosen, Mapping) else {"name": chosen}
    data, _ = first_of(str(chosen.get("name")), chosen)
    if recipe.get("validation") is None and data in WITHOUT_VALIDATION:
        what = unwatchable(name, options)
        return [((section, "name"), what)] if what else []
    return []


def unwatchable(name: str, options: Mapping[str, object]) -> str:
    """The error if a callback watches held-out images, for a recipe without any; else empty.

    >>> unwatchable("early_stopping", {"patience": 3})
    'watches validation_loss, and no images are held out for it; write validation: 0.1'
    >>> unwatchable("early_stopping", {"monitor": "train_loss"})
    ''
    """
    takes = CALLBACKS.options(name)
    default = "" if takes is None else takes.defaults.get("monitor") or ""  # as source text
    watched = str(options.get("monitor", default.strip("'\"")))
    if not watched.startswith("validation"):
        return ""
    return f"watches {watched}, and no images are held out for it; write validation: 0.1"


def _registered(
    registry: Registry, reserved: Mapping[str, str], own: Collection[str] = ()
) -> _Check:
    """A check of a name and its options against a registry, by the factory's source."""

    def check(section: str, name: str, options: dict[str, object], _: object) -> list[Problem]:
        if name not in registry.names():
            return [((section, "name"), _unknown(registry, name))]
        takes = registry.options(name)
        if takes is None:  # unknown from the source; the factory checks them when the run begins
            return []
        given = [key for key in options if key not in own]
        problems: list[Problem] = []
        for key, what in takes.problems(given, reserved=reserved).items():
            if key in given and key not in reserved:
                what = unknown_key((section, key), [*takes.defaults.keys() - reserved, *own])
            problems.append(((section, key), what))
        return problems

    return check


def _unknown(registry: Registry, name: str) -> str:
    """The error of an unknown name; that of a data set may be a folder, which is looked at."""
    if registry is not DATASETS:
        return registry.unknown(name)
    from ..data.load import unknown_dataset  # imports NumPy, which completion does not need

    return unknown_dataset(name)


def _data(own: Collection[str]) -> _Check:
    """A check of a data set, its options and a mix's parts; ``own`` are mxdigits' own options."""
    registered = _registered(DATASETS, {}, own)

    def check(
        section: str, name: str, options: dict[str, object], recipe: Mapping[str, object]
    ) -> list[Problem]:
        problems = registered(section, name, options, recipe)
        parts = options.get("parts")
        if name != MIX or parts is None:
            return problems
        problems += [((section, "parts", *path), what) for path, what in part_problems(parts)]
        for i, part in enumerate(parts if isinstance(parts, (list, tuple)) else ()):
            problems += _named_problems(section, (section, "parts", i), _data(OWN), part, recipe)
        return problems

    return check


def _tabled(noun: str, table: Mapping[str, Mapping[str, Default]]) -> _Check:
    """A check of a name and its options against what MXNet registers."""

    def check(section: str, name: str, options: dict[str, object], _: object) -> list[Problem]:
        if name not in table:
            return [((section, "name"), f"unknown {noun} {name!r}; {nearest(name, table)}")]
        problems: list[Problem] = []
        for key, each in options.items():
            if key not in table[name]:
                problems.append(((section, key), unknown_key((section, key), table[name])))
            elif key != "learning_rate":  # the schema checks its type and range
                what = option_problem(table[name][key], each, key)
                if what is not None:
                    problems.append(((section, key), f"{what}, got {as_written(each)}"))
        for key, default in table[name].items():
            if default is REQUIRED and key not in options:
                problems.append(((section, key), "is required"))
        return problems

    return check


def _schedule(
    section: str, name: str, options: dict[str, object], recipe: Mapping[str, object]
) -> list[Problem]:
    if name not in SCHEDULES:
        return [((section, "name"), f"unknown schedule {name!r}; {nearest(name, SCHEDULES)}")]
    known = [field.name for field in fields(SCHEDULES[name])]
    by = {"by": options["by"]} if options.get("by") == BATCH else {}  # other options depend on it
    problems: list[Problem] = []
    for key, each in options.items():
        if key not in known:
            problems.append(((section, key), unknown_key((section, key), known)))
            continue
        try:
            make_schedule(name, 1.0, 1, **{**by, key: each})
        except ValueError as error:
            problems.append(((section, key), str(error).partition(": ")[2]))
    if problems:
        return problems
    epochs = recipe.get("epochs", EPOCHS)
    warmup = options.get("warmup_epochs", 0)
    if isinstance(epochs, int) and isinstance(warmup, int) and warmup >= epochs > 0:
        what = f"must be less than epochs ({epochs}), got {warmup}"
        return [((section, "warmup_epochs"), what)]
    return []


CHECKS: Mapping[str, _Check] = {
    "model": _registered(MODELS, {"classes": "comes from the data set; leave it out"}),
    "data": _data(own=DataOptions.model_fields.keys() - {"name"}),
    "augmentation": _registered(AUGMENTATIONS, {}),
    "optimizer": _tabled("optimizer", OPTIMIZERS),
    "schedule": _schedule,
    "initializer": _tabled("initializer", INITIALIZERS),
    "callbacks": _callback,
}
