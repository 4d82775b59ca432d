"""How the command line prints: tables, and errors of one line each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from .metrics import Scores

MOST_CHARACTERS = 2000  # of an error


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table: drawn on a terminal, and elsewhere one unbroken line a row for other programs."""
    console = Console(highlight=False, markup=False)
    headers = [printable(header) for header in headers]
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells)]
    # rich would crop numbers to make a table fit; a folded line loses nothing.
    if console.is_terminal and sum(widths) + 2 * len(widths) <= console.width:
        table = Table(*headers, box=None, pad_edge=False, header_style="bold")
        for row in cells:
            table.add_row(*row)
        console.print(table)
        return
    for row in [list(headers), *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_scores(scores: Scores, classes: Sequence[str]) -> None:
    """Accuracy with its interval, accuracy by class, and who was taken for whom."""
    print(accuracy_line(scores))
    print(f"loss      {scores.loss:.4f}")
    for k, share in scores.top_k.items():
        print(f"top-{k}     {share:.4f}")
    print("\nrows: the true class; columns: what it was taken for")
    rows = [
        [name, "-" if share != share else f"{share:.4f}", *counts]
        for name, share, counts in zip(classes, scores.per_class, scores.confusion.tolist())
    ]
    print_table(["class", "accuracy", *classes], rows)


def accuracy_line(scores: Scores) -> str:
    """The accuracy in a line, with its 95 % interval and the counts."""
    low, high = scores.interval()
    return (
        f"accuracy  {scores.accuracy:.4f}  (95 % interval {low:.4f} to {high:.4f}; "
        f"{scores.correct} of {scores.samples})"
    )


def print_error(lines: Sequence[str]) -> None:
    """Each problem on a line of its own, to standard error."""
    for line in lines:
        text = printable(" ".join(line.split()))
        shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
        print(f"error: {shown}", file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """A text that does no more to a terminal than to be read, whoever wrote it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
