"""The machines of a run: this one, or those of a hosts file, which are reached by ssh."""

from __future__ import annotations

import ipaddress
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Optional

from ..errors import RecipeError, UsageError
from ..plugins.suggest import nearest
from ..storage import strict_yaml
from ..storage.files import read_plain
from ..values import Unchecked

LOOPBACK = "127.0.0.1"
_AGENT = "mxdigits.launch.agent"

# Report a host that does not answer soon, and ask for no password: nobody is there to type it.
_SSH = ("ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")


@dataclass(frozen=True)
class Host:
    """A machine and its part in a run.

    Args:
        name: its name for ssh; None for this machine.
        address: its own, where the others reach it and where its processes listen.
        workers: the number of workers that it gets.
        folder: where they work; None for the folder where the launcher, or ssh, begins.
        python: the Python that has mxdigits there; None for the launcher's, or ``python3``.
        environment: variables for its processes.

    >>> Host("b", "10.0.0.2", 2, "/srv/digits").title
    'host b'
    >>> Host().title
    'this machine'
    """

    name: Optional[str] = None
    address: str = LOOPBACK
    workers: int = 1
    folder: Optional[str] = None
    python: Optional[str] = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name in messages."""
        return "this machine" if self.name is None else f"host {self.name}"

    def command(self) -> list[str]:
        """The command that starts its agent, to be run here.

        >>> Host("b", "10.0.0.2", folder="a b", environment={"LANG": "C"}).command()[-1]
        "cd 'a b' && exec env LANG=C python3 -m mxdigits.launch.agent 10.0.0.2"
        """
        if self.name is None:
            return [self.python or sys.executable, "-m", _AGENT, self.address]
        variables = [f"{key}={value}" for key, value in self.environment.items()]
        environment = ["env", *variables] if variables else []
        agent = [*environment, self.python or "python3", "-m", _AGENT, self.address]
        place = f"cd {shlex.quote(self.folder)} && " if self.folder else ""
        return [*_SSH, "--", self.name, f"{place}exec {shlex.join(agent)}"]

    def command_to_end(self, agent: int) -> list[str]:
        """The command that kills its agent, a process there; Linux then ends what it has started.

        >>> Host("b", "10.0.0.2").command_to_end(42)[-1]
        'grep -qs mxdigits.launch /proc/42/cmdline && kill -KILL 42'
        """
        there = f"grep -qs {_AGENT.rpartition('.')[0]} /proc/{agent}/cmdline"
        return [*_SSH, "--", str(self.name), f"{there} && kill -KILL {agent}"]


_KEYS = tuple(each.name for each in fields(Host))


def read_hosts(path: Path, workers: int = 1) -> list[Host]:
    """Read a hosts file: a YAML list with an entry per host; the first host has rank 0.

    Args:
        path: the file.
        workers: the number for each host that does not give one.

    Raises:
        UsageError: if there is no such file.
        RecipeError: with every mistake in it, each with its place.

    >>> _ = Path("hosts.yaml").write_text("- {name: a, address: 10.0.0.1, workers: 2}")
    >>> read_hosts(Path("hosts.yaml"))[0].workers
    2
    """
    try:
        text = read_plain(path).decode()
    except OSError as error:
        raise UsageError(f"cannot read the hosts file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"the hosts file {path} is not text in UTF-8") from None
    document = strict_yaml.parse(text, str(path))
    reader = _Reader(document, workers)
    hosts = reader.hosts()
    if reader.problems:
        raise RecipeError(reader.problems)
    return hosts


class _Reader:
    """Parses a hosts file, and collects its mistakes."""

    def __init__(self, document: strict_yaml.Document, workers: int) -> None:
        self.problems: list[str] = []
        self._document = document
        self._workers = workers

    def hosts(self) -> list[Host]:
        entries = self._document.value
        if not isinstance(entries, list) or not entries:
            self._problem((), "a list of hosts is wanted, such as: - {name: a, address: 10.0.0.1}")
            return []
        hosts = [self._host(entry, number) for number, entry in enumerate(entries)]
        for number, host in enumerate(hosts):
            if len(hosts) > 1 and host is not None and _is_loopback(host.address):
                self._problem(
                    (number, "address"),
                    f"{host.title}: several hosts need addresses that the others reach",
                )
        return [host for host in hosts if host is not None]

    def _host(self, entry: Unchecked, number: int) -> Optional[Host]:
        if not isinstance(entry, dict):
            self._problem((number,), "must be a mapping, such as {name: a, address: 10.0.0.1}")
            return None
        values: dict[str, Unchecked] = {"workers": self._workers}
        for key, value in entry.items():
            if key not in _KEYS:
                self._problem((number, key), f"unknown key {key!r}; {nearest(str(key), _KEYS)}")
            elif wrong := _WRONG[key](value):
                self._problem((number, key), f"{key}: {wrong}")
            else:
                values[key] = value
        return Host(**values)

    def _problem(self, path: strict_yaml.Path, what: str) -> None:
        self.problems.append(f"{self._document.place(path)}: {what}")


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _wrong_text(value: Unchecked) -> str:
    return "" if isinstance(value, str) and value else "must be a text"


def _wrong_name(value: Unchecked) -> str:
    if isinstance(value, str) and value.startswith("-"):
        return "must not begin with -, as an option of ssh does"
    return "" if value is None else _wrong_text(value)


def _wrong_address(value: Unchecked) -> str:
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return "must be an IP address, such as 10.0.0.1"
    return ""


def _wrong_count(value: Unchecked) -> str:
    return "" if type(value) is int and value > 0 else "must be a whole number from 1 on"


def _wrong_environment(value: Unchecked) -> str:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        return "must be a mapping of texts; put a number in quotes"
    bad = [key for key in value if not _is_name(key)]
    return f"{bad[0]!r} is not the name of a variable" if bad else ""


def _is_name(key: object) -> bool:
    return isinstance(key, str) and key.isidentifier() and key.isascii()


_WRONG = {
    "name": _wrong_name,
    "address": _wrong_address,
    "workers": _wrong_count,
    "folder": _wrong_text,
    "python": _wrong_text,
    "environment": _wrong_environment,
}


def started_with(host: Host) -> tuple[Optional[str], dict[str, str]]:
    """Return the folder and the environment for a host's command; ssh does not pass these on.

    >>> started_with(Host("b", folder="/srv"))[0] is None
    True
    """
    if host.name is not None:
        return None, dict(os.environ)
    return host.folder, {**os.environ, **host.environment}


def ranks_of(hosts: Sequence[Host]) -> list[range]:
    """Return the ranks of each host's workers, in the order of the hosts.

    >>> ranks_of([Host(workers=2), Host("b", "10.0.0.2")])
    [range(0, 2), range(2, 3)]
    """
    ranks, first = [], 0
    for host in hosts:
        ranks.append(range(first, first + host.workers))
        first += host.workers
    return ranks
