"""The styles in which people write the ten digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .table import TABLE


@dataclass(frozen=True)
class Style:
    """One way to write a digit; ``weight`` says how common it is among the styles of its digit;
    ``strokes`` are those of ``table.py``.

    Example:
        >>> Style(7, "plain", 1.0, "2,2 52,2* 22,100").full_name
        '7 plain'
    """

    digit: int
    name: str
    weight: float
    strokes: str

    @property
    def full_name(self) -> str:
        """The digit and the name, because names alone are not unique."""
        return f"{self.digit} {self.name}"

    @property
    def has_bowls(self) -> bool:
        """Whether its strokes enclose areas that a thick pen would fill."""
        return self.digit != 1


def _styles() -> Iterator[Style]:
    for digit, named in TABLE.items():
        for name, (weight, strokes) in named.items():
            yield Style(digit, name, weight, strokes)


STYLES = tuple(_styles())
