"""What the command line says when it is used in a wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# Verbs that take a recipe's keys, and how those are written.
_TAKES_KEYS = ("run", "check", "resume")


def in_our_words(error: Any, arguments: Sequence[str]) -> str:
    """One of Typer's errors of usage in a line; says how a recipe's key is given.

    >>> import typer
    >>> in_our_words(typer.BadParameter("3.5 is not a valid integer"), ["run", "mlp"])
    'Invalid value: 3.5 is not a valid integer'
    """
    option = getattr(error, "option_name", None)
    verb = getattr(getattr(error, "ctx", None), "info_name", None)
    if option and verb in _TAKES_KEYS and (override := _as_override(option, arguments)):
        return f"No such option: {option}; keys of a recipe have no dashes: write {override}"
    message: str = error.format_message()
    return message


def _as_override(option: str, arguments: Sequence[str]) -> str:
    """``--epochs 2`` as ``epochs=2``; empty if no key of a recipe is meant."""
    from ..recipe.problems import SYNONYMS
    from ..recipe.schema import Recipe

    name = option.lstrip("-").replace("-", "_")
    key = SYNONYMS.get(name, name)
    if key.partition(".")[0] not in Recipe.model_fields:
        return ""
    return f"{key}={_value(option, arguments)}"


def _value(option: str, arguments: Sequence[str]) -> str:
    """What was given with an option: behind it, or after an equals sign."""
    for i, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
        if argument == option:
            follows = [each for each in arguments[i + 1 : i + 2] if not each.startswith("--")]
            return follows[0] if follows else "..."
    return "..."


def show_whole_help(command: Any) -> None:
    """Have a list of verbs show the whole first paragraph of each, where Typer would cut it.

    >>> show_whole_help(typer.main.get_command(app))  # doctest: +SKIP
    """
    for verb in getattr(command, "commands", {}).values():
        if verb.help and not verb.short_help:
            verb.short_help = " ".join(verb.help.split("\n\n")[0].split())
        show_whole_help(verb)
