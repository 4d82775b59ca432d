"""A run's progress, shown while it goes on. Start reading at ``speedometer.py``, which chooses.

- ``live.py`` shows bars on a terminal, with the table of ``epoch_table.py``.
- ``plain.py`` writes lines anywhere else; ``notebook.py`` shows a notebook its own display.
"""
