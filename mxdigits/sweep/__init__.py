"""Searches for the best values of a recipe's keys, by Optuna, in many processes on many machines.

- ``ranges.py`` reads what is to be tried: ``0..0.5``, ``log(1e-3, 1)``, ``[50, 100]``.
  ``grid.py``: all combinations of them.
- ``plan.py`` checks the ranges against the recipe, and makes the recipe of a trial.
- ``sweep.py`` begins or joins a study, starts its workers and watches over the trials of all
  machines; start reading there. ``crew.py`` has the workers of one machine, ``worker.py`` is such
  a process, ``trial.py`` one of the trials that it carries out.
- ``study.py`` counts trials, hands them out and takes them back; ``samplers.py`` chooses values;
  ``storages.py`` imports Optuna and opens its storages.
- ``results.py`` and ``page.py``: the table, the best recipe and the report.
- ``names.py`` has the words that the command line completes, without Optuna.

Processes speak with each other through the study's storage alone. Optuna is an extra, so nothing
here may be imported where a program starts.

Words:

- study: a search: a recipe, its ranges, and all trials of them. It lies in a storage.
- trial: one choice of values, and the run that trains with them.
- storage: a database or a file that holds studies; Optuna's word.
- worker: a process that carries out trials, one after the other.
- pruned: stopped early, because others were better after as many epochs.
- repeated: done again from the beginning or a checkpoint, because its process was ended.
"""
