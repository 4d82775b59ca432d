"""Reads the luminance of a picture file, within bounds of memory and time.

- ``picture.py`` opens a file, ``heif.py`` those of telephones, ``luminance.py`` makes it grey;
  ``limits.py`` has the most pixels and pages.
- ``confined.py`` runs a function in a process of its own that can be ended;
  ``confined_process.py`` is that process.
"""
