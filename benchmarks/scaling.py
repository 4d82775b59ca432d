"""python -m benchmarks.scaling: how mxdigits' speed and memory depend on what it trains.

It varies threads, batch size and data size; each point is a fresh `mxdigits run`. The tables go
into docs/performance.md, the plot beside it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import product
from pathlib import Path
from typing import Optional

from benchmarks import curves, idx, machine, own_run, report
from benchmarks.arguments import count
from benchmarks.measure import ROOT, Failed
from benchmarks.session import say
from mxdigits.backends.cpus import usable_cpus

BATCHES = (10, 32, 100, 320, 1000, 3200, 10_000)
SIZES = (1000, 10_000, 100_000, 1_000_000)
USUAL_BATCH = 100
NAMES = {"mlp": "MLP", "lenet": "LeNet"}
TEST_IMAGES = 1000


@dataclass(frozen=True)
class Load:
    """How much of a network's training fits into the time.

    ``batch_images`` are those that the batch sizes are compared on, ``most_images`` the largest
    data set, ``least_trained`` how many images a point trains at least, and ``long_images`` those
    of the run over many epochs.
    """

    batch_images: int
    most_images: int
    least_trained: int
    long_images: int


LOADS = {
    "mlp": Load(60_000, 1_000_000, 180_000, 100_000),
    "lenet": Load(20_000, 100_000, 60_000, 10_000),
}

# Epochs of a point: the first warms up and is left out of its speed.
LEAST_EPOCHS, MOST_EPOCHS = 2, 20


@dataclass(frozen=True)
class Point:
    """One training."""

    network: str
    threads: int
    images: int
    batch: int
    epochs: int

    @property
    def label(self) -> str:
        """The name of its curve."""
        return f"{NAMES[self.network]}, {self.threads} thread{'s' * (self.threads > 1)}"


@dataclass(frozen=True)
class Found:
    """A result: ``throughput`` in images a second, ``resident_mib`` the memory after each epoch."""

    throughput: float
    peak_mib: float
    resident_mib: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.throughput:,.0f} images/s, {self.peak_mib:.0f} MiB"


@dataclass(frozen=True)
class Plan:
    """The trainings of each curve: by batch size, by data size, and the long ones."""

    by_batch: list[Point]
    by_size: list[Point]
    long: list[Point]

    def __iter__(self) -> Iterator[Point]:
        """Each training once."""
        return iter(dict.fromkeys([*self.by_batch, *self.by_size, *self.long]))


def main() -> None:
    settings = _settings()
    began = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    facts = [
        f"measured: {began} by `python -m benchmarks.scaling`, rounds: {settings.rounds}",
        *machine.describe(max(settings.threads)),
        "the median epoch, the first left out; threads as `threads` in the recipe",
    ]
    wanted = plan(settings.networks, settings.threads, settings.limit or max(SIZES))
    facts += _loads(wanted)
    with tempfile.TemporaryDirectory(prefix="scaling-") as folder:
        found = _measured(wanted, settings.rounds, Path(folder))
    scaling = gathered(wanted, found)
    drawn = os.path.relpath(settings.plot, settings.document.parent)
    text = curves.tables(scaling, facts, drawn)
    print(text)
    from benchmarks import plot  # now: what this process holds counts to its children's peak

    plot.draw(scaling, settings.plot)
    report.put(settings.document, "scaling", text)


def plan(networks: Sequence[str], threads: Sequence[int], limit: int) -> Plan:
    """What to train, on ``limit`` images at most."""
    made = Plan([], [], [])
    for network, of in product(networks, threads):
        load = LOADS[network]
        images = min(load.batch_images, limit)
        sizes = [size for size in SIZES if size <= min(load.most_images, limit)]
        made.by_batch.extend(_point(network, of, images, b) for b in BATCHES if b <= images)
        made.by_size.extend(_point(network, of, size, USUAL_BATCH) for size in sizes)
    for network in networks:
        images = min(LOADS[network].long_images, limit)
        made.long.append(Point(network, max(threads), images, USUAL_BATCH, MOST_EPOCHS))
    return made


def _point(network: str, threads: int, images: int, batch: int) -> Point:
    epochs = -(-LOADS[network].least_trained // images)
    return Point(network, threads, images, batch, min(max(epochs, LEAST_EPOCHS), MOST_EPOCHS))


def gathered(wanted: Plan, found: Mapping[Point, Found]) -> curves.Scaling:
    """The results of a plan as curves; failed trainings are left out."""
    speed_by_batch: dict[str, dict[int, float]] = {}
    speed_by_size: dict[str, dict[int, float]] = {}
    peak_by_size: dict[str, dict[int, float]] = {}
    for point in filter(found.__contains__, wanted.by_batch):
        speed_by_batch.setdefault(point.label, {})[point.batch] = found[point].throughput
    for point in filter(found.__contains__, wanted.by_size):
        speed_by_size.setdefault(point.label, {})[point.images] = found[point].throughput
        peak_by_size.setdefault(point.label, {})[point.images] = found[point].peak_mib
    resident_by_epoch = {
        f"{NAMES[point.network]}, {point.images:,} images": dict(
            enumerate(found[point].resident_mib, start=1)
        )
        for point in wanted.long
        if point in found
    }
    return curves.Scaling(speed_by_batch, speed_by_size, peak_by_size, resident_by_epoch)


def _loads(wanted: Plan) -> list[str]:
    loads = {point.network: point.images for point in wanted.by_batch}
    listed = ", ".join(f"{NAMES[name]} {images:,}" for name, images in loads.items())
    return [f"training images where batch sizes are compared: {listed}"]


def _measured(wanted: Iterable[Point], rounds: int, work: Path) -> dict[Point, Found]:
    """Measure every point in turn, once a round; points that fail are left out."""
    found: dict[Point, list[Found]] = {}
    failed = set()
    for number, point in product(range(1, rounds + 1), wanted):
        if point in failed:
            continue
        try:
            each = _measure(point, work)
        except Failed as failure:
            failed.add(point)
            found.pop(point, None)
            say(f"{point}: left out: {failure}")
            continue
        found.setdefault(point, []).append(each)
        say(f"round {number}, {point}: {each}")
    return {point: _median(each) for point, each in found.items()}


def _measure(point: Point, work: Path) -> Found:
    """Train in a fresh process.

    Raises:
        Failed: if it fails.
    """
    data = work / str(point.images)
    if not data.exists():
        idx.shifted(own_run.MNIST, data, train=point.images, test=TEST_IMAGES)
    overrides = [
        f"threads={point.threads}",
        f"data.batch_size={point.batch}",
        f"epochs={point.epochs}",
        "optimizer.learning_rate=0.01",  # so that the weights stay finite with small batches too
    ]
    with tempfile.TemporaryDirectory(dir=work) as output:
        measured, epochs = own_run.run(
            point.network, overrides, data=data, output=Path(output), work=work
        )
    speeds = [point.images / epoch.seconds for epoch in epochs[1:]]
    resident = tuple(epoch.resident_mib for epoch in epochs)
    return Found(statistics.median(speeds), measured.peak_mib, resident)


def _median(rounds: Sequence[Found]) -> Found:
    return Found(
        statistics.median(each.throughput for each in rounds),
        statistics.median(each.peak_mib for each in rounds),
        tuple(map(statistics.median, zip(*(each.resident_mib for each in rounds)))),
    )


def _settings(arguments: Optional[Sequence[str]] = None) -> argparse.Namespace:
    cpus = usable_cpus()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    add = parser.add_argument
    add("--networks", nargs="+", choices=LOADS, default=list(LOADS))
    add("--threads", nargs="+", type=count, default=sorted({1, cpus}), help=f"at most {cpus}")
    add("--rounds", type=count, default=1)
    add("--limit", type=count, help="images at most, to try things out; from 1000 on")
    add("--document", type=Path, default=ROOT / "docs" / "performance.md", help="for the tables")
    add("--plot", type=Path, default=ROOT / "docs" / "scaling.svg")
    settings = parser.parse_args(arguments)
    if max(settings.threads) > cpus:
        parser.error(f"--threads: at most {cpus}")
    if settings.limit and settings.limit < SIZES[0]:
        parser.error(f"--limit: from {SIZES[0]} on")
    if importlib.util.find_spec("matplotlib") is None:
        parser.error("matplotlib is not installed: pip install '.[bench]'")
    return settings


if __name__ == "__main__":
    main()
