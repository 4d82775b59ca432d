"""Imports all plugins of one kind, to find those that fail on import.

They are imported in another process. So a plugin that ends its process, for example because a
library crashes, is reported like any other failure, and the list goes on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from signal import Signals

from .registry import REGISTRIES, Registry

# Seconds for each import; a plugin that imports something large takes a few.
TIME_LIMIT = 120


def states_imported(registry: Registry) -> list[str]:
    """The state of each entry after its import, in the order of :meth:`Registry.entries`.

    Example:
        >>> from mxdigits.registry import DATASETS
        >>> states_imported(DATASETS)  # doctest: +SKIP
        ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok']
    """
    states: list[str] = []
    while len(states) < len(registry.entries()):
        told, fault = _told(registry, len(states))
        states += told
        if fault:
            states.append(f"broken: {fault}")
    return states


def _told(registry: Registry, first: int) -> tuple[list[str], str]:
    """The states of entries from ``first`` on, by one process, and how the next entry ended it."""
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import tell; "
        f"tell({registry.group!r}, {first})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    late = threading.Event()
    try:
        told = [json.loads(line) for line in _lines(process, late)]
        if first + len(told) == len(registry.entries()):
            return told, ""
        process.wait(TIME_LIMIT)
    except subprocess.TimeoutExpired:
        late.set()
    finally:
        process.kill()  # does nothing if it has ended
        process.wait()
    if late.is_set():
        return told, f"importing it does not end within {TIME_LIMIT} s"
    code = process.returncode
    how = f"exit code {code}" if code >= 0 else Signals(-code).name
    return told, f"importing it ends the process ({how})"


def _lines(process: subprocess.Popen[str], late: threading.Event) -> Iterator[str]:
    """The lines that a process writes; it is killed if one of them takes too long."""

    def end() -> None:
        late.set()
        process.kill()

    assert process.stdout is not None
    with process.stdout as lines:
        while True:
            timer = threading.Timer(TIME_LIMIT, end)
            timer.start()
            line = lines.readline()
            timer.cancel()
            if not line:
                return
            yield line


def tell(group: str, first: int) -> None:
    """Import the entries of a group from ``first`` on, and write the state of each as JSON.

    Example:
        >>> tell("mxdigits.datasets", 6)  # doctest: +SKIP
        "ok"
    """
    (registry,) = (each for each in REGISTRIES if each.group == group)
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # keeps what plugins print out of the answers
        for entry in registry.entries()[first:]:
            answers.write(json.dumps(registry.state(entry, load=True)) + "\n")
            answers.flush()
