"""The results of the scaling benchmark, as curves and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.report import table

# By the name of what was measured: {position on the axis: number}.
Curve = Mapping[int, float]
Curves = Mapping[str, Curve]

IMAGE_BYTES = 28 * 28
MIB = 2**20

# The epochs after which the table shows the memory; the plot shows all of them.
_SHOWN_EPOCHS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Scaling:
    """Images a second by batch size and by data size, memory in MiB by data size and by epoch."""

    speed_by_batch: Curves
    speed_by_size: Curves
    peak_by_size: Curves
    resident_by_epoch: Curves


def images_mib(images: int) -> float:
    """The memory of the uint8 images alone, in MiB."""
    return images * IMAGE_BYTES / MIB


def tables(scaling: Scaling, facts: Sequence[str], plot: str) -> str:
    """All results as Markdown; ``plot`` is the link to the drawing."""
    sizes = _places(scaling.peak_by_size)
    alone = {"uint8 images alone": {size: images_mib(size) for size in sizes}}
    epochs = {
        name: {epoch: mib for epoch, mib in curve.items() if epoch in _SHOWN_EPOCHS}
        for name, curve in scaling.resident_by_epoch.items()
    }
    parts = [
        "".join(f"- {fact}\n" for fact in facts),
        f"![Speed by batch size and by data size, memory by data size and by epoch]({plot})\n",
        "Images/s inside an epoch, by batch size:\n",
        _table("batch size", scaling.speed_by_batch),
        "Images/s inside an epoch, by the number of training images, batches of 100:\n",
        _table("images", scaling.speed_by_size),
        "Peak memory of the process in the same runs, MiB:\n",
        _table("images", {**alone, **scaling.peak_by_size}),
        "Resident memory after each epoch, MiB:\n",
        _table("epoch", epochs),
    ]
    return "\n" + "\n".join(parts) + "\n"


def _table(axis: str, curves: Curves) -> str:
    rows = [
        [f"{place:,}", *(_cell(curve, place) for curve in curves.values())]
        for place in _places(curves)
    ]
    return table([axis, *curves], rows)


def _cell(curve: Curve, place: int) -> str:
    return f"{curve[place]:,.0f}" if place in curve else ""


def _places(curves: Curves) -> list[int]:
    return sorted({place for curve in curves.values() for place in curve})
