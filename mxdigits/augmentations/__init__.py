"""Random changes of training images: those that come with mxdigits, one a file.

Each is a function of its options that gives a :class:`~mxdigits.graph.Graph`, so that every backend
runs it, and needs no MXNet. One that mixes images takes and gives targets too: what the labels
give to each class. ``build.py`` makes an augmentation from its name, a graph or a plugin's
Gluon block, checks it, and joins several.

- ``affine.py`` shifts, turns, resizes and slants; ``elastic.py`` bends; ``thickness.py`` draws
  strokes thicker or thinner; ``erasing.py`` wipes rectangles out; ``noise.py`` adds grain;
  ``blur.py`` and ``contrast.py`` are as of a camera; ``mixing.py`` mixes images, and their labels.
- ``places.py`` says where pixels lie; ``options.py`` checks options.
"""
