"""Finds the ink in a picture: not paper, noise or shadow. Start at ``contrast.py``.

- ``contrast.py`` separates ink from paper; ``second_look.py`` does it again if a first look found
  no digit. ``page_looks.py`` looks at a page whose sheet is not clearly seen, and ``shade.py``
  removes pale shade between its strokes.
- ``pieces.py`` tells writing from noise and specks; ``borders.py`` finds the pieces at the
  picture's edges. ``shadows.py`` tells writing from the edges of shadows and sheets,
  ``straight.py`` from straight lines; ``one_digit.py`` chooses the one digit of a picture.
- ``askew.py`` and ``turning.py`` measure how far ink is turned, to turn it level.
"""
