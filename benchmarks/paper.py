"""Ink on paper, paper on a table, and both turned or photographed, with boxes that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from benchmarks.pictures import Grey, Random, photographed
from benchmarks.sheets import Box

Light = NDArray[np.float64]  # (H, W) from 0 to 1


def put_into(page: Light, ink: Grey, left: int, top: int) -> None:
    part = page[top : top + ink.shape[0], left : left + ink.shape[1]]
    np.minimum(part, 0.95 - 0.8 * ink[: part.shape[0], : part.shape[1]] / 255, out=part)


def cut_out(digit: Grey) -> Grey:
    rows = np.flatnonzero((digit > 60).any(axis=1))
    columns = np.flatnonzero((digit > 60).any(axis=0))
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def turned_by(page: Light, degrees: float) -> Light:
    image = Image.fromarray(np.asarray(page, np.float32))
    fill = float(np.median(page))
    return np.asarray(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill), np.float64)


def turn_about_middle(shape: Sequence[int], degrees: float) -> NDArray[np.float64]:
    height, width = shape
    angle = np.radians(degrees)
    turn = np.array(
        [[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    there = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    return np.asarray(there @ turn @ np.linalg.inv(there))


def photograph_of(
    page: Light, random: Random, light: bool = False
) -> tuple[Grey, NDArray[np.float64]]:
    """A page on a desk, from a side; and the matrix from places on the page to the picture's."""
    high, wide = page.shape
    scale = random.uniform(1.15, 1.7)
    height, width = round(high * scale), round(wide * scale)
    angle = np.radians(random.uniform(-15, 15))
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) / 2
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T
    fits = min(1.0, *(0.96 * np.array([width, height]) / np.ptp(corners, axis=0)))
    corners = corners * fits + np.array([width, height]) / 2
    corners += random.uniform(-0.04, 0.04, (4, 2)) * min(high, wide)
    matrix = perspective(np.array([[0, 0], [wide, 0], [wide, high], [0, high]]), corners)
    back = np.linalg.inv(matrix)
    image = Image.fromarray(np.asarray(page, np.float32))
    seen = np.asarray(
        image.transform(
            (width, height),
            Image.Transform.PERSPECTIVE,
            tuple((back / back[2, 2]).ravel()[:8]),
            Image.Resampling.BICUBIC,
            fillcolor=-1,
        )
    )
    table = _light_table(seen >= -0.3, random) if light else table_top(height, width, random)
    scene = np.where(seen < -0.3, table, seen)
    taken = photographed(np.clip(scene, 0, 1), random) if random.random() < 0.5 else None
    if taken is None:
        taken = to_bytes(scene + random.normal(0, 0.015, scene.shape))
    return np.asarray(Image.fromarray(taken).filter(ImageFilter.GaussianBlur(0.7))), matrix


def _light_table(sheet: NDArray[np.bool_], random: Random) -> Light:
    """A table about as light as the sheet, which leaves a narrow shadow beside it."""
    mask = Image.fromarray(np.asarray(sheet, np.uint8) * 255)
    far = random.uniform(1, 4, 2) * random.choice([-1, 1], 2)
    soft = mask.filter(ImageFilter.GaussianBlur(random.uniform(1.5, 4)))
    moved = soft.transform(mask.size, Image.Transform.AFFINE, (1, 0, far[0], 0, 1, far[1]))
    shadow = random.uniform(0.1, 0.4) * np.asarray(moved, np.float64) / 255
    table = random.uniform(0.78, 1) + 0.1 * (table_top(*sheet.shape, random) - 0.3)
    return np.asarray(table * (1 - shadow))


def table_top(height: int, width: int, random: Random) -> Light:
    """Wood, with a grain."""
    grain = Image.fromarray(
        random.normal(0, 1, (max(2, height // 4), max(2, width // 80))).astype(np.float32)
    )
    wood = np.asarray(grain.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    return np.asarray(random.uniform(0.1, 0.55) + random.uniform(0, 0.05) * wood)


def perspective(here: NDArray[Any], there: NDArray[Any]) -> NDArray[np.float64]:
    """The matrix that takes four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(here.tolist(), there.tolist()):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1).reshape(3, 3)


def moved_boxes(boxes: Sequence[Box], matrix: NDArray[np.float64]) -> list[Box]:
    moved = []
    for left, top, right, bottom in boxes:
        corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
        places = corners @ matrix.T
        places = places[:, :2] / places[:, 2:]
        (x0, y0), (x1, y1) = places.min(axis=0), places.max(axis=0)
        moved.append((round(x0), round(y0), round(x1), round(y1)))
    return moved


def to_bytes(light: Light) -> Grey:
    return np.asarray(np.rint(np.clip(light, 0, 1) * 255), np.uint8)
