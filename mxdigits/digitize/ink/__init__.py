"""What is written on the paper, told from paper, noise and shadow. Start at ``contrast.py``.

- ``contrast.py`` parts ink from paper, and ``second_look.py`` where a first look has found no
  digit; ``page_looks.py`` looks at a page whose sheet is not seen for sure, and ``shade.py`` takes
  away what is dark between its strokes.
- ``pieces.py`` tells writing from noise and specks, ``borders.py`` counts where pieces end;
  ``shadows.py`` tells writing from the edges of shadows and sheets, ``straight.py`` from the lines
  that these and rules leave; ``one_digit.py`` chooses the one digit of a picture.
- ``askew.py`` and ``turning.py`` turn ink level.
"""
