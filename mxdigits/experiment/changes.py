"""What has changed between two descriptions of a run, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NOTHING = object()


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Every key whose value differs: {dotted key: ``what it is, was what it was``}."""
    before, after = dict(_flat(then)), dict(_flat(now))
    return {
        key: f"{_shown(after.get(key, _NOTHING))}, was {_shown(before.get(key, _NOTHING))}"
        for key in sorted({*before, *after})
        if before.get(key, _NOTHING) != after.get(key, _NOTHING)
    }


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _flat(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)) and any(isinstance(each, Mapping) for each in value):
        yield from _flat(dict(enumerate(value)), path)
    elif isinstance(value, (list, tuple)):
        yield path, list(value)
    else:
        yield path, value


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "not there"
    return "null" if value is None else str(value)
