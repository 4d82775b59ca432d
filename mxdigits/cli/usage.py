"""The errors of the command line when it is used in a wrong way."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from typing import Any

from ..wording import shell_word

# An object of Click, or of the copy of Click that some versions of Typer contain.
_OfClick = Any

# The names of the arguments of verbs that are keys of a recipe.
_KEYS = ("overrides", "ranges")

# The verbs of other tools, and what to write here instead.
_VERBS = {
    "classify": "predict",
    "continue": "resume",
    "convert": "export",
    "create": "init",
    "delete": "runs rm",
    "eval": "score",
    "evaluate": "score",
    "finetune": "learn",
    "fit": "run",
    "help": "--help",
    "infer": "predict",
    "info": "doctor",
    "list": "runs",
    "ls": "runs",
    "new": "init",
    "rm": "runs rm",
    "server": "serve",
    "show": "runs show",
    "test": "score",
    "train": "run",
    "validate": "check",
    "version": "--version",
}

# Beginnings of messages of pydantic and Typer about a value, and their replacements.
_FOREIGN = ((re.compile("Value error, "), ""), (re.compile("Input should be"), "must be"))
_OF_PARSING = re.compile(", unable to parse .*$")

# Click never lays out help for a narrower terminal than this.
_NARROW = 52
_LEAST_WIDTH = 20


def in_our_words(error: _OfClick, arguments: Sequence[str]) -> str:
    """A usage error of Typer in one line that says what to write instead.

    >>> import typer
    >>> in_our_words(typer.BadParameter("3.5 is not a valid integer"), ["run", "mlp"])
    'Invalid value: 3.5 is not a valid integer'
    """
    context, kind = getattr(error, "ctx", None), type(error).__name__
    said: str = error.format_message()
    if context is None:
        return said
    if kind == "NoSuchOption":
        files = (each for each in arguments if each.startswith(error.option_name))
        if file := next(filter(os.path.lexists, files), ""):
            return f"No such option: {file}; to name the file, write {shell_word(file)}"
        return f"No such option: {error.option_name}; " + _of_option(
            error.option_name, context, arguments
        )
    if kind == "MissingParameter" and error.param.param_type_name == "argument":
        missing = _shown(error.param)
        return f"{missing} is missing: write {' '.join([context.command_path, *_needed(context)])}"
    if kind == "BadParameter":
        return _plainly(said)
    if unknown := re.fullmatch(r"No such command '(.*?)'\..*", said, re.DOTALL):
        return _of_verb(unknown.group(1), context)
    if extra := re.fullmatch(
        r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)", said, re.DOTALL
    ):
        path = context.command_path
        return f"{path} takes no more arguments, got {extra.group(1)}; see {path} --help"
    return said


def _of_option(option: str, context: _OfClick, arguments: Sequence[str]) -> str:
    """What to write instead of an unknown option."""
    from ..plugins.suggest import closest

    path, name = context.command_path, option.lstrip("-")
    takes_keys = any(each.name in _KEYS for each in context.command.params)
    override = _as_override(option, arguments)
    if override and takes_keys:
        return f"keys of a recipe have no dashes: write {override}"
    for argument in _needed(context):
        if name.lower() == argument.rstrip(".").lower():
            how = " ".join([path, *_needed(context)])
            return f"{argument} has no dashes: write {how}"
    options = [
        each[2:]
        for param in context.command.params
        for each in (*param.opts, *param.secondary_opts)
        if each.startswith("--")
    ]
    key, _, value = override.partition("=")
    if key in options:  # such as --gpu for --context
        return f"write --{key} {value}"
    if option.startswith("--") and (meant := closest(name, options)):
        return f"did you mean --{meant}?"
    if override:
        return f"{key} is a key of recipes, and {path} takes none"
    return f"see {path} --help"


def _of_verb(name: str, context: _OfClick) -> str:
    from ..plugins.suggest import nearest

    path, verbs = context.command_path, context.command.commands
    if context.parent is None:
        if name in _VERBS:
            return f"there is no verb {name!r}; write {path} {_VERBS[name]}"
        if _is_recipe(name):
            return f"there is no verb {name!r}; to run this recipe: {path} run {name}"
    elif "show" in verbs and name in _registered(context.info_name):
        return f"there is no verb {name!r}; to see what it is: {path} show {name}"
    return f"there is no verb {name!r}; {nearest(name, verbs)}"


def _is_recipe(name: str) -> bool:
    from ..recipe.files import shipped_recipes

    return name in shipped_recipes() or (name.endswith((".yaml", ".yml")) and os.path.isfile(name))


def _registered(noun: str) -> list[str]:
    """The names below ``mxdigits models``, ``datasets`` and ``networks``."""
    from ..plugins.registry import DATASETS, MODELS, NETWORKS

    registry = {"models": MODELS, "datasets": DATASETS, "networks": NETWORKS}.get(noun)
    return [] if registry is None else [entry.name for entry in registry.entries()]


def _needed(context: _OfClick) -> list[str]:
    """The required arguments of a verb."""
    return [
        _shown(each)
        for each in context.command.params
        if each.param_type_name == "argument" and each.required
    ]


def _shown(argument: _OfClick) -> str:
    name: str = argument.metavar or argument.name.upper()
    return name


def _plainly(said: str) -> str:
    for foreign, ours in _FOREIGN:
        said = foreign.sub(ours, said)
    return _OF_PARSING.sub("", said)


def _as_override(option: str, arguments: Sequence[str]) -> str:
    """``--epochs 2`` as ``epochs=2``; empty if no key of a recipe is meant."""
    from ..recipe.schema import Recipe
    from ..recipe.synonyms import SYNONYMS

    name = option.lstrip("-").replace("-", "_")
    if name in ("cpu", "gpu"):
        return f"context={name}"
    key = SYNONYMS.get(name, name)
    if key.partition(".")[0] not in Recipe.model_fields:
        return ""
    return f"{key}={_value(option, arguments)}"


def _value(option: str, arguments: Sequence[str]) -> str:
    """The value of an option: the next word, or the text after an equals sign."""
    for i, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option:
            follows = [each for each in arguments[i + 1 : i + 2] if not each.startswith("--")]
            return follows[0] if follows else "..."
    return "..."


def show_whole_help(command: _OfClick) -> None:
    """Make help complete, and let it fit a narrow terminal.

    A list of verbs shows the whole first paragraph of each verb; Typer would cut it.

    >>> show_whole_help(typer.main.get_command(app))  # doctest: +SKIP
    """
    columns = shutil.get_terminal_size().columns
    if columns < _NARROW:
        fitting = {"terminal_width": max(columns, _LEAST_WIDTH)}
        command.context_settings = {**command.context_settings, **fitting}
    _tell_whole_paragraphs(command)


def _tell_whole_paragraphs(command: _OfClick) -> None:
    for verb in getattr(command, "commands", {}).values():
        if verb.help and not verb.short_help:
            verb.short_help = " ".join(verb.help.split("\n\n")[0].split())
        _tell_whole_paragraphs(verb)
