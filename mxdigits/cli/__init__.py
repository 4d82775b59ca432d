"""The command line.

Start reading at ``app.py``, and at the table of ``verbs.py``, which says where each command stands.
Exit codes belong to the errors, in ``mxdigits/errors.py``.

- ``commands/`` has a function for each command. The work itself is done by the package that it
  calls.
- ``options.py``, ``data_options.py``: options that several commands share; ``completion.py``: what
  a shell offers for them. ``networks.py``: the network that a command uses.
- ``terminal.py``, ``tables.py``: what commands print with.
- ``usage.py``, ``early_exit.py``: what is said of wrong usage, and of a plugin that ends the
  process. ``conversion.py``: what Typer need not convert.

Words:

- verb: a command, the word after ``mxdigits``, such as run or score.
"""

from .app import main

__all__ = ["main"]
