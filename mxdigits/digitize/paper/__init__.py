"""Finds the sheet of paper, and the light on it, whatever is written there.

- ``sheet.py`` finds the paper on a desk, ``drawn_frame.py`` tells it from a printed frame, and
  ``straightening.py`` makes a rectangle of it; ``in_picture.py`` maps boxes back to the picture.
- ``light.py`` fits surfaces to the light that falls on paper.
"""
