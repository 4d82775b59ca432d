"""A run from its recipe to its files. Start reading at ``run.py``: it shows the whole program.

- ``run.py`` runs, ``resumption.py`` finds the checkpoint from which a run is resumed, and
  ``following.py`` trains beside the worker that writes. ``memory.py`` says what to do where memory
  is too small, ``tracking.py`` tells trackers of the run.
- ``preparation/`` makes what a run needs: devices, data, network, callbacks.
- ``records/`` writes the record of a run; ``read_run`` in ``runs/listing.py`` reads it. A run whose
  process was killed counts as interrupted there, and one that cannot be read as damaged.
- ``display/`` shows a run's progress.
- ``several/`` makes one thing of several runs: seeds, folds, ensembles.
- ``previews/`` shows what a recipe would do, without a run.
- ``verification.py`` trains a part of a run again and compares, ``reproduction.py`` the whole run.
- ``learning.py`` trains a run's network further with the corrections of ``corrections.py``.

Words:

- prepared run: devices, data, network and callbacks, ready for the first batch; nothing is written.
- resumption: a run folder, and the checkpoint from which its run continues.
- outcome: what learning from corrections improved, and what it made worse.
"""
