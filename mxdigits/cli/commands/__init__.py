"""One function for each command: it parses, calls the package that does the work, and prints.

- Most commands have a module of their name. ``run.py``: run and resume; ``checks.py``: check,
  recipes and doctor, whose lines ``doctor.py`` makes; ``rate.py``: lr, with ``curve.py``;
  ``start.py``: init; ``label_errors.py``: errors; ``give.py``: package and card.
- ``runs.py``, ``plugins.py``, ``registered.py``: ``mxdigits runs``, ``mxdigits plugins``,
  ``mxdigits models``, ``mxdigits datasets`` and ``mxdigits networks``.
- ``watch.py`` is the live table of ``mxdigits runs --watch``; ``rows.py`` prints the digits of
  pages.
"""
