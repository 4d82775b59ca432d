"""Data sets: read, checked, mixed, and handed over as arrays of images and labels.

Start reading at ``dataset.py``; each kind of data set has a file of its own.

Words:

- split: images and labels that belong together; a data set has one for train, one for test and
  perhaps one for validation.
- mix: a data set made of parts, each a data set of its own.
- passed over: left out because it is nothing to read, and told.
"""
