"""A network written in other formats, each compared with what it came from before it counts.

``export.py`` is the way from a source to files; ``source.py`` reads runs and MXNet's own files;
``formats.py`` says what a format is, ``parity.py`` what the comparison. A format is a plugin.
``package.py`` makes of a network what can be given away, ``naming.py`` says what it is called.
"""
