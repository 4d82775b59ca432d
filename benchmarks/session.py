"""What all tables share: running the contenders in turn, and those that were left out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Callable, NamedTuple

from benchmarks import machine
from benchmarks.contenders import Contender
from benchmarks.measure import Failed


class Entrant(NamedTuple):
    """A contender that can start, and its interpreter."""

    contender: Contender
    interpreter: str


class Session:
    """One run of the benchmark.

    Args:
        settings: as the command line gives them.
        work: a folder that is empty when the session begins and gone when it ends.

    ``skipped`` says why a contender is missing, ``found`` what libraries each contender uses.
    """

    def __init__(self, settings: Any, work: Path):
        self.settings = settings
        self.work = work
        self.skipped: dict[str, str] = {}
        self.found: dict[str, list[str]] = {}

    def entrants(self, contenders: Iterable[Contender]) -> list[Entrant]:
        """The contenders that were asked for and can start."""
        entrants = []
        for contender in contenders:
            if contender.name not in (self.settings.contenders or [contender.name]):
                continue
            interpreter = self.settings.peers_python if contender.peer else sys.executable
            try:
                found = machine.versions(contender, interpreter, self.work)
            except Failed as failure:
                self.skip(contender.name, failure)
                continue
            self.found[f"{contender.name}: {contender.about}"] = found
            entrants.append(Entrant(contender, interpreter))
        return entrants

    def in_turn(
        self, title: str, entrants: Sequence[Entrant], measured: Callable[[Contender, str], Any]
    ) -> dict[str, list[Any]]:
        """Run A B C A B C ..., as many rounds as were asked for; failed contenders are left out."""
        results: dict[str, list[Any]] = {contender.name: [] for contender, _ in entrants}
        for number in range(1, self.settings.rounds + 1):
            for contender, interpreter in entrants:
                if contender.name not in results:
                    continue
                try:
                    result = measured(contender, interpreter)
                except Failed as failure:
                    self.skip(f"{contender.name} ({title})", failure)
                    del results[contender.name]
                    continue
                results[contender.name].append(result)
                say(f"{title}, round {number}, {contender.name}: {result}")
        return results

    def skip(self, what: str, why: Failed) -> None:
        self.skipped[what] = str(why)
        say(f"{what}: skipped: {why}")


def say(text: str) -> None:
    """Print the progress; the tables follow at the end."""
    print(text, file=sys.stderr, flush=True)
