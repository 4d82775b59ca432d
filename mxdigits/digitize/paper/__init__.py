"""The sheet of paper, and the light on it; what is written there is not looked at.

- ``sheet.py`` finds the paper on a desk, ``drawn_frame.py`` tells it from a printed frame, and
  ``straightening.py`` makes a rectangle of it; ``in_picture.py`` finds the way back.
- ``light.py`` knows the light that falls on paper.
"""
