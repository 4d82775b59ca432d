"""The data set ``hands``: digits in all usual styles, made by a model of handwriting."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...digitize.digits.size import SIZE
from ...digitize.preprocessing import MNIST, NONE
from ...errors import UsageError
from ...plugins.suggest import nearest
from ...values import as_written, is_whole
from ..dataset import Dataset, Split
from ..making import make_dataset
from .curves import curves_of
from .drawing import draw, fineness, step
from .styles import STYLES, Style
from .writing import write

SIZES = 8, 512  # pixels of a side, at least and at most
MOST_IMAGES = 10_000_000

_BATCH_PIXELS = 1 << 22  # pixels of the finer grid drawn at a time: more would not fit the cache
_PARTS = {"train": 0, "test": 1}


def hands(
    *,
    images: int = 30_000,
    test_images: int = 5_000,
    seed: int = 0,
    styles: Optional[Sequence[str]] = None,
    size: int = 28,
) -> Dataset:
    """Digits as people of the world write them, in MNIST's form, written by a model.

    There are equally many of each digit, in the styles of docs/hands.md; they vary in shape, slant,
    pen, pressure and tremor. Only the options decide what they are. Training and test digits
    differ.

    Args:
        images: the number of training images.
        test_images: the number of test images.
        seed: another one gives other digits.
        styles: the styles to write: digits such as ``7``, or styles such as ``7 crossed``; all if
            left out.
        size: pixels of a side of the images.

    Raises:
        UsageError: if an option is wrong.

    Example:
        >>> data = hands(images=1000, test_images=100)
        >>> data.train.images.shape, data.classes
        ((1000, 1, 28, 28), ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
    """
    _check_number("images", images, 1, MOST_IMAGES)
    _check_number("test_images", test_images, 1, MOST_IMAGES)
    _check_number("seed", seed, 0)
    _check_number("size", size, *SIZES)
    chosen = _chosen(styles)
    parts = {
        part: written(chosen, count, seed, part=part, size=size)
        for part, count in (("train", images), ("test", test_images))
    }
    return make_dataset(
        "hands",
        {
            **parts,
            "classes": tuple("0123456789"),
            # A resumed run compares them to see whether the model of handwriting is still the same.
            "hashes": {part: _sha256(split) for part, split in parts.items()},
            "preprocessing": MNIST if size == SIZE else NONE,
        },
    )


def written(
    styles: Sequence[Style], images: int, seed: int, *, part: str = "train", size: int = 28
) -> Split:
    """Digits of the given styles in random order, equally many of each digit.

    Args:
        styles: at least one.
        images: the number of images.
        seed: another one gives other digits.
        part: ``train`` or ``test``; the two get different digits.
        size: pixels of a side.

    Example:
        >>> from mxdigits.data.hands.styles import STYLES
        >>> split = written(STYLES[:1], 3, seed=0)
        >>> split.images.shape, split.labels
        ((3, 1, 28, 28), array([0, 0, 0]))
    """
    random = _random(seed, part, "order")
    which = random.permutation(_portions(styles, images))
    made = np.empty((images, 1, size, size), np.uint8)
    for number in np.unique(which).tolist():
        places = np.flatnonzero(which == number)
        made[places, 0] = _of_style(styles[number], len(places), seed, part, size)
    labels = np.array([style.digit for style in styles], np.int64)[which]
    return Split(made, labels)


def _sha256(split: Split) -> str:
    """The SHA-256 of the images and labels, as bytes in MNIST's format without headers."""
    return hashlib.sha256(
        split.images.tobytes() + split.labels.astype(np.uint8).tobytes()
    ).hexdigest()


def _of_style(style: Style, count: int, seed: int, part: str, size: int) -> NDArray[np.uint8]:
    """Digits of one style; they do not depend on which other styles are written."""
    random = _random(seed, part, style.full_name)
    curves = curves_of(style.strokes, step(size))
    batch = max(1, _BATCH_PIXELS // (size * fineness(size)) ** 2)
    drawn = []
    for begin in range(0, count, batch):
        number = min(batch, count - begin)
        digits = write(curves, number, random, has_bowls=style.has_bowls)
        drawn.append(draw(digits, size, random))
    return np.concatenate(drawn)


def _random(seed: int, part: str, name: str) -> np.random.Generator:
    entropy = [seed, _PARTS[part], zlib.crc32(name.encode())]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _portions(styles: Sequence[Style], images: int) -> NDArray[np.int64]:
    """A style's number for each image: all digits equally often, their styles by weight."""
    digits = [style.digit for style in styles]
    total = {digit: sum(s.weight for s in styles if s.digit == digit) for digit in digits}
    shares = np.array([style.weight / total[style.digit] for style in styles]) / len(total)
    ends = np.rint(np.cumsum(shares) * images).astype(int)
    return np.repeat(np.arange(len(styles)), np.diff(ends, prepend=0))


def _chosen(names: object) -> Sequence[Style]:
    if names is None:
        return STYLES
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise UsageError(
            f"option styles: must be a list such as [7 crossed, 1], got {as_written(names)}"
        )
    wanted = [str(name) for name in names]
    known = [style.full_name for style in STYLES]
    digits = {str(style.digit) for style in STYLES}
    for name in wanted:
        if name not in known and name not in digits:
            near = [each for each in known if each[:1] == name[:1]] or sorted(digits)
            raise UsageError(f"option styles: unknown {name!r}; {nearest(name, near)}")
    if not wanted:
        raise UsageError("option styles: must name at least one; leave it out for all")
    return [s for s in STYLES if s.full_name in wanted or str(s.digit) in wanted]


def _check_number(name: str, value: object, least: int, most: Optional[int] = None) -> None:
    if not is_whole(value) or value < least or (most is not None and value > most):
        upto = f"from {least} on" if most is None else f"from {least} to {most}"
        raise UsageError(f"option {name}: must be a whole number {upto}, got {as_written(value)}")
