"""The luminance of a picture of any mode and depth, with or without transparency; of an array."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Optional

import numpy as np
from PIL import Image

from ...arrays import AnyArray, Bools, Floats, Numbers
from ...errors import UsageError
from ...foreign import type_name
from ..pixels.median import quantiles

_BEYOND = 0.5  # of the range: most beyond it, as by noise or sharpening; another scale has more
_LOOKED_AT = 16_384  # pixels, about, evenly spread, of which the range of light is taken
_ENDS = (0.002, 0.998)  # quantiles between which the range lies: a thin stroke has more pixels
_INK_AND_PAPER = 0.25  # luminance: least difference of ink and paper
_COLOURED = 0.2  # luminance: least range of a colour that is read in place of the luminance
_ALIKE = 0.25  # of that colour's range: most range of the luminance, in which ink is hardly seen


def luminance_of(image: Image.Image) -> Floats:
    """The luminance of a picture, (H, W) from 0 to 1; what is transparent is laid on its paper.

    If ink differs from its paper only in colour, it is the light in red, green or blue.

    Example:
        >>> luminance_of(Image.new("1", (3, 2), 1)).tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.float32) / 65535
    if image.mode == "I":
        return _scaled(np.asarray(image), 65535)
    if image.mode == "F":
        return _scaled(np.asarray(image), 1)
    if image.mode == "LAB":  # which Pillow does not convert; the first channel is the lightness
        return _bytes(image.getchannel(0))
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        alpha = _bytes(image.getchannel("A"))
        if alpha.min() < 1:
            return _on_paper(_bytes(image.convert("L")), alpha)
    return _of_colours(image.convert("RGB") if image.mode in ("P", "RGBA") else image)


def _of_colours(image: Image.Image) -> Floats:
    """The luminance (Rec. 601); or, if it hardly varies, the colour channel that varies most."""
    grey = image.convert("L")
    if image.mode in ("1", "L") or (differs := _range(grey)) > _ALIKE:
        return _bytes(grey)
    most = max(image.convert("RGB").split(), key=_range)
    return _bytes(most if _range(most) >= max(_COLOURED, differs / _ALIKE) else grey)


def _range(light: Image.Image) -> float:
    """The range of a picture's light, without the few pixels at its ends."""
    values = np.asarray(light).ravel()
    low, high = quantiles(values[:: values.size // _LOOKED_AT | 1], _ENDS)
    return (high - low) / 255


def checked_luminance(picture: Numbers) -> Floats:
    """The luminance that an array holds, (H, W) float from 0 to 1 or uint8, as float32 from 0 to 1.

    Raises:
        UsageError: if it is of another shape, or holds other numbers.

    Example:
        >>> checked_luminance(np.array([[0, 255]], np.uint8)).tolist()
        [[0.0, 1.0]]
    """
    light = _array_of(picture)
    if light.ndim != 2 or not light.size:
        raise UsageError(f"a picture is an array (H, W), got one of shape {light.shape}")
    if light.dtype == np.uint8:
        return np.divide(light, 255, dtype=np.float32)
    floats = light.astype(np.float32, copy=False)
    low, high = float(floats.min()), float(floats.max())
    if not np.isfinite([low, high]).all():  # with a NaN, both are NaN
        raise UsageError("a picture is luminance from 0 to 1, or uint8; it holds NaN or infinity")
    if low < -_BEYOND or high > 1 + _BEYOND:
        raise UsageError(
            f"a picture is luminance from 0 to 1, or uint8; got {light.dtype} from {low:g} to "
            f"{high:g}; divide it by the value of white"
        )
    return floats


def _array_of(picture: Numbers) -> Numbers:
    numbers = picture if isinstance(picture, np.ndarray) else _array_or_none(picture)
    if numbers is not None and numbers.dtype.kind in "buif":
        return numbers
    raise UsageError(
        f"a picture is an array (H, W) of numbers, got {type_name(picture)}; "
        "mxdigits.digitize.open_picture(path) reads one from a file"
    )


def _array_or_none(values: object) -> Optional[AnyArray]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # NumPy raises an error for a list with rows of several lengths; NumPy 1.23 warns.
        with suppress(ValueError, Warning):
            return np.asarray(values)
    return None


def _bytes(image: Image.Image) -> Floats:
    return np.divide(np.asarray(image), 255, dtype=np.float32)


def _scaled(values: Numbers, usual: float) -> Floats:
    """Numbers of any range, scaled: from 0 to ``usual`` if they lie there, else from end to end."""
    values = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    low, high = min(0.0, float(values.min())), float(values.max())
    high = usual if high <= usual else high
    return np.asarray((values - low) / (high - low), np.float32)


def _on_paper(grey: Floats, alpha: Floats) -> Floats:
    """Lay a picture with transparency on what it was meant to lie on."""
    return grey * alpha + _paper_of(grey, alpha > 0.5) * (1 - alpha)


def _paper_of(grey: Floats, seen: Bools) -> np.float32:
    """The light of what a picture was meant to lie on; ``seen`` are its opaque pixels, (H, W)."""
    if not seen.any():
        return np.float32(1)
    low, middle, high = np.percentile(grey[seen], [2, 50, 98])
    if high - low > _INK_AND_PAPER:
        hidden = np.pad(~seen, 1)
        beside = hidden[:-2, 1:-1] | hidden[2:, 1:-1] | hidden[1:-1, :-2] | hidden[1:-1, 2:]
        edge, inside = grey[seen & beside], grey[seen & ~beside]
        if edge.size and inside.size:
            fades = float(np.median(edge)) - float(np.median(inside))
            if abs(fades) > _INK_AND_PAPER:  # as where white paper alone was made transparent
                return np.float32(fades > 0)
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
        if seen.sum() > 0.6 * box:  # paper and ink, with a ragged edge
            return np.float32(middle)
    return np.float32(middle <= 0.5)
