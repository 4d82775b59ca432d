"""The report of a search: ``report.html``, complete in one file, and its charts as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

from ..printing import printable
from ..report.drawing import Chart, PlotsMissing, as_svg, drawing
from ..report.page import count, decimals, render
from ..report.plots import Line, line_chart
from ..report.report import write_plots
from ..report.search_plots import (
    Axis,
    Curve,
    bars,
    choice_axis,
    many_curves,
    number_axis,
    parallel_coordinates,
    place_between,
)
from ..storage.files import write_text
from ..wording import NOTHING, Say, duration, in_words
from .ranges import Plain, Range, Span
from .results import Findings, TrialRow

_ACCURACY = "validation accuracy"


def write_page(findings: Findings, say: Say) -> Path:
    """Write ``report.html`` and ``plots/*.png`` into the study's folder; return the page's path.

    Without matplotlib there are no charts; the page and a line to ``say`` tell that.

    Raises:
        OutputError: if a file cannot be written.

    >>> write_page(findings, print).name  # doctest: +SKIP
    'report.html'
    """
    svgs: dict[str, str] = {}
    missing = ""
    try:
        with drawing():
            charts = list(_charts(findings))
            svgs = {chart.name: as_svg(chart) for chart in charts}
            write_plots(charts, findings.folder / "plots")
    except PlotsMissing as error:
        missing = str(error)
        say(f"the report has no charts: {missing}")
    write_text(findings.report_file, search_page(findings, svgs, missing))
    return findings.report_file


def search_page(findings: Findings, charts: dict[str, str], missing: str = "") -> str:
    """Return the page as HTML.

    Args:
        findings: what it shows.
        charts: {name: SVG}.
        missing: why there are no charts.

    >>> page = search_page(findings, {}, "no matplotlib")  # doctest: +SKIP
    """
    best, recipe = findings.best, findings.best_recipe
    keys = [
        (
            each.key,
            str(each).removeprefix(f"{each.key}: "),
            shown(best.values.get(each.key)) if best else NOTHING,
            findings.importance.get(each.key),
        )
        for each in findings.plan.space
    ]
    return render(
        "search.html",
        findings=findings,
        tiles=_tiles(findings),
        keys=keys,
        cell=shown,
        charts=charts,
        missing=missing,
        recipe=recipe.dump() if recipe else "",
    )


def shown(value: Plain) -> str:
    """Return a value as the text of a cell.

    >>> shown(0.0123456), shown("adam"), shown(None)
    ('0.01235', 'adam', '–')
    """
    return f"{value:.4g}" if isinstance(value, float) else printable(in_words(value))


def _tiles(findings: Findings) -> list[tuple[str, str, str]]:
    best = findings.best
    accuracy = decimals(best.accuracy) if best else NOTHING
    test = best.test_accuracy if best else None
    spent = sum(row.seconds or 0 for row in findings.rows)
    return [
        ("Best validation accuracy", accuracy, f"trial {best.number}" if best else "none yet"),
        ("Its test accuracy", decimals(test), "nothing was chosen by it"),
        ("Trials", count(len(findings.rows)), f"of {count(findings.plan.trials)}"),
        ("Time", duration(spent), "of all trials together"),
    ]


def _charts(findings: Findings) -> Iterator[Chart]:
    told = [row for row in findings.rows if row.accuracy is not None]
    if told:
        title = "Parallel coordinates: the values of each trial and its validation accuracy"
        axes, lines = _coordinates(findings.plan.space, told)
        yield parallel_coordinates("parallel", title, axes, lines)
    if findings.importance:
        title = "Importance of each key for the validation accuracy"
        yield bars("importance", title, findings.importance, label="importance")
    curves = {row.number: Curve(row.curve, row.state == "pruned") for row in told if row.curve}
    if curves:
        best = curves.get(findings.best.number) if findings.best else None
        title = "Validation accuracy of each trial by epoch"
        yield many_curves("curves", title, list(curves.values()), label=_ACCURACY, best=best)
    if told:
        yield _progress(findings.rows)


def _progress(rows: Sequence[TrialRow]) -> Chart:
    """The best validation accuracy so far, after each trial."""
    best: list[Optional[float]] = []
    for row in sorted(rows, key=lambda row: row.number):
        found = row.accuracy if row.state == "finished" else None
        known = [each for each in (found, best[-1] if best else None) if each is not None]
        best.append(max(known) if known else None)
    title = "Best validation accuracy so far, trial by trial"
    return line_chart("progress", title, [Line("", best)], label=f"best {_ACCURACY}", over="trial")


def _coordinates(
    space: Sequence[Range], rows: Sequence[TrialRow]
) -> tuple[list[Axis], list[list[float]]]:
    """The axes of the keys and of the accuracy, and each trial's places on them."""
    accuracies = [row.accuracy for row in rows if row.accuracy is not None]
    low, high = min(accuracies), max(accuracies)
    axes = [*map(_axis, space), number_axis(_ACCURACY, low, high)]
    lines = [
        [
            *(_place(each, row.values.get(each.key)) for each in space),
            place_between(row.accuracy or 0, low, high),
        ]
        for row in rows
    ]
    return axes, lines


def _axis(tried: Range) -> Axis:
    if isinstance(tried, Span):
        return number_axis(tried.key, tried.low, tried.high, log=tried.log)
    return choice_axis(tried.key, [shown(each) for each in tried.points])


def _place(tried: Range, value: Plain) -> float:
    if isinstance(tried, Span):
        assert isinstance(value, (int, float))
        return place_between(value, tried.low, tried.high, log=tried.log)
    return tried.points.index(value) / (len(tried.points) - 1)
