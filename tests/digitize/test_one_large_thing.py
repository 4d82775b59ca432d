"""One large thing beside many digits, such as a shadow on the table, hides none of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter
from read_once import mnist_once

from mxdigits.digitize.mnist_form import find_digits

PLACES = [(x, y) for y in range(120, 400, 70) for x in range(160, 440, 60)]


@pytest.mark.parametrize("light", [0.35, 0.6])
def test_a_shadow_on_the_table_hides_no_digit(light):
    """It has more ink than all digits together."""
    table = np.full((500, 640), 0.7)
    shadow = Image.new("L", (640, 500), 255)
    shadow.paste(round(255 * light), (80, 70, 130, 430))
    table *= np.asarray(shadow.filter(ImageFilter.GaussianBlur(3)), float) / 255
    y, x = np.mgrid[:500, :640]
    sheet = (y > 70) & (y < 430) & (x > 128) & (x < 540)
    table[sheet & (y - 70 > 1.5 * (x - 480)) & (430 - y > 1.5 * (x - 480))] = 0.92  # torn corners
    for image, (x, y) in zip(mnist_once().test.images[:, 0], PLACES):
        digit = Image.fromarray(image).resize((40, 40), Image.Resampling.BICUBIC)
        table[y : y + 40, x : x + 40] *= 1 - 0.75 * np.asarray(digit, float) / 255
    table += np.random.default_rng(5).normal(0, 0.01, table.shape)
    found = find_digits(table.clip(0, 1).astype(np.float32))
    assert sum(each.likeness > 0.5 for each in found) == len(PLACES)
