"""Which of several runs is better: significance tests, and their results in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .page import count, decimals
from .results import Results
from .significance import LEVEL, McNemar, holm, mcnemar


@dataclass(frozen=True)
class Pair:
    """Two of the runs, McNemar's test of them, and its result in a sentence.

    >>> test = McNemar(both=90, only_first=7, only_second=0, neither=3, p=0.0156, exact=True)
    >>> Pair("lenet", "mlp", test, test.p, sentence("lenet", "mlp", test, test.p)).p
    0.0156
    """

    first: str
    second: str
    test: McNemar
    p: float
    sentence: str


def pairs(runs: Mapping[str, Results]) -> list[Pair]:
    """Test every pair by McNemar's test; the p-values are adjusted for the number of tests.

    >>> [pair.sentence for pair in pairs({"lenet": one, "mlp": other})]  # doctest: +SKIP
    """
    both = list(combinations(runs, 2))
    tests = [mcnemar(runs[a].right, runs[b].right) for a, b in both]
    adjusted = holm([test.p for test in tests])
    return [
        Pair(a, b, test, p, sentence(a, b, test, p, len(both)))
        for (a, b), test, p in zip(both, tests, adjusted)
    ]


def sentence(first: str, second: str, test: McNemar, p: float, tests: int = 1) -> str:
    """Return the result of a test in a sentence.

    Args:
        first: the name of one run.
        second: the name of the other.
        test: McNemar's test of the two.
        p: its p-value, adjusted if it is one of several.
        tests: the number of tests.

    >>> test = McNemar(both=90, only_first=7, only_second=0, neither=3, p=0.0156, exact=True)
    >>> sentence("lenet", "mlp", test, test.p).partition(":")[0]
    'lenet is more accurate than mlp, which is significant'
    """
    if not test.only_first and not test.only_second:
        return f"{first} and {second} are right and wrong on the same images."
    images = "image" if test.only_first == 1 else "images"
    evidence = (
        f"{count(test.only_first)} {images} only {first} has right, "
        f"{count(test.only_second)} only {second} "
        f"({test.named(p, tests)})"
    )
    if test.only_first == test.only_second:
        return f"{first} and {second} are equally accurate: {evidence}."
    better, worse = (first, second) if test.only_first > test.only_second else (second, first)
    if p < LEVEL:
        return f"{better} is more accurate than {worse}, which is significant: {evidence}."
    return f"The difference between {first} and {second} is not significant: {evidence}."


def verdict(runs: Mapping[str, Results], pairs: Sequence[Pair]) -> str:
    """Return a sentence that says which run is the best, as far as the test images show it.

    Args:
        runs: at least two, by their names.
        pairs: all of them, as :func:`pairs` gives them.

    >>> runs = {"lenet": one, "mlp": other}  # doctest: +SKIP
    >>> verdict(runs, pairs(runs))  # doctest: +SKIP
    """
    correct = {name: run.scores.correct for name, run in runs.items()}
    best, second, *rest = sorted(runs, key=lambda name: -correct[name])
    accuracy, next_to_it = (decimals(runs[name].scores.accuracy) for name in (best, second))
    tied = [name for name in runs if correct[name] == correct[best]]
    if len(tied) > 1:
        return f"There is no winner: {listed(tied)} are equally accurate, {accuracy}."
    p = {frozenset([pair.first, pair.second]): pair.p for pair in pairs}
    close = [name for name in (second, *rest) if p[frozenset([best, name])] >= LEVEL]
    if close:
        return (
            f"There is no clear winner: {best} is ahead with a test accuracy of {accuracy}, but "
            f"its lead over {listed(close)} is not significant."
        )
    wins = f"{best} wins: its test accuracy of {accuracy} is significantly above"
    if rest:
        return f"{wins} that of every other run; the next is {second} with {next_to_it}."
    return f"{wins} the {next_to_it} of {second}."


def listed(names: Sequence[str]) -> str:
    """Return names for a sentence; of more than four, the first three and how many others.

    >>> listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c", "d", "e"])
    ('a', 'a, b and c', 'a, b, c and 2 others')
    """
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
