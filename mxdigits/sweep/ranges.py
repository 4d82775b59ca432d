"""The values to try for a key of a recipe, as they are written on the command line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Union

from ..errors import RecipeError, UsageError
from ..storage.strict_yaml import parse
from ..wording import in_words

# Values that Optuna can hold: those of JSON without lists and mappings.
Plain = Union[str, int, float, bool, None]

_NUMBER = r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_SPAN = re.compile(rf"\s*{_NUMBER}\s*\.\.\s*{_NUMBER}\s*")
_LOG = re.compile(rf"\s*log\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\)\s*")
_LIKE_A_SPAN = re.compile(r"\s*[+-]?\.?\d.*\.\.")
# Names of ranges in other programs.
_OTHERS = re.compile(
    r"\s*(log|(?:log|q)?uniform|choices?|linear|linspace|logspace|loguniform|range|int|randint)"
    r"\s*[(\[]"
)
_FORMS = "write 0..0.5, log(1e-3, 1) or [50, 100, 200]"


@dataclass(frozen=True)
class Span:
    """All numbers from ``low`` to ``high``, both included.

    ``log`` spreads them evenly by their logarithm. ``whole`` allows only whole numbers; it is true
    if both ends are written as whole numbers.

    >>> read_range("model.dropout=0..0.5")
    Span(key='model.dropout', text='0..0.5', low=0.0, high=0.5, log=False, whole=False)
    """

    key: str
    text: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    @property
    def ends(self) -> tuple[Plain, ...]:
        """The values that are checked before the search: if these are allowed, all are."""
        return (int(self.low), int(self.high)) if self.whole else (self.low, self.high)

    @property
    def points(self) -> Optional[tuple[Plain, ...]]:
        """All values in order; None if they cannot be counted."""
        if not self.whole or self.log:
            return None
        return tuple(range(int(self.low), int(self.high) + 1))

    def override(self, value: Plain) -> str:
        """Return a value as an override of a recipe."""
        return f"{self.key}={json.dumps(value)}"

    def __str__(self) -> str:
        what = "whole numbers" if self.whole else "numbers"
        ends = " to ".join(f"{end:g}" for end in (self.low, self.high))
        return f"{self.key}: {what} from {ends}{', on a logarithmic scale' * self.log}"


@dataclass(frozen=True)
class Choices:
    """Some values without an order. The name of a list or a mapping is its text.

    >>> choices = read_range("optimizer=[sgd, {name: adam, learning_rate: 0.001}]")
    >>> choices.points
    ('sgd', 'name adam, learning_rate 0.001')
    >>> choices.override("name adam, learning_rate 0.001")
    'optimizer={"name": "adam", "learning_rate": 0.001}'
    """

    key: str
    text: str
    values: tuple[object, ...]

    @property
    def points(self) -> tuple[Plain, ...]:
        """The name of each value."""
        return tuple(map(_label, self.values))

    @property
    def ends(self) -> tuple[Plain, ...]:
        """The values that are checked before the search: all of them."""
        return self.points

    def override(self, value: Plain) -> str:
        """Return a value, given by its name, as an override of a recipe."""
        return f"{self.key}={json.dumps(self.values[self.points.index(value)])}"

    def __str__(self) -> str:
        names = [in_words(each) for each in self.points]
        between = "; " if any(", " in name for name in names) else ", "
        return f"{self.key}: {between.join(names)}"


Range = Union[Span, Choices]


def _label(value: object) -> Plain:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return in_words(value)


def read_range(argument: str) -> Optional[Range]:
    """Read a range in the form ``KEY=RANGE``; None for ``KEY=VALUE``, which is an override.

    Raises:
        UsageError: if it is meant to be a range, but is not valid.

    >>> read_range("optimizer.learning_rate=log(1e-3, 1)").low
    0.001
    >>> read_range("epochs=3") is None
    True
    >>> read_range("epochs=3..1")
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: epochs=3..1: the first number must be less; write epochs=1..3
    """
    key, _, text = argument.partition("=")
    key = key.strip()
    if text.strip().startswith("["):
        return _choices(key, text)
    log = _LOG.fullmatch(text)
    found = log or _SPAN.fullmatch(text)
    if found:
        return _span(key, text.strip(), found.groups(), bool(log))
    if _LIKE_A_SPAN.match(text) or _OTHERS.match(text):
        raise UsageError(f"{key}={text}: is no range; {_FORMS}")
    return None


def _span(key: str, text: str, ends: Sequence[str], log: bool) -> Span:
    low, high = map(float, ends)
    shown = "log({}, {})" if log else "{}..{}"
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UsageError(f"{key}={text}: both ends must be finite numbers")
    if low > high:
        turned = shown.format(*reversed(ends))
        raise UsageError(f"{key}={text}: the first number must be less; write {key}={turned}")
    if low == high:
        raise UsageError(f"{key}={text}: is one number only; write {key}={ends[0]}")
    if log and low <= 0:
        raise UsageError(
            f"{key}={text}: a logarithm needs numbers above 0; write {key}=log(1e-3, {ends[1]}), "
            f"or {key}={low}..{ends[1]}"
        )
    whole = not any(re.search(r"[.eE]", end) for end in ends)
    return Span(key, text, low, high, log, whole)


def _choices(key: str, text: str) -> Choices:
    try:
        values = parse(text, f"{key}={text}").value
    except RecipeError as error:
        raise UsageError(f"{error.lines[0]}; {_FORMS}") from None
    if not isinstance(values, list):
        raise UsageError(f"{key}={text}: is no list; {_FORMS}")
    choices = Choices(key, text.strip(), tuple(values))
    if len(values) < 2:
        plain = bool(values) and not isinstance(values[0], (list, dict))
        one = f"; for a single value write {key}={in_words(values[0])}" if plain else ""
        one = one or f"; for the list itself write --set '{key}={text.strip()}'"
        raise UsageError(f"{key}={text}: a list must hold two values or more{one}")
    for place, each in enumerate(choices.points):
        if each in choices.points[:place]:
            raise UsageError(f"{key}={text}: {in_words(each)} is there twice")
    return choices
