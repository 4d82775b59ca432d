"""The command ``mxdigits report``: writes a run's report again."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from ...printing import print_line
from ..options import BackendOption, ContextOption, RunArgument, one_or_several, say


def report(run: RunArgument, context: ContextOption = None, backend: BackendOption = None) -> None:
    """Write a run's report again: report.html and plots/*.png in its folder.

    Example: mxdigits report mlp
    """
    from ...report.report import report_run

    print_line(f"report: {report_run(run, say, context or ['cpu'], one_or_several(backend))}")
