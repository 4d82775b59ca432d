"""Reads a picture file as an array of its light: any mode and depth, upright, not transparent."""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Optional, Union

from PIL import Image, ImageOps, UnidentifiedImageError

from ...arguments import quoted
from ...arrays import Floats
from ...errors import DataError
from ...foreign import reason_of
from .heif import HOW, heif_installed, is_heif, register_heif
from .limits import MOST_PAGES, MOST_PIXELS, page_name
from .luminance import luminance_of

Source = Union[str, Path, bytes, BinaryIO]
Light = Floats

# What Pillow may open. It knows more, but some of the others run programs or ask for much memory.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUFFIXES = (
    *(".bmp", ".gif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm"),
    *(".tif", ".tiff", ".webp"),
)

# A tag of TIFF, and two bits of its value: "TIFF, Revision 6.0" (Adobe, 1992), section 8.
_NEW_SUBFILE_TYPE = 254
_REDUCED = 1  # a smaller copy of another image of the file
_MASK = 4  # says which pixels of another image are seen

# warnings.catch_warnings() changes the whole process, in which several threads may open pictures.
_ONE_AT_A_TIME = threading.Lock()


def open_picture(
    source: Source, *, most_pixels: int = MOST_PIXELS, name: Optional[str] = None
) -> Light:
    """Read a picture: PNG, JPEG, TIFF, WebP, BMP, GIF or PNM, of which the first page counts.

    HEIC is read too if pillow-heif is installed.

    Args:
        source: a file's path, its content as bytes, or an open binary file.
        most_pixels: a picture of more is refused before it is unpacked.
        name: what to call it in messages; by default the file's path.

    Returns:
        The luminance (Rec. 601), float32 (H, W) from 0 to 1, turned as its EXIF orientation says.
        Ink alone on transparency is laid on white, or on black where the ink is light; what else
        is transparent takes the colour of the paper around it.

    Raises:
        DataError: if it is no picture, is damaged, or has more than ``most_pixels``.

    Example:
        >>> Image.new("L", (60, 100), 255).save("one.png")
        >>> open_picture("one.png").shape
        (100, 60)
    """
    with Pages(source, most_pixels=most_pixels, name=name) as pages:
        return pages.first()


class Pages:
    """A picture that is open, and its pages: the first of them, or one after the other.

    Iteration gives the luminance of each page, float32 (H, W) from 0 to 1, and None in place of a
    smaller copy of a page, or its mask.

    Args:
        source: a file's path, its content as bytes, or an open binary file.
        most_pixels: a page of more is refused before it is unpacked.
        name: what to call it in messages; by default the file's path.

    Raises:
        DataError: if it is no picture; while iterating, if a page cannot be read, or if there are
            more than :data:`MOST_PAGES`.

    Example:
        >>> Image.new("L", (60, 100), 255).save("one.png")
        >>> with Pages("one.png") as pages:
        ...     print(pages.several, pages.first().shape)
        False (100, 60)
    """

    def __init__(
        self, source: Source, *, most_pixels: int = MOST_PIXELS, name: Optional[str] = None
    ):
        self.name, self._most_pixels = name or _name(source), most_pixels
        if not isinstance(source, (str, os.PathLike, bytes)) and not hasattr(source, "read"):
            raise DataError(
                f"{self.name}: must be a file's path, its bytes or an open file, "
                f"got {quoted(source)}"
            )
        with self._in_words(self.name):
            self._image = _identified(source, self.name)

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_: object) -> None:
        self._image.close()

    @cached_property
    def several(self) -> bool:
        """Whether there is more than one page; a JPEG has at most copies of its only page."""
        if self._image.format in ("JPEG", "MPO"):
            return False
        try:
            with self._in_words(self.name):
                return bool(getattr(self._image, "is_animated", False))
        except DataError:  # the second page is damaged, which is reported when it is read
            return True

    def first(self) -> Light:
        """The luminance of the first page, which messages call by the picture's own name."""
        with self._in_words(self.name):
            return self._light(self.name)

    def __iter__(self) -> Iterator[Optional[Light]]:
        several = self.several
        for number in range(1, MOST_PAGES + 2 if several else 2):
            page = page_name(self.name, number, several)
            with self._in_words(page):
                if number > 1 and not self._turn_to(number):
                    return
                if number > MOST_PAGES:
                    raise DataError(
                        f"{self.name}: has more than {MOST_PAGES} pages; no more are read"
                    )
                light = None if number > 1 and self._is_copy() else self._light(page)
            yield light

    def _turn_to(self, number: int) -> bool:
        """Turn to a page, counted from 1; false if there is none."""
        try:
            self._image.seek(number - 1)
        except EOFError:
            return False
        return True

    def _is_copy(self) -> bool:
        kind = getattr(self._image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0)
        return isinstance(kind, int) and bool(kind & (_REDUCED | _MASK))

    def _light(self, name: str) -> Light:
        """The luminance of the page at hand, if it is not too large to be unpacked."""
        width, height = self._image.size
        if width * height > self._most_pixels:
            raise DataError(
                f"{name}: {width} x {height} is {width * height} pixels; "
                f"at most {self._most_pixels} are read"
            )
        return luminance_of(ImageOps.exif_transpose(self._image))

    def _in_words(self, name: str) -> AbstractContextManager[None]:
        return _in_words(name, self._most_pixels)


@contextmanager
def _in_words(name: str, most_pixels: int) -> Iterator[None]:
    """Turn whatever Pillow raises for a file into an error of one line, and drop its warnings."""
    try:
        with _unwarned():
            yield
    except DataError as error:
        raise DataError(str(error)) from None
    except UnidentifiedImageError:
        raise DataError(f"{name}: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(f"{name}: has more than {most_pixels} pixels; it is not read") from None
    except FileNotFoundError:
        raise DataError(f"{name}: no such file") from None
    except MemoryError:
        raise DataError(f"{name}: does not fit into memory; make it smaller") from None
    except Exception as error:  # a damaged file may make Pillow raise anything
        raise DataError(f"{name}: cannot be read: {reason_of(error)}") from None


def _name(source: Source) -> str:
    if isinstance(source, (str, Path)):
        return str(source)
    return str(getattr(source, "name", "the picture"))


def _identified(source: Source, name: str) -> Image.Image:
    """The picture with its size known and its pixels still packed."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        head = _head(file)
        if not head:
            raise DataError(f"{name}: the file is empty") from None
        if not is_heif(head):
            raise
    if not heif_installed():
        raise DataError(f"{name}: a HEIC picture: {HOW}")
    register_heif()
    return Image.open(file, formats=["HEIF"])


@contextmanager
def _unwarned() -> Iterator[None]:
    """Suppress warnings about damaged metadata, which is not needed.

    Pillow warns when it opens a picture, when it unpacks it and when it turns it upright: a file of
    kilobytes may make it warn a hundred thousand times.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _head(file: Union[str, Path, BinaryIO]) -> bytes:
    """The first 12 bytes of a file, given by its path or open."""
    if isinstance(file, (str, Path)):
        with open(file, "rb") as opened:
            return opened.read(12)
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    return head
