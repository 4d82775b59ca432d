"""A network written in other formats; each file is compared with the network before it is kept.

``export.py`` is the way from a source to files; ``source.py`` reads runs, and ``symbol_source.py``
MXNet's own files; ``formats.py`` says what a format is, ``parity.py`` makes the comparison. A
format is a plugin.
``package.py`` packs a network to give it away, ``naming.py`` gives it a name and a version.
"""
