"""Sheets of paper on desks: found, straightened, and told from what is none."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mxdigits.digitize.mnist_form import digitize, find_digits
from mxdigits.digitize.paper.sheet import find_sheet, sheet_of
from mxdigits.digitize.paper.straightening import perspective

CORNERS = {
    "straight": [[60, 40], [340, 40], [340, 260], [60, 260]],
    "turned": [[90, 30], [350, 75], [312, 270], [52, 225]],
    "from a side": [[80, 50], [330, 30], [360, 270], [50, 240]],
    "beyond the picture": [[-40, 60], [340, 60], [340, 340], [-40, 340]],
}


def on_desk(page, corners, desk=0.25, drawing=Image.Resampling.BICUBIC):
    """A page drawn with its corners at places of a picture, 400 wide and 300 high."""
    high, wide = page.shape
    back = perspective(np.array(corners), np.array([[0, 0], [wide, 0], [wide, high], [0, high]]))
    image = Image.fromarray(np.asarray(page, np.float32))
    data, how = tuple(back.ravel()[:8]), Image.Transform.PERSPECTIVE
    drawn = image.transform((400, 300), how, data, drawing, fillcolor=-1)
    return np.where(np.asarray(drawn) < 0, desk, np.asarray(drawn).clip(0, 1))


def page_with_seven():
    page = np.full((440, 560), 0.9)
    page[120:140, 220:340] = page[120:320, 320:340] = 0.1
    return page


@pytest.mark.parametrize("name", ["straight", "turned", "from a side"])
def test_the_corners_of_a_sheet_are_found(name):
    found = find_sheet(on_desk(page_with_seven(), CORNERS[name]).astype(np.float32))
    np.testing.assert_allclose(found, CORNERS[name], atol=11)


@pytest.mark.parametrize("corners", CORNERS.values(), ids=CORNERS)
def test_a_desk_around_the_sheet_does_not_matter(corners):
    picture = on_desk(page_with_seven(), corners)
    alone, seen = (digitize(each).astype(float) for each in (page_with_seven(), picture))
    assert np.abs(alone - seen).sum() / (alone.sum() + seen.sum()) < 0.25


def test_a_shadow_darker_than_the_desk_in_the_light_does_not_matter():
    light = np.where(np.arange(400) < 180, 0.5, 1)
    soft = np.convolve(np.pad(light, 20, mode="edge"), np.ones(41) / 41, mode="valid")
    picture = on_desk(page_with_seven(), CORNERS["turned"], desk=0.5) * soft
    found = find_sheet(picture.astype(np.float32))
    np.testing.assert_allclose(found, CORNERS["turned"], atol=11)


def test_boxes_are_those_of_the_picture_and_angles_are_the_sheets():
    picture = on_desk(page_with_seven(), CORNERS["turned"])
    (digit,) = find_digits(picture)
    left, top, right, bottom = digit.box
    assert (picture[top - 2 : bottom + 2, left - 2 : right + 2] < 0.2).sum() == (
        picture < 0.2
    ).sum()
    assert digit.angle == pytest.approx(np.degrees(np.arctan2(45, 260)), abs=1)


def on_a_light_table(page, corners, table=0.85):
    """A page on a table about as light, with a narrow shadow beside its right and lower edges."""
    moved = np.add(corners, [4, 3])
    nearest = Image.Resampling.NEAREST
    shadow = on_desk(np.full((10, 10), 0.8 * table), moved, table, nearest)
    drawn = on_desk(page, corners, -1.0, nearest)
    light = np.linspace(1, 0.97, 400)
    return (light * np.where(drawn > 0, drawn, shadow)).astype(np.float32)


@pytest.mark.parametrize("table", [0.75, 0.85, 0.98])
@pytest.mark.parametrize("name", ["straight", "turned", "from a side"])
def test_a_sheet_on_a_light_table_is_found(name, table):
    found = find_sheet(on_a_light_table(page_with_seven(), CORNERS[name], table))
    np.testing.assert_allclose(found, CORNERS[name], atol=16)


def test_a_ruled_sheet_on_a_light_table_is_found_but_no_grid_of_cells():
    page = page_with_seven()
    page[60::100] = page[61::100] = 0.6
    found = find_sheet(on_a_light_table(page, CORNERS["turned"]))
    np.testing.assert_allclose(found, CORNERS["turned"], atol=16)
    grid = np.full((440, 560), 0.85)
    grid[::20] = grid[1::20] = grid[:, ::20] = grid[:, 1::20] = 0.4
    assert find_sheet(on_a_light_table(grid, CORNERS["straight"])) is None


def test_a_sheet_beside_which_something_is_written_is_the_whole_picture():
    picture = on_a_light_table(page_with_seven(), CORNERS["turned"])
    picture[5:25, 150:155] = picture[5:25, 160:165] = 0.1
    assert find_sheet(picture) is None


def test_an_empty_sheet_shows_no_digit():
    picture = on_desk(np.full((440, 560), 0.9), CORNERS["turned"])
    assert not digitize(picture).any()
    assert find_digits(picture) == []


@pytest.mark.parametrize(
    "picture",
    [np.full((300, 400), 0.8), page_with_seven(), 1 - page_with_seven(), np.full((40, 60), 0.5)],
    ids=["blank", "paper alone", "light ink", "small"],
)
def test_what_lies_on_no_desk_is_taken_as_it_is(picture):
    assert find_sheet(picture.astype(np.float32)) is None
    assert not sheet_of(picture.astype(np.float32), 100).found


@pytest.mark.parametrize("shade", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("thick", [4, 6])
def test_a_printed_frame_is_no_edge_of_a_sheet(shade, thick):
    """In a small copy its line is as faint as an edge."""
    page = np.full((2400, 1800), 0.93, np.float32)
    page[300:2100, 300:1500] = shade
    page[300 + thick : 2100 - thick, 300 + thick : 1500 - thick] = 0.93
    noise = np.random.default_rng(0).normal(0, 0.01, page.shape)
    assert find_sheet((page + noise).astype(np.float32)) is None


def test_what_is_written_all_over_is_no_sheet_where_it_ends():
    texture = np.random.default_rng(1).uniform(0.76, 0.9, (110, 140)).repeat(4, axis=0)
    picture = on_desk(texture.repeat(4, axis=1), CORNERS["turned"], desk=0.85)
    assert find_sheet(picture * np.linspace(1, 0.97, 400)) is None


def test_a_shadow_with_too_wide_a_corner_is_no_sheet():
    picture = np.full((500, 600), 0.45, np.float32)
    y, x = np.mgrid[:500, :600]
    picture[(x + 1.2 * y < 640) & (x < 560) & (y < 470)] = 0.9
    assert find_sheet(picture) is None


@pytest.mark.parametrize("soft", [60, 100])
@pytest.mark.parametrize("shade", [0.5, 0.85])
def test_light_between_soft_shadows_is_no_sheet(shade, soft):
    """Its edge is as straight as that of a sheet, but not as sharp."""
    y, x = np.mgrid[:800, :1000]
    lit = np.clip(np.minimum.reduce([y - 200, 700 - y, x - 150, 850 - x]) / soft, 0, 1)
    page = 0.9 * (shade + (1 - shade) * lit)
    assert find_sheet(page.astype(np.float32)) is None
    sharp = np.where(lit >= 0.5, 0.9, 0.9 * shade)
    assert find_sheet(sharp.astype(np.float32)) is not None
