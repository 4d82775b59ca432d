"""The charts of a report: lines by epoch, reliability, confusion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..arrays import Integers
from .calibration import FEW, Calibration
from .drawing import INK, SERIES, Chart, Look, new_figure

_MARKERS = "osD^v<>p"
_STYLES = ("-", "--", ":", "-.")  # the first eight lines have the first style, and so on


@dataclass(frozen=True)
class Line:
    """One line of a chart; a value that is None or not finite leaves a gap.

    >>> Line("train", [0.91, None, 0.95], dashed=True).name
    'train'
    """

    name: str
    values: Sequence[Optional[float]]
    dashed: bool = False


def line_chart(
    name: str, title: str, lines: Sequence[Line], *, label: str, over: str = "epoch"
) -> Chart:
    """Draw lines over epochs or other steps, counted from 0; ``label`` names the values.

    >>> from mxdigits.report.drawing import drawing
    >>> with drawing():
    ...     line_chart("loss", "Loss by epoch", [Line("train", [0.4, 0.2])], label="loss").title
    'Loss by epoch'
    """
    figure, axes = new_figure(4.6, 3.2)
    for i, line in enumerate(lines):
        axes.plot(
            [math.nan if v is None or not math.isfinite(v) else v for v in line.values],
            label=str(i),
            color=SERIES[i % len(SERIES)],
            linestyle="--" if line.dashed else _STYLES[i // len(SERIES) % len(_STYLES)],
            marker=_MARKERS[i % len(_MARKERS)] if len(line.values) <= 40 else "",
        )
    axes.set_xlabel(over)
    axes.set_ylabel(label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if max((len(line.values) for line in lines), default=0) == 1:  # no fractions of an epoch
        axes.set_xlim(-1, 1)
        axes.set_xticks([0])
    if len(lines) > 1:
        # Named afterwards: matplotlib leaves out a line whose label begins with an underscore.
        for text, line in zip(axes.legend().get_texts(), lines):
            text.set_text(short(line.name, 32))
    return Chart(name, title, figure)


def reliability_diagram(name: str, title: str, calibration: Calibration) -> Chart:
    """Draw accuracy over confidence by bin, and below it how many samples each bin holds.

    Bins of fewer than :data:`~mxdigits.report.calibration.FEW` samples are pale.

    >>> from mxdigits.report.calibration import calibrate
    >>> calibration = calibrate(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))
    >>> from mxdigits.report.drawing import drawing
    >>> with drawing():
    ...     reliability_diagram("reliability", "Accuracy over confidence", calibration).name
    'reliability'
    """
    from matplotlib.patches import Patch

    figure, axes = new_figure(4.6, 4.2, rows=[3, 1])
    above, below = axes
    held = calibration.counts > 0
    left, width = calibration.edges[:-1][held], np.diff(calibration.edges)[held]
    counts, accuracy = calibration.counts[held], calibration.accuracy[held]
    blue, brown = SERIES[:2]
    look: Look = {"facecolor": blue, "edgecolor": blue, "alpha": 0.55}
    accuracies = above.bar(left, accuracy, width, align="edge", **look)
    sizes = below.bar(left, counts, width, align="edge", **look)
    for i in np.flatnonzero(counts < FEW):
        accuracies[i].set_alpha(0.2)
        sizes[i].set_alpha(0.2)
    points = above.plot(
        *(calibration.confidence[held], accuracy),
        color=brown,
        linestyle="none",
        marker="o",
        label="at the mean confidence",
    )
    perfect = above.plot([0, 1], [0, 1], color=INK, linestyle="--", linewidth=1, label="perfect")
    above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy")
    handles = [Patch(label="accuracy", **look), *points, *perfect]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    below.set(xlim=(0, 1), xlabel="confidence", ylabel="images", yscale="log")
    below.set_ylim(bottom=0.8)
    below.yaxis.set_major_formatter("{x:,.0f}")
    return Chart(name, title, figure)


def confusion_matrix(name: str, title: str, confusion: Integers, classes: Sequence[str]) -> Chart:
    """Draw a confusion matrix: a row per true class, a column per answer, shaded by row.

    >>> from mxdigits.report.drawing import drawing
    >>> with drawing():
    ...     confusion = np.array([[9, 1], [0, 10]])
    ...     confusion_matrix("confusion", "Confusion", confusion, ["no", "yes"]).name
    'confusion'
    """
    size = min(max(4.0, 0.42 * len(classes) + 1.2), 11.0)
    points = min(8.0, 19 * (size - 1.2) / len(classes))
    figure, axes = new_figure(size, size)
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    # The square root makes a single mistake among hundreds of images visible.
    axes.imshow(np.sqrt(share), cmap="Blues", vmin=0, vmax=1)
    axes.grid(visible=False)
    ticks = range(len(classes))
    names = [short(each) for each in classes]
    axes.set_xticks(ticks, names, rotation=90 if max(map(len, names)) > 3 else 0)
    axes.set_yticks(ticks, names)
    axes.set(xlabel="taken for", ylabel="true class")
    for row, column in zip(*np.nonzero(confusion)):
        colour = "white" if share[row, column] > 0.25 else INK
        text = str(confusion[row, column])
        axes.text(column, row, text, color=colour, ha="center", va="center", fontsize=points)
    return Chart(name, title, figure)


def short(text: str, length: int = 14) -> str:
    """Shorten a text for the margin of a chart to one printable line.

    >>> short("a name that is much too long")
    'a name that i…'
    """
    line = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return line if len(line) <= length else line[: length - 1] + "…"
