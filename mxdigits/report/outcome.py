"""The result of learning from corrections, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Optional

from ..storage.schema import as_dataclass
from ..values import Unchecked
from .significance import LEVEL, McNemar

# How much accuracy on the first run's own test images may be lost.
MOST_LOST = 0.001


@dataclass(frozen=True)
class LeftOut:
    """How many corrections are answered right by networks that did not learn from them.

    ``before`` is the count of the first run's network; ``without`` that of a network trained as
    long as the new one, but without corrections; ``after`` that of a network that learnt from
    other corrections. ``test`` compares the last two; its first is ``without``.

    >>> test = McNemar(both=2, only_first=1, only_second=2, neither=20, p=1.0, exact=True)
    >>> LeftOut(images=25, before=0, without=3, after=4, test=test).after
    4
    """

    images: int
    before: int
    without: int
    after: int
    test: McNemar


@dataclass(frozen=True)
class Outcome:
    """The result of learning from corrections.

    ``old`` compares the first run's network and the new one on the first run's test images.
    ``corrections`` is how many the new network learnt from; it answers ``learnt`` of them right,
    the first network answered ``known``. ``left_out`` is None if no corrections were left out.

    >>> old = McNemar(both=9740, only_first=12, only_second=51, neither=197, p=0.00001, exact=True)
    >>> outcome = Outcome(old, corrections=28, known=0, learnt=28)
    >>> outcome.harm
    False
    >>> print(next(outcome.sentences()))
    Corrections learnt: 28 of 28; right before: 0.
    """

    old: McNemar
    corrections: int
    known: int
    learnt: int
    left_out: Optional[LeftOut] = None

    @classmethod
    def of(cls, learning: Unchecked) -> Optional[Outcome]:
        """Return the outcome from a record that :meth:`as_dict` was written into; else None.

        >>> Outcome.of({"from": "runs/mlp/20261123T153755Z-62fd27"}) is None
        True
        """
        return as_dataclass(cls, learning)

    @property
    def images(self) -> int:
        """The number of test images of the first run."""
        return self.old.both + self.old.only_first + self.old.only_second + self.old.neither

    @property
    def harm(self) -> bool:
        """Whether the new network forgot more than is allowed, or than chance explains."""
        lost = self.old.only_first - self.old.only_second
        return lost > max(1, MOST_LOST * self.images) or (lost > 0 and self.old.p < LEVEL)

    def rows(self) -> list[list[str]]:
        """Rows: what, how many images, the accuracy before, without corrections, and after."""
        old, left_out = self.old, self.left_out
        rows = [
            _row(
                "test images of the run",
                self.images,
                old.both + old.only_first,
                None,
                old.both + old.only_second,
            ),
            _row("corrections learnt from", self.corrections, self.known, None, self.learnt),
        ]
        if left_out is not None:
            numbers = left_out.images, left_out.before, left_out.without, left_out.after
            rows.append(_row("corrections left out", *numbers))
        return rows

    @property
    def keys(self) -> list[str]:
        """The keys that :meth:`as_dict` adds to a record."""
        return list(self.as_dict())

    def sentences(self) -> Iterator[str]:
        """Sentences for people: whether it helped, and what it cost."""
        yield (
            f"Corrections learnt: {self.learnt} of {self.corrections}; right before: {self.known}."
        )
        yield _of_others(self.left_out)
        before, after = (
            (self.old.both + only) / self.images
            for only in (self.old.only_first, self.old.only_second)
        )
        numbers = (
            f"on the run's {self.images} test images the accuracy was {before:.4f} and is "
            f"{after:.4f} ({self.old.named()})"
        )
        if self.harm:
            yield (
                f"The network forgot some of what it knew: {numbers}. Keep the first run, or learn "
                "again with a smaller --share or optimizer.learning_rate."
            )
        else:
            yield f"The network kept what it knew: {numbers}."

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a record."""
        return asdict(self)


def _of_others(left_out: Optional[LeftOut]) -> str:
    """Whether corrections help with other digits of the same kind."""
    if left_out is None:
        return "Whether similar digits are read better was not measured."
    numbers = (
        f"of {left_out.images} corrections that were left out, {left_out.after} were read right "
        f"after learning from the others, and {left_out.without} after learning from none "
        f"({left_out.test.named()})"
    )
    if left_out.test.p >= LEVEL:
        return f"Whether similar digits are read better is not clear: {numbers}."
    if left_out.after > left_out.without:
        return f"Similar digits are read better: {numbers}."
    return f"Similar digits are read worse: {numbers}."


def _row(what: str, images: int, before: int, without: Optional[int], after: int) -> list[str]:
    rights = (before, without, after)
    shares = ["-" if right is None else f"{right / images:.4f}" for right in rights]
    return [what, str(images), *shares]
