"""What each installed distribution brings to mxdigits, and whether it can work; imports none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .installed import LIMIT, Installed, installed, installed_version, limit, unmet
from .registry import REGISTRIES, Entry, Registry
from .suggest import nearest


@dataclass(frozen=True)
class Plugin:
    """A distribution: what it registers, as ``model tiny``, and its state: ``ok``, or why not."""

    name: str
    version: str
    registers: tuple[str, ...]
    state: str


def list_plugins() -> list[Plugin]:
    """Every distribution that registers something, and those only named in ``MXDIGITS_PLUGINS``."""
    found = [_plugin(each) for each in installed()]
    for name in limit() or []:
        if installed_version(name) is None:
            found.append(Plugin(name, "-", (), f"named in {LIMIT}, and not installed"))
    return sorted(found, key=lambda plugin: plugin.name.lower())


def entries_of(distribution: Installed) -> list[tuple[Registry, Entry]]:
    """What a distribution registers, in the order of the registries."""
    return [
        (registry, Entry(name, target, distribution.name, distribution.version))
        for registry in REGISTRIES
        for name, target in distribution.offers.get(registry.group, ())
    ]


def _plugin(distribution: Installed) -> Plugin:
    registers = tuple(f"{registry.noun} {entry.name}" for registry, entry in entries_of(distribution))
    state = "; ".join(_faults(distribution)) or "ok"
    return Plugin(distribution.name, distribution.version, registers, state)


def _faults(distribution: Installed) -> Iterator[str]:
    if not distribution.counts:
        yield f"left out by {LIMIT}"
        return
    lacking = unmet(distribution.name)
    if lacking:
        yield f"incompatible: needs {'; '.join(lacking)}"
        return
    known = [registry.group for registry in REGISTRIES]
    for group in distribution.offers:
        if group not in known:
            yield f"mxdigits reads no group {group!r}; {nearest(group, known)}"
    for registry, entry in entries_of(distribution):
        state = registry.state(entry)
        if state != "ok":
            yield f"{registry.noun} {entry.name} is {state}"
