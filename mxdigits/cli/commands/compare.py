"""The command ``mxdigits compare``: several runs side by side."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pathlib import Path
from typing import Annotated

import typer

from ...printing import print_line
from ..options import (
    BackendOption,
    ContextOption,
    RunsArgument,
    check_ending,
    one_or_several,
    say,
)


def compare(
    runs: RunsArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path(
        "compare.html"
    ),
    each_pair: Annotated[
        bool, typer.Option("--pairs", help="Print the test of each pair, however many there are.")
    ] = False,
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Compare runs: their scores, whether the difference is significant, and what else differs.

    Example: mxdigits compare mlp lenet -o compare.html
    """
    from ...report.compare import compare_runs, overview
    from ..terminal import print_prose, print_table

    check_ending(output, "a page", ".html", ".htm")
    compared = compare_runs(runs, output, say, context or ["cpu"], one_or_several(backend))
    print_prose(compared.verdict)
    print_line()
    titles, *rows = overview(compared)
    print_table(titles, rows)
    print_line()
    if compared.groups:
        titles, *rows = compared.group_table
        print_table(titles, rows)
        print_line()
    if compared.letters:
        print_prose(compared.letters_mean)
    if each_pair or not compared.letters:
        for sentence in compared.sentences:
            print_prose(sentence)
    else:
        print_line(f"each of the {len(compared.tested)} pairs: --pairs prints it, the page has it")
    print_line(f"comparison: {output}")
