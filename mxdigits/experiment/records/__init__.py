"""Writes what is kept of a run, apart from its checkpoints.

- ``record.py`` makes the content of ``run.json``, ``run_state.py`` decides the state of a run
  (running, finished, interrupted, failed) and writes it there.
- ``history_files.py`` writes the history; ``requirements.py`` lists what was installed.
- ``own_recipe.py`` reads a run's recipe again, and names a plugin that is not installed any more.
- ``changes.py`` compares two descriptions of a run, key by key.
"""
