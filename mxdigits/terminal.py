"""How the command line prints: tables, and errors of one line each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.markup import escape
from rich.style import Style
from rich.table import Table
from rich.text import Text

from .metrics import Scores

MOST_CHARACTERS = 2000  # of an error


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table: drawn on a terminal, and elsewhere one unbroken line a row for other programs."""
    console = Console(highlight=False, markup=False, emoji=False)
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
    print_accuracy(scores)
    print(f"loss      {scores.loss:.4f}")
    for k, share in scores.top_k.items():
        print(f"top-{k}     {share:.4f}")
    print("\nrows: the true class; columns: what it was taken for")
    rows = [
        [name, "-" if share != share else f"{share:.4f}", *counts]
        for name, share, counts in zip(classes, scores.per_class, scores.confusion.tolist())
    ]
    print_table(["class", "accuracy", *classes], rows)


def print_accuracy(scores: Scores, of: str = "") -> None:
    """The accuracy in a line, bold on a terminal, with its 95 % interval and the counts."""
    low, high = scores.interval()
    line = Text.assemble(
        f"{of}accuracy  ",
        (f"{scores.accuracy:.4f}", "bold"),
        f"  (95 % interval {low:.4f} to {high:.4f}; {scores.correct} of {scores.samples})",
    )
    Console(highlight=False).print(line, soft_wrap=True)


def print_answer(
    name: str, image: NDArray[Any], best: Sequence[tuple[str, float]], *, drawn: bool
) -> None:
    """What a network says of one image.

    Args:
        name: of the picture.
        image: what the network was given, uint8 (H, W).
        best: classes with their probabilities, the best first.
        drawn: whether to draw the image too, if this is a terminal.
    """
    console = Console(highlight=False)
    shown = [f"{label} {100 * share:.1f} %" for label, share in best]
    if not (drawn and console.is_terminal):
        print(f"{name}: {', '.join(shown)}")
        return
    console.print(_drawn(image))
    console.print(f"[bold]{best[0][0]}[/bold]  {100 * best[0][1]:.1f} %   {escape(name)}")
    if shown[1:]:
        console.print(f"then {', '.join(shown[1:])}", style="dim")


def _drawn(image: NDArray[Any]) -> Text:
    """An image as text: a character holds two pixels, one above the other."""
    rows = np.pad(image, ((0, len(image) % 2), (0, 0)))
    text = Text()
    for above, below in zip(rows[::2].tolist(), rows[1::2].tolist()):
        for high, low in zip(above, below):
            text.append("▀", Style(color=_grey(high), bgcolor=_grey(low)))
        text.append("\n")
    text.right_crop(1)
    return text


def _grey(value: int) -> str:
    return f"rgb({value},{value},{value})"


def print_error(lines: Sequence[str]) -> None:
    """Each problem on a line of its own, to standard error."""
    for line in lines:
        text = printable(" ".join(line.split()))
        shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
        # A terminal that was closed is no reason for another exit code.
        with suppress(OSError):
            print(f"error: {shown}", file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """A text that does no more to a terminal than to be read, whoever wrote it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def age(seconds: float) -> str:
    """How long something took or has been, in the largest unit that is full."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds / length)} {unit}"
    return f"{max(int(seconds), 0)} s"
