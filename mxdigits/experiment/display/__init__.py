"""Shows the progress of a run. ``speedometer`` of ``live.py`` chooses a display.

- ``live.py`` shows bars on a terminal, with the table of ``epoch_table.py``.
- ``plain.py`` writes lines anywhere else; ``notebook.py`` is the display in a notebook.
"""
