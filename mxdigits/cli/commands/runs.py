"""``mxdigits runs``: list, show and remove runs."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from typer.core import TyperGroup

from ...errors import UsageError
from ...printing import print_line, print_text
from .. import completion
from ..options import AnyRunArgument, say


class _ListIfNoVerb(TyperGroup):
    """``mxdigits runs here`` is ``mxdigits runs list here``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_ListIfNoVerb, rich_markup_mode=None)

_TITLES = {"samples_per_second": "samples/s"}

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


@app.command("list")
def list_runs(
    root: Annotated[
        Optional[Path],
        typer.Argument(metavar="ROOT", help="The folder that holds the run folders."),
    ] = None,
    as_json: JsonOption = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep the table up to date, until Ctrl-C.")
    ] = False,
) -> None:
    """List runs, newest first, with state, progress, accuracy, and how to resume each.

    Example: mxdigits runs list runs
    """
    if watch and as_json:
        raise UsageError("choose --watch, which people look at, or --json, which programs read")
    from datetime import datetime, timezone

    from ...runs.details import accuracy, progress
    from ...runs.listing import DEFAULT_ROOT, list_runs
    from ...wording import age
    from ..terminal import print_table

    if watch:
        from .watch import watch as watch_runs

        watch_runs(root or DEFAULT_ROOT)
        return
    root, named = (DEFAULT_ROOT, False) if root is None else (root, True)
    runs = list_runs(root) if named or root.exists() else []
    if as_json:
        print_text(json.dumps([run.to_json() for run in runs], indent=2, allow_nan=False))
        return
    if not runs:
        print_line(f"there are no runs in {root}; mxdigits run lenet would make one")
        return
    now = datetime.now(timezone.utc)
    rows = [
        [
            *(run.path, run.state, run.recipe, progress(run), accuracy(run)),
            age((now - run.started).total_seconds()),
            run.what_next,
        ]
        for run in runs
    ]
    headers = ["run", "state", "recipe", "epochs", "accuracy", "age", "how to resume, or problem"]
    print_table(headers, rows, below=True)


@app.command("show")
def show_run(run: AnyRunArgument, as_json: JsonOption = False) -> None:
    """Show all that is known about one run.

    Example: mxdigits runs show mlp
    """
    from ...runs.details import read_details
    from ..terminal import print_table

    details = read_details(run)
    if as_json:
        print_text(json.dumps(details.to_json(), indent=2, allow_nan=False))
        return
    print_table(["what", "found"], details.facts())
    if details.history:
        print_line()
        shown = [name for name in details.history[0] if name != "samples"]  # the same in each
        last = [[_short(row[name]) for name in shown] for row in details.history[-10:]]
        print_table([_TITLES.get(name, name.replace("_", " ")) for name in shown], last)
    print_line()
    files = [[name, f"{size:,}"] for name, size in details.files.items() if name[0] != "."]
    print_table(["file", "bytes"], files)


@app.command("rm")
def remove_runs(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="Run folders.", autocompletion=completion.run_folders
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove runs with all that is in their folders; asks first.

    Example: mxdigits runs rm runs/mlp/20261123T153755Z-62fd27
    """
    from ...runs.removal import plan_removal

    removals = plan_removal(runs)
    for removal in removals:
        print_line(str(removal))
    if not yes and not _ask(f"remove {'them' if len(removals) > 1 else 'it'}? [y/N] "):
        print_line("nothing is removed")
        return
    for removal in removals:
        removal.carry_out(say=say)
        print_line(f"removed {removal.path}")


def _short(text: str) -> str:
    """A number from a file, rounded to six digits for people."""
    try:
        return text if text.isdecimal() else f"{float(text):.6g}"
    except ValueError:
        return text


def _ask(question: str) -> bool:
    """Ask at the terminal; return whether the answer is yes."""
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, OSError, ValueError):  # standard input has ended, or is not text
        print_line()
        raise UsageError("nobody answers; write --yes to remove without a question") from None
