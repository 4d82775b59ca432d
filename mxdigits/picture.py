"""A picture file to an array of its light: any mode, any depth, upright, nothing transparent."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Optional, Union

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import DataError

Source = Union[str, Path, bytes, BinaryIO]

# What Pillow may open. It knows more, but some of the others run programs or ask for much memory.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUFFIXES = (
    *(".bmp", ".gif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm"),
    *(".tif", ".tiff", ".webp"),
)

# A photograph of 64 megapixels takes 256 MB as float32; a file of kilobytes may claim much more.
MOST_PIXELS = 64_000_000

# warnings.catch_warnings() changes the whole process, in which several threads may open pictures.
_ONE_AT_A_TIME = threading.Lock()


def open_picture(
    source: Source, *, most_pixels: int = MOST_PIXELS, name: Optional[str] = None
) -> NDArray[np.float32]:
    """Read a picture: PNG, JPEG, TIFF, WebP, BMP, GIF or PNM, of which the first frame counts.

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
    """
    name = name or _name(source)
    try:
        with _unwarned(), _identified(source) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise DataError(
                    f"{name}: {width} x {height} is {width * height} pixels; "
                    f"at most {most_pixels} are read"
                )
            return _luminance(ImageOps.exif_transpose(image))
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
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them to
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DataError(f"{name}: cannot be read: {reason or type(error).__name__}") from None


def _name(source: Source) -> str:
    if isinstance(source, (str, Path)):
        return str(source)
    return str(getattr(source, "name", "the picture"))


def _identified(source: Source) -> Image.Image:
    """The picture with its size known and its pixels still packed."""
    file: Any = io.BytesIO(source) if isinstance(source, bytes) else source
    return Image.open(file, formats=FORMATS)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Say nothing of damaged metadata, which is not needed.

    Pillow warns when it opens a picture, when it unpacks it and when it turns it upright: a file of
    kilobytes may make it warn a hundred thousand times.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _luminance(image: Image.Image) -> NDArray[np.float32]:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.float32) / 65535
    if image.mode == "I":
        return _scaled(np.asarray(image), 65535)
    if image.mode == "F":
        return _scaled(np.asarray(image), 1)
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        grey, alpha = image.convert("RGBA").convert("LA").split()
        return _on_paper(_bytes(grey), _bytes(alpha))
    return _bytes(image.convert("RGB").convert("L") if image.mode == "P" else image.convert("L"))


def _bytes(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image, np.float32) / 255


def _scaled(values: NDArray[Any], usual: float) -> NDArray[np.float32]:
    """Numbers of no fixed range: from 0 to ``usual`` where they lie there, else from end to end."""
    values = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    low, high = min(0.0, float(values.min())), float(values.max())
    high = usual if high <= usual else high
    return np.asarray((values - low) / (high - low), np.float32)


def _on_paper(grey: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lay a picture with transparency on what it was meant to lie on."""
    seen = alpha > 0.5
    paper = 1.0
    if seen.any():
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
        low, middle, high = np.percentile(grey[seen], [2, 50, 98])
        if high - low > 0.25 and seen.sum() > 0.6 * box:  # paper and ink, with a ragged edge
            paper = float(middle)
        elif middle > 0.5:
            paper = 0.0
    return grey * alpha + np.float32(paper) * (1 - alpha)
