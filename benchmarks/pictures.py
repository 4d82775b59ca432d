"""Pictures of digits as people have them, each made from an MNIST image and encoded as a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Random = np.random.Generator
Grey = NDArray[Any]  # (H, W), from 0 to 255; here ink is high, as in MNIST

_TAG_ORIENTATION = 0x0112
# What a camera does to the scene for each EXIF orientation, so that undoing it puts it upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def clean(digit: Grey, random: Random) -> bytes:
    """The image as it is."""
    return encoded(digit)


def inverted(digit: Grey, random: Random) -> bytes:
    """Black on white."""
    return encoded(255 - digit)


def scaled(digit: Grey, random: Random) -> bytes:
    """From 14 to 420 pixels wide and high."""
    return encoded(resized(digit, round(28 * random.uniform(0.5**0.5, 15**0.5) ** 2)))


def off_centre(digit: Grey, random: Random) -> bytes:
    """At a random place in an image of two to four times the size."""
    return encoded(_placed(digit, random))


def exif(digit: Grey, random: Random) -> bytes:
    """Stored rotated or mirrored, with the EXIF orientation that says so."""
    image = _image(255 - resized(digit, 112))
    orientation = int(random.integers(2, 9))
    tags = Image.Exif()
    tags[_TAG_ORIENTATION] = orientation
    return encoded(image.transpose(_TURNS[orientation]), "JPEG", quality=90, exif=tags)


def jpeg(digit: Grey, random: Random) -> bytes:
    """Black on white, 84 x 84, as JPEG of quality 10 to 50."""
    return encoded(255 - resized(digit, 84), "JPEG", quality=int(random.integers(10, 51)))


def sixteen_bit(digit: Grey, random: Random) -> bytes:
    """A 16-bit PNG that uses a part of the range, as scanners write it."""
    low, high = random.uniform(0, 0.3), random.uniform(0.5, 1)
    light = high - (high - low) * resized(digit, 84) / 255
    return encoded(Image.fromarray(np.rint(light * 65535).astype(np.uint16)))


def alpha(digit: Grey, random: Random) -> bytes:
    """Coloured ink on a transparent background, or on a sheet with transparent edges."""
    big = np.pad(resized(digit, 84), 12)
    dark = random.random() < 0.5
    ink = random.integers(0, 90, 3) if dark else random.integers(190, 256, 3)
    image = np.empty((*big.shape, 4), np.uint8)
    if random.random() < 0.7:
        image[..., :3], image[..., 3] = ink, big
    else:
        paper = 255 - ink
        image[..., :3] = paper + (ink - paper) * (big[..., None] / 255)
        image[..., 3] = 255
        image[:6, :, 3] = image[:, :6, 3] = 0
    return encoded(Image.fromarray(image))


def shadowed(digit: Grey, random: Random) -> bytes:
    """Ink on paper that is lit from one side, with a shadow and the noise of a camera."""
    return encoded(photographed(page_of(_placed(resized(digit, 84), random)), random))


def lined(digit: Grey, random: Random) -> bytes:
    """Ink on lined or squared paper, a little askew."""
    return encoded(_bytes(ruled(page_of(_placed(resized(digit, 84), random)), random)))


def photograph(digit: Grey, random: Random) -> bytes:
    """Everything at once: lined paper, shadow, noise, JPEG, rotated."""
    page = ruled(page_of(_placed(resized(digit, 112), random)), random)
    orientation = int(random.integers(2, 9))
    tags = Image.Exif()
    tags[_TAG_ORIENTATION] = orientation
    image = _image(photographed(page, random)).transpose(_TURNS[orientation])
    return encoded(image, "JPEG", quality=int(random.integers(40, 91)), exif=tags)


VARIANTS: dict[str, Callable[[Grey, Random], bytes]] = {
    each.__name__: each
    for each in (
        *(clean, inverted, scaled, off_centre, sixteen_bit, alpha, jpeg, exif),
        *(shadowed, lined, photograph),
    )
}


def page_of(ink: Grey) -> NDArray[np.float64]:
    """The brightness of a page from 0 to 1: 0.9 for paper, 0.15 for ink."""
    return 0.9 - 0.75 * np.asarray(ink, np.float64) / 255


def photographed(page: NDArray[np.float64], random: Random) -> Grey:
    """A page in uneven light, up to 60 % darker at one side, with a shadow and 2 % of noise."""
    height, width = page.shape
    y, x = np.mgrid[:height, :width] / max(height, width)
    angle = random.uniform(0, 2 * np.pi)
    across = x * np.cos(angle) + y * np.sin(angle)
    across = (across - across.min()) / np.ptp(across)
    light = 1 - random.uniform(0.2, 0.6) * across
    angle = random.uniform(0, 2 * np.pi)
    edge = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + random.uniform(-0.3, 0.3)
    light *= 1 - random.uniform(0.3, 0.5) / (1 + np.exp(-edge / random.uniform(0.01, 0.1)))
    return _bytes(page * light + random.normal(0, 0.02, page.shape))


def ruled(page: NDArray[np.float64], random: Random, gap: float = 0.35) -> NDArray[np.float64]:
    """A page with lines a pixel or two thick, up to 2 degrees askew, paler than the ink."""
    height, width = page.shape
    slope = np.tan(np.radians(random.uniform(-2, 2)))
    y, x = np.mgrid[:height, :width]
    gap *= random.uniform(0.7, 1.3) * min(height, width)
    thick = random.uniform(1, 2.5)
    pale = 0.9 - random.uniform(0.25, 0.5)
    rules = (y + slope * x + random.uniform(0, gap)) % gap < thick
    if random.random() < 0.5:
        rules |= (x - slope * y + random.uniform(0, gap)) % gap < thick
    return np.where(rules, np.minimum(page, pale), page)


def _placed(digit: Grey, random: Random) -> Grey:
    """The digit at a random place in an image of two to four times the size."""
    side = len(digit)
    height, width = random.integers(2 * side, 4 * side + 1, 2)
    field = np.zeros((height, width), digit.dtype)
    top, left = random.integers(0, height - side + 1), random.integers(0, width - side + 1)
    field[top : top + side, left : left + side] = digit
    return field


def resized(digit: Grey, side: int) -> Grey:
    return np.asarray(_image(digit).resize((side, side), Image.Resampling.BICUBIC))


def _bytes(light: NDArray[np.float64]) -> Grey:
    return np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8)


def _image(grey: Grey) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(grey))


def encoded(image: Any, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else _image(image)
    image.save(buffer, form, **options)
    return buffer.getvalue()
