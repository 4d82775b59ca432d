"""What is drawn over a page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFont

from mxdigits.predict import overlay
from mxdigits.predict.overlay import draw_overlay

TOP, LEFT = 200, 60  # of the box


def letters_above(path, answer="8", height=60, side=400) -> int:
    """The height in pixels of what is drawn above the box of one digit."""
    box = (LEFT, TOP, LEFT + height, TOP + height)
    draw_overlay(np.ones((side, side), np.float32), [(box, answer, True)], path)
    with Image.open(path) as page:
        coloured = (np.asarray(page.convert("RGB")).min(axis=2) < 200)[: TOP - 4]
    rows = np.flatnonzero(coloured.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if rows.size else 0


def test_answers_are_as_large_as_the_digits_ask_for(tmp_path):
    small, middle, large = (letters_above(tmp_path / "a.png", height=h) for h in (15, 60, 150))
    assert small < middle < large
    assert 6 <= small <= 10
    assert large <= 40


@pytest.mark.parametrize("answer", ["\u4e03", "\xe9", "seven"])
def test_names_of_classes_are_drawn_with_the_letters_that_there_are(tmp_path, monkeypatch, answer):
    oldest = getattr(ImageFont, "load_default_imagefont", ImageFont.load_default)
    monkeypatch.setattr(overlay, "font_for", lambda *_: oldest())  # it has Latin-1 alone
    assert letters_above(tmp_path / "a.png", answer) > 3


def test_a_page_without_digits_is_drawn_as_it_is(tmp_path):
    draw_overlay(np.ones((30, 40), np.float32), [], tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as page:
        assert np.asarray(page).min() == 255
