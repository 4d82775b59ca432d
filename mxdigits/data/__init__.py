"""Data sets: reads, checks and mixes them, and gives arrays of images and labels.

Start reading at ``dataset.py``; ``load.py`` makes a data set from its name, and ``making.py``
checks what plugins and scripts return as a data set. Each kind of data set has a file of its own:
``mnist.py``, ``idx_folder.py``, ``npz_set.py``, ``folder.py``, ``mix.py``. ``recognition.py`` finds
out which of them can read a folder. ``folder_layout.py`` finds out which folders of a data set are
its parts and which its classes. ``walk.py`` finds the pictures below a folder, and reports which
files are passed over and why.

Words:

- split: images with their labels; a data set has one for train, one for test and perhaps one for
  validation.
- mix: a data set made of parts, each a data set of its own.
- passed over: left out, because it cannot be read as a picture; the user gets a line about it.
"""
