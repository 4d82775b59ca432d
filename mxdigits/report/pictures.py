"""Images inside a page, as ``data:`` addresses of small PNG files."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

from ..arrays import Pixels

LARGEST = 112  # pixels; a page may hold a hundred of them


def data_uri(image: Pixels) -> str:
    """Return an image uint8 (C, H, W) as a ``data:`` address of a PNG.

    Three channels are taken for RGB; with any other number, the first is shown as grey. Images
    larger than :data:`LARGEST` pixels are made smaller.

    >>> import numpy as np
    >>> data_uri(np.zeros((1, 28, 28), np.uint8))[:22]
    'data:image/png;base64,'
    """
    picture = Image.fromarray(image.transpose(1, 2, 0).copy() if len(image) == 3 else image[0])
    picture.thumbnail((LARGEST, LARGEST))
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
