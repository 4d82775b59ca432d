"""Pictures without a digit: paper, desks, shadows, folds and noise, drawn at run time.

``BLANK`` has all of them by their names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from benchmarks.paper import Light, photograph_of, to_bytes
from benchmarks.pictures import Random, encoded, photographed


def noise(random: Random) -> bytes:
    """Blank paper with the noise of a camera, as PNG or JPEG."""
    page = random.uniform(0.5, 0.95) + random.normal(0, random.uniform(0.005, 0.05), _size(random))
    return _either(page, random)


def shadow(random: Random) -> bytes:
    """Blank paper in a light that falls off, with a shadow across it and noise."""
    return _either(photographed(np.full(_size(random), 0.9), random) / 255, random)


def texture(random: Random) -> bytes:
    """Rough paper or cloth: noise of a few pixels' grain."""
    height, width = _size(random)
    grain = Image.fromarray(random.normal(0, 1, (height, width)).astype(np.float32))
    soft = np.asarray(grain.resize((width // 3, height // 3)).resize((width, height)), float)
    return _either(0.8 + random.uniform(0.01, 0.06) * soft, random)


def specks(random: Random) -> bytes:
    """Paper with many dark specks of dirt."""
    page = np.full(_size(random), 0.93)
    for _ in range(int(random.integers(50, 2000))):
        y, x = (int(random.integers(0, side - 4)) for side in page.shape)
        page[y : y + random.integers(1, 5), x : x + random.integers(1, 5)] = 0.2
    return _either(page, random)


def ruled_only(random: Random) -> bytes:
    """Lined or squared paper with nothing written on it."""
    page = np.full(_size(random), 0.93)
    gap = int(random.integers(20, 80))
    page[gap // 2 :: gap] = 0.5
    if random.random() < 0.5:
        page[:, gap // 2 :: gap] = 0.5
    return _either(page + random.normal(0, 0.01, page.shape), random)


def empty_desk(random: Random) -> bytes:
    """A blank sheet on a desk."""
    picture, _ = photograph_of(np.full(tuple(random.integers(300, 700, 2)), 0.93), random)
    return encoded(picture, "JPEG", quality=85)


def empty_light_table(random: Random) -> bytes:
    """A blank sheet on a table that is about as light."""
    page = np.full(tuple(random.integers(300, 700, 2)), 0.93)
    return encoded(photograph_of(page, random, light=True)[0], "JPEG", quality=85)


def white_noise(random: Random) -> bytes:
    """Every pixel of any grey."""
    return _either(random.uniform(0, 1, _size(random)), random)


def fold(random: Random) -> bytes:
    """A folded sheet: a dark line beside a light one, and more light on one side of it."""
    far = _from_a_line(random)
    dark, light = random.uniform(0.1, 0.35), random.uniform(0, 0.15)
    page = 0.85 + random.uniform(0.02, 0.08) * np.tanh(far / (0.05 * max(far.shape)))
    page -= dark * np.exp(-((far / random.uniform(1, 4)) ** 2))
    page += light * np.exp(-(((far - 4) / random.uniform(1, 4)) ** 2))
    return _either(page + random.normal(0, 0.01, page.shape), random)


def sharp_shadow(random: Random) -> bytes:
    """Blank paper with the shadow of a straight edge on it, such as a book's."""
    far = _from_a_line(random)
    edge = 1 / (1 + np.exp(-(far / random.uniform(1, 6)).clip(-50, 50)))
    page = 0.88 * (1 - random.uniform(0.2, 0.5) * edge)
    return _either(page + random.normal(0, 0.015, page.shape), random)


BLANK: dict[str, Callable[[Random], bytes]] = {
    each.__name__: each
    for each in (
        *(noise, white_noise, shadow, sharp_shadow, fold, texture, specks, ruled_only),
        *(empty_desk, empty_light_table),
    )
}


def _size(random: Random) -> tuple[int, int]:
    height, width = random.integers(100, 1200, 2)
    return int(height), int(width)


def _from_a_line(random: Random) -> Light:
    """How many pixels each pixel of a picture lies from a line through it, to one side of it."""
    height, width = _size(random)
    y, x = np.mgrid[:height, :width]
    angle, across, down = random.uniform(0, 2 * np.pi), *random.uniform(0.2, 0.8, 2)
    return np.asarray((x - width * across) * np.cos(angle) + (y - height * down) * np.sin(angle))


def _either(page: Light, random: Random) -> bytes:
    if random.random() < 0.5:
        return encoded(to_bytes(page))
    return encoded(to_bytes(page), "JPEG", quality=int(random.integers(50, 95)))
