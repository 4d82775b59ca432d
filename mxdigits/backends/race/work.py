"""The interface of work that a race measures, and the figures it gives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional, Protocol

from ...arrays import Images
from ...values import Json
from ..base import Backend
from ..choose import DeviceChoice

# The seconds of steady work to measure.
TIMED = 0.3


@dataclass(frozen=True)
class Figure:
    """The measured times of a backend, in seconds.

    ``start`` is the CPU time until it can compute anything, mostly its import; ``ready`` the time
    from then until it has done the work once, compiling included; ``step`` the time of a training
    batch, and ``image`` of one predicted image.

    Example:
        >>> Figure(start=1.0, ready=0.5, step=0.01, image=0.0001).step
        0.01
    """

    start: float
    ready: float
    step: float
    image: float


class Work(Protocol):
    """Work of which backends do a little in a race.

    Example:
        >>> work.seconds(Figure(1.0, 0.5, 0.01, 0.0001))  # doctest: +SKIP
        62.1
    """

    def beside(self, best: float) -> Work:
        """The same work, to be measured beside a backend whose estimate is ``best`` seconds."""

    def facts(self) -> dict[str, Json]:
        """Everything that affects its speed, except machine, device and backend."""

    def measure(self, backend: str, devices: Sequence[object]) -> Figure:
        """Do a little of it in this process; the figure's ``start`` stays 0.

        Raises:
            MxdigitsError: if the backend cannot do it.
        """

    def seconds(self, figure: Figure) -> float:
        """The estimated time for all of it, in seconds."""

    def operations(self) -> Optional[float]:
        """The number of additions and multiplications of all of it; None if unknown."""

    def usual(self) -> tuple[Sequence[str], str]:
        """The backends, the usually fastest first, and in words the work for which this holds."""

    def check(self, choice: DeviceChoice) -> None:
        """Check in this process that a backend can do it.

        Raises:
            MxdigitsError: if the backend cannot do it.
        """


def image_seconds(backend: Backend, images: Images) -> float:
    """The mean time of a predicted image in seconds, measured over some time.

    Args:
        backend: one that has already predicted as many images.
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
    """A figure read from JSON; None if it is none.

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
