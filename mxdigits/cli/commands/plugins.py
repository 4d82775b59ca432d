"""``mxdigits plugins``: list the plugins, check them, or write a new one."""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

import json
import sys
from contextlib import redirect_stdout
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from ...errors import PluginError, UsageError
from ...printing import print_line, print_text

plugins_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


class Kind(str, Enum):
    """The kinds of plugins that ``mxdigits plugins new`` writes.

    >>> Kind("dataset").value
    'dataset'
    """

    model = "model"
    dataset = "dataset"
    augmentation = "augmentation"
    callback = "callback"
    format_ = "format"
    network_format = "network-format"


@plugins_app.callback()
def plugins(context: typer.Context) -> None:
    """List the installed plugins: what each registers, and whether it can work.

    Example: mxdigits plugins
    """
    from ...plugins.listing import list_plugins
    from ..terminal import print_table

    if context.invoked_subcommand is None:
        # The registered names come last: so a long list does not widen other rows.
        rows = [[p.name, p.version, p.state, ", ".join(p.registers)] for p in list_plugins()]
        print_table(["distribution", "version", "state", "registers"], rows)


@plugins_app.command("check")
def check_plugins(
    name: Annotated[
        Optional[str],
        typer.Argument(
            metavar="NAME",
            help="A distribution, or a registered name; by default all but mxdigits'.",
        ),
    ] = None,
    options: Annotated[
        Optional[list[str]], typer.Argument(metavar="KEY=VALUE", help="Options of that name.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Check whether plugins keep their contract; exits with 3 if one does not.

    Example: mxdigits plugins check tiny channels=4
    """
    from ...plugins.listing import find, others, unread_groups
    from ...recipe.overrides import options_from
    from ...testing import examine
    from ..terminal import print_prose

    chosen = others() if name is None else find(name)
    if options and len(chosen) != 1:
        raise UsageError(f"{name} is {len(chosen)} plugins: give options with one registered name")
    given = options_from(options or [])
    reports = []
    for registry, entry in chosen:
        takes = registry.options(entry.name) if given else None
        for key, what in (takes.problems(given, reserved={}) if takes else {}).items():
            if key in given:
                raise UsageError(f"{registry.noun} {entry.name!r}: option {key!r}: {what}")
        # The output of plugins must not be mixed with the JSON.
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            reports.append(examine(registry, entry, given))
        if not as_json:
            print_prose(str(reports[-1]))
            print_line()
    failed = [
        f"{report.subject}: {', '.join(report.failed)}" for report in reports if report.failed
    ]
    unread = unread_groups(name)
    if as_json:
        passed = not failed and not unread
        outcome = {"passed": passed, "plugins": [report.as_dict() for report in reports]}
        outcome |= {"unread": unread} if unread else {}
        print_text(json.dumps(outcome, indent=2))
    elif not chosen and not unread:
        print_line(
            "no plugin is installed; to check mxdigits itself: mxdigits plugins check mxdigits"
        )
    said = [f"the contract is broken by {'; '.join(failed)}"] if failed else []
    said += [f"{each}: {groups}" for each, groups in unread.items()]
    if said:
        raise PluginError("; ".join(said))


@plugins_app.command("new")
def new_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The new package, as in mxdigits-tiny.")
    ],
    kind: Annotated[Kind, typer.Option(help="What the plugin adds.")] = Kind.model,
) -> None:
    """Write a new plugin, with its tests, into a folder of that name.

    Example: mxdigits plugins new mxdigits-tiny --kind model
    """
    from ...plugins.scaffold import write_plugin

    for file in write_plugin(name, kind.value, Path.cwd()):
        print_line(str(file))
    print_line()
    print_line(f"next: pip install -e {name} && mxdigits plugins check {name} && pytest {name}")
