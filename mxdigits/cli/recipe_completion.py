"""Shell completion of ``key=value``: the keys of a recipe, a search or an item, and their values.

Nothing slow is imported here either: keys are read from the source of their classes, options from
the source of factories.
"""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import ast
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Callable, Optional

import typer

from ..errors import MxdigitsError
from .completion import matching, names_in, runs, targets_in

_RECIPE = Path(__file__).parents[1] / "recipe"
# The sections with fixed keys, and their classes in ``recipe/sections.py``.
_SECTIONS = {
    "checkpoint": "CheckpointPolicy",
    "data": "DataOptions",
    "loss": "Loss",
    "teacher": "TeacherOptions",
}
# Values to offer for keys without a useful default.
_EXAMPLES = {
    "epochs": 10,
    "seed": 42,
    "validation": 0.1,
    "threads": 1,
    "clip_global_norm": 1.0,
    "ema": 0.999,
    "swa": 5,
}


def options_of(group: str) -> Callable[[typer.Context, str], list[str]]:
    """Complete the options of the item that the argument ``name`` names, as ``key=default``."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        named = {"name": ctx.params.get("name")}
        keys = {key: [value] for key, value in _registered(group, named).items()}
        return _in_shell_words(ctx, "options", incomplete, keys)

    return complete


def overrides(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys of a recipe as ``key=value``.

    While several keys are possible, keys are offered without values. For a single key all its
    values are offered, or its current one.
    """
    recipe = _recipe_of(ctx)
    values = _values(recipe)
    before = [str(each) for each in ctx.params.get("overrides") or ()]
    if incomplete.startswith("freeze=") or before[-2:] == ["freeze", "="]:
        values["freeze"] = _parameters(recipe)
    return _in_shell_words(ctx, "overrides", incomplete, values)


def _parameters(recipe: Mapping[str, object]) -> list[str]:
    """The names of the parameters of a recipe's network, and patterns for each of its layers.

    This may take a second: Gluon networks are built.
    """
    from ..models.building import parameter_places

    chosen = recipe.get("model")
    given = dict(chosen) if isinstance(chosen, Mapping) else {"name": chosen}
    names = parameter_places(str(given.pop("name", "")), given) or {}
    layers = dict.fromkeys(f"{name.rpartition('.')[0]}.*" for name in names if "." in name)
    return [*layers, *names]


def ranges(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys of a search as ``key=range``, with an example of a range."""
    return _in_shell_words(ctx, "ranges", incomplete, _values(_recipe_of(ctx)))


def _in_shell_words(
    ctx: typer.Context, argument: str, incomplete: str, values: Mapping[str, list[str]]
) -> list[str]:
    """Complete ``key=value``, which is three words for bash and one word for other shells."""
    before = [str(each) for each in ctx.params.get(argument) or ()]
    if before[-1:] == ["="] and len(before) > 1:
        return matching(incomplete, values.get(before[-2], []))
    if not incomplete and before and before[-1] in values:  # the word is "=", which Click drops
        return values[before[-1]]
    key, equals, value = incomplete.partition("=")
    if equals:
        return [f"{key}={each}" for each in matching(value, values.get(key, []))]
    keys = matching(incomplete, values)
    if "." not in incomplete:  # a section before what is in it
        keys = [each for each in keys if "." not in each] or keys
        if len(keys) == 1:
            keys = [each for each in values if each == keys[0] or each.startswith(f"{keys[0]}.")]
    if len(keys) == 1:
        return [f"{keys[0]}={each}" for each in values[keys[0]] or [""]]
    return [f"{each}=" for each in keys]


def _recipe_of(ctx: typer.Context) -> dict[str, object]:
    """The values of the recipe, or of the run's recipe, named earlier; empty if unknown."""
    from ..recipe.files import find_recipe, read_file
    from ..recipe.inheritance import read_layers

    named = ctx.params.get("recipe")
    run = ctx.params.get("run")
    path = str(named) if named else str(Path(str(run)) / "recipe.yaml") if run else ""
    with suppress(MxdigitsError):
        file = find_recipe(path)
        return read_layers(read_file(file, path), path, file).value
    return {}


def _values(recipe: Mapping[str, object]) -> dict[str, list[str]]:
    """Every dotted key that this recipe may have, with its possible values if they are known."""
    from ..backends.context import NAMES, PRECISIONS
    from ..backends.mxnet.names import INITIALIZERS, OPTIMIZERS
    from ..train.schedule_shapes import SCHEDULES

    known: dict[str, Iterable[str]] = {
        "model": names_in("models"),
        "data": names_in("datasets"),
        "augmentation": ["null", *names_in("augmentations")],
        "callbacks": names_in("callbacks"),
        "optimizer": OPTIMIZERS,
        "schedule": SCHEDULES,
        "initializer": INITIALIZERS,
        "init": runs(""),
        "teacher": runs(""),
        "context": ["cpu", "gpu", "auto"],
        "backend": ["auto", *NAMES],
        "precision": dict.fromkeys(each for names in PRECISIONS.values() for each in names),
        "predictions": names_in("exporters"),
    }
    values: dict[str, list[str]] = {}
    for key in keys_of("Recipe"):
        inside = _options(key, recipe.get(key))
        current = recipe.get(key, _EXAMPLES.get(key))
        plain = [] if isinstance(current, dict) or current is None else [_text(current)]
        values[key] = list(known.get(key, [] if key in _SECTIONS else plain))
        values.update({f"{key}.{option}": each for option, each in inside.items()})
    return values


def _options(key: str, chosen: object) -> dict[str, list[str]]:
    """The options inside a section, each with its current value or its default."""
    from ..backends.mxnet.names import INITIALIZERS, OPTIMIZERS
    from ..train.schedule_shapes import SCHEDULES

    given = chosen if isinstance(chosen, Mapping) else {"name": chosen}
    options: dict[str, str] = {}
    name = str(given.get("name"))
    if key in _SECTIONS:
        options = dict.fromkeys(keys_of(_SECTIONS[key]), "")
    if key in ("optimizer", "initializer"):
        table: Mapping[str, Mapping[str, object]] = (
            OPTIMIZERS if key == "optimizer" else INITIALIZERS
        )
        options = {
            each: _text(default) if isinstance(default, (int, float, str)) else ""
            for each, default in table.get(name, {}).items()
        }
    elif key == "schedule" and name in SCHEDULES:
        options = {each.name: _text(each.default) for each in fields(SCHEDULES[name])}
    elif key in ("model", "data", "augmentation"):
        group = {"data": "datasets"}.get(key, f"{key}s")
        options.update(_registered(group, given))
        options.pop("classes" if key == "model" else "", None)
    options.update({str(k): _text(v) for k, v in given.items() if k != "name"})
    return {each: [value] if value else [] for each, value in options.items()}


def _registered(group: str, given: Mapping[str, object]) -> dict[str, str]:
    """The options of a registered factory with their defaults, if its source shows them."""
    from ..plugins.signatures import options_in_source

    module, _, attribute = targets_in(group).get(str(given.get("name")), "").partition(":")
    with suppress(Exception):  # completion cannot report problems in a plugin's source
        takes = options_in_source(module.strip(), attribute.partition("[")[0].strip())
        if takes is not None:
            return {key: _yaml(default) for key, default in takes.defaults.items()}
    return {}


def _yaml(source: Optional[str]) -> str:
    """A default, given as Python source, in the form of a recipe."""
    try:
        return _text(ast.literal_eval(source or ""))
    except (SyntaxError, ValueError):
        return ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, separators=(",", ":"))
    except (TypeError, ValueError):
        return ""


def keys_of(name: str) -> list[str]:
    """The keys of a recipe, or of one of its sections, read from the source of its class."""
    for file in ("schema.py", "sections.py"):
        for node in ast.parse((_RECIPE / file).read_bytes()).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                targets = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
                return [each.id for each in targets if isinstance(each, ast.Name)]
    return []
