"""Turns pieces of ink into digits in MNIST's form, in reading order. Start at ``page_parts.py``.

- ``page_parts.py`` turns the pieces of a page into digits, without the printed words that
  ``words.py`` finds; ``one_to_a_cell.py`` does it for a form. ``reading.py`` orders the digits.
- ``soft_digits.py`` keeps digits that are as pale as shadows.
- ``parting.py`` splits digits that touch, at the cuts of ``seams.py``, and zeros that share a side,
  which ``rings.py`` finds; ``mending.py`` joins the parts of broken digits, whose gaps
  ``bridging.py`` fills.
- ``in_form.py`` brings ink into MNIST's form, whose side is in ``size.py``. ``likeness.py`` says
  how much ink looks like a digit, and ``parts.py`` keeps that with the ink; ``among_letters.py``
  lowers it among letters. ``enclosing.py`` removes circles around digits.
"""
