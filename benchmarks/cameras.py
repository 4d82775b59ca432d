"""What pens, cameras and scanners make of digits on paper.

Light, pens and lines are more various here than in ``benchmarks/scenes.py``, and a camera blurs,
sharpens and darkens the corners. ``camera_cells.py`` and ``camera_pages.py`` draw with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.paper import Light, cut_out, perspective, table_top, to_bytes, turn_about_middle
from benchmarks.pictures import Grey, Random, encoded
from benchmarks.sheets import Box

Ink = NDArray[np.float64]  # (H, W) from 0 to 1


def pen(image: Grey, high: int, random: Random) -> Ink:
    """A digit about ``high`` pixels high, cut close, by a pen of any thickness."""
    side = max(14, round(1.35 * high))
    large = Image.fromarray(np.ascontiguousarray(image)).resize(
        (side, side), Image.Resampling.BICUBIC
    )
    level, soft = random.uniform(60, 170), max(8.0, 700 / side)
    ink = 1 / (1 + np.exp(-((np.asarray(large, np.float64) - level) / soft).clip(-50, 50)))
    seen = cut_out(np.rint(255 * ink).astype(np.uint8))
    return np.asarray(seen, np.float64) / 255


def write(page: Light, ink: Ink, left: int, top: int, dark: float) -> None:
    """Put ink on a page, as far as it lies on it; a pen leaves the share ``dark`` of the light."""
    x, y = max(0, -left), max(0, -top)
    part = page[top + y : top + ink.shape[0], left + x : left + ink.shape[1]]
    part *= 1 - (1 - dark) * ink[y : y + part.shape[0], x : x + part.shape[1]]


def line(page: Light, band: slice, along: slice, shade: float, dashes: int, level: bool) -> None:
    """A line of a shade, whole or dashed, level or upright."""
    whole = page if level else page.T
    part = whole[band, along]
    there = np.ones(part.shape[1], bool) if not dashes else np.arange(part.shape[1]) % dashes
    there = np.asarray(there, bool) if not dashes else np.asarray(there < 0.6 * dashes)
    part[:, there] = np.minimum(part[:, there], shade)


def box(page: Light, frame: Box, thick: int, shade: float, dashes: int) -> None:
    """The four lines of a box, inside ``frame``."""
    left, top, right, bottom = frame
    for at in (top, bottom - thick):
        line(page, slice(at, at + thick), slice(left, right), shade, dashes, True)
    for at in (left, right - thick):
        line(page, slice(at, at + thick), slice(top, bottom), shade, dashes, False)


def rule(page: Light, gap: int, random: Random) -> None:
    """Lines over a page, level or squared."""
    shade, thick = page.max() * random.uniform(0.55, 0.9), int(random.integers(1, 4))
    gap = max(10, gap)
    for at in range(int(random.integers(gap)), page.shape[0] - thick, gap):
        line(page, slice(at, at + thick), slice(None), shade, 0, True)
    if random.random() < 0.4:
        for at in range(int(random.integers(gap)), page.shape[1] - thick, gap):
            line(page, slice(at, at + thick), slice(None), shade, 0, False)


def camera(scene: Light, random: Random) -> bytes:
    """A scene as a camera takes it: uneven light, dark corners, blur, sharpening, noise, JPEG."""
    height, width = scene.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y / height - 0.5, x / width - 0.5
    coarse = Image.fromarray(random.uniform(0.75, 1, (3, 3)).astype(np.float32))
    uneven = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    light = uneven * (1 - random.uniform(0, 0.6) * (x * x + y * y))
    light *= random.uniform(0.75, 1.05) / light.max()
    taken = Image.fromarray(to_bytes(scene * light))
    taken = taken.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.3)))
    if random.random() < 0.5:
        taken = taken.filter(ImageFilter.UnsharpMask(2, int(random.integers(50, 150)), 2))
    noisy = np.asarray(taken, np.float64) + random.normal(0, random.uniform(0.5, 5), scene.shape)
    return encoded(to_bytes(noisy / 255), "JPEG", quality=int(random.integers(50, 95)))


def scan(page: Light, random: Random, degrees: float = 1.5) -> tuple[bytes, NDArray[np.float64]]:
    """A page as a scanner takes it, a little askew; and the matrix to places in the picture."""
    angle = random.uniform(-degrees, degrees)
    turned = turn(page, angle)
    soft = Image.fromarray(to_bytes(turned)).filter(
        ImageFilter.GaussianBlur(random.uniform(0, 0.8))
    )
    noisy = np.asarray(soft) / 255 + random.normal(0, random.uniform(0, 0.02), page.shape)
    matrix = turn_about_middle(page.shape, angle)
    if random.random() < 0.5:
        return encoded(to_bytes(noisy)), matrix
    return encoded(to_bytes(noisy), "JPEG", quality=int(random.integers(60, 95))), matrix


def turn(page: Light, degrees: float) -> Light:
    """A page turned about its middle; paper fills the corners."""
    image = Image.fromarray(np.asarray(page, np.float32))
    fill = float(np.quantile(page, 0.8))
    return np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill), np.float64)


def taken_on_a_table(
    page: Light, random: Random, flat: bool = False
) -> tuple[bytes, NDArray[np.float64]]:
    """A page photographed from a side on a table; and the matrix to places in the picture."""
    scene, matrix = on_a_table(page, random, flat)
    if flat and random.random() < 0.7:
        return encoded(to_bytes(scene)), matrix
    return camera(scene, random), matrix


def on_a_table(
    page: Light, random: Random, flat: bool = False
) -> tuple[Light, NDArray[np.float64]]:
    """A page that lies on a table, seen from a side; and the matrix to places in the picture."""
    high, wide = page.shape
    scale, angle = random.uniform(1.1, 1.8), np.radians(random.uniform(-15, 15))
    height, width = round(high * scale), round(wide * scale)
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T
    corners *= min(1.0, *(0.97 * np.array([width, height]) / np.ptp(corners, axis=0)))
    corners += np.array([width, height]) / 2
    corners += random.uniform(-0.06, 0.06, (4, 2)) * min(high, wide)
    matrix = perspective(np.array([[0, 0], [wide, 0], [wide, high], [0, high]]), corners)
    back: Any = np.linalg.inv(matrix)
    seen = np.asarray(
        Image.fromarray(np.asarray(page, np.float32)).transform(
            (width, height),
            Image.Transform.PERSPECTIVE,
            tuple((back / back[2, 2]).ravel()[:8]),
            Image.Resampling.BICUBIC,
            fillcolor=-1,
        )
    )
    table = random.uniform(0.08, 0.5) if flat else table_top(height, width, random)
    return np.where(seen < -0.3, table, seen).clip(0, 1), matrix
