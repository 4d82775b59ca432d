"""The lines that are printed or drawn on paper: found, and taken away where no stroke crosses them.

- ``dashes.py`` removes dashed lines, ``boxes.py`` frames, boxes, grids and the lines that
  ``underlines.py`` knows, ``paper_lines.py`` the lines of lined and squared paper,
  ``form_lines.py`` those of forms, ``bent_lines.py`` those that are bent.
- ``between_lines.py`` finds the cell between lines that cross.
- ``rules.py`` says what of a line's pixels belongs to strokes.
- ``cells.py`` knows the cells between a form's lines.
"""
