"""Random changes of training images: those that come with mxdigits, one a file.

``affine.py`` shifts, turns, resizes and slants. ``build.py`` makes a block from an augmentation's
name and checks it; a plugin's augmentation goes through it too.
"""
