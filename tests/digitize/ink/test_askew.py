"""Pictures of one digit that lie askew, as their lines tell."""

import numpy as np
import pytest
from digitize.reading import far
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.ink.askew import angle_of_lines
from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.mnist_form import digitize


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:5, 0]


def page_of(image, lines):
    """A digit in the middle of a page of 500 x 500 with dark lines where ``lines`` are true."""
    page = np.full((500, 500), 235, np.uint8)
    large = np.asarray(Image.fromarray(image).resize((140, 140), Image.Resampling.BICUBIC))
    page[180:320, 180:320] = 235 - (large * 0.8).astype(np.uint8)
    return np.where(lines, np.minimum(page, 120), page).astype(np.uint8)


def turned(page, degrees):
    whole = Image.fromarray(page).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=235)
    return np.asarray(whole)[80:-80, 80:-80]


def rules():
    lines = np.zeros((500, 500), bool)
    lines[[each + at for each in range(20, 490, 45) for at in (0, 1)]] = True
    return lines


def squares():
    return rules() | rules().T


def box():
    lines = np.zeros((500, 500), bool)
    lines[165:340, 160:345] = True
    lines[169:336, 164:341] = False
    return lines


@pytest.fixture(scope="module")
def level(images):
    """What is read of each digit on a level page without lines."""
    return [digitize(page_of(image, np.zeros((500, 500), bool))) for image in images]


@pytest.mark.parametrize("degrees", [-14, -8, -3.5, 4, 9, 15])
@pytest.mark.parametrize("lines", [rules, squares, box])
def test_a_digit_among_lines_that_lie_askew_is_read_as_on_a_level_page(
    images, level, lines, degrees
):
    found = [digitize(turned(page_of(image, lines()), degrees)) for image in images]
    assert np.median([far(*each) for each in zip(found, level)]) < 0.25


@pytest.mark.parametrize("degrees", [-12, 7])
def test_the_angle_is_told_to_half_a_degree(images, degrees):
    page = turned(page_of(images[0], squares()), degrees)
    assert angle_of_lines(pieces_of(1 - page / np.float32(235))) == pytest.approx(degrees, abs=0.5)


@pytest.mark.parametrize("lines", [rules, box])
def test_level_lines_leave_a_picture_as_it_lies(images, lines):
    page = page_of(images[0], lines())
    assert angle_of_lines(pieces_of(1 - page / np.float32(235))) == 0


def test_digits_alone_tell_no_angle(images):
    for image in images:
        for page in (image, np.asarray(Image.fromarray(image).resize((300, 300)))):
            assert angle_of_lines(pieces_of(page / np.float32(255))) == 0
