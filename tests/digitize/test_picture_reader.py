"""Pictures read in a process of their own."""

from __future__ import annotations

import io

import numpy as np
import pytest
from digitize.reading import pages_of
from hostile_pictures import many_scans, many_strips
from PIL import Image, ImageDraw, TiffImagePlugin

from mxdigits.digitize.mnist_form import digitize, find_digits, open_picture
from mxdigits.digitize.opening.limits import MOST_PAGES, MOST_PIXELS
from mxdigits.digitize.picture_reader import PictureReader, picture_bounds
from mxdigits.digitize.preprocessing import Preprocessing
from mxdigits.errors import DataError


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
        ((name, found),) = reader.pages(source)
        assert name == ("the picture" if isinstance(source, bytes) else str(path))
        np.testing.assert_array_equal(found, light)


def test_its_digit_is_that_of_digitizing(reader, path):
    ((_, light, (digit,), seen),) = reader.digits(
        path, Preprocessing("mnist", (1, 28, 28)), many=False
    )
    np.testing.assert_array_equal(light, open_picture(path))
    np.testing.assert_array_equal(digit.image[0], digitize(light))
    assert (digit.box, seen) == ((0, 0, 200, 80), 3)


def test_all_its_digits_are_found(reader, path):
    ((_, light, digits, seen),) = reader.digits(
        path, Preprocessing("mnist", (3, 28, 28)), many=True
    )
    expected = find_digits(light)
    assert [digit.box for digit in digits] == [digit.box for digit in expected]
    assert [(digit.line, digit.angle) for digit in digits] == [(0, 0.0)] * seen
    for digit, other in zip(digits, expected):
        assert digit.image.shape == (3, 28, 28)
        np.testing.assert_array_equal(digit.image[2], other.image)


@pytest.mark.parametrize("many", [True, False])
def test_a_blank_picture_has_no_digits(reader, path, many):
    Image.new("L", (50, 50), 255).save(path)
    (page,) = reader.digits(path, Preprocessing("mnist", (1, 28, 28)), many=many)
    assert page.digits == []


def test_what_is_wrong_is_said_as_without_a_process(reader, path):
    for source, name, message in [
        (path.parent / "none.png", "", f"{path.parent}/none.png: no such file"),
        (b"%PDF", "", "the picture: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
        (b"%PDF", "b", "b: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
    ]:
        with pytest.raises(DataError) as caught:
            list(reader.pages(source, name=name))
        assert str(caught.value) == message


def test_a_name_that_is_no_utf8_is_read(reader, path):
    strange = path.with_name("b\udcff.png")
    path.rename(strange)
    ((name, light),) = reader.pages(strange)
    assert (name, light.shape) == (str(strange), (80, 200))


def test_a_name_for_an_open_file_is_that_of_this_process(reader, path):
    with open(path, "rb") as file:  # as /dev/stdin is, where it comes from a file
        ((_, light),) = reader.pages(f"/dev/fd/{file.fileno()}")
    assert light.shape == (80, 200)


def tiff(*images: Image.Image) -> bytes:
    file = io.BytesIO()
    images[0].save(file, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw")
    return file.getvalue()


GREYS = [Image.new("L", (6, 4), 40 * i) for i in range(3)]


@pytest.mark.parametrize("form", ["TIFF", "GIF", "PNG"])
def test_every_page_is_read_as_without_a_process(reader, tmp_path, form):
    path = tmp_path / "a"
    GREYS[0].save(path, form, save_all=True, append_images=GREYS[1:])
    for source in (path, path.read_bytes()):
        found = list(reader.pages(source, name="a"))
        assert [name for name, _ in found] == ["a#1", "a#2", "a#3"]
        for (_, light), (_, other) in zip(found, pages_of(source)):
            np.testing.assert_array_equal(light, other)


def test_the_digits_of_every_page_are_found(reader, path):
    drawn = Image.open(path)
    preprocessing = Preprocessing("mnist", (1, 28, 28))
    found = reader.digits(tiff(drawn, GREYS[0], drawn), preprocessing, many=True, name="a")
    assert [(page.name, len(page.digits)) for page in found] == [("a#1", 3), ("a#2", 0), ("a#3", 3)]


def test_smaller_copies_of_a_page_are_counted_and_not_read(reader):
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, new=True) as writer:
        for image, kind in zip(GREYS, (0, 1, 0)):
            image.save(writer, format="TIFF", tiffinfo={254: kind})
            writer.newFrame()
    assert [name for name, _ in reader.pages(file.getvalue(), name="a")] == ["a#1", "a#3"]


def refusal(reader, content) -> tuple[list[str], str]:
    """The names of the pages that were read, and what was said of the next."""
    names: list[str] = []
    with pytest.raises(DataError) as caught:
        names += (name for name, _ in reader.pages(content, name="a"))
    return names, str(caught.value)


def test_a_page_that_is_too_large_ends_its_file(reader):
    large = Image.new("1", (8001, 8000))
    assert refusal(reader, tiff(GREYS[0], large, GREYS[2])) == (
        ["a#1"],
        "a#2: 8001 x 8000 is 64008000 pixels; at most 64000000 are read",
    )
    assert len(list(reader.pages(tiff(*GREYS)))) == 3


def bounded(monkeypatch, **bounds) -> PictureReader:
    """A reader that allows less."""
    usual = {"cpu_seconds": 60, "seconds": 240, "content": 1 << 30, "answer": 1 << 29, **bounds}
    pixels = usual.pop("pixels", MOST_PIXELS)
    monkeypatch.setattr("mxdigits.digitize.picture_reader._BOUNDS", picture_bounds(pixels, **usual))
    return PictureReader()


def test_a_page_that_takes_too_long_ends_its_file(monkeypatch):
    reader = bounded(monkeypatch, cpu_seconds=1)
    message = "takes too long to read; save it anew as PNG, or smaller"
    assert refusal(reader, many_strips()) == (["a#1"], f"a#2: {message}")
    assert refusal(reader, many_scans()) == ([], f"a: {message}")
    assert len(list(reader.pages(tiff(*GREYS)))) == 3


def test_a_page_that_takes_too_much_memory_ends_its_file(monkeypatch):
    reader = bounded(monkeypatch, pixels=10_000)
    content = tiff(GREYS[0], Image.new("L", (8000, 7000)), GREYS[2])
    assert refusal(reader, content) == (
        ["a#1"],
        "a#2: does not fit into memory; make it smaller",
    )
    assert len(list(reader.pages(tiff(*GREYS)))) == 3


def test_the_bounds_are_those_of_a_page(monkeypatch):
    side = 500
    light = 4 * side * side
    pages = [Image.new("L", (side, side), i) for i in range(10)]
    reader = bounded(monkeypatch, answer=light)
    assert len(list(reader.pages(tiff(*pages)))) == 10


def test_pages_have_an_end(reader):
    content = tiff(*[Image.new("L", (1, 1))] * (MOST_PAGES + 1))
    names, message = refusal(reader, content)
    assert names == [f"a#{number}" for number in range(1, MOST_PAGES + 1)]
    assert message == f"a: has more than {MOST_PAGES} pages; no more are read"


def test_a_picture_that_was_left_on_the_way_is_no_trouble_to_the_next(reader):
    for _ in reader.pages(tiff(*GREYS)):
        break
    assert [name for name, _ in reader.pages(tiff(*GREYS[:2]), name="b")] == ["b#1", "b#2"]


def test_what_decoders_say_of_damaged_files_is_not_repeated(reader, capfd):
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    Image.fromarray(noise).convert("1").save(file, "TIFF", compression="group4")
    damaged = bytearray(file.getvalue())
    damaged[8:-200:3] = bytes(byte ^ 0x55 for byte in damaged[8:-200:3])
    list(reader.pages(bytes(damaged)))  # libtiff writes a line for each that it cannot read
    assert capfd.readouterr() == ("", "")
