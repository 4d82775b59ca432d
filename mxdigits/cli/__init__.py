"""The command line.

Start reading at ``app.py``, and at the table of ``verbs.py``, which has the module of each command.
Exit codes belong to the errors, in ``mxdigits/errors.py``.

- ``commands/`` has a function for each command. The packages that it calls do the work itself.
- ``options.py``, ``data_options.py``: options that several commands share; ``completion.py`` and
  ``recipe_completion.py``: what a shell offers for them. ``networks.py``: the network that a
  command uses.
- ``terminal.py``, ``tables.py``: what commands print with.
- ``usage.py``, ``early_exit.py``: the errors of wrong usage, and of a plugin that ends the process.
  ``conversion.py``: keeps Typer from slow conversions.

Words:

- verb: a command, the word after ``mxdigits``, such as run or score.
"""

from .app import main

__all__ = ["main"]
