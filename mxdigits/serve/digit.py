"""Reads the digit of a picture that was sent; this runs in the process of a reader."""

from __future__ import annotations

import base64
import binascii
import json
from urllib.parse import unquote_to_bytes

import numpy as np

from ..arrays import Pixels
from ..data.images import check_brightness
from ..digitize.digits.size import SIZE
from ..digitize.opening.picture import Pages
from ..digitize.pixels.resizing import reduced
from ..digitize.preprocessing import NONE, Prepared, Preprocessing
from ..errors import DataError

READ_DIGIT = f"{__name__}:read_digit"

KEPT_SIDE = 1000  # pixels; digitizing looks at no more

# Bytes: the image, the picture that is kept, whether there are more pages, how many digits there
# are, and how much it looks like one.
MOST_ANSWER = SIZE**2 + KEPT_SIDE**2 + 1 + 1 + 4
_MOST_COUNT = 255  # of digits

_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def read_digit(
    content: bytes,
    *,
    name: str,
    preprocessing: Prepared,
    most_pixels: int,
    in_json: bool = False,
) -> list[Pixels]:
    """What the network receives of a picture's first page, and what is kept to train on.

    Args:
        content: a picture file, or, ``in_json``, a JSON string as of :func:`from_base64`.
        name: what to call it in messages.
        preprocessing: what a :class:`Preprocessing` tells of itself.
        most_pixels: a picture of more is refused.
        in_json: whether ``content`` is a JSON string.

    Returns:
        The image (H, W), a grey picture that gives this image when it is digitized, as nearly as
        can be, 1 where the picture has more pages, else 0, about how many digits it shows, 0 where
        its ink looks like none, and its :func:`~mxdigits.digitize.digits.likeness.likeness`.

    Raises:
        DataError: if there is no digit to be had from it.

    >>> from io import BytesIO
    >>> from PIL import Image, ImageDraw
    >>> picture, file = Image.new("L", (200, 200), 255), BytesIO()
    >>> ImageDraw.Draw(picture).line([(100, 40), (100, 160)], fill=0, width=12)
    >>> picture.save(file, "PNG")
    >>> shape = "mnist", (1, 28, 28), True
    >>> image, kept, more, count, like = read_digit(
    ...     file.getvalue(), name="a 1", preprocessing=shape, most_pixels=1_000_000
    ... )
    >>> image.shape, kept.shape, int(more), int(count)
    ((28, 28), (200, 200), 0, 1)
    """
    picture = from_base64(json.loads(content)) if in_json else content
    with Pages(picture, most_pixels=most_pixels, name=name) as pages:
        light, more_pages = pages.first(), np.array(pages.several, np.uint8)
    prepared = Preprocessing.of(preprocessing)
    digit, seen = prepared.counted_digit(light)
    image, like = digit.image[0], np.array(digit.likeness, np.float32)
    count = np.array(min(seen, _MOST_COUNT), np.uint8)
    if not image.any():
        raise DataError(f"there is no digit in {name}")
    check_brightness(name, int(image.max()))
    if prepared.name == NONE:  # as they are, only pictures of one size make a data set
        return [image, image, more_pages, count, like]
    to_keep = np.asarray(np.rint(reduced(light, KEPT_SIDE) * 255), np.uint8)
    return [image, to_keep, more_pages, count, like]


def from_base64(text: str) -> bytes:
    """The bytes of a base64 text or of a ``data:`` URL.

    Base64 of either alphabet (RFC 4648), with or without its padding, in one line or in many.

    Raises:
        DataError: if it is neither.

    >>> from_base64("aGVsbG8="), from_base64("data:text/plain;base64,aGVsbG8")
    (b'hello', b'hello')
    """
    encoded = text.encode("utf-8", "replace")
    if encoded[:5].lower() == b"data:":
        kind, comma, rest = encoded.partition(b",")
        if not comma:
            raise DataError(
                'image: a data: URL has a comma before its data, as in "data:image/png;base64,..."'
            )
        encoded = unquote_to_bytes(rest)
        if not kind.lower().endswith(b";base64"):
            return encoded
    plain = b"".join(encoded.split()).translate(_URL_SAFE).rstrip(b"=")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        raise DataError(
            "image: is no base64; write the picture's file in base64, or a data: URL of it"
        ) from None
