"""Values in words: dates, durations, and what is nested in a record."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timezone
from itertools import islice
from typing import Callable, Union

NOTHING = "–"

# Shows the user one line: what was guessed, taken over or skipped.
Say = Callable[[str], None]


def say_nothing(line: str) -> None:
    """A ``Say`` that shows nothing.

    >>> say_nothing("LeNet needs 28 x 28 pixels")
    """


def moment(value: object) -> str:
    """A date in UTC as people write it; None gives an empty text, other values stay as they are.

    >>> moment("2026-01-02T03:04:05+00:00")
    '2026-01-02 03:04:05 UTC'
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return in_words(value)
    if value.tzinfo is not None:
        value = value.astimezone(timezone.utc)
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """A duration in seconds, in words.

    >>> duration(0.17), duration(19.7), duration(200), duration(7500)
    ('0.17 s', '19.7 s', '3 min 20 s', '2 h 5 min')
    """
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def age(seconds: float) -> str:
    """An age in seconds as a whole number of its largest unit; ``in 2 h`` if it is yet to come.

    That happens after a clock was set back, and where the clocks of machines differ.

    Example:
        >>> age(7500), age(-7500)
        ('2 h', 'in 2 h')
    """
    if seconds <= -60:
        return f"in {age(-seconds)}"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds / length)} {unit}"
    return f"{max(int(seconds), 0)} s"


def shell_word(path: object) -> str:
    """A path as an argument for a shell, quoted where necessary.

    >>> shell_word("my runs/a"), shell_word("-x")
    ("'my runs/a'", './-x')
    """
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def hidden(path: Union[str, os.PathLike[str]]) -> str:
    """Why we cannot see whether a path exists: the system's error text; empty if we can.

    Without the right to enter a folder we see nothing in it, though the path may exist.

    Example:
        >>> hidden("/no/such/folder")
        ''
    """
    try:
        os.stat(path)
    except PermissionError as error:
        return error.strerror or str(error)
    except (OSError, ValueError):  # it does not exist, or is not a possible name
        return ""
    return ""


def no_such(what: str, path: Union[str, os.PathLike[str]]) -> str:
    """A message that a file or folder does not exist, and where it was looked for.

    Example:
        >>> no_such("folder", "/srv/digits")
        '/srv/digits: no such folder'
        >>> no_such("folder", "digits") == f"digits: no such folder in {os.getcwd()}"
        True
    """
    try:
        where = "" if os.path.isabs(path) else f" in {os.getcwd()}"
    except OSError:  # the current folder is gone
        where = ""
    if why := hidden(path):
        return f"{os.fspath(path)}: cannot be read: {why}"
    return f"{os.fspath(path)}: no such {what}{where}"


def some_of(names: Collection[str], most: int) -> str:
    """Names separated by commas; if there are more than ``most``, the first ones and "...".

    Example:
        >>> some_of(["0", "1", "2"], 3), some_of(["0", "1", "2"], 2)
        ('0, 1, 2', '0, 1, ...')
    """
    return ", ".join(islice(names, most)) + ", ..." * (len(names) > most)


def in_words(value: object) -> str:
    """A value of a record or a recipe, nested or not, without Python's or JSON's brackets.

    >>> in_words([{"name": "csv", "version": "0.1.0"}, {"name": "npz", "version": "0.1.0"}])
    'name csv, version 0.1.0; name npz, version 0.1.0'
    """
    if value is None or value in ([], {}, ()):
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"  # as in YAML
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {in_words(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(each, (Mapping, list, tuple)) for each in value)
        return ("; " if nested else ", ").join(map(in_words, value))
    return str(value)


def flat(value: object, prefix: str = "", *, lists: bool = False) -> Iterator[tuple[str, object]]:
    """Pairs of a dotted key and its value, for every value nested in mappings.

    Args:
        value: a record, a recipe or a part of one.
        prefix: the key of ``value`` itself.
        lists: whether to go into lists that hold mappings, whose keys are then 0, 1, ...

    >>> dict(flat({"data": {"name": "idx", "parts": [{"name": "mnist"}]}}, lists=True))
    {'data.name': 'idx', 'data.parts.0.name': 'mnist'}
    """
    if lists and isinstance(value, (list, tuple)) and any(isinstance(v, Mapping) for v in value):
        value = dict(enumerate(value))
    if not isinstance(value, Mapping) or not value:
        yield prefix, value
        return
    for key, inner in value.items():
        yield from flat(inner, f"{prefix}.{key}" if prefix else str(key), lists=lists)
