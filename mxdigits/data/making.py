"""Checks the data sets that others give, and converts them to mxdigits' own form."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import AnyArray, Images
from ..digitize.digits.size import SIZE
from ..digitize.preprocessing import MNIST, NONE, PREPROCESSINGS
from ..errors import DataError, UsageError
from ..foreign import type_name
from ..printing import encodable
from ..values import Unchecked, as_written, is_whole
from .dataset import Dataset, Split, shape_of
from .hashes import Hashes
from .images import brightest, check_brightness

# A larger label is unlikely to be a class, and that many names of classes would fill the memory.
MOST_CLASSES = 1 << 16

# The keys that a mapping may have.
_KEYS = ("train", "test", "validation", "classes", "hashes", "preprocessing", "notes")

_CHANNELS = (1, 3)  # of images in grey, and in colour
_MOST_CHANNELS = 4  # with transparency; an axis of more is no axis of channels


def make_dataset(name: str, made: object) -> Dataset:
    """Check what a data set's factory returned, and convert it to mxdigits' own form.

    Args:
        name: the name of the data set, also for messages.
        made: a :class:`Dataset`, or a mapping with ``train`` and ``test``, each a :class:`Split` or
            a pair of images (uint8, (N, H, W) or (N, C, H, W)) and labels (integers, (N,)), and, if
            wanted, ``validation`` (the same), ``classes`` (the names, or how many), ``hashes``
            ({file: SHA-256}), ``preprocessing`` (``mnist`` or ``none``) and ``notes`` (lines for
            the user).

    Raises:
        DataError: if it is neither, or contradicts itself.

    Example:
        >>> images, labels = np.full((2, 28, 28), 255, np.uint8), [0, 1]
        >>> data = make_dataset("mine", {"train": (images, labels), "test": (images, labels)})
        >>> data.classes, data.train.images.shape
        (('0', '1'), (2, 1, 28, 28))
    """
    where = f"data set {name!r}"
    made = _as_mapping(where, made)
    parts = ["train", "test", *["validation"] * (made.get("validation") is not None)]
    splits = {part: as_split(f"{where}: {part}", made[part]) for part in parts}
    train, test = splits["train"], splits["test"]
    for part, split in splits.items():
        if train.images.shape[1:] != split.images.shape[1:]:
            raise DataError(
                f"{where}: train images are {shape_of(train.images)} "
                f"and {part} images {shape_of(split.images)}; they must be alike"
            )
    check_brightness(where, max(brightest(split.images) for split in splits.values()))
    classes = _class_names(where, made.get("classes"), list(splits.values()))
    for part, split in splits.items():
        _check_labels(f"{where}: {part}", split, len(classes))
    preprocessing = made.get("preprocessing", NONE)
    if preprocessing not in PREPROCESSINGS:
        raise DataError(
            f"{where}: preprocessing must be {' or '.join(PREPROCESSINGS)}, "
            f"got {as_written(preprocessing)}"
        )
    notes = made.get("notes") or ()
    return Dataset(
        name,
        train,
        test,
        classes,
        _hashes(made.get("hashes") or {}),
        preprocessing,
        splits.get("validation"),
        (notes,) if isinstance(notes, str) else tuple(map(str, notes)),
        tuple(made.get("mixed_from") or ()),
    )


def check_preprocessing(option: object, images: Images) -> None:
    """Check a user's option for the form of images.

    Raises:
        UsageError: if there is no such form, or the images do not fit it.

    Example:
        >>> check_preprocessing("mnist", np.zeros((2, 28, 28), np.uint8))
    """
    if option not in PREPROCESSINGS:
        raise UsageError(
            f"option preprocessing: must be {' or '.join(PREPROCESSINGS)}, got {as_written(option)}"
        )
    if option == MNIST and images.shape[-2:] != (SIZE, SIZE):
        raise UsageError(
            f"option preprocessing: images of MNIST's form are {SIZE}x{SIZE}, these are "
            f"{shape_of(images)}; leave the option out"
        )


def _hashes(hashes: Mapping[str, str]) -> Mapping[str, str]:
    return hashes if isinstance(hashes, Hashes) else dict(hashes)


def _as_mapping(where: str, made: object) -> Mapping[str, Any]:
    if isinstance(made, Dataset):
        return vars(made)
    if not isinstance(made, Mapping):
        raise DataError(
            f"{where}: expected a Dataset or a mapping with 'train' and 'test', "
            f"got {type_name(made)}"
        )
    for part in ("train", "test"):
        if part not in made:
            raise DataError(f"{where}: has no {part!r}")
    for key in made:
        if key not in _KEYS:
            raise DataError(f"{where}: unknown key {key!r}; known: {', '.join(_KEYS)}")
    return made


def as_split(where: str, pair: Any) -> Split:
    """Check images with their labels, and convert them to mxdigits' own form.

    Args:
        where: their name for messages.
        pair: a :class:`Split`, or a pair of images, uint8 (N, H, W) or (N, C, H, W), and
            labels, integers (N,).

    Raises:
        DataError: if they are anything else.

    Example:
        >>> as_split("train", (np.zeros((2, 28, 28), np.uint8), [7, 2])).images.shape
        (2, 1, 28, 28)
    """
    if isinstance(pair, Split):
        pair = pair.images, pair.labels
    try:
        images, labels = pair
    except (TypeError, ValueError):
        raise DataError(f"{where}: expected a pair (images, labels)") from None
    images, labels = as_images(where, images), as_array(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(
            f"{where}: labels must be integers of shape (N,), "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images)} images but {len(labels)} labels")
    return Split(images, labels.astype(np.int64, copy=False))


def as_images(where: str, images: object) -> Images:
    """Check images, and convert them to mxdigits' own form, (N, C, H, W).

    Args:
        where: their name for messages.
        images: uint8 of shape (N, H, W) or (N, C, H, W), at least one.

    Raises:
        DataError: if they are anything else.

    Example:
        >>> as_images("test", np.zeros((5, 28, 28), np.uint8)).shape
        (5, 1, 28, 28)
    """
    images = as_array(images)
    if images.dtype != np.uint8 or images.ndim not in (3, 4):
        raise DataError(
            f"{where}: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            f"got {images.dtype} of shape {images.shape}{shape_advice('images', images.shape)}"
        )
    if not images.size:
        raise DataError(f"{where}: is empty: images of shape {images.shape}")
    check_channels(where, images)
    return np.ascontiguousarray(images[:, None] if images.ndim == 3 else images)


def shape_advice(name: str, shape: Sequence[int]) -> str:
    """Advice on how to reshape an array of two dimensions to images; empty for any other.

    Example:
        >>> shape_advice("x", (60_000, 784))
        '; write x.reshape(-1, 28, 28)'
    """
    if len(shape) != 2:
        return ""
    if shape[0] == shape[1]:
        return f"; of one image write {name}[None]"
    side = math.isqrt(shape[1])
    if side * side == shape[1]:
        return f"; write {name}.reshape(-1, {side}, {side})"
    return f"; write {name}.reshape(-1, H, W) with their height and width"


def as_array(value: Unchecked) -> AnyArray:
    """An array of any library as a NumPy array.

    NumPy would read an MXNet array one number at a time, so its ``asnumpy`` is called.

    Example:
        >>> as_array([1, 2]).tolist()
        [1, 2]
    """
    if hasattr(value, "asnumpy"):  # MXNet's
        value = value.asnumpy()
    elif hasattr(value, "detach"):  # PyTorch's, perhaps on a GPU
        value = value.detach().cpu()
    return np.asarray(value)


def check_channels(where: str, images: AnyArray) -> None:
    """Refuse images (N, H, W, C), which would be read as (N, C, H, W).

    Raises:
        DataError: if their channels seem to come last.

    Example:
        >>> check_channels("train", np.zeros((2, 3, 28, 28)))
    """
    if images.ndim != 4 or images.shape[3] not in _CHANNELS:
        return
    if min(images.shape[1:3]) > _MOST_CHANNELS:
        raise DataError(
            f"{where}: images of shape {images.shape} seem to have their channels last; "
            "write images.transpose(0, 3, 1, 2), or of a data set of Gluon or PyTorch have it "
            "transformed by ToTensor()"
        )


def _class_names(where: str, classes: object, splits: Sequence[Split]) -> tuple[str, ...]:
    if classes is None:
        classes = max(0, *(int(split.labels.max()) for split in splits)) + 1
    if is_whole(classes) and 0 < classes <= MOST_CLASSES:
        return tuple(map(str, range(classes)))
    if isinstance(classes, (str, int)) or not isinstance(classes, Iterable):
        raise DataError(
            f"{where}: classes must be a list of names or a number from 1 to {MOST_CLASSES}, "
            f"got {as_written(classes)}"
        )
    # A class may be named after a folder whose name is not valid text.
    names = tuple(encodable(str(name)) for name in classes)
    for name, times in Counter(names).items():
        if times > 1:
            raise DataError(f"{where}: {times} classes are called {name!r}")
    return names


def _check_labels(where: str, split: Split, classes: int) -> None:
    low, high = int(split.labels.min()), int(split.labels.max())
    if low < 0 or high >= classes:
        raise DataError(
            f"{where}: label {low if low < 0 else high} is outside 0 to {classes - 1} "
            f"(classes: {classes})"
        )
