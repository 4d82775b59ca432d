"""Finds the lines that are printed or drawn on paper, and removes them except where strokes cross.

- ``dashes.py`` removes dashed lines, ``boxes.py`` frames, boxes, grids and the lines that
  ``underlines.py`` finds, ``paper_lines.py`` the lines of lined and squared paper,
  ``form_lines.py`` those of forms, ``bent_lines.py`` those that are bent.
- ``between_lines.py`` finds the cell between lines that cross.
- ``rules.py`` says which of a line's pixels belong to strokes.
- ``cells.py`` finds the cells between a form's lines.
"""
