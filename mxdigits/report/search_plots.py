"""The charts of a search: learning curves, parallel coordinates, importance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from .drawing import INK, SERIES, Chart, Look, new_figure
from .plots import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_TICKS = 8


@dataclass(frozen=True)
class Axis:
    """A vertical axis: its name, and the name and place (0 to 1) of each of its ticks.

    >>> Axis("epochs", {"1": 0.0, "3": 1.0}).ticks["3"]
    1.0
    """

    name: str
    ticks: Mapping[str, float]


def number_axis(name: str, low: float, high: float, *, log: bool = False) -> Axis:
    """Make an axis of numbers, with ticks at both ends and between them.

    >>> number_axis("rate", 0.01, 1, log=True).ticks
    {'0.01': 0.0, '0.1': 0.5, '1': 1.0}
    """
    middle = math.sqrt(low * high) if log else (low + high) / 2
    places = {0.0: low, 0.5: middle, 1.0: high} if high > low else {0.5: low}
    return Axis(name, {f"{value:.3g}": place for place, value in places.items()})


def choice_axis(name: str, choices: Sequence[str]) -> Axis:
    """Make an axis of values that have no order.

    >>> choice_axis("optimizer", ["sgd", "adam"]).ticks
    {'sgd': 0.0, 'adam': 1.0}
    """
    last = max(len(choices) - 1, 1)
    return Axis(name, {choice: i / last for i, choice in enumerate(choices)})


def place_between(value: float, low: float, high: float, *, log: bool = False) -> float:
    """Return the place of a number on an axis of numbers, from 0 to 1.

    >>> place_between(0.1, 0.01, 1, log=True), place_between(5, 5, 5)
    (0.5, 0.5)
    """
    if high <= low:
        return 0.5
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return min(max((value - low) / (high - low), 0.0), 1.0)


def parallel_coordinates(
    name: str, title: str, axes: Sequence[Axis], lines: Sequence[Sequence[float]]
) -> Chart:
    """Draw each trial as a line over all axes; the higher on the last axis, the stronger.

    Args:
        name: of the chart.
        title: says in words what it shows.
        axes: from left to right.
        lines: a place from 0 to 1 for each axis; the best line first.

    >>> from mxdigits.report.drawing import drawing
    >>> axes = [number_axis("epochs", 1, 3), number_axis("accuracy", 0.8, 0.9)]
    >>> with drawing():
    ...     parallel_coordinates("parallel", "Each trial", axes, [[1, 1], [0, 0]]).name
    'parallel'
    """
    figure, upper = new_figure(max(4.6, 1.5 * len(axes) + 1.2), 3.8)
    places = range(len(axes))
    for rank, line in reversed(list(enumerate(lines))):
        strength = line[-1] if line else 0
        best = rank == 0
        upper.plot(
            places,
            line,
            color=SERIES[1] if best else SERIES[0],
            alpha=1 if best else 0.15 + 0.6 * strength,
            linewidth=2.2 if best else 1.0,
            marker="o" if best else "",
        )
    upper.set(xlim=(-0.3, len(axes) - 0.4), ylim=(-0.06, 1.06))
    upper.grid(visible=False)
    upper.set_yticks([])
    upper.spines[["left", "bottom"]].set_visible(False)
    upper.tick_params(axis="x", length=0)
    upper.set_xticks(places, [_in_two_lines(axis.name) for axis in axes])
    for place, axis in enumerate(axes):
        upper.axvline(place, color=INK, linewidth=0.8, zorder=0)
        for text, height in _some(axis.ticks):
            at = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
            upper.annotate(short(text), (place, height), **at)
    return Chart(name, title, figure)


def _in_two_lines(key: str) -> str:
    """A dotted key in two lines: its section above, its last part below."""
    section, dot, last = key.rpartition(".")
    return f"{short(section, 20)}{dot}\n{short(last, 20)}" if dot else short(key, 20)


def _some(ticks: Mapping[str, float]) -> list[tuple[str, float]]:
    """The ticks that there is room for."""
    step = -(-len(ticks) // _MOST_TICKS)
    return list(ticks.items())[::step]


def bars(name: str, title: str, shares: Mapping[str, float], *, label: str) -> Chart:
    """Draw shares from 0 to 1 as bars, the largest at the top.

    >>> from mxdigits.report.drawing import drawing
    >>> with drawing():
    ...     bars("importance", "Importance", {"epochs": 0.8, "seed": 0.2}, label="share").name
    'importance'
    """
    figure, axes = new_figure(4.6, 0.9 + 0.36 * len(shares))
    ordered = sorted(shares.items(), key=lambda item: item[1])
    look: Look = {"facecolor": SERIES[0], "edgecolor": SERIES[0], "alpha": 0.55}
    axes.barh(range(len(ordered)), [share for _, share in ordered], **look)
    axes.set_yticks(range(len(ordered)), [short(key, 28) for key, _ in ordered])
    axes.grid(visible=False, axis="y")
    axes.set(xlim=(0, 1), xlabel=label)
    return Chart(name, title, figure)


@dataclass(frozen=True)
class Curve:
    """The numbers of a trial by epoch; ``pruned`` if it was stopped early.

    >>> Curve({0: 0.8, 1: 0.9}).pruned
    False
    """

    values: Mapping[int, float]
    pruned: bool = False


def many_curves(
    name: str, title: str, curves: Sequence[Curve], *, label: str, best: Optional[Curve] = None
) -> Chart:
    """Draw the curves of many trials over the epochs, one of them stronger.

    >>> from mxdigits.report.drawing import drawing
    >>> with drawing():
    ...     many_curves("curves", "By epoch", [Curve({0: 0.8, 1: 0.9})], label="accuracy").name
    'curves'
    """
    from matplotlib.lines import Line2D

    figure, axes = new_figure(4.6, 3.4)
    blue, brown = SERIES[:2]
    for curve in curves:
        if curve is not best:
            _plot(axes, curve, color=blue, alpha=0.35, linewidth=1.0)
    if best is not None:
        _plot(axes, best, color=brown, alpha=1.0, linewidth=2.2)
    axes.set(xlabel="epoch", ylabel=label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    kinds: dict[str, tuple[bool, Look]] = {
        "best": (best is not None, {"color": brown, "linewidth": 2.2}),
        "others": (any(not c.pruned and c is not best for c in curves), {"color": blue}),
        "pruned": (any(c.pruned for c in curves), {"color": blue, "linestyle": ":"}),
    }
    handles = [Line2D([], [], label=kind, **look) for kind, (there, look) in kinds.items() if there]
    if handles:
        axes.legend(handles=handles)
    return Chart(name, title, figure)


def _plot(axes: Axes, curve: Curve, *, color: str, alpha: float, linewidth: float) -> None:
    marker = "o" if len(curve.values) == 1 else ""
    style = ":" if curve.pruned else "-"
    axes.plot(
        list(curve.values),
        list(curve.values.values()),
        color=color,
        alpha=alpha,
        linewidth=linewidth,
        linestyle=style,
        marker=marker,
    )
