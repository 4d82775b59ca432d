"""The verbs, and the command line that is made of them.

The module of a verb is imported when the verb is called. ``--help`` imports all of them and must
answer at once, so each imports slow modules inside its functions.
"""

# No "from __future__ import annotations" here: under Python 3.9 Typer would see strings only.

from pkgutil import resolve_name
from typing import Annotated

import typer

from .. import __version__
from ..printing import print_line, print_text

# The place of each verb's function in ``commands``, in the order of --help.
VERBS = {
    "run": "run:run",
    "resume": "run:resume",
    "check": "checks:check",
    "recipes": "checks:recipes",
    "init": "start:init",
    "launch": "launch:launch",
    "sweep": "sweep:sweep",
    "lr": "rate:lr",
    "folds": "folds:folds",
    "profile": "profile:profile",
    "learn": "learn:learn",
    "score": "score:score",
    "predict": "predict:predict",
    "report": "report:report",
    "compare": "compare:compare",
    "serve": "serve:serve",
    "explain": "explain:explain",
    "errors": "label_errors:errors",
    "ensemble": "ensemble:ensemble",
    "export": "export:export",
    "package": "give:package",
    "card": "give:card",
    "reproduce": "reproduce:reproduce",
    "doctor": "checks:doctor",
}
# The same for verbs that have verbs of their own, with their help.
GROUPS = {
    "models": ("registered:models_app", "List the models, or show one."),
    "datasets": ("registered:datasets_app", "List the data sets, or show one."),
    "networks": ("registered:networks_app", "List the installed networks, or show one."),
    "runs": ("runs:app", "List runs, show one, or remove some."),
    "plugins": ("plugins:plugins_app", "List the plugins, check them, or write a new one."),
}

_EXIT_CODES = (
    "Exit codes: 0 done; 1 the run failed; 2 usage or recipe; 3 something is missing (MXNet, "
    "device, plugin, data, permission); 4 below --min-accuracy, or reproduce found another "
    "accuracy; 130 interrupted, 143 terminated, 129 hung up."
)


def command_line(verb: str = "") -> typer.Typer:
    """The command line with only one verb; with all verbs if there is no such verb.

    >>> [each.name for each in command_line("predict").registered_commands]
    ['predict']
    >>> len(command_line("--help").registered_commands) == len(VERBS)
    True
    """
    app = typer.Typer(
        help="Train handwritten-digit classifiers on Apache MXNet Gluon.",
        epilog=_EXIT_CODES,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_mxdigits)
    known = verb in VERBS or verb in GROUPS
    for name in [verb] if known else [*VERBS, *GROUPS]:
        if name in VERBS:
            app.command(name)(resolve_name(f"{__package__}.commands.{VERBS[name]}"))
        else:
            place, text = GROUPS[name]
            app.add_typer(resolve_name(f"{__package__}.commands.{place}"), name=name, help=text)
    return app


def _mxdigits(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        print_line(f"mxdigits {__version__}")
    elif context.invoked_subcommand is None:
        print_text(context.get_help())
