"""Prints the digits of pages: line by line, or as a table; numbers that lie apart stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, median_low

from ...predict.predict import Read
from ...printing import print_at_once, printable

# Between two numbers there is more room than this, in heights of their digits ...
_APART = 1.0
# ... and more than this in steps from digit to digit: digits at even intervals are one number,
# however wide their boxes are.
_STEPS = 1.6
# The same in heights if there is a mark, which takes room: before a minus sign. The marks within
# numbers, dates and times never begin one.
_APART_MARKED = 1.8
_BEGINS = ("", "-")

UNSURE = "?"  # is printed in place of a digit of which the network is not sure


class PageLines:
    """Prints the digits of pages as they are read; each line of a page is one line of text.

    Args:
        named: whether lines begin with the picture's name, because there are several pictures.
        table: whether to print a table instead: line, digits, and their lowest confidence.

    >>> lines = PageLines(named=False, table=False)
    >>> for digit, share in (("4", 0.9), ("2", 0.3)):
    ...     shown = lines.add(Read("a.png", None, [(digit, share)], line=0, sure=share > 0.5))
    >>> shown = lines.end()
    4?
    """

    def __init__(self, *, named: bool, table: bool):
        self._named, self._table = named, table
        self._line: list[Read] = []
        self._begun = False

    def add(self, read: Read) -> bool:
        """Add a digit; return false once the reader of the output has left."""
        at = (read.file, read.line)
        printed = True
        if self._line and at != (self._line[0].file, self._line[0].line):
            printed = self.end()
        self._line.append(read)
        return printed

    def end(self) -> bool:
        """Print the unfinished line; return false once the reader of the output has left."""
        line, self._line = self._line, []
        if not line:
            return True
        shown = [printable(each.answer) if each.sure else UNSURE for each in line]
        single = all(len(each) == 1 for each in shown)
        shown = [each.marks[0] + text + each.marks[1] for each, text in zip(line, shown)]
        if single:
            digits = "".join(" " * gap + each for each, gap in zip(shown, _gaps(line)))
        else:
            digits = " ".join(shown)
        name = printable(line[0].file)
        if not self._table:
            return print_at_once(f"{name}: {digits}\n" if self._named else f"{digits}\n")
        least = min(each.best[0][1] for each in line)
        cells = [str((line[0].line or 0) + 1), digits, str(len(line)), f"{100 * least:.1f} %"]
        header = "" if self._begun else _tabbed(self._named, "picture", _HEADERS)
        self._begun = True
        return print_at_once(header + _tabbed(self._named, name, cells))


def _gaps(line: Sequence[Read]) -> list[bool]:
    """Whether each digit of a line begins another number than the digit before it."""
    boxes = [each.box for each in line if each.box is not None]
    if len(boxes) < max(2, len(line)):
        return [False] * len(line)
    height = median(bottom - top for _, top, _, bottom in boxes)
    middles = [(left + right) / 2 for left, _, right, _ in boxes]
    steps = [after - before for before, after in zip(middles, middles[1:])]
    free = [after[0] - before[2] for before, after in zip(boxes, boxes[1:])]
    step = median_low(steps)
    marks = [each.marks[0] for each in line[1:]]
    wide = [
        space > (_APART_MARKED if mark else _APART) * height
        and mark in _BEGINS
        and (mark != "" or each > _STEPS * step)
        for space, each, mark in zip(free, steps, marks)
    ]
    return [False, *wide]


_HEADERS = ["line", "digits", "count", "least sure"]


def _tabbed(named: bool, name: str, cells: list[str]) -> str:
    return "\t".join([name] * named + cells) + "\n"
