"""A run from its recipe to its files. Start reading at ``run.py``: it shows the whole program.

- ``run.py`` runs and resumes. ``run_state.py`` decides a run's state (running, finished,
  interrupted, failed) and writes it to ``run.json``; ``read_run`` in ``runs/listing.py`` reads it,
  and calls a run interrupted whose process was killed, and damaged what cannot be read.
- ``prepare.py`` makes what a run needs: devices, data, network, callbacks. A recipe's values go
  from there to what uses them.
  ``parts.py`` divides the data, ``named_runs.py`` finds the runs that a recipe starts and
  learns from, ``recipe_devices.py`` and ``recipe_callbacks.py`` make what it asks for, and
  ``shared_batches.py`` says whether several workers can train it.
- ``record.py`` makes the content of ``run.json``.
- ``resumption.py`` continues a run, ``verification.py`` trains a part of one again and compares,
  ``reproduction.py`` the whole; ``requirements.py`` lists what was installed for it.
- ``teacher.py`` reads the run that another one learns from; ``ensemble.py`` makes one run of
  several, ``seeds.py`` runs a recipe several times, ``folds.py`` once for each fold of
  its data; ``find_rate.py`` looks for a learning rate; ``profiling.py`` measures a step;
  ``augmented.py`` shows what augmentations do.
- ``learning.py`` trains a run's network further with corrections.
- ``display.py`` shows a run's progress on the terminal: ``live_display.py`` as bars, with the table
  of ``epoch_table.py``, and ``plain_display.py`` in lines.

Words:

- prepared run: devices, data, network and callbacks, ready for the first batch; nothing is written.
- resumption: a run folder, and the checkpoint from which its run continues.
- outcome: what learning from corrections brought and what it cost.
"""
