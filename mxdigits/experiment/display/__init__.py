"""Shows the progress of a run. Start reading at ``speedometer.py``, which chooses a display.

- ``live.py`` shows bars on a terminal, with the table of ``epoch_table.py``.
- ``plain.py`` writes lines anywhere else; ``notebook.py`` is the display in a notebook.
"""
