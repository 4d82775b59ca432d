"""Random changes of training images: the augmentations of mxdigits, one a file.

Each is a function that takes options and returns a :class:`~mxdigits.graph.Graph`, so that every
backend can run it, and it needs no MXNet. An augmentation that mixes images also takes and gives
targets: each label's share of each class. ``build.py`` makes an augmentation from its name, a graph
or a plugin's Gluon block, checks it, and joins several.

- ``affine.py`` shifts, turns, resizes and slants; ``elastic.py`` bends; ``thickness.py`` makes
  strokes thicker or thinner; ``erasing.py`` wipes out rectangles; ``noise.py`` adds grain;
  ``blur.py`` and ``contrast.py`` imitate cameras; ``mixing.py`` mixes images and their labels.
- ``places.py`` computes where pixels lie; ``options.py`` checks options.
"""
