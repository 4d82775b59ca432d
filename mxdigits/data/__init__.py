"""Data sets: read, checked, mixed, and given as arrays of images and labels.

Start reading at ``dataset.py``; ``load.py`` makes a data set from its name, and ``making.py``
checks what others give as one. Each kind of data set has a file of its own: ``mnist.py``,
``idx_folder.py``, ``npz_set.py``, ``folder.py``, ``mix.py``.
``recognition.py`` says which of them reads what lies in a folder.
``folder_layout.py`` says which folders of a data set are its parts and which its classes.
``walk.py`` finds the pictures below a folder, and says which files are passed over and why.

Words:

- split: images and labels that belong together; a data set has one for train, one for test and
  perhaps one for validation.
- mix: a data set made of parts, each a data set of its own.
- passed over: left out, because it cannot be read as a picture; a line says so.
"""
