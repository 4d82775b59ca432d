"""Which backend is the fastest for a piece of work on this machine, by measurement.

Start reading at ``race.py``: it has each backend do a little of the work, in turn, and decides.

- ``decision.py``: what it has found, in words and for a run's record.
- ``estimate.py``: how long a network computes, so that no race costs more than it can win.
- ``work.py``: what a race asks of the work: to do a little of it, and how long all of it will take.
  ``training.py`` and ``predicting.py`` are the two kinds.
- ``trial.py``: a process in which one backend works. So a race changes no weight, random number,
  thread or memory of the process that asks, and a backend that takes too long can be ended.
- ``memory.py``: what was measured before, in the user's cache.
"""
