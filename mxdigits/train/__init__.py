"""The Trainer, and what users meet around it: callbacks, history, metrics, schedules.

It knows no YAML, registry, path or terminal. Start reading at ``trainer.py``.
"""
