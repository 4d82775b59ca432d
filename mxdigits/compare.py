"""Several runs side by side: what differs, and whether one is better or was only luckier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Callable

import numpy as np

from .context import ContextSpec
from .errors import DataError, RecipeError, UsageError
from .evaluation import read_results
from .files import check_writable, write_text
from .page import NOTHING, count, decimals, flat, render
from .pictures import data_uri
from .plots import Chart, Line, PlotsMissing, as_svg, drawing, line_chart
from .report import write_plots
from .results import Results
from .significance import LEVEL, McNemar, holm, mcnemar
from .strict_yaml import parse

MOST_PICTURES = 48
MOST_RUNS = 26  # as many as there are letters

# Of run.json; what it says besides is shown elsewhere, or is no environment.
_ENVIRONMENT = ("versions", "plugins", "device", "data", "network")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Pair:
    """Two of the runs, McNemar's test of them, and what it comes to."""

    first: str
    second: str
    test: McNemar
    p: float
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """Runs by their letters, and every pair of them."""

    runs: dict[str, Results]
    pairs: list[Pair]


def compare_runs(
    paths: Sequence[Path], output: Path, say: Say, context: ContextSpec = "cpu"
) -> Comparison:
    """Compare runs on their test images, and write a page about it.

    Args:
        paths: run folders, at least two, tested on the same images.
        output: the page; the curves go beside it, into ``<its name>-plots``.
        say: called with what a user should know.
        context: where to predict what the folders do not hold.

    Raises:
        UsageError: if there are too few runs or too many.
        DataError: if they were not tested on the same images.
        MxdigitsError: if a folder, the data or the device will not do.
    """
    if not 2 <= len(paths) <= MOST_RUNS:
        raise UsageError(f"compare takes 2 to {MOST_RUNS} runs, got {len(paths)}")
    check_writable(output)
    runs = {chr(ord("A") + i): read_results(path, say, context) for i, path in enumerate(paths)}
    _check_alike(list(runs.values()))
    compared = Comparison(runs, pairs(runs))
    svgs: dict[str, str] = {}
    missing = ""
    try:
        with drawing():
            charts = list(_charts(runs))
            svgs = {chart.name: as_svg(chart) for chart in charts}
            write_plots(charts, output.with_name(f"{output.stem}-plots"))
    except PlotsMissing as error:
        missing = str(error)
        say(f"the page has no charts: {missing}")
    write_text(output, compare_page(compared, svgs, missing))
    return compared


def _check_alike(runs: Sequence[Results]) -> None:
    first = runs[0]
    for other in runs[1:]:
        if other.classes != first.classes or not (
            np.array_equal(other.test.labels, first.test.labels)
            and np.array_equal(other.test.images, first.test.images)
        ):
            raise DataError(
                f"{first.folder} and {other.folder} were not tested on the same images; "
                "only runs that were can be compared"
            )


def pairs(runs: Mapping[str, Results]) -> list[Pair]:
    """McNemar's test of every pair, with p-values adjusted for there being several."""
    both = list(combinations(runs, 2))
    tests = [mcnemar(runs[a].right, runs[b].right) for a, b in both]
    adjusted = holm([test.p for test in tests])
    return [
        Pair(a, b, test, p, sentence(a, b, test, p, len(both)))
        for (a, b), test, p in zip(both, tests, adjusted)
    ]


def sentence(first: str, second: str, test: McNemar, p: float, tests: int = 1) -> str:
    """What a test comes to, for people.

    Args:
        first: the name of one run.
        second: the name of the other.
        test: McNemar's test of the two.
        p: its p-value, adjusted if it is one of several.
        tests: of how many.
    """
    if not test.only_first and not test.only_second:
        return f"{first} and {second} are right and wrong on the same images."
    evidence = (
        f"{count(test.only_first)} images only {first} has right, "
        f"{count(test.only_second)} only {second} "
        f"({test.named(p, tests)})"
    )
    if test.only_first == test.only_second:
        return f"{first} and {second} are equally accurate: {evidence}."
    better, worse = (first, second) if test.only_first > test.only_second else (second, first)
    if p < LEVEL:
        return f"{better} is more accurate than {worse}, which is significant: {evidence}."
    return f"The difference between {first} and {second} is not significant: {evidence}."


def _charts(runs: Mapping[str, Results]) -> Iterator[Chart]:
    for name in ("loss", "accuracy"):
        what = f"validation_{name}"
        lines = [Line(letter, run.history.column(what)) for letter, run in runs.items()]
        if any(value is not None for line in lines for value in line.values):
            title = f"{name.capitalize()} of each run by epoch"
            yield line_chart(name, title, lines, label=f"validation {name}")


def compare_page(compared: Comparison, charts: dict[str, str], missing: str = "") -> str:
    """The page as HTML; the arguments are those of :func:`mxdigits.report.report_page`."""
    runs = compared.runs
    recipes = {letter: _recipe(run) for letter, run in runs.items()}
    environments = {
        letter: flat({key: run.record[key] for key in _ENVIRONMENT if key in run.record})
        for letter, run in runs.items()
    }
    pictures, disagreed = disagreements(runs)
    return render(
        "compare.html",
        runs=runs,
        overview=overview(runs),
        pairs=compared.pairs,
        level=LEVEL,
        charts=charts,
        missing=missing,
        pictures=pictures,
        disagreed=disagreed,
        sides=[("Recipes", side_by_side(recipes)), ("Environments", side_by_side(environments))],
    )


def overview(runs: Mapping[str, Results]) -> list[tuple[str, list[str]]]:
    """The numbers of the runs: (what, one cell a run)."""

    def row(what: str, cell: Callable[[Results], str]) -> tuple[str, list[str]]:
        return what, [cell(run) for run in runs.values()]

    return [
        row("test accuracy", lambda run: decimals(run.scores.accuracy)),
        row("95 % interval", lambda run: "{:.4f} to {:.4f}".format(*run.scores.interval())),
        row("mistakes", lambda run: count(run.scores.samples - run.scores.correct)),
        row("test loss", lambda run: decimals(run.scores.loss)),
        row("calibration error", lambda run: decimals(run.calibration.expected_error)),
        row("epochs", lambda run: str(len(run.history))),
        row("training seconds", lambda run: decimals(sum(run.history.column("seconds")), 2)),
        row("samples/s, median", _rate),
    ]


def _rate(run: Results) -> str:
    rates = run.history.column("samples_per_second")
    return count(median(rates)) if rates else NOTHING


def _recipe(run: Results) -> dict[str, str]:
    try:
        return flat(parse(run.recipe, str(run.folder.recipe_file)).value or {})
    except RecipeError:  # the numbers can be compared all the same
        return {"": "cannot be read"}


@dataclass(frozen=True)
class SideBySide:
    """Rows of what differs, (key, one cell a run), and of what is the same, (key, cell)."""

    different: list[tuple[str, list[str]]]
    same: list[tuple[str, str]]


def side_by_side(values: Mapping[str, Mapping[str, str]]) -> SideBySide:
    """Values by run, {letter: {key: text}}, to rows; the keys in the order of the runs."""
    keys = dict.fromkeys(key for found in values.values() for key in found)
    rows = [(key, [found.get(key, NOTHING) for found in values.values()]) for key in keys]
    return SideBySide(
        different=[row for row in rows if len(set(row[1])) > 1],
        same=[(key, cells[0]) for key, cells in rows if len(set(cells)) == 1],
    )


@dataclass(frozen=True)
class Disagreement:
    """An image on which runs disagree; ``answers`` are (letter, class, confidence, right)."""

    index: int
    picture: str
    true: str
    answers: list[tuple[str, str, float, bool]]


def disagreements(runs: Mapping[str, Results]) -> tuple[list[Disagreement], int]:
    """Where the runs disagree most, and on how many images they do at all.

    First come the images whose true class one run gave the most probability and another the least.
    """
    found = list(runs.values())
    labels = found[0].test.labels
    differ = np.ptp([run.said for run in found], axis=0) > 0
    true_prob = np.array([run.prob[np.arange(len(labels)), labels] for run in found])
    spread = np.where(differ, np.ptp(true_prob, axis=0), -1)
    shown = np.argsort(-spread, kind="stable")[: min(MOST_PICTURES, int(differ.sum()))]
    pictures = [
        Disagreement(
            index=int(i),
            picture=data_uri(found[0].test.images[i]),
            true=found[0].classes[labels[i]],
            answers=[
                (letter, run.classes[run.said[i]], float(run.confidence[i]), bool(run.right[i]))
                for letter, run in runs.items()
            ],
        )
        for i in shown
    ]
    return pictures, int(differ.sum())
