"""Read the digit of a picture that was sent; this runs in the process of a reader."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

import numpy as np

from ..arrays import Pixels
from ..data.images import check_brightness
from ..digitize.digits.size import SIZE
from ..digitize.opening.picture import Pages
from ..digitize.pixels.resizing import reduced
from ..digitize.preprocessing import NONE, Prepared, Preprocessing
from ..errors import DataError
from ..predict.other_files import of_beginning
from .json_text import read_json

READ_DIGIT = f"{__name__}:read_digit"

KEPT_SIDE = 1000  # pixels; digitizing uses no larger pictures

# Bytes of an answer: the image, the picture to keep, whether there are more pages, the number of
# digits, and the likeness.
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
    """Return the network's input for a picture's first page, and a picture to keep for training.

    Args:
        content: a picture file; or, if ``in_json``, a JSON string for :func:`from_base64`.
        name: its name in messages.
        preprocessing: the fields of a :class:`Preprocessing`.
        most_pixels: a picture with more is refused.
        in_json: whether ``content`` is a JSON string.

    Returns:
        The image (H, W); a grey picture that gives nearly this image when it is digitized; 1 if
        there are more pages, else 0; about how many digits it shows, 0 if the ink looks like none;
        and its :func:`~mxdigits.digitize.digits.likeness.likeness`.

    Raises:
        DataError: if no digit can be read from it.

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
    if in_json:
        content = from_base64(str(read_json(content, "the JSON body: its image")))
    if what := of_beginning(content):
        raise DataError(f"{name}: no picture, but {what}")
    with Pages(content, most_pixels=most_pixels, name=name) as pages:
        light, more_pages = pages.first(), np.array(pages.several, np.uint8)
    prepared = Preprocessing.of(preprocessing)
    digit, seen = prepared.counted_digit(light)
    image, like = digit.image[0], np.array(digit.likeness, np.float32)
    count = np.array(min(seen, _MOST_COUNT), np.uint8)
    if not image.any():
        raise DataError(f"there is no digit in {name}")
    check_brightness(name, int(image.max()))
    if prepared.name == NONE:  # a data set needs pictures of one size
        return [image, image, more_pages, count, like]
    to_keep = np.asarray(np.rint(reduced(light, KEPT_SIDE) * 255), np.uint8)
    return [image, to_keep, more_pages, count, like]


def from_base64(text: str) -> bytes:
    """Return the bytes of a base64 text or of a ``data:`` URL.

    Both alphabets of RFC 4648 are accepted, with or without padding, in one or several lines.

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
