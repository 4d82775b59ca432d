"""Evidence drawn over its image."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Pixels

# Colours that the colour-blind can tell apart.
FOR = (255, 130, 0)  # orange: speaks for the class
AGAINST = (40, 120, 255)  # blue: speaks against it

_ON_BLACK = 0.4  # share of a colour's brightness that is left where the image is black


def heat(image: Pixels, evidence: Floats) -> Pixels:
    """An image in grey with evidence over it, uint8 (H, W, 3).

    The strongest evidence of an image, for or against, has the full colour.

    Args:
        image: uint8 (C, H, W).
        evidence: (H, W), above 0 for a class, below 0 against it.

    Example:
        >>> image = np.full((1, 1, 3), 255, np.uint8)
        >>> heat(image, np.array([[2.0, 0.0, -1.0]], np.float32)).tolist()
        [[[255, 130, 0], [255, 255, 255], [148, 188, 255]]]
    """
    grey = image.mean(axis=0)[..., None] / 255
    amount = np.abs(evidence)[..., None] / max(float(np.abs(evidence).max()), 1e-12)
    colour = np.where(evidence[..., None] > 0, np.array(FOR), np.array(AGAINST))
    lit = colour * (_ON_BLACK + (1 - _ON_BLACK) * grey)
    shown: Pixels = np.rint((1 - amount) * grey * 255 + amount * lit).astype(np.uint8)
    return shown
