"""Work to be timed: what a race asks of it, and what it measures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Protocol

from ...arrays import Images
from ...values import Json
from ..base import Backend
from ..choose import DeviceChoice

# Seconds of steady work that are timed.
TIMED = 0.3


@dataclass(frozen=True)
class Figure:
    """What was measured of a backend, in seconds.

    ``start`` is until it can compute anything, mostly its import, in seconds of a CPU; ``ready``
    until it has done the work once, compiling included; ``step`` is a batch of training, and
    ``image`` an image of a prediction.

    Example:
        >>> Figure(start=1.0, ready=0.5, step=0.01, image=0.0001).step
        0.01
    """

    start: float
    ready: float
    step: float
    image: float


class Work(Protocol):
    """Work that backends do a little of.

    Example:
        >>> work.seconds(Figure(1.0, 0.5, 0.01, 0.0001))  # doctest: +SKIP
        62.1
    """

    def facts(self) -> dict[str, Json]:
        """What decides how fast it is done, besides machine, device and backend."""

    def measure(self, backend: str, devices: Sequence[object]) -> Figure:
        """Do a little of it in this process; ``start`` of the figure is left 0.

        Raises:
            MxdigitsError: if the backend cannot do it.
        """

    def seconds(self, figure: Figure) -> float:
        """How long all of it will take."""

    def operations(self) -> Optional[float]:
        """The additions and multiplications of all of it; None where that is not known."""

    def usual(self) -> tuple[Sequence[str], str]:
        """The backends in the order in which they are usually fast at it, and what is like it."""

    def check(self, choice: DeviceChoice) -> None:
        """See in this process that a backend can do it.

        Raises:
            MxdigitsError: if it cannot.
        """


def image_seconds(backend: Backend, images: Images) -> float:
    """Seconds of an image that is predicted, over some time.

    Args:
        backend: which has predicted as many before.
        images: uint8 (N, C, H, W), predicted together.

    Example:
        >>> image_seconds(backend, images) < 1  # doctest: +SKIP
        True
    """
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < TIMED / 3:
        backend.logits(images)
        count += len(images)
    return passed / count


def figure_of(plain: object) -> Optional[Figure]:
    """A figure that was written as JSON; None for anything else.

    Example:
        >>> figure_of({"start": 1.0, "ready": 0.5, "step": 0.01, "image": 0.0001}).ready
        0.5
        >>> figure_of({"start": "soon"}) is None
        True
    """
    names = Figure.__dataclass_fields__
    if not isinstance(plain, dict) or plain.keys() != names.keys():
        return None
    if not all(isinstance(each, (int, float)) and 0 <= each < 1e9 for each in plain.values()):
        return None
    return Figure(**plain)
