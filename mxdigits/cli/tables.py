"""Lays out tables as lines of text that fit a terminal; long cells are broken between words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

_GAP = 2  # blanks between two columns
_NUMBER = re.compile(r"[-+]?[\d.,]*\d( ?%)?|[-–]?", re.ASCII)
# A path longer than this may be broken after a slash.
_LONG = 24
_PARTS = re.compile(r"[^/]*/+|[^/]+")


@dataclass(frozen=True)
class Table:
    """Lines to print; the first ``headers`` of them are the titles of the columns.

    >>> Table(headers=1, lines=["name", "mlp"]).lines
    ['name', 'mlp']
    """

    headers: int
    lines: list[str]


def plain_lines(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """One line for each row, however long, for other programs.

    >>> plain_lines(["name", "epochs"], [["mlp", "10"], ["lenet", "3"]])
    ['name   epochs', 'mlp    10', 'lenet  3']
    """
    widths = _natural([headers, *rows])
    return [_line(row, widths) for row in [headers, *rows]]


def fits(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether a table fits with every row on a line of its own.

    >>> fits(["name", "epochs"], [["mlp", "10"]], width=80), fits(["name", "epochs"], [], width=5)
    (True, False)
    """
    return sum(_natural([headers, *rows])) <= width - _GAP * (len(headers) - 1)


def lay_out(
    headers: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, below: bool = False
) -> Table:
    r"""A table that people can read in a terminal of ``width`` characters.

    Cells are broken between words. If that is not enough, rows and columns change places; if that
    does not help either, every row becomes a list of its own.

    Args:
        headers: the titles of the columns.
        rows: cells without control characters.
        width: the most characters of a line.
        below: whether the last column goes below its row if not all columns fit side by side.

    >>> print("\n".join(lay_out(["name", "epochs"], [["mlp", "10"], ["lenet", "3"]], 40).lines))
    name   epochs
    mlp        10
    lenet       3
    """
    if below and not fits(headers, rows, width):
        return _with_notes(headers, rows, width)
    widths = _widths([headers, *rows], width)
    if widths:
        return _side_by_side(headers, rows, widths)
    turned = [list(column) for column in zip(headers, *rows)]
    widths = _widths(turned, width)
    if widths:
        return _side_by_side(turned[0], turned[1:], widths)
    return Table(0, _one_by_one(headers, rows, width))


def _with_notes(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Table:
    inside = [row[:-1] for row in rows]
    widths = _widths([headers[:-1], *inside], width)
    if not widths:
        return Table(0, _one_by_one(headers, rows, width))
    numeric = _numeric(inside, len(widths))
    titles = _row(headers[:-1], widths, numeric)
    lines = list(titles)
    for row in rows:
        lines += _row(row[:-1], widths, numeric)
        lines += _indented(row[-1], width)
    return Table(len(titles), lines)


def _side_by_side(
    headers: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> Table:
    numeric = _numeric(rows, len(headers))
    titles = _row(headers, widths, numeric)
    lines = [line for row in rows for line in _row(row, widths, numeric)]
    return Table(len(titles), titles + lines)


def _one_by_one(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    label = max(map(cell_len, headers))
    room = width - label - _GAP
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        for name, cell in zip(headers, row):
            if _longest(cell, paths=True) <= room:
                lines += _row([name, cell], [label, room], [False, False])
            else:
                lines += [*_wrap(name, width), *_indented(cell, width)]
    return lines


def _indented(text: str, width: int) -> list[str]:
    return [f"{' ' * _GAP}{line}" for line in _wrap(text, width - _GAP) if line]


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    """The lines of a row, as many as its tallest cell has."""
    wrapped = [_wrap(cell, width) for cell, width in zip(cells, widths)]
    return [
        _line([lines[i] if i < len(lines) else "" for lines in wrapped], widths, numeric)
        for i in range(max(map(len, wrapped)))
    ]


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool] = ()) -> str:
    padded = []
    for i, (cell, width) in enumerate(zip(cells, widths)):
        blanks = " " * (width - cell_len(cell))
        padded.append(blanks + cell if i < len(numeric) and numeric[i] else cell + blanks)
    return (" " * _GAP).join(padded).rstrip()


def _numeric(rows: Sequence[Sequence[str]], columns: int) -> list[bool]:
    """Which columns hold only numbers; they are aligned right."""
    return [
        any(row[i] for row in rows) and all(_NUMBER.fullmatch(row[i]) for row in rows)
        for i in range(columns)
    ]


def _natural(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(*rows)]


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """A width for each column so that words are not broken; empty if there is not enough room."""
    natural = _natural(rows)
    room = width - _GAP * (len(natural) - 1)
    for paths in (False, True):  # paths are broken only if necessary
        least = [max(_longest(cell, paths) for cell in column) for column in zip(*rows)]
        left = room - sum(least)
        if left >= 0:
            break
    else:
        return []
    # Columns that need little more come first, so that as few columns as possible are broken.
    widths = list(least)
    waiting = sorted(range(len(natural)), key=lambda i: natural[i] - least[i])
    for i in waiting:
        widths[i] += min(natural[i] - least[i], left)
        left -= widths[i] - least[i]
    # A column gives back the added width that is too small for its next word.
    return [
        max(cell_len(line) for cell in column for line in _wrap(cell, width))
        for column, width in zip(zip(*rows), widths)
    ]


def _longest(text: str, paths: bool) -> int:
    pieces = [piece for _, piece in _pieces(text)] if paths else text.split()
    return max(map(cell_len, pieces), default=0)


def _pieces(text: str) -> list[tuple[str, str]]:
    """The unbreakable pieces of a text, each after its separator on a line: a blank or nothing."""
    pieces = []
    for word in text.split():
        parts = _PARTS.findall(word) if cell_len(word) > _LONG else [word]
        pieces += [("" if i else " ", part) for i, part in enumerate(parts)]
    return pieces


def _wrap(text: str, width: int) -> list[str]:
    if cell_len(text) <= width:
        return [text]
    lines = [""]
    for before, piece in _pieces(text):
        longer = lines[-1] + (before if lines[-1] else "") + piece
        if lines[-1] and cell_len(longer) > width:
            lines.append(piece)
        else:
            lines[-1] = longer
    return lines
