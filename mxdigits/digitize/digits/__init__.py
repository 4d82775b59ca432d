"""From pieces of ink to digits in MNIST's form, in reading order. Start at ``page_parts.py``.

- ``page_parts.py`` makes the digits of a page of its pieces, in the order of ``reading.py`` and
  without the printed words that ``words.py`` knows; ``one_to_a_cell.py`` those of a form.
- ``soft_digits.py`` keeps digits that are as pale as shadows.
- ``parting.py`` parts digits that touch, at the cuts of ``seams.py``, and zeros that share a side,
  which ``rings.py`` tells; ``mending.py`` joins the parts of broken ones, whose gaps
  ``bridging.py`` fills.
- ``in_form.py`` brings ink into MNIST's form, of the side in ``size.py``; ``likeness.py`` says how
  much that looks like a digit, ``parts.py`` of each that may be one, and ``among_letters.py`` what
  those around it tell.
"""
