"""Finds the fastest backend for a piece of work on this machine, by measurement.

Start reading at ``race.py``: each backend in turn does a little of the work, and it decides.

- ``decision.py``: the result, in words and for a run's record.
- ``estimate.py``: an estimate of the work, so that no race costs more than it can win.
- ``work.py``: the interface of work: do a little of it, and estimate how long all of it takes.
  ``training.py`` and ``predicting.py`` are the two kinds.
- ``trial.py``: a process in which one backend works. So a race changes no weights, random numbers,
  threads or memory of the calling process, and a backend that takes too long can be ended.
- ``memory.py``: earlier measurements, in the user's cache.
"""
