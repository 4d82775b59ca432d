"""Draws digits in MNIST's form: the pen stamps its shape at every place, on a finer grid.

The finer grid is then averaged, so partly inked pixels become grey. Stamps are the fastest of the
methods tried: for an 8, one core stamps 50,000 a second, and makes 17,000 complete digits. The
distance of every pixel from every second place gives 24,000 a second; OpenCV's polylines, which
have only one width, 17,000; its circles 7,500; the distance from every piece of the strokes 500.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from .curves import Floats
from .scanning import scanned
from .writing import Written

FORM = 28, 20  # pixels of MNIST's images, and of the square in them that holds the ink

# Pens' shapes as ellipses: the shorter axis as a share of the longer, and the longer axis' angle.
_NIBS = ((1.0, 0.0), (0.6, -np.pi / 4), (0.45, -np.pi / 5))
_FINENESS = 4  # pixels of the finer grid for one of 28
_SOFTEST = 0.12  # largest share of a pixel's ink that runs to each neighbour in its row or column
_EXPOSED = 1.4  # largest factor of the ink, after which more than full ink counts as full ink
_GROWTH = 1.08  # ratio of one radius of the pens' stamps to the next


def fineness(size: int) -> int:
    """Pixels of the finer grid along one side of a pixel, for images of this size.

    Example:
        >>> fineness(28), fineness(280)
        (4, 2)
    """
    return max(2, round(_FINENESS * FORM[0] / size))


def step(size: int) -> float:
    """The distance between two stamps of a pen, where a digit is 100 high, for images of this size.

    Example:
        >>> step(28), step(280)
        (2.5, 0.5)
    """
    return max(0.25, 200 / (round(size * FORM[1] / FORM[0]) * fineness(size)))


def draw(written: Written, size: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Digits in MNIST's form: white on black, (N, size, size).

    The ink's bounding box fits 20 of 28 pixels, and its centre of mass lies in the image's middle.

    Args:
        written: the digits.
        size: pixels of a side of the images.
        random: the generator for blur, grain and exposure, and for coarse scans.

    Example:
        >>> from mxdigits.data.hands.curves import curves_of
        >>> from mxdigits.data.hands.writing import write
        >>> random = np.random.default_rng(0)
        >>> bars = write(curves_of("20,0 20,50 20,100", step(28)), 3, random)
        >>> draw(bars, 28, random).shape
        (3, 28, 28)
    """
    side, fine = round(size * FORM[1] / FORM[0]), fineness(size)
    places, radii, extent = _scaled(written, side * fine)
    ink = _averaged(_stamped(places + fine, radii, written.nib, (side + 2) * fine), fine)
    ink = ink[:, 1:-1, 1:-1]  # only rounding puts ink outside the box
    ink = _softened(ink, random.uniform(0, _SOFTEST, (len(ink), 1, 1)).astype(np.float32))
    missing = random.random(ink.shape, dtype=np.float32)
    ink *= 1 - written.grain[:, None, None].astype(np.float32) * missing
    ink *= random.uniform(1, _EXPOSED, (len(ink), 1, 1)) / ink.max(axis=(1, 2), keepdims=True)
    ink = scanned(np.minimum(ink, 1), random)
    return _centred(ink, np.ceil(extent / fine).astype(int), size)


def _scaled(written: Written, side: int) -> tuple[Floats, Floats, Floats]:
    """Places and radii in pixels of a square that the ink just fits, and its extent, (N, 2)."""
    reach = written.radii[:, :, None] * _reach()[written.nib][:, None]
    low = (written.places - reach).min(axis=1)
    extent = (written.places + reach).max(axis=1) - low
    share = side / extent.max(axis=1)
    places = (written.places - low[:, None]) * share[:, None, None]
    return places, written.radii * share[:, None], extent * share[:, None]


@cache
def _reach() -> Floats:
    """The extent of each pen's shape to the side and down, as shares of its radius."""
    return np.array(
        [
            (np.hypot(np.cos(a), flat * np.sin(a)), np.hypot(np.sin(a), flat * np.cos(a)))
            for flat, a in _NIBS
        ]
    )


def _stamped(places: Floats, radii: Floats, nib: NDArray[np.int64], side: int) -> NDArray[np.uint8]:
    """The canvas (N, side, side) with 1 where a pen was."""
    canvas = np.zeros((len(places), side, side), np.uint8)
    x, y = np.moveaxis(places.astype(np.int32), -1, 0)
    first = np.arange(len(places), dtype=np.int32)[:, None] * np.int32(side * side)
    centre = (first + y * np.int32(side) + x).ravel()
    step_of = np.rint(np.log(np.maximum(radii, 0.5)) / np.log(_GROWTH)).astype(np.int16)
    # Each stamp has a number, so that all places of one stamp are inked together.
    stamp = (len(_NIBS) * (step_of - step_of.min()) + nib[:, None].astype(np.int16)).ravel()
    order = np.argsort(stamp, kind="stable")
    numbers, begins = np.unique(stamp[order], return_index=True)
    pixels = canvas.reshape(-1)
    for number, which in zip(numbers.tolist(), np.split(order, begins[1:])):
        offsets = _stamp(int(step_of.min()) + number // len(_NIBS), number % len(_NIBS), side)
        pixels[centre[which, None] + offsets] = 1
    return canvas


@lru_cache(maxsize=512)
def _stamp(growths: int, nib: int, side: int) -> NDArray[np.int32]:
    """The pixels that a pen inks, as offsets in a canvas with rows of ``side`` pixels."""
    radius = _GROWTH**growths
    flat, angle = _NIBS[nib]
    reach = np.arange(-int(radius) - 1, int(radius) + 2)
    x, y = reach[None], reach[:, None]
    along = x * np.cos(angle) + y * np.sin(angle)
    across = (y * np.cos(angle) - x * np.sin(angle)) / flat
    down, right = np.nonzero(along**2 + across**2 <= radius**2)
    return np.asarray(reach[down] * side + reach[right], np.int32)


def _averaged(canvas: NDArray[np.uint8], fine: int) -> NDArray[np.float32]:
    """The mean of each square of ``fine`` x ``fine`` pixels."""
    count, side, _ = canvas.shape
    rows = canvas.reshape(count, side // fine, fine, side).sum(axis=2, dtype=np.uint8)
    total = sum(rows[:, :, i::fine].astype(np.float32) for i in range(fine))
    return np.asarray(total / fine**2, np.float32)


def _softened(ink: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Ink (N, side, side) slightly blurred, as by a scanner or camera."""
    for axis in (1, 2):
        padded = np.pad(ink, [(0, 0), *((1, 1) if each == axis else (0, 0) for each in (1, 2))])
        before, after = (
            (padded[:, :-2], padded[:, 2:]) if axis == 1 else (padded[..., :-2], padded[..., 2:])
        )
        ink = ink + share * (before + after - 2 * ink)
    return ink


def _centred(ink: NDArray[np.float32], extent: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    """Images with the ink (N, side, side) moved so that its centre of mass lies in the middle."""
    count, side, _ = ink.shape
    mass = ink.sum(axis=(1, 2))
    at = np.arange(side, dtype=np.float32)
    across, down = (ink.sum(axis=axis) @ at / mass for axis in (1, 2))
    left, top = (
        np.clip(np.rint(size / 2 - centre).astype(int), 0, size - extent[:, axis])
        for axis, centre in enumerate((across, down))
    )
    # Enough background surrounds the ink to cut the window out at any place.
    around = np.zeros((count, side + 2 * size, side + 2 * size), np.uint8)
    around[:, size : size + side, size : size + side] = np.rint(ink * 255)
    rows, columns = (size - moved[:, None] + np.arange(size) for moved in (top, left))
    return np.asarray(around[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None]])
