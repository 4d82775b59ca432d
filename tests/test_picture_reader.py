"""Pictures read in a process of their own."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hostile_pictures import many_scans
from PIL import Image, ImageDraw

from mxdigits.confined import ConfinedFunction
from mxdigits.digitize import digitize, find_digits, open_picture
from mxdigits.errors import DataError
from mxdigits.picture_reader import PictureReader, picture_bounds
from mxdigits.preprocessing import Preprocessing


@pytest.fixture(scope="module")
def reader():
    return PictureReader()


@pytest.fixture
def path(tmp_path):
    image = Image.new("L", (200, 80), 255)
    for left in (20, 90, 150):
        ImageDraw.Draw(image).line([(left, 15), (left + 20, 15), (left, 65)], fill=0, width=8)
    image.save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_a_picture_is_read_as_without_a_process(reader, path):
    light = open_picture(path)
    for source in (path, str(path), path.read_bytes()):
        np.testing.assert_array_equal(reader.light(source), light)


def test_its_digit_is_that_of_digitizing(reader, path):
    light, (digit,) = reader.digits(path, Preprocessing("mnist", (1, 28, 28)), many=False)
    np.testing.assert_array_equal(light, open_picture(path))
    np.testing.assert_array_equal(digit.image[0], digitize(light))
    assert digit.box == (0, 0, 200, 80)


def test_all_its_digits_are_found(reader, path):
    light, digits = reader.digits(path, Preprocessing("mnist", (3, 28, 28)), many=True)
    expected = find_digits(light)
    assert [digit.box for digit in digits] == [digit.box for digit in expected]
    for digit, other in zip(digits, expected):
        assert digit.image.shape == (3, 28, 28)
        np.testing.assert_array_equal(digit.image[2], other.image)


@pytest.mark.parametrize("many", [True, False])
def test_a_blank_picture_has_no_digits(reader, path, many):
    Image.new("L", (50, 50), 255).save(path)
    _, digits = reader.digits(path, Preprocessing("mnist", (1, 28, 28)), many=many)
    assert digits == []


def test_what_is_wrong_is_said_as_without_a_process(reader, path):
    for source, name, message in [
        (path.parent / "none.png", "", f"{path.parent}/none.png: no such file"),
        (b"%PDF", "", "the picture: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
        (b"%PDF", "b", "b: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
    ]:
        with pytest.raises(DataError) as caught:
            reader.light(source, name=name)
        assert str(caught.value) == message


def test_a_name_that_is_no_utf8_is_read(reader, path):
    strange = path.with_name("b\udcff.png")
    path.rename(strange)
    assert reader.light(strange).shape == (80, 200)


def test_a_picture_that_takes_too_long_is_ended():
    bounds = picture_bounds(
        16_000_000, cpu_seconds=1, seconds=60, content=1_000_000, answer=100_000_000
    )
    read = ConfinedFunction("mxdigits.picture_reader:read_picture", bounds)
    with pytest.raises(DataError) as caught:
        read(many_scans(), name="a.jpg")
    assert str(caught.value) == "a.jpg: takes too long to read; save it anew as PNG, or smaller"


def test_what_decoders_say_of_damaged_files_is_not_repeated(reader, capfd):
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    Image.fromarray(noise).convert("1").save(file, "TIFF", compression="group4")
    damaged = bytearray(file.getvalue())
    damaged[8:-200:3] = bytes(byte ^ 0x55 for byte in damaged[8:-200:3])
    reader.light(bytes(damaged))  # libtiff writes a line for each that it cannot read
    assert capfd.readouterr() == ("", "")
