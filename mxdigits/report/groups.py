"""Groups of runs, one per recipe: do the recipes differ, or only the seeds or the folds?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean
from typing import Literal, Optional

from ..data.parts import FOLD
from ..errors import DataError, RecipeError
from ..storage.json_text import json_text
from ..storage.strict_yaml import parse
from ..values import Unchecked
from ..wording import flat, in_words
from .accuracies import Accuracies
from .page import decimals
from .results import Results
from .significance import LEVEL, holm
from .student import Compared, paired_folds, welch
from .verdict import listed

# Keys of recipes that may differ within a group.
_OWN = ("name", "seed", "threads")

# The name of each test, and the possible cause of a difference that is not significant.
_TESTS = {
    "seeds": ("Welch's t test", "Different seeds may be the only cause."),
    "folds": ("the corrected resampled t test", "Different training images may be the only cause."),
}


@dataclass(frozen=True)
class RunGroup:
    """Runs of one recipe by their names, with several seeds or on folds, in their order.

    ``kind`` is ``seeds`` or ``folds``.

    >>> group = RunGroup("lenet", "seeds", {"lenet 1": one, "lenet 2": other})  # doctest: +SKIP
    >>> group.accuracies.mean, group.accuracies.interval  # doctest: +SKIP
    """

    name: str
    kind: Literal["seeds", "folds"]
    runs: Mapping[str, Results]

    @cached_property
    def accuracies(self) -> Accuracies:
        """The test accuracy of each run."""
        return Accuracies([run.scores.accuracy for run in self.runs.values()], self.kind)

    @property
    def grain(self) -> float:
        """The share of one image: the smallest difference of accuracies."""
        return 1 / min(run.scores.samples for run in self.runs.values())

    def curve(self, what: str) -> list[Optional[float]]:
        """The mean over the runs of :meth:`Results.curve`, for epochs that all runs have."""
        columns = zip(*(run.curve(what) for run in self.runs.values()))
        return [None if None in values else fmean(values) for values in columns]

    @property
    def row(self) -> list[str]:
        """A row of a table: name, runs, mean accuracy, deviation, interval."""
        count = f"{len(self.runs)} {self.kind}"
        found = self.accuracies
        numbers = decimals(found.mean, 5), decimals(found.deviation, 5)
        return [self.name, count, *numbers, found.interval_in_words]


ROW = ("recipe", "runs", "mean accuracy", "deviation", "95 % interval")


@dataclass(frozen=True)
class GroupPair:
    """Two groups, the test of their difference, and its result in a sentence.

    >>> GroupPair("lenet", "mlp", Compared(0.03, 0.02, 0.04, p=0.001), 0.001, "...").p
    0.001
    """

    first: str
    second: str
    test: Compared
    p: float
    sentence: str


def groups_of(runs: Mapping[str, Results]) -> list[RunGroup]:
    """Group the runs by their recipes if each recipe has several runs; else return an empty list.

    Recipes count as the same if they differ only in name, seed, threads or fold. An ensemble is of
    another group than its members.

    Raises:
        DataError: if folds are missing, or a fold or a seed is there twice.

    >>> groups_of({})
    []
    """
    recipes = {name: _recipe(run) for name, run in runs.items()}
    alike: dict[tuple[str, bool], list[str]] = {}
    for name, recipe in recipes.items():
        is_ensemble = bool(runs[name].members)
        alike.setdefault((_key(recipe, name), is_ensemble), []).append(name)
    if len(alike) < 2 or min(map(len, alike.values())) < 2:
        return []
    names = _names([recipes[each[0]] for each in alike.values()])
    groups = []
    for name, each in zip(names, alike.values()):
        folds = [fold_of(recipes[run]) for run in each]
        kind: Literal["seeds", "folds"] = "seeds" if folds[0] is None else "folds"
        ordered = each if kind == "seeds" else [run for _, run in sorted(zip(folds, each))]
        if kind == "folds":
            _check_once(name, "fold", folds)
        else:
            _check_once(name, "seed", [recipes[run].get("seed") for run in each])
        groups.append(RunGroup(name, kind, {run: runs[run] for run in ordered}))
    _check_folds(groups, recipes)
    return groups


def group_pairs(groups: Sequence[RunGroup]) -> list[GroupPair]:
    """Test every pair; the p-values are adjusted for the number of tests.

    Runs with different seeds are compared by :func:`~mxdigits.report.student.welch`, folds by
    :func:`~mxdigits.report.student.paired_folds`.

    >>> [pair.sentence for pair in group_pairs(groups)]  # doctest: +SKIP
    """
    both = list(combinations(groups, 2))
    tests = [
        (paired_folds if a.kind == "folds" else welch)(
            a.accuracies.values, b.accuracies.values, max(a.grain, b.grain)
        )
        for a, b in both
    ]
    adjusted = holm([test.p for test in tests])
    return [
        GroupPair(a.name, b.name, test, p, _sentence(a, b, test, p, len(both)))
        for (a, b), test, p in zip(both, tests, adjusted)
    ]


def group_verdict(groups: Sequence[RunGroup], pairs: Sequence[GroupPair]) -> str:
    """Return a sentence that says which recipe is the best, as far as the runs show it.

    >>> group_verdict(groups, group_pairs(groups))  # doctest: +SKIP
    """
    best, *others = sorted(groups, key=lambda group: -group.accuracies.mean)
    p = {frozenset([pair.first, pair.second]): pair.p for pair in pairs}
    close = [each.name for each in others if p[frozenset([best.name, each.name])] >= LEVEL]
    mean = f"a mean accuracy of {best.accuracies.mean:.4f}"
    if close:
        return (
            f"There is no clear winner among the recipes: {best.name} is ahead with {mean}, but "
            f"its lead over {listed(close)} is not significant."
        )
    next_mean = f"{others[0].accuracies.mean:.4f}"
    return (
        f"The recipe {best.name} wins: {mean} is significantly above the {next_mean} of "
        f"{others[0].name}{', the next' if others[1:] else ''}."
    )


def name_of_test(kind: str) -> str:
    """Return the name of the test that compares groups of this kind.

    >>> name_of_test("seeds")
    "Welch's t test"
    """
    return _TESTS[kind][0]


def fold_of(recipe: Mapping[str, Unchecked]) -> Optional[int]:
    """Return the fold that a recipe tests on; None for any other recipe.

    >>> fold_of({"data": {"name": "fold", "fold": 2}}), fold_of({"data": {"name": "mnist"}})
    (2, None)
    """
    data = recipe.get("data")
    fold = data.get("fold") if isinstance(data, dict) and data.get("name") == FOLD else None
    return fold if isinstance(fold, int) else None


def fold_of_run(run: Results) -> Optional[int]:
    """Return the fold that a run was tested on; None for any other run.

    >>> fold_of_run(results)  # doctest: +SKIP
    """
    return fold_of(_recipe(run))


def _recipe(run: Results) -> dict[str, Unchecked]:
    try:
        value = parse(run.recipe, str(run.folder.recipe_file)).value
    except RecipeError:  # the numbers can be compared without the recipe
        return {}
    return value if isinstance(value, dict) else {}


def _key(recipe: Mapping[str, Unchecked], name: str) -> str:
    """A text that is equal for runs of one group; a run whose recipe is unknown is alone."""
    if not recipe:
        return name
    kept = {key: value for key, value in recipe.items() if key not in _OWN}
    if fold_of(recipe) is not None:
        kept["data"] = {key: each for key, each in kept["data"].items() if key != "fold"}
    return json_text(kept)


def _names(recipes: Sequence[Mapping[str, Unchecked]]) -> list[str]:
    """A name for each recipe; if several have the same, with the values that differ."""
    flats = [{k: in_words(v) for k, v in flat(each) if k not in _OWN} for each in recipes]
    names = [str(each.get("name", "recipe")) for each in recipes]
    different = {
        key
        for key in {key for each in flats for key in each}
        if len({each.get(key, "") for each in flats}) > 1
    }
    full = []
    for name, each in zip(names, flats):
        told = ", ".join(f"{key} {each.get(key, '–')}" for key in sorted(different)[:3])
        full.append(name if names.count(name) == 1 else f"{name} ({told})")
    if len(set(full)) == len(full):
        return full
    return [f"{name} {i}" for i, name in enumerate(names, 1)]


def _check_once(name: str, what: str, values: Sequence[Optional[object]]) -> None:
    """A run and its repetition are equal, and would pass for two measurements."""
    for place, value in enumerate(values):
        if value is not None and value in values[:place]:
            raise DataError(
                f"{name}: {what} {in_words(value)} is there twice; name one run of each {what}"
            )


def _check_folds(
    groups: Sequence[RunGroup], recipes: Mapping[str, Mapping[str, Unchecked]]
) -> None:
    folds = [[fold_of(recipes[run]) for run in group.runs] for group in groups]
    for group, each in zip(groups[1:], folds[1:]):
        if group.kind != groups[0].kind:
            raise DataError(
                f"{groups[0].name} has {groups[0].kind} and {group.name} has {group.kind}, which "
                "were tested on different images; compare folds with folds, and seeds with seeds"
            )
        if group.kind == "folds" and each != folds[0]:
            raise DataError(
                f"{groups[0].name} and {group.name} were not tested on the same folds; compare "
                "groups that were made with the same -k and --split-seed"
            )


def _sentence(a: RunGroup, b: RunGroup, test: Compared, p: float, tests: int) -> str:
    better, worse = (a, b) if test.difference >= 0 else (b, a)
    name, chance = _TESTS[a.kind]
    adjusted = f", adjusted for {tests} tests" if tests > 1 else ""
    value = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    ends = (test.low, test.high) if better is a else (-test.high, -test.low)
    evidence = (
        f"{better.accuracies.mean:.4f} on average of {len(better.runs)} {better.kind}, "
        f"{worse.accuracies.mean:.4f} of {len(worse.runs)}; the difference is "
        f"{abs(test.difference):.4f}, 95 % interval "
        f"{ends[0]:.4f} to {ends[1]:.4f} ({name}{adjusted}: {value})"
    )
    if p < LEVEL:
        return (
            f"{better.name} is more accurate than {worse.name}, which is significant: {evidence}. "
            f"The recipes differ, not only the {a.kind}."
        )
    return f"The difference between {a.name} and {b.name} is not significant: {evidence}. {chance}"
