"""Several runs side by side: what differs, and whether one is significantly better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Callable, Optional

import numpy as np

from ..backends.context import BackendSpec, ContextSpec
from ..errors import DataError, RecipeError, UsageError
from ..runs.listing import read_run
from ..runs.names import check_different
from ..signals import stoppable
from ..storage.files import check_writable, write_text
from ..storage.strict_yaml import parse
from ..wording import NOTHING, Say, in_words, some_of
from .comparison import Comparison
from .disagreements import disagreements
from .drawing import Chart, PlotsMissing, as_svg, drawing
from .groups import fold_of_run, group_pairs, groups_of
from .page import count, decimals, flat_words, render
from .plots import Line, line_chart
from .report import write_plots
from .results import Results, read_results
from .significance import LEVEL
from .verdict import pairs

MOST_RUNS = 100  # each pair of them is tested
MOST_LINES = 26  # more could not be told apart in a chart

# Sections of run.json to compare; the others are shown elsewhere, or are no environment.
_ENVIRONMENT = ("backend", "precision", "versions", "plugins", "device", "data", "network")


def compare_runs(
    paths: Sequence[Path],
    output: Path,
    say: Say,
    context: ContextSpec = "cpu",
    backend: BackendSpec = "auto",
) -> Comparison:
    """Compare runs on their test images, and write a page about it.

    Args:
        paths: run folders, at least two, tested on the same images.
        output: the page; the curves go beside it, into ``<its name>-plots``.
        say: called with what a user should know.
        context: the device for predictions that the folders do not hold.
        backend: the backend for these predictions.

    Raises:
        UsageError: if there are too few runs or too many, or one is there twice.
        Interrupted: after SIGINT, SIGTERM or SIGHUP; nothing half-written is left.
        DataError: if they were not tested on the same images.
        MxdigitsError: if a folder, the data or the device cannot be used.

    >>> paths = Path("runs/mlp/20261123T153755Z"), Path("runs/lenet/20261123T160212Z")
    >>> compared = compare_runs(paths, Path("compare.html"), print)  # doctest: +SKIP
    >>> [pair.sentence for pair in compared.pairs]  # doctest: +SKIP
    """
    if not 2 <= len(paths) <= MOST_RUNS:
        raise UsageError(f"compare takes 2 to {MOST_RUNS} runs, got {len(paths)}")
    check_writable(output)
    check_different(paths)
    for path in paths:
        if unfinished := read_run(path).unfinished:
            say(f"{path}: {unfinished}; its numbers are those of the weights that it saved")
    results = [read_results(path, say, context, backend) for path in paths]
    runs = dict(zip(run_names(results), results))
    compared = _compared(runs)
    svgs: dict[str, str] = {}
    missing = ""
    with stoppable() as stopper:
        stopper.meanwhile = f"before {output} was written"
        try:
            with drawing():
                charts = list(_charts(compared))
                svgs = {chart.name: as_svg(chart) for chart in charts}
                write_plots(charts, output.with_name(f"{output.stem}-plots"))
        except PlotsMissing as error:
            missing = str(error)
            say(f"the page has no charts: {missing}")
        write_text(output, compare_page(compared, svgs, missing))
    return compared


def _compared(runs: dict[str, Results]) -> Comparison:
    """Test every pair of groups if each recipe has several runs, else every pair of runs.

    Raises:
        DataError: if they were not tested on the same images.
    """
    groups = groups_of(runs)
    by_fold: dict[Optional[int], list[Results]] = {}
    for run in runs.values():  # only runs of folds may have different test images
        by_fold.setdefault(fold_of_run(run) if groups else None, []).append(run)
    for alike in by_fold.values():
        _check_alike(alike)
    if groups:
        return Comparison(runs, [], groups, group_pairs(groups))
    return Comparison(runs, pairs(runs))


def _check_alike(runs: Sequence[Results]) -> None:
    first = runs[0]
    for other in runs[1:]:
        if other.classes != first.classes:
            ours, theirs = (some_of(run.classes, 10) for run in (first, other))
            raise DataError(
                f"{first.folder} and {other.folder} have different classes ({ours}, and {theirs}), "
                "so they cannot be compared"
            )
        if not (
            np.array_equal(other.test.labels, first.test.labels)
            and np.array_equal(other.test.images, first.test.images)
        ):
            raise DataError(
                f"{first.folder} and {other.folder} were not tested on the same images; "
                f"{_how_else(runs)}"
            )


def _how_else(runs: Sequence[Results]) -> str:
    """What to do with runs that were tested on different images."""
    if any(fold_of_run(run) is not None for run in runs):
        return (
            "compare folds with those of another recipe that divide the same data, made with the "
            "same -k and --split-seed: mxdigits compare a-folds b-folds"
        )
    return (
        "measure both on the same ones: mxdigits score RUN --data NAME KEY=VALUE, or train both "
        "with the same data"
    )


def run_names(runs: Sequence[Results]) -> list[str]:
    """Return a short name for each run that differs from those of the others.

    It is the recipe's name if no other run has that; else the recipe's name and the end of the
    folder's name, such as ``lenet 1cca89``; else the whole name or the path.

    >>> run_names([read_results(path, print) for path in paths])  # doctest: +SKIP
    """
    folders = [run.folder.path.resolve() for run in runs]
    recipes = [folder.parent.name for folder in folders]
    short = [
        recipe if recipes.count(recipe) == 1 else f"{recipe} {folder.name.rpartition('-')[2]}"
        for recipe, folder in zip(recipes, folders)
    ]
    for names in (short, [run.name for run in runs]):
        if len(set(names)) == len(names):
            return names
    return list(map(str, folders))


def _charts(compared: Comparison) -> Iterator[Chart]:
    runs = compared.runs
    of_what = "group, on average," if compared.groups else "run"
    if not compared.groups and len(runs) > MOST_LINES:
        of_what = f"of the {MOST_LINES} best runs"
    for name in ("loss", "accuracy"):
        shown = set(compared.best_first[:MOST_LINES])
        lines = [Line(each, runs[each].curve(name)) for each in runs if each in shown]
        if compared.groups:
            lines = [Line(group.name, group.curve(name)) for group in compared.groups]
        if any(value is not None for line in lines for value in line.values):
            title = f"{name.capitalize()} of each {of_what} by epoch"
            on = " or ".join(sorted({run.evaluated_on for run in runs.values()}))
            yield line_chart(name, title, lines, label=f"{on} {name}")


def compare_page(compared: Comparison, charts: dict[str, str], missing: str = "") -> str:
    """Return the page as HTML.

    Args:
        compared: what it shows.
        charts: {name: SVG}.
        missing: why there are no charts.

    >>> page = compare_page(compared, {}, "matplotlib is not installed")  # doctest: +SKIP
    """
    runs = compared.runs
    recipes = {name: _recipe(run) for name, run in runs.items()}
    environments = {
        name: flat_words({key: run.record[key] for key in _ENVIRONMENT if key in run.record})
        for name, run in runs.items()
    }
    folds = any(group.kind == "folds" for group in compared.groups)
    pictures, disagreed = ([], None) if folds else disagreements(runs)
    return render(
        "compare.html",
        runs=runs,
        verdict=compared.verdict,
        overview=_with_folders(compared),
        pairs=compared.pairs,
        tests=len(compared.tested),
        sentences=compared.sentences,
        letters=compared.letters,
        letters_mean=compared.letters_mean,
        groups=compared.groups,
        group_table=compared.group_table,
        level=LEVEL,
        charts=charts,
        missing=missing,
        pictures=pictures,
        disagreed=disagreed,
        sides=[("Recipes", side_by_side(recipes)), ("Environments", side_by_side(environments))],
    )


def overview(compared: Comparison) -> list[list[str]]:
    """Return the numbers of the runs as a table, its titles first, then the best run.

    >>> titles, best, *others = overview(compared)  # doctest: +SKIP
    """
    columns: dict[str, Callable[[Results], str]] = {
        "test accuracy": lambda run: decimals(run.scores.accuracy),
        "95 % interval": lambda run: "{:.4f} to {:.4f}".format(*run.scores.interval()),
        "mistakes": lambda run: count(run.scores.samples - run.scores.correct),
        "test loss": lambda run: decimals(run.scores.loss),
        "calibration error": lambda run: decimals(run.calibration.expected_error),
        "epochs": lambda run: str(len(run.history) or NOTHING),
        "training seconds": _seconds,
        "samples/s, median": _rate,
    }
    letters = {} if compared.groups else compared.letters
    rows = [["run", *["letters"] * bool(letters), *columns]]
    for name in compared.best_first:
        run = compared.runs[name]
        marks = [letters[name]] if letters else []
        rows.append([name, *marks, *(cell(run) for cell in columns.values())])
    return rows


def _with_folders(compared: Comparison) -> list[list[str]]:
    """The table of :func:`overview` with a column of the runs' folders."""
    titles, *rows = overview(compared)
    return [[*titles, "folder"], *([*row, compared.runs[row[0]].name] for row in rows)]


def _seconds(run: Results) -> str:
    return decimals(sum(run.history.column("seconds")), 2) if len(run.history) else NOTHING


def _rate(run: Results) -> str:
    rates = run.history.column("samples_per_second")
    return count(median(rates)) if rates else NOTHING


def _recipe(run: Results) -> dict[str, str]:
    if run.members:  # it has none of its own
        return {"ensemble of": in_words([member.run for member in run.members])}
    try:
        return flat_words(parse(run.recipe, str(run.folder.recipe_file)).value or {})
    except RecipeError:  # the numbers can be compared without the recipe
        return {"": "cannot be read"}


@dataclass(frozen=True)
class SideBySide:
    """Rows of values that differ, (key, one cell per run), and of equal values, (key, cell).

    >>> SideBySide(different=[("epochs", ["3", "10"])], same=[("seed", "42")]).same
    [('seed', '42')]
    """

    different: list[tuple[str, list[str]]]
    same: list[tuple[str, str]]


def side_by_side(values: Mapping[str, Mapping[str, str]]) -> SideBySide:
    """Sort values by run, {name: {key: text}}, into rows; the keys keep the order of the runs.

    >>> side_by_side({"mlp": {"epochs": "3", "seed": "1"}, "lenet": {"epochs": "9", "seed": "1"}})
    SideBySide(different=[('epochs', ['3', '9'])], same=[('seed', '1')])
    """
    keys = dict.fromkeys(key for texts in values.values() for key in texts)
    rows = [(key, [texts.get(key, NOTHING) for texts in values.values()]) for key in keys]
    return SideBySide(
        different=[row for row in rows if len(set(row[1])) > 1],
        same=[(key, cells[0]) for key, cells in rows if len(set(cells)) == 1],
    )
