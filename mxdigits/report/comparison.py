"""The result of a comparison: the short answer first, then letters or a sentence for each test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from .groups import ROW, GroupPair, RunGroup, group_verdict, name_of_test
from .letters import MOST_SENTENCES, letters_of
from .results import Results
from .significance import LEVEL
from .verdict import Pair, verdict


@dataclass(frozen=True)
class Comparison:
    """Runs by their names, and a test of every pair of runs, or of every pair of groups of runs.

    >>> print(compare_runs(paths, Path("compare.html"), print).verdict)  # doctest: +SKIP
    """

    runs: dict[str, Results]
    pairs: list[Pair]
    groups: Sequence[RunGroup] = ()
    group_pairs: Sequence[GroupPair] = ()

    @property
    def verdict(self) -> str:
        """The result of the comparison in one sentence."""
        if self.groups:
            return group_verdict(self.groups, self.group_pairs)
        return verdict(self.runs, self.pairs)

    @property
    def tested(self) -> Sequence[Union[Pair, GroupPair]]:
        """The pairs that were tested."""
        return self.group_pairs or self.pairs

    @property
    def sentences(self) -> list[str]:
        """The result of each test."""
        return [pair.sentence for pair in self.tested]

    @property
    def best_first(self) -> list[str]:
        """The names of the runs, by their accuracy."""
        return sorted(self.runs, key=lambda name: -self.runs[name].scores.correct)

    @property
    def letters(self) -> dict[str, str]:
        """Letters of the runs, or of the groups: two that share one do not differ significantly.

        They are empty if there are so few pairs that their sentences are easily read.
        """
        if len(self.tested) <= MOST_SENTENCES:
            return {}
        names = self.best_first
        if self.groups:
            ordered = sorted(self.groups, key=lambda group: -group.accuracies.mean)
            names = [group.name for group in ordered]
        return letters_of(names, [(p.first, p.second) for p in self.tested if p.p < LEVEL])

    @property
    def group_table(self) -> list[list[str]]:
        """The groups as a table, its titles first; with letters if there are any."""
        rows = [list(ROW), *(group.row for group in self.groups)]
        if not (letters := self.letters):
            return rows
        column = ["letters", *(letters[group.name] for group in self.groups)]
        return [[name, each, *row] for each, (name, *row) in zip(column, rows)]

    @property
    def letters_mean(self) -> str:
        """What the letters mean, in a sentence."""
        what = "recipes" if self.groups else "runs"
        name = name_of_test(self.groups[0].kind) if self.groups else "McNemar's test"
        return (
            f"Two {what} that share a letter do not differ significantly; two that share none do "
            f"({name}, adjusted for {len(self.tested)} tests)."
        )
