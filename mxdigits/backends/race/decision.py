"""The result of a race: which backend does the work, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Optional

from ...values import Json
from ...wording import duration
from .work import Figure


@dataclass(frozen=True)
class Decision:
    """Which backend does the work, and why.

    ``seconds`` is the estimate for all of the work, by backend; ``figures`` what was measured;
    ``passed_over`` why other backends were not measured; ``disturbed`` the backends that had to
    wait for CPUs, whose measurements are not remembered; ``took`` the seconds of the race, None if
    nothing was measured; ``no_race`` why the work is decided without a race.

    Example:
        >>> print(Decision("torch", {"mxnet": 15.1, "torch": 12.3}))
        backend: torch is used, the fastest here: about 12.3 s, 15.1 s with mxnet; as remembered
    """

    backend: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    passed_over: Mapping[str, str] = field(default_factory=dict)
    disturbed: Sequence[str] = ()
    took: Optional[float] = None
    no_race: str = ""

    def __str__(self) -> str:
        over = "".join(f"; {name}: {why}" for name, why in self.passed_over.items())
        if self.disturbed:
            names = ", ".join(self.disturbed)
            over += f"; other work kept the CPUs busy: the figures of {names} are not remembered"
        taken = f"backend: {self.backend} is used"
        if self.no_race:
            return f"{taken}: {self.no_race}{over}"
        if not self.seconds:
            return f"{taken}: there was nothing to compare{over}"
        if len(self.seconds) == 1:
            return f"{taken}: no other was measured{over}"
        others = ", ".join(
            f"{duration(seconds)} with {name}"
            for name, seconds in sorted(self.seconds.items(), key=lambda pair: pair[1])
            if name != self.backend
        )
        how = "as remembered" if self.took is None else f"measured in {duration(self.took)}"
        about = duration(self.seconds[self.backend])
        return f"{taken}, the fastest here: about {about}, {others}; {how}{over}"

    @property
    def record(self) -> dict[str, Json]:
        """For a run's record."""
        return {
            "taken": self.backend,
            "estimated_seconds": {n: round(each, 3) for n, each in self.seconds.items()},
            "measured": {n: asdict(each) for n, each in self.figures.items()},
            "passed_over": dict(self.passed_over),
            "disturbed": list(self.disturbed),
            "race_seconds": None if self.took is None else round(self.took, 3),
            "no_race": self.no_race or None,
        }
