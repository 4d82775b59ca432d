"""The Trainer, and what users need with it: callbacks, history, metrics, schedules.

It knows no YAML, registry, path or terminal. Start reading at ``trainer.py``.

- ``evaluator.py``: the part of a Trainer that scores and predicts; ``arguments.py`` checks what a
  Trainer is given, ``checks.py`` single numbers.
- ``callbacks.py``: the events of a fit and what a callback may ask for; ``callback_list.py`` calls
  all of them. ``monitors.py``: early stopping, best weights, a lower rate on a plateau.
- ``tracker.py``: callbacks that send the events of a run to another program.
- ``teamwork.py``: what the Trainers of several processes tell each other.
- ``shown_weights.py``: which weights a fit evaluates and ends with; ``epoch_mean.py``: the mean of
  the weights after the last epochs.
- ``history.py``: one record per epoch. ``metrics.py``: scores. ``frames.py``: both as tables.
- ``schedule.py``: learning rates.
- ``range_test.py``: the loss at learning rates that rise.
- ``views.py``: images shifted and turned, to be predicted several times.
- ``state.py``: all that a checkpoint holds of a fit; ``state_facts.py`` checks it.
"""
