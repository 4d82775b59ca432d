"""Searches for the best values of a recipe's keys, by Optuna, in many processes on many machines.

- ``ranges.py`` reads the values to try: ``0..0.5``, ``log(1e-3, 1)``, ``[50, 100]``.
  ``grid.py`` makes all combinations of them.
- ``plan.py`` checks the ranges against the recipe, and makes the recipe of a trial;
  ``keys.py`` says which keys may have a range.
- ``sweep.py`` begins or joins a study, starts its workers and watches the trials of all
  machines; start reading there. ``worker_pool.py`` has the workers of one machine, ``worker.py`` is
  the process of a worker, ``trial.py`` carries out one trial.
- ``study.py`` counts trials, hands them out and takes them back; ``samplers.py`` chooses values;
  ``storages.py`` imports Optuna and opens its storages.
- ``results.py`` and ``page.py``: the table, the best recipe and the report.
- ``names.py`` has the words that the command line completes, without Optuna.

Processes communicate only through the study's storage. Optuna is an extra, so a program's start
must not import anything from here.

Words:

- study: a search: a recipe, its ranges, and all trials of them. It lies in a storage.
- trial: one choice of values, and the run that trains with them.
- storage: a database or a file that holds studies; Optuna's word.
- worker: a process that carries out trials, one after the other.
- pruned: stopped early, because other trials were better after the same number of epochs.
- repeated: done again from the beginning or a checkpoint, because its process ended.
"""
