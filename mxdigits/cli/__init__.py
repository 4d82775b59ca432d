"""The command line: one function for each command, which parses, calls and prints.

Start reading at ``app.py``, and at the table of ``verbs.py``, which says where each command stands.
Exit codes belong to the errors, in ``mxdigits/errors.py``.

- Most commands have a module of their name. ``run.py``: run and resume; ``checks.py``: check,
  recipes and doctor; ``give.py``: package and card.
- ``runs.py``, ``plugins.py``, ``registered.py``: ``mxdigits runs``, ``mxdigits plugins``,
  ``mxdigits models`` and ``mxdigits datasets``.
- ``options.py``, ``data_options.py``: options that several commands share. ``terminal.py``,
  ``tables.py``: what they print with. ``usage.py``, ``early_exit.py``: what is said of wrong usage,
  and of a plugin that ends the process. ``conversion.py``: what Typer need not convert.

The work itself is done by the package that a command calls.

Words:

- verb: a command, the word after ``mxdigits``, such as run or score.
"""

from .app import main

__all__ = ["main"]
