"""What is computed with arrays of pixels alone: no paper, ink or digit is known here.

- ``components.py`` finds connected ink; ``highest.py`` the highest values about each place.
- ``median.py`` and ``weighted_median.py`` are medians, ``resizing.py`` scales.
"""
