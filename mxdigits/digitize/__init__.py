"""From a picture to the form of MNIST's images, and from a page to its digits.

Nothing here knows a network or a run. Start reading at ``mnist_form.py``.

- ``picture.py`` opens a file, ``luminance.py`` makes it grey; ``picture_reader.py`` does that in a
  process that can be ended.
- ``sheet.py`` finds the paper on a desk, ``drawn_frame.py`` tells it from a printed frame, and
  ``straightening.py`` makes a rectangle of it; ``askew.py`` and ``turning.py`` turn ink level.
- ``light.py`` knows the light that falls on paper; ``ink.py`` parts ink from paper in it, and
  ``second_look.py`` where a first look has found no digit.
- ``dashes.py`` removes dashed lines, ``boxes.py`` frames, boxes, grids and the lines that
  ``underlines.py`` knows, ``paper_lines.py`` the lines of lined and squared paper,
  ``form_lines.py`` those of forms, ``bent_lines.py`` those that are bent; ``rules.py`` says what of
  a line's pixels belongs to strokes.
- ``cells.py`` knows the cells between a form's lines, ``one_to_a_cell.py`` the digit of each.
- ``pieces.py`` tells writing from noise, shadow and specks.
- ``shadows.py`` tells it from the edges of shadows and sheets; ``one_digit.py`` chooses the one.
- ``components.py`` finds connected ink; ``page_parts.py`` makes the digits of a page of it, in the
  order of ``reading.py`` and without the printed words that ``words.py`` knows;
  ``parting.py`` parts those that touch, at the cuts of ``seams.py``; ``mending.py`` joins the parts
  of broken ones, whose gaps ``bridging.py`` fills.
- ``likeness.py`` says how much ink looks like a digit, ``parts.py`` of each that may be one.
- ``preprocessing.py`` does with a picture what a run's network was trained with.

Words:

- light: the brightness of a picture, from 0 to 1; ink: how much of a pixel is written on.
- piece: connected ink; several may make a digit.
- sheet: the paper, without what it lies on.
- rule: a printed line of the paper.
- confined: run in a process of its own, with bounded memory and time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mnist_form import MOST_PIXELS, SIZE, Digit, digitize, find_digits, open_picture

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]


def __getattr__(name: str) -> object:
    # When first used: the name of a preprocessing alone does not need Pillow.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".mnist_form", __name__), name)
