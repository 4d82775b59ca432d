"""What is written of a run, beside its checkpoints.

- ``record.py`` makes the content of ``run.json``, ``run_state.py`` decides a run's state (running,
  finished, interrupted, failed) and writes it there.
- ``history_files.py`` writes the history; ``requirements.py`` lists what was installed.
- ``own_recipe.py`` reads a run's recipe again, and names a plugin that has gone since.
- ``changes.py`` compares two descriptions of a run, key by key.
"""
