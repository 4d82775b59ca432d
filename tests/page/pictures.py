"""Pictures of digits as people send them: of many sizes, on paper of all kinds, in any light."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

DRAWN = json.loads(Path(__file__).with_name("digits.json").read_text())


def pictures(kind: str, count: int) -> Iterator[bytes]:
    """Files of pictures of a kind."""
    random = np.random.default_rng(list(KINDS).index(kind))
    for _ in range(count):
        yield KINDS[kind](random)


def _mask(random) -> Image.Image:
    """A digit in white on black: most small, up to 1200 pixels, in any place and slant."""
    width, height = 20 * 60 ** random.random() ** 1.5 * random.uniform(0.8, 1.2, 2)
    image = Image.new("L", (int(width), int(height)))
    hand = list(DRAWN)[random.integers(len(DRAWN))]
    strokes = DRAWN[hand][str(random.integers(10))]
    slant, zoom = random.normal(0, 0.2), random.uniform(0.5, 0.95)
    place = random.uniform(0, 1 - zoom, 2)
    pen = max(1, int(min(image.size) * zoom * random.uniform(0.02, 0.14)))
    for stroke in strokes:
        points = np.array(stroke, float) + random.normal(0, 0.01, (len(stroke), 2))
        points[:, 0] += slant * (points[:, 1] - 0.5)
        points = (place + zoom * points) * image.size
        ImageDraw.Draw(image).line([tuple(each) for each in points], 255, pen, joint="curve")
    return image.filter(ImageFilter.GaussianBlur(float(0.005 * width)))


def _shares(random) -> np.ndarray:
    return np.asarray(_mask(random), float) / 255


def _file(values, kind="PNG", **options) -> bytes:
    image = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def _drawn(random) -> bytes:
    return _file(255 * (1 - _shares(random)))


def _inverted(random) -> bytes:
    paper, ink = random.uniform(0, 60), random.uniform(150, 255)
    return _file(paper + (ink - paper) * _shares(random))


def _shaded(ink, random, contrast: float = 1) -> np.ndarray:
    """Light from one side, darker corners, a shadow, and noise."""
    height, width = ink.shape
    x, y = np.linspace(-1, 1, width)[None], np.linspace(-1, 1, height)[:, None]
    across, down = random.uniform(-0.25, 0.25, 2)
    light = (0.75 + across * x + down * y) * (1 - 0.15 * (x**2 + y**2))
    if random.random() < 0.3:
        light = np.where(x + random.uniform(-1, 1) * y > random.uniform(-0.5, 0.5), 0.7, 1) * light
    seen = light * (1 - contrast * 0.7 * ink)
    return 255 * (seen + random.normal(0, random.uniform(0, 0.03), ink.shape))


def _photographed(random) -> bytes:
    return _file(_shaded(_shares(random), random), "JPEG", quality=int(random.integers(60, 96)))


def _coloured(random) -> bytes:
    ink = _shares(random)[..., None]
    paper, pen = random.uniform(180, 255, 3), random.uniform(0, 120, 3)
    noise = random.normal(0, 2, (*ink.shape[:2], 3))
    return _file(paper + (pen - paper) * ink + noise)


def _lined(random) -> bytes:
    ink = _shares(random)
    height, width = ink.shape
    step = max(6, int(height / random.integers(5, 12)))
    askew = random.uniform(-0.05, 0.05) * np.arange(width)
    lines = (np.arange(height)[:, None] + askew) % step < max(1, height / 250)
    return _file(_shaded(np.maximum(ink, random.uniform(0.2, 0.6) * lines), random))


def _transparent(random) -> bytes:
    ink = 255 * _shares(random)
    colours = np.broadcast_to(random.choice([0.0, 40.0, 235.0, 255.0], 1), (*ink.shape, 3))
    return _file(np.dstack([colours, ink]))


def _cut_out(random) -> bytes:
    """Paper with a ragged edge, and nothing around it."""
    ink = _shares(random)
    height, width = ink.shape
    x, y = np.linspace(-1, 1, width)[None], np.linspace(-1, 1, height)[:, None]
    alpha = 255 * (np.maximum(abs(x), abs(y)) < 0.93 + 0.02 * np.sin(20 * (x + y)))
    return _file(np.dstack([_shaded(ink, random), alpha]).astype(float))


def _empty(random) -> bytes:
    return _file(_shaded(np.zeros((random.integers(20, 200), random.integers(20, 200))), random))


def _turned(random) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = int(random.integers(2, 9))  # orientation
    return _file(_shaded(_shares(random), random), "JPEG", quality=90, exif=exif)


def _close(random) -> bytes:
    """Bold strokes, light or dark, cut so close that little paper is left."""
    ink = np.asarray(_mask(random).filter(ImageFilter.MaxFilter(9)))
    down, across = np.nonzero(ink > 128)
    cut = ink[down.min() : down.max() + 1, across.min() : across.max() + 1]
    return _file(255 - cut if random.random() < 0.5 else cut)


def _in_a_row(random) -> bytes:
    """In one of a row of cells, or beyond it; around them is a printed frame."""
    ink = np.asarray(_mask(random).resize((60, 60)), float) / 255
    high, wide = (int(side * random.uniform(0.7, 1.1)) for side in ink.shape)
    page, thick = np.zeros((3 * high + 40, 6 * wide + 40)), int(random.integers(2, 5))
    page[[5, -6]] = page[:, [5, -6]] = 0.7
    top, left = high + 20, 20 + wide * int(random.integers(5))
    for x in range(20, 6 * wide + 21, wide):
        page[top : top + high, x : x + thick] = 0.8
    page[top : top + thick, 20:-20] = page[top + high - thick : top + high, 20:-20] = 0.8
    over = page[top - 10 :][: ink.shape[0], left + 4 : left + 4 + ink.shape[1]]
    np.maximum(over, ink[: over.shape[0], : over.shape[1]], out=over)
    return _file(255 * (0.93 - 0.8 * page + random.normal(0, 0.01, page.shape)))


def _in_the_light(random) -> bytes:
    """On a lit part of the paper; it ends softly, as in a shadow, or at once, as a sheet does."""
    side, soft = int(random.integers(200, 500)), float(random.choice([1, 60, 100, 140])) / 800
    ink = np.zeros((side, side))
    digit = np.asarray(_mask(random).resize((side // 4, side // 3)), float) / 255
    ink[side // 3 : side // 3 + digit.shape[0], side // 3 : side // 3 + digit.shape[1]] = digit
    y, x = np.mgrid[:side, :side] / side
    left, top, right, bottom = random.uniform(0.1, 0.25, 4)
    inside = np.minimum.reduce([x - left, y - top, 1 - right - x, 1 - bottom - y])
    light = random.uniform(0.5, 0.9) + 0.4 * np.clip(inside / soft, 0, 1)
    return _file(180 * light * (1 - 0.8 * ink) + random.normal(0, 1, ink.shape))


def _dithered(random) -> bytes:
    """In two levels, as fax machines send grey."""
    grey = np.clip(_shaded(_shares(random), random), 0, 255).astype(np.uint8)
    return _file(255 * np.asarray(Image.fromarray(grey).convert("1"), float))


KINDS = {
    "drawn": _drawn,
    "inverted": _inverted,
    "photographed": _photographed,
    "coloured": _coloured,
    "lined": _lined,
    "transparent": _transparent,
    "cut out": _cut_out,
    "empty": _empty,
    "turned": _turned,
    "close": _close,
    "in a row": _in_a_row,
    "faint": lambda random: _file(_shaded(_shares(random), random, 0.35)),
    "in the light": _in_the_light,
    "dithered": _dithered,
}
