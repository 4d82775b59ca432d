"""A run on disk: its folder and files, its record, its checkpoints; runs listed and removed.

``experiment/`` has what a run does. Nothing here imports the registries, and listing runs does not
import Pillow.

- ``folder.py``: the files of a run; start reading there. ``record.py``: the parts of ``run.json``;
  ``training_record.py``: that of the network, given as the values of ``trained.py``.
  ``description.py``: what a network's file says of itself.
- ``listing.py``: the runs below a folder. ``read_run`` reads the state that the run has written
  (``experiment/run.py``), and calls a run interrupted whose process was killed, and damaged what
  cannot be read.
- ``names.py`` finds a run by name, ``details.py`` tells all of one, ``removal.py`` removes runs.
- ``groups.py``: several runs of one recipe, noted in a file, which ``group_files.py`` names.
- ``checkpoints.py`` writes and reads checkpoints; ``checkpoint_writer.py`` says when.

Words:

- fingerprint: what decides the bits of a run. Each checkpoint holds it, for resume to compare.
- position: the epoch and the batch in a checkpoint's name, which are trained next.
- entry: a checkpoint by its name alone; its files have not been checked.
- sweep: remove the unfinished files of a killed process.
"""
