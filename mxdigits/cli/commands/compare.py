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
    context: ContextOption = None,
    backend: BackendOption = None,
) -> None:
    """Compare runs: their scores, whether the difference is significant, and what else differs.

    Example: mxdigits compare mlp lenet -o compare.html
    """
    from ...report.compare import compare_runs, overview
    from ...report.groups import ROW
    from ..terminal import print_prose, print_table

    check_ending(output, "a page", ".html", ".htm")
    compared = compare_runs(runs, output, say, context or ["cpu"], one_or_several(backend))
    what, cells = zip(*overview(compared.runs))
    print_prose(compared.verdict)
    print_line()
    print_table(["run", *what], [[*each] for each in zip(compared.runs, *cells)])
    print_line()
    if compared.groups:
        print_table(ROW, [group.row for group in compared.groups])
        print_line()
    for sentence in compared.sentences:
        print_prose(sentence)
    print_line(f"comparison: {output}")
