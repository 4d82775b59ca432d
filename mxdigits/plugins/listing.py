"""What each installed distribution registers, and whether it can work, without importing any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from ..errors import PluginError, UsageError
from .entry import Entry
from .installed import LIMIT, Installed, installed, installed_version, limit, normal, unmet
from .own import OURS
from .registry import REGISTRIES, Registry
from .suggest import closest, nearest

_PREFIX = "mxdigits."  # of the names of all groups


@dataclass(frozen=True)
class Plugin:
    """A distribution: what it registers, as in ``model tiny``; its state: ``ok``, or the reason.

    Example:
        >>> Plugin("mxdigits-tiny", "0.1.0", ("model tiny",), "ok").registers
        ('model tiny',)
    """

    name: str
    version: str
    registers: tuple[str, ...]
    state: str


def list_plugins() -> list[Plugin]:
    """Each distribution that registers something, and missing ones that ``MXDIGITS_PLUGINS`` names.

    Example:
        >>> [plugin.state for plugin in list_plugins() if plugin.name == "mxdigits"]
        ['ok']
    """
    plugins = [_plugin(each) for each in installed()]
    for name in limit() or []:
        if installed_version(name) is None:
            plugins.append(Plugin(name, "-", (), f"named in {LIMIT}, and not installed"))
    return sorted(plugins, key=lambda plugin: plugin.name.lower())


def entries_of(distribution: Installed) -> list[tuple[Registry, Entry]]:
    """What a distribution registers, in the order of the registries.

    Example:
        >>> (ours,) = (each for each in installed() if each.name == OURS)
        >>> sorted(entry.name for registry, entry in entries_of(ours) if registry.noun == "model")
        ['deep', 'graph', 'lenet', 'mlp']
    """
    return [
        (
            registry,
            Entry(
                *(name, target, distribution.name, distribution.version),
                fault=distribution.fault,
            ),
        )
        for registry in REGISTRIES
        for name, target in distribution.offers.get(registry.group, ())
    ]


def find(name: str) -> list[tuple[Registry, Entry]]:
    """All that the distribution ``name`` registers, or else all that is registered as ``name``.

    Raises:
        UsageError: if there is neither, or ``MXDIGITS_PLUGINS`` leaves the distribution out.
        PluginError: if a distribution of that name registers nothing.

    Example:
        >>> [(registry.noun, entry.name) for registry, entry in find("lenet")]
        [('model', 'lenet')]
    """
    known = {normal(each.name): each for each in installed()}
    if normal(name) in known:
        distribution = known[normal(name)]
        if not distribution.counts:
            raise UsageError(f"{LIMIT} leaves out {distribution.name} {distribution.version}")
        entries = entries_of(distribution)
        if entries:
            return entries
    named = [(registry, entry) for registry in REGISTRIES for entry in registry.entries(name)]
    if named:
        return named
    if installed_version(name) is not None:
        raise PluginError(_nothing_of(name, known.get(normal(name))))
    names = {name for registry in REGISTRIES for name in registry.names()}
    raise UsageError(
        f"{name!r} is neither an installed plugin nor a name that one registers; "
        f"{nearest(name, {*names, *(each.name for each in known.values())})}"
    )


def others() -> list[tuple[Registry, Entry]]:
    """All that plugins register, except those that come with mxdigits.

    Example:
        >>> "lenet" in [entry.name for _, entry in others()]
        False
    """
    return [
        pair
        for each in sorted(installed(), key=lambda each: each.name.lower())
        if each.counts and each.name != OURS
        for pair in entries_of(each)
    ]


def unread_groups(name: Optional[str] = None) -> dict[str, str]:
    """Distributions that register something in a group that nobody reads, and which that is.

    Args:
        name: of one distribution; by default all are looked at.

    Example:
        >>> unread_groups("mxdigits")
        {}
    """
    found = {
        each.name: "; ".join(_unread_groups(each))
        for each in installed()
        if each.counts and each.name != OURS and (name is None or normal(name) == normal(each.name))
    }
    return {each: groups for each, groups in found.items() if groups}


def _plugin(distribution: Installed) -> Plugin:
    registers = tuple(
        f"{registry.noun} {entry.name}" for registry, entry in entries_of(distribution)
    )
    state = "; ".join(_faults(distribution)) or "ok"
    return Plugin(distribution.name, distribution.version, registers, state)


def _faults(distribution: Installed) -> Iterator[str]:
    if not distribution.counts:
        yield f"left out by {LIMIT}"
        return
    if distribution.fault:
        yield f"broken: {distribution.fault}"
        return
    lacking = unmet(distribution.name)
    if lacking:
        yield f"incompatible: needs {'; '.join(lacking)}"
        return
    if distribution.name != OURS:
        yield from _unread_groups(distribution)
    for registry, entry in entries_of(distribution):
        state = registry.state(entry)
        if state != "ok":
            yield f"{registry.noun} {entry.name} is {state}"


def _unread_groups(distribution: Installed) -> Iterator[str]:
    known = [registry.group for registry in REGISTRIES]
    for group in distribution.offers:
        if group not in known:
            kinds = [each.removeprefix(_PREFIX) for each in known]
            meant = closest(group.removeprefix(_PREFIX), kinds)
            instead = f"did you mean {_PREFIX + meant!r}?" if meant else nearest("", known)
            yield f"mxdigits has no group {group!r}; {instead}"


def _nothing_of(name: str, distribution: Optional[Installed]) -> str:
    """The error of a distribution that registers nothing; names its misspelt groups."""
    if distribution is not None and (unread := [*_unread_groups(distribution)]):
        return f"{name} is installed, and registers nothing: {'; '.join(unread)}"
    groups = ", ".join(registry.group for registry in REGISTRIES)
    return f"{name} is installed, and registers nothing under {groups}"
