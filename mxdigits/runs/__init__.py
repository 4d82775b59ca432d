"""A run on disk: its folder and files, its record, its checkpoints; runs listed and removed.

What a run does stands in ``experiment/``; here nothing imports the registries, and what lists runs
no Pillow. Start reading at ``folder.py``; ``record.py`` says what is read of ``run.json``.

Words:

- fingerprint: what decides the bits of a run. Each checkpoint holds it, for resume to compare.
- position: the epoch and the batch that a checkpoint's name tells, which are trained next.
- entry: a checkpoint by its name alone, whole or not.
- sweep: remove what a killed process was writing.
"""
