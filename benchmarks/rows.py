"""Rows of digits that are hard to find: touching, broken, and on pages that lie far askew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.paper import (
    Light,
    cut_out,
    moved_boxes,
    put_into,
    to_bytes,
    turn_about_middle,
    turned_by,
)
from benchmarks.pictures import Grey, Random, encoded, photographed, resized
from benchmarks.sheets import Box, Sheet


def touching_rows(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Two or three digits of uneven height that touch, or overlap by up to a tenth."""
    page = _Page(np.full((600, 1000), 0.95), images, labels, random)
    side = int(random.integers(50, 90))
    for row in range(4):
        x = 50
        while x < 800:
            count = 2 if random.random() < 0.7 else 3
            for _ in range(count):
                x += page.write(x, 30 + 140 * row, side)
                x -= round(side * random.uniform(0.0, 0.1))
            x += round(0.6 * side)
    return Sheet("touching rows", encoded(to_bytes(page.light)), page.boxes, page.labels)


def broken(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Digits with one or two gaps across them, as a dry pen or a coarse scan leaves."""
    page = _Page(np.full((600, 1000), 0.95), images, labels, random)
    side = int(random.integers(50, 90))
    y, x = np.mgrid[:600, :1000]
    for row in range(4):
        left = 50
        while left < 850:
            top = 30 + 140 * row
            wide = page.write(left, top, side)
            for _ in range(int(random.integers(1, 3))):
                angle = random.uniform(0, np.pi)
                at = left + wide * random.uniform(0.3, 0.7), top + side * random.uniform(0.3, 0.7)
                far = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
                near = (x >= left) & (x < left + wide) & (y > top - 5) & (y < top + side + 5)
                page.light[near & (np.abs(far) < side * random.uniform(0.01, 0.04))] = 0.95
            left += wide + round(0.5 * side)
    return Sheet("broken", encoded(to_bytes(page.light)), page.boxes, page.labels)


def far_askew(images: Grey, labels: Grey, random: Random) -> Sheet:
    """Rows on a page without an edge, 4 to 15 degrees askew; some of it ruled."""
    height, width = 900, 1300
    page = _Page(np.full((height, width), 0.93), images, labels, random)
    side, base = int(random.integers(36, 70)), 260
    ruled = random.random() < 0.5
    while base < 680:
        x = 250
        while x < 1000:
            top = base - side
            x += page.write(x, top, side)
            x += round(side * random.uniform(0.25, 0.8))
        if ruled:
            rule = page.light[base + side // 6 : base + side // 6 + 2]
            np.minimum(rule, random.uniform(0.5, 0.75), out=rule)
        base += round(1.7 * side)
    angle = random.choice([-1, 1]) * random.uniform(4, 15)
    turned = turned_by(page.light, angle)[100:-100, 100:-100]
    cropped = np.array([[1, 0, -100], [0, 1, -100], [0, 0, 1]])
    boxes = moved_boxes(page.boxes, cropped @ turn_about_middle(page.light.shape, angle))
    return Sheet("far askew", encoded(photographed(turned, random)), boxes, page.labels)


ROWS: dict[str, Callable[[Grey, Grey, Random], Sheet]] = {
    each.__name__: each for each in (touching_rows, broken, far_askew)
}


class _Page:
    """A page that digits are written on, and the place and the label of each."""

    def __init__(self, light: Light, images: Grey, labels: Grey, random: Random):
        self.light, self.boxes, self.labels = light, list[Box](), list[int]()
        self._from, self._called, self._random = images, labels, random

    def write(self, x: int, y: int, side: int) -> int:
        """Write any digit, about ``side`` high; returns how wide it is."""
        which = int(self._random.integers(len(self._from)))
        high = round(1.3 * side * self._random.uniform(0.9, 1.1))
        digit = cut_out(resized(self._from[which], high))
        top = y + (side - digit.shape[0]) // 2
        put_into(self.light, digit, x, top)
        self.boxes.append((x, top, x + digit.shape[1], top + digit.shape[0]))
        self.labels.append(int(self._called[which]))
        return int(digit.shape[1])
