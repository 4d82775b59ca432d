"""Shade between strokes: what is inked a little for farther than any stroke is wide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from ..pixels.highest import highest_around
from ..pixels.resizing import reduced, resized
from .contrast import Seen

_STROKE, _INK = 0.6, 0.6  # ink of a stroke; what is as dark and wide is a thing, and no shade
_WIDE = 4  # times as wide as a pen: at no crossing of strokes there is as much ink
_PEN = 2.0  # pixels of a pen where shade is looked for


def without_shade(seen: Seen) -> Seen:
    """The ink of a page without the shade that joins its strokes to each other.

    Light is taken to change slowly over a page.  Where paper is crumpled or stained it does not,
    and what is taken for ink there is paler than a pen.  A stroke in it stays as dark as it is.

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
    shaded = np.flatnonzero(shade > 0)  # little of a page is
    made, share = ink.copy(), shade.ravel()[shaded]
    made.ravel()[shaded] = np.maximum((made.ravel()[shaded] - share) / (1 - share), 0)
    return replace(seen, ink=made)
