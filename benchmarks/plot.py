"""The scaling benchmark's curves as an SVG: the same numbers give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from benchmarks.curves import Curves, Scaling, images_mib

_STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "svg.fonttype": "none",  # text as text: small, and it can be searched
    "svg.hashsalt": "mxdigits",  # ids that are not random
}
_MARKERS = "os^Dv<>P"


def draw(scaling: Scaling, path: Path) -> None:
    """Draw all four plots into one file."""
    # The user's own style must not change it.
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **_STYLE}):
        figure = Figure(figsize=(9, 6.4), layout="constrained")
        axes = figure.subplots(2, 2)
        speed, size, peak, resident = axes.flat
        _panel(speed, scaling.speed_by_batch, "Speed by batch size", "batch size", "images/s")
        _panel(size, scaling.speed_by_size, "Speed by data size", "training images", "images/s")
        _panel(peak, scaling.peak_by_size, "Peak memory", "training images", "MiB")
        _images_alone(peak)
        _panel(resident, scaling.resident_by_epoch, "Memory after each epoch", "epoch", "MiB")
        for panel in (speed, size, peak):
            panel.set_xscale("log")
        for panel in (speed, size):
            panel.set_yscale("log")
        for panel in (peak, resident):
            panel.set_ylim(0, 1.1 * panel.dataLim.y1)
        resident.xaxis.get_major_locator().set_params(integer=True)
        for panel in axes.flat:
            panel.minorticks_off()
            panel.xaxis.set_major_formatter("{x:,.0f}")
            panel.yaxis.set_major_formatter("{x:,.0f}")
            panel.legend()
        # No date and no version: the file changes only with the numbers.
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _panel(panel: Any, curves: Curves, title: str, across: str, up: str) -> None:
    for marker, (name, curve) in zip(_MARKERS, curves.items()):
        panel.plot(list(curve), list(curve.values()), marker=marker, label=name)
    panel.set(title=title, xlabel=across, ylabel=up)


def _images_alone(panel: Any) -> None:
    places: Sequence[int] = sorted({int(x) for line in panel.lines for x in line.get_xdata()})
    alone = [images_mib(place) for place in places]
    panel.plot(places, alone, color="#888888", linestyle="--", label="uint8 images alone")
