"""Computes with arrays of pixels alone; knows nothing of paper, ink or digits.

- ``components.py`` finds connected ink; ``highest.py`` the highest values around each pixel.
- ``median.py`` and ``weighted_median.py`` are medians, ``resizing.py`` scales.
- ``dithering.py`` makes grey of dots.
"""
