"""A run on disk: its folder and files, its record, its checkpoints; runs listed and removed.

``experiment/`` has what a run does. Nothing here imports the registries, and listing runs does not
import Pillow.

- ``folder.py``: the files of a run; start reading there. ``record.py``: the parts of ``run.json``;
  ``training_record.py``: the part about the network, as the values of ``trained.py``.
  ``description.py``: the description in a network's file.
- ``listing.py``: the runs below a folder. ``read_run`` reads the state that the run has written
  (``experiment/run.py``). It reports a run as interrupted if its process was killed, and as
  damaged if it cannot be read.
- ``names.py`` finds a run by name, ``details.py`` tells all of one, ``removal.py`` removes runs.
- ``groups.py``: several runs of one recipe, listed in a file, which ``group_files.py`` names.
- ``checkpoints.py`` writes and reads checkpoints; ``checkpoint_writer.py`` decides when.

Words:

- fingerprint: all that decides the bits of a run. Each checkpoint holds it; resuming compares it.
- position: the epoch and the batch in a checkpoint's name; they are trained next.
- entry: a checkpoint known by its name only; its files have not been checked.
- sweep: remove the unfinished files of a killed process.
"""
