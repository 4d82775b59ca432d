"""Removes shade between strokes: pale ink over an area wider than any stroke."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ..pixels.highest import highest_around
from ..pixels.resizing import reduced, resized
from .contrast import Seen

_STROKE = 0.6  # least ink of a stroke; shade is less
_INK = 0.6  # least ink of a wide thing that is no shade, and stays
_WIDE = 4  # pen widths: least width of shade; no crossing of strokes is as wide
_PEN = 2.0  # pixels: width of a pen in the small picture in which shade is looked for


def without_shade(seen: Seen) -> Seen:
    """The ink of a page without the shade that joins its strokes to each other.

    Light is assumed to change slowly over a page.  On crumpled or stained paper it does not, and
    shade paler than a pen is taken for ink.  A stroke within the shade stays as dark as it is.

    Example:
        >>> ink = np.zeros((100, 100), np.float32)
        >>> ink[20:80, 20:80], ink[30:70, 48:52] = 0.4, 1
        >>> made = without_shade(Seen(ink, 1 - ink, contrast=1.0, even=False)).ink
        >>> float(made[50, 50]), float(made[50, 30])
        (1.0, 0.0)
    """
    ink = seen.ink
    strokes = ink > _STROKE
    sides = np.count_nonzero(strokes[1:] != strokes[:-1])
    sides += np.count_nonzero(strokes[:, 1:] != strokes[:, :-1])
    if not sides:
        return seen
    pen = max(np.count_nonzero(strokes) / (sides * np.pi / 8), _PEN)
    small = reduced(ink, max(1, round(max(ink.shape) * _PEN / pen)))
    window = 2 * round(_WIDE * _PEN / 2) + 1
    shade = highest_around(-highest_around(-small, window), window)
    shade[shade >= _INK] = 0
    if not shade.any():
        return seen
    height, width = ink.shape
    shade = resized(shade, width, height, Image.Resampling.BILINEAR)
    shaded = np.flatnonzero(shade > 0)  # only a small part of a page
    made, share = ink.copy(), shade.ravel()[shaded]
    made.ravel()[shaded] = np.maximum((made.ravel()[shaded] - share) / (1 - share), 0)
    return replace(seen, ink=made)
