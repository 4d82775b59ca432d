"""Reading pictures: every mode that people's files have, and files that are none."""

from __future__ import annotations

import io
import re
import sys
from contextlib import suppress

import numpy as np
import PIL
import pytest
from digitize.reading import pages_of
from PIL import Image, TiffImagePlugin

from mxdigits.digitize.opening.limits import MOST_PAGES
from mxdigits.digitize.opening.picture import open_picture
from mxdigits.errors import DataError

PILLOW = tuple(map(int, PIL.__version__.split(".")[:2]))
GREY = np.linspace(0, 255, 6 * 4).reshape(4, 6).astype(np.uint8)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "PPM", "GIF"])
def test_grey_is_read_exactly(form):
    light = open_picture(encoded(Image.fromarray(GREY), form))
    assert light.dtype == np.float32
    np.testing.assert_array_equal(light, GREY.astype(np.float32) / 255)


def pages(form: str, count: int = 3, mode: str = "L", **options: object) -> bytes:
    """Grey pages, each lighter than the one before."""
    images = [Image.new("L", (6, 4), 40 * i).convert(mode) for i in range(count)]
    return encoded(images[0], form, save_all=True, append_images=images[1:], **options)


@pytest.mark.parametrize(
    "content",
    [
        pages("TIFF"),
        pages("GIF"),
        pages("PNG"),
        pages("WEBP", mode="RGB", lossless=True),
    ],
    ids=["TIFF", "GIF", "PNG", "WEBP"],
)
def test_every_page_is_read(content):
    found = list(pages_of(content, name="a"))
    assert [name for name, _ in found] == ["a#1", "a#2", "a#3"]
    for i, (_, light) in enumerate(found):
        np.testing.assert_allclose(light, 40 * i / 255, atol=1e-6)
    np.testing.assert_array_equal(open_picture(content), found[0][1])


@pytest.mark.parametrize("form", ["TIFF", "GIF", "PNG", "WEBP", "BMP", "PPM", "JPEG"])
def test_a_single_page_has_no_number(form):
    content = encoded(Image.fromarray(GREY), form)
    assert [name for name, _ in pages_of(content, name="a")] == ["a"]


@pytest.mark.skipif(PILLOW < (9, 3), reason="this Pillow writes no such file")
def test_the_further_pictures_of_a_photograph_are_copies_of_it():
    assert [name for name, _ in pages_of(pages("MPO", mode="RGB"), name="a")] == ["a"]


def test_smaller_copies_and_masks_of_a_page_are_no_pages():
    images = [Image.new("L", (8, 8), value) for value in (0, 40, 80)]
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as writer:
        for image, kind in zip(images, (0, 1, 2)):
            image.save(writer, format="TIFF", tiffinfo={254: kind})
            writer.newFrame()
    assert [name for name, _ in pages_of(buffer.getvalue(), name="a")] == ["a#1", "a#3"]


def test_a_damaged_page_is_named():
    content = pages("TIFF")
    found = []
    with pytest.raises(DataError) as caught:
        found += (name for name, _ in pages_of(content[: len(content) - 60], name="a"))
    assert found == ["a#1", "a#2"]
    assert str(caught.value).startswith("a#3: cannot be read: ")
    with pytest.raises(DataError) as caught:
        list(pages_of(content, most_pixels=23, name="a"))
    assert str(caught.value) == "a#1: 6 x 4 is 24 pixels; at most 23 are read"


def test_a_second_frame_that_is_damaged_does_not_spoil_the_first():
    content = pages("GIF")
    second = content.find(b"\x21\xf9", content.index(b"\x2c"))  # what comes before a frame
    if second < 0:  # old versions of Pillow write nothing there
        second = content.rindex(b"\x2c\0\0\0\0")
    for length in range(second + 1, second + 20):
        names: list[str] = []
        with suppress(DataError):
            names += (name for name, _ in pages_of(content[:length], name="a"))
        assert names[:1] in (["a"], ["a#1"])


def test_pages_have_an_end():
    found = []
    with pytest.raises(DataError) as caught:
        found += (name for name, _ in pages_of(pages("TIFF", MOST_PAGES + 1), name="a"))
    assert len(found) == MOST_PAGES
    assert str(caught.value) == f"a: has more than {MOST_PAGES} pages; no more are read"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_other_modes_of_grey_are_the_same(mode):
    light = open_picture(encoded(Image.fromarray(GREY).convert(mode)))
    np.testing.assert_allclose(light, GREY / 255, atol=0.005)


def in_two_colours(paper, ink):
    image = Image.new("RGB", (60, 80), paper)
    image.paste(ink, (20, 10, 26, 70))
    return image


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_ink_that_only_its_colour_tells_is_seen(mode):
    blue, orange = (153, 217, 234), (255, 201, 14)  # of one brightness
    image = in_two_colours(blue, orange)
    light = open_picture(encoded(image.quantize(2) if mode == "P" else image.convert(mode)))
    assert float(np.ptp(light)) == pytest.approx((234 - 14) / 255)


def test_colours_are_grey_where_grey_tells_the_ink():
    image = in_two_colours((250, 250, 240), (200, 40, 40))
    np.testing.assert_array_equal(
        open_picture(encoded(image)), np.asarray(image.convert("L"), np.float32) / 255
    )


def test_blank_paper_of_a_colour_stays_blank():
    noise = np.random.default_rng(0).normal((200, 190, 120), 2, (90, 120, 3))
    light = open_picture(encoded(Image.fromarray(np.uint8(noise.round()))))
    assert float(np.ptp(light)) < 0.1


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
def test_lossy_formats(form, mode):
    flat = Image.new("L", (32, 16), 180).convert(mode)
    light = open_picture(encoded(flat, form))
    assert light.shape == (16, 32)
    np.testing.assert_allclose(light, 180 / 255, atol=0.02)


def test_black_and_white():
    light = open_picture(encoded(Image.fromarray(GREY > 99).convert("1")))
    np.testing.assert_array_equal(light, (GREY > 99).astype(np.float32))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled(form):
    deep = GREY.astype(np.uint16) * 257
    light = open_picture(encoded(Image.fromarray(deep), form))
    np.testing.assert_allclose(light, GREY / 255, atol=1e-6)


@pytest.mark.parametrize("values", [GREY / 255, GREY * 1000.0], ids=["to 1", "beyond"])
def test_floats_are_scaled(values):
    light = open_picture(encoded(Image.fromarray(values.astype(np.float32)), "TIFF"))
    np.testing.assert_allclose(light, GREY / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, GREY),
        (2, GREY[:, ::-1]),
        (3, GREY[::-1, ::-1]),
        (4, GREY[::-1]),
        (5, GREY.T),
        (6, GREY.T[::-1]),
        (7, GREY.T[::-1, ::-1]),
        (8, GREY.T[:, ::-1]),
    ],
)
def test_exif_orientation_is_undone(orientation, stored):
    tags = Image.Exif()
    tags[0x0112] = orientation
    content = encoded(Image.fromarray(np.ascontiguousarray(stored)), exif=tags)
    np.testing.assert_array_equal(open_picture(content), GREY.astype(np.float32) / 255)


@pytest.mark.parametrize(("ink", "paper"), [(0, 1.0), (60, 1.0), (255, 0.0), (200, 0.0)])
def test_ink_alone_is_laid_on_what_it_shows_on(ink, paper):
    image = np.zeros((20, 20, 4), np.uint8)
    image[..., :3] = ink
    image[5:15, 9:11, 3] = 255
    light = open_picture(encoded(Image.fromarray(image)))
    assert light[0, 0] == paper
    assert light[10, 10] == pytest.approx(ink / 255)


def test_transparent_edges_of_paper_become_paper():
    image = np.full((40, 40, 4), 230, np.uint8)
    image[15:25, 10:30, :3] = 20
    image[:4] = 0
    light = open_picture(encoded(Image.fromarray(image)))
    assert light[0, 0] == pytest.approx(230 / 255, abs=0.01)


@pytest.mark.parametrize("paper", [255, 0])
@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_where_the_paper_alone_was_made_transparent_it_comes_back(paper, mode):
    """The smooth edges of the ink are left, and lie around it as light as the paper was."""
    ramp = [0, 90, 180, 230, 250, 255]
    away = np.abs(np.arange(40) - 20).clip(3, 8) - 3
    grey = np.full((40, 40), 255, np.uint8)
    grey[5:35] = np.array(ramp, np.uint8)[away]
    grey = grey if paper else 255 - grey
    image = Image.fromarray(grey)
    if mode == "P":
        content = encoded(image.convert("P"), transparency=paper)
    else:
        image.putalpha(Image.fromarray(np.where(grey == paper, 0, 255).astype(np.uint8)))
        content = encoded(image)
    np.testing.assert_allclose(open_picture(content), grey / 255, atol=1e-6)


def test_a_path_and_an_open_file_are_read_too(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(GREY)))
    with open(path, "rb") as file:
        np.testing.assert_array_equal(open_picture(file), open_picture(path))
    np.testing.assert_array_equal(open_picture(str(path)), open_picture(path))


def test_what_is_no_picture_is_said(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"%PDF-1.4")
    (tmp_path / "empty.png").touch()
    for source, message in [
        (path, f"{path}: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
        (tmp_path / "empty.png", f"{tmp_path}/empty.png: the file is empty"),
        (b"", "the picture: the file is empty"),
        (b"%!PS-Adobe-3.0", "the picture: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)"),
        (tmp_path / "none.png", f"{tmp_path}/none.png: no such file"),
        (tmp_path, f"{tmp_path}: cannot be read: Is a directory"),
    ]:
        with pytest.raises(DataError) as caught:
            open_picture(source)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    "content",
    [
        b"P5 123456789012345 2 255 abc",
        b"P5 1\xff 2 255 abc",
        b"P2 2 2 255 1 2 x 4",
        b"P2 2 2 255 1 2 123456789012345 4",
        b"P1 2 2 1 0 x 1",
        b"P6 2 2 -1 abc",
    ],
)
def test_python_is_not_shown_where_a_picture_cannot_be_read(content):
    with pytest.raises(DataError) as caught:
        open_picture(content, name="damaged")
    assert str(caught.value).startswith("damaged: ")  # old ones know P1 and P2 not at all
    assert not re.search(r"""\bb['"]""", str(caught.value))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_truncated_file_is_an_error_of_one_line(form):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    content = encoded(Image.fromarray(noise), form)
    with pytest.raises(DataError) as caught:
        open_picture(content[: len(content) // 2], name="half")
    assert str(caught.value).startswith("half: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("form", ["TIFF", "JPEG", "PNG"])
def test_damaged_metadata_is_passed_over_without_a_word(form, recwarn):
    tags = Image.Exif()
    tags[0x0112] = 1
    for tag in range(0x9000, 0x9010):
        tags[tag] = "text"
    content = encoded(Image.fromarray(GREY), form, exif=tags)
    damaged = content.replace(b"text\0", b"\xff" * 5).replace(b"\x02\0\0\0\5", b"\xff" * 5)
    for file in (content, damaged, content.replace(b"\5\0\0\0", b"\xff" * 4)):
        with suppress(DataError):
            open_picture(file)
    assert recwarn.list == []


def test_large_pictures_are_refused_before_they_are_unpacked():
    content = encoded(Image.new("1", (300, 200)))
    assert open_picture(content, most_pixels=60_000).shape == (200, 300)
    with pytest.raises(DataError) as caught:
        open_picture(content, most_pixels=59_999, name="big.png")
    assert str(caught.value) == "big.png: 300 x 200 is 60000 pixels; at most 59999 are read"
    bomb = encoded(Image.new("1", (20_000, 10_000)))
    assert len(bomb) < 50_000
    with pytest.raises(DataError) as caught:
        open_picture(bomb, name="bomb.png")
    assert str(caught.value) == "bomb.png: has more than 64000000 pixels; it is not read"


# HEIC

HEAD = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def test_heic_without_a_reader_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    file = tmp_path / "a.jpg"  # whatever it is called
    file.write_bytes(HEAD)
    for source in (file, HEAD, io.BytesIO(HEAD)):
        with pytest.raises(DataError) as caught:
            open_picture(source, name="it")
        assert (
            str(caught.value) == "it: a HEIC picture: pip install pillow-heif, or convert to JPEG"
        )


def test_heic_is_read_by_pillow_heif(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    flat = Image.new("RGB", (64, 32), (180, 180, 180))
    heif.from_pillow(flat).save(tmp_path / "a.heic")
    content = (tmp_path / "a.heic").read_bytes()
    for source in (tmp_path / "a.heic", content, io.BytesIO(content)):
        light = open_picture(source)
        assert light.shape == (32, 64)
        np.testing.assert_allclose(light, 180 / 255, atol=0.02)
    with pytest.raises(DataError):
        open_picture(content[: len(content) // 2])
    with pytest.raises(DataError) as caught:
        open_picture(content, most_pixels=2000, name="it")
    assert str(caught.value) == "it: 64 x 32 is 2048 pixels; at most 2000 are read"


def test_the_lightness_of_lab_is_read(tmp_path):
    """Pillow opens TIFF in CIELAB, and converts it to nothing."""
    lightness = np.array([[0, 128], [255, 40]], np.uint8)
    channels = [Image.fromarray(each) for each in (lightness, 255 - lightness, lightness)]
    Image.merge("LAB", channels).save(tmp_path / "a.tif")
    light = open_picture(tmp_path / "a.tif")
    np.testing.assert_allclose(light, lightness / 255, atol=1e-6)
