"""How the command line prints tables, scores and predictions."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.style import Style
from rich.text import Text

from ..arrays import Pixels
from ..printing import print_at_once, print_line, print_styled, print_text, printable
from ..train.metrics import Scores
from .tables import fits, lay_out, plain_lines

if TYPE_CHECKING:
    from ..predict.explain import Explanation
    from ..predict.predict import Read

_MOST_WIDTH = 80  # characters of a drawing


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], *, below: bool = False
) -> None:
    """Print a table: laid out for a terminal; elsewhere one unbroken line per row, for programs.

    Args:
        headers: the titles of the columns.
        rows: each with as many cells; ``str`` of each cell is shown.
        below: whether on a terminal the last column goes below its row if there is no room.

    >>> print_table(["name", "epochs"], [["mlp", 10], ["lenet", 3]])
    name   epochs
    mlp    10
    lenet  3
    """
    console = Console(highlight=False, markup=False, emoji=False)
    headers = [printable(header) for header in headers]
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if not _watched(console):
        print_text("\n".join(plain_lines(headers, cells)))
        return
    table = lay_out(headers, cells, console.width, below=below)
    with console.capture() as captured:
        for i, line in enumerate(table.lines):
            style = "bold" if i < table.headers else ""
            # The terminal folds a line that is too long, so it can be copied whole.
            console.print(Text(line, style), soft_wrap=True)
    print_styled(captured.get())


def print_prose(text: str) -> None:
    """Print lines for people: broken between words on a terminal, elsewhere unchanged."""
    console = Console()
    if not _watched(console):
        print_text(text)
        return
    for line in text.split("\n"):
        line = printable(line, keep="\t").expandtabs()
        indent = " " * (len(line) - len(line.lstrip()))
        broken = textwrap.wrap(
            line,
            console.width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        print_text("\n".join(broken))


def _watched(console: Console) -> bool:
    """Whether the output is a terminal; FORCE_COLOR makes rich take even a pipe for one."""
    return console.is_terminal and console.file.isatty()


def drawn_width() -> tuple[int, bool]:
    """The width of a drawing in characters, and whether it must be pure ASCII.

    The width is 0 if the output is not a terminal.

    >>> drawn_width()[0]
    0
    """
    console = Console()
    width = min(console.width, _MOST_WIDTH) if _watched(console) else 0
    return width, bool(console.options.ascii_only)


def print_scores(scores: Scores, classes: Sequence[str]) -> None:
    """Print the accuracy with its interval, the accuracy by class, and the confusions.

    >>> from mxdigits.train.metrics import score
    >>> scores = score(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1]))
    >>> print_scores(scores, ["no", "yes"])  # doctest: +SKIP
    """
    print_accuracy(scores)
    print_line(f"loss      {scores.loss:.4f}")
    for k, share in scores.top_k.items():
        print_line(f"top-{k}     {share:.4f}")
    print_line()
    counts = scores.confusion.tolist()
    shares = ["-" if share != share else f"{share:.4f}" for share in scores.per_class]
    headers = ["class", "accuracy", *classes]
    rows = [[name, share, *map(str, row)] for name, share, row in zip(classes, shares, counts)]
    console = Console()
    if not _watched(console) or fits(headers, rows, console.width):
        print_line("rows: the true class; columns: what it was taken for")
        print_table(headers, rows)
        return
    # A matrix whose lines are folded cannot be read.
    rows = [
        [name, share, str(sum(row)), _taken_for(i, row, classes)]
        for i, (name, share, row) in enumerate(zip(classes, shares, counts))
    ]
    print_table(["class", "accuracy", "images", "most often taken for"], rows)


def _taken_for(true: int, row: Sequence[int], classes: Sequence[str], most: int = 3) -> str:
    wrong = sorted((-times, i) for i, times in enumerate(row) if times and i != true)
    return ", ".join(f"{classes[i]} ({-times})" for times, i in wrong[:most])


def print_accuracy(scores: Scores, of: str = "") -> None:
    """Print the accuracy in a line, bold on a terminal, with its 95 % interval and the counts.

    >>> from mxdigits.train.metrics import score
    >>> scores = score(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 1]))
    >>> print_accuracy(scores, of="test ")
    test accuracy  1.0000  (95 % interval 0.3424 to 1.0000; 2 of 2)
    """
    low, high = scores.interval()
    line = Text.assemble(
        f"{of}accuracy  ",
        (f"{scores.accuracy:.4f}", "bold"),
        f"  (95 % interval {low:.4f} to {high:.4f}; {scores.correct} of {scores.samples})",
    )
    console = Console(highlight=False)
    with console.capture() as captured:
        console.print(line, soft_wrap=True)
    print_styled(captured.get())


def print_answer(read: Read, *, drawn: bool) -> bool:
    """Print a network's answer for one image; return false once the reader has left.

    Args:
        read: the answer, and its image.
        drawn: whether to draw the image too, if the output is a terminal.

    >>> from mxdigits.predict.predict import Read
    >>> image = np.zeros((28, 28), np.uint8)
    >>> shown = print_answer(Read("photo.jpg", image, [("7", 0.98), ("1", 0.01)]), drawn=False)
    photo.jpg: 7 98.0 %, 1 1.0 %
    >>> shown = print_answer(Read("photo.jpg", image, [("7", 0.4)], sure=False), drawn=False)
    photo.jpg: unsure; 7 40.0 %
    """
    console = Console(highlight=False)
    name = printable(read.file)
    shown = [f"{printable(label)} {100 * share:.1f} %" for label, share in read.best]
    unsure = "" if read.sure else "unsure; "
    if not (drawn and _watched(console)):
        return print_at_once(f"{name}: {unsure}{', '.join(shown)}\n")
    with console.capture() as captured:
        console.print(_drawn(read.image))
        first, share = read.best[0]
        sure = f"  {unsure}{100 * share:.1f} %   {name}"
        console.print(Text.assemble((printable(first), "bold"), sure))
        if shown[1:]:
            console.print(Text(f"then {', '.join(shown[1:])}", "dim"))
    return print_at_once(captured.get())


def print_explanation(explained: Explanation) -> bool:
    """Print why a network gives its answer for an image; return false once the reader has left.

    On a terminal the image is drawn, overlaid with the evidence.

    >>> from mxdigits.predict.explain import Explanation
    >>> from mxdigits.predict.occlusion import Occlusion
    >>> nothing = Occlusion(np.zeros((28, 28), np.float32), None, None)
    >>> image, prob = np.zeros((1, 28, 28), np.uint8), np.array([0.25, 0.75])
    >>> shown = print_explanation(Explanation("a.png", image, ("0", "1"), prob, 1, nothing))
    a.png: 1 75.0 %, 0 25.0 %; no part of it speaks for 1
    """
    from ..predict.heat import AGAINST, FOR  # slow, and few commands need it

    console = Console(highlight=False)
    true = "" if explained.true is None else f" (true {explained.classes[explained.true]})"
    line = printable(f"{explained.name}{true}: {explained.answer}; {explained.sentence}")
    if not _watched(console):
        return print_at_once(line + "\n")
    with console.capture() as captured:
        console.print(_drawn(explained.heat))
        console.print(Text(line), soft_wrap=True)
        label = printable(explained.classes[explained.label])
        legend = ("orange", _colour(FOR)), f" speaks for {label}, ", ("blue", _colour(AGAINST))
        console.print(Text.assemble(*legend, " against it"))
    return print_at_once(captured.get())


def _drawn(image: Pixels) -> Text:
    """An image, (H, W) or (H, W, 3), as text; a character shows two pixels, one above the other."""
    coloured = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    rows = np.pad(coloured, ((0, len(image) % 2), (0, 0), (0, 0)))
    text = Text()
    for above, below in zip(rows[::2].tolist(), rows[1::2].tolist()):
        for high, low in zip(above, below):
            text.append("▀", Style(color=_colour(high), bgcolor=_colour(low)))
        text.append("\n")
    text.right_crop(1)
    return text


def _colour(value: Sequence[int]) -> str:
    red, green, blue = value
    return f"rgb({red},{green},{blue})"
