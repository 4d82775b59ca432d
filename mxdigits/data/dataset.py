"""What a data set is to mxdigits: checked splits of uint8 images with their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional, Union

import numpy as np

from ..arrays import Bools, Images, Integers, Labels
from ..errors import DataError, type_name
from ..printing import encodable
from ..values import is_whole
from ..wording import some_of
from .hashes import Hashes
from .images import brightest, check_brightness

# A larger label is hardly a class, and the names of so many classes would fill the memory.
MOST_CLASSES = 1 << 16

_NAMED = 10  # classes that ``repr`` names


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Images with their labels.

    ``images`` is uint8 of shape (N, C, H, W), 0 for background; ``labels`` is int64 of shape (N,).

    Example:
        >>> split = Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([7, 2, 1]))
        >>> len(split), split[1:].labels
        (3, array([2, 1]))
    """

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        """How many images there are and of what size, and of how many classes: no array."""
        classes = len(np.unique(self.labels))
        return (
            f"Split({len(self):,} image{'s' * (len(self) != 1)} of {_shape(self.images)}, "
            f"of {classes} class{'es' * (classes != 1)})"
        )

    def __getitem__(self, which: Union[slice, Integers, Bools]) -> Split:
        return Split(self.images[which], self.labels[which])


@dataclass(frozen=True)
class Mixed:
    """What a part brings to a mix: its name, how many images it has to train on, how many it gives.

    It gives more than it has where its images are repeated, and fewer where some are left out.

    Example:
        >>> Mixed("folder", images=40, taken=400)
        Mixed(name='folder', images=40, taken=400)
    """

    name: str
    images: int
    taken: int


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A named data set.

    ``classes`` holds the name of each label, ``hashes`` the SHA-256 of each file it was read from
    (of its uncompressed content, so that it does not matter how the file was packed), or of each
    part where it is made and not read.
    ``preprocessing`` says how its images were made from pictures: ``mnist`` if they have the form
    of MNIST's, ``none`` if they are pictures of that size as they were.  ``validation`` is there
    where the data set has such a part of its own.  ``notes`` are lines for the user: what was
    guessed or passed over.  ``mixed_from`` is what a mix was made from, in the order of its
    training images.

    Example:
        >>> split = Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([1, 0, 1]))
        >>> data = Dataset("signs", train=split, test=split, classes=("minus", "plus"))
        >>> data.image_shape, list(data.parts), len(data.part("all"))
        ((1, 28, 28), ['train', 'test'], 6)
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    hashes: Mapping[str, str] = field(default_factory=dict)
    preprocessing: str = "none"
    validation: Optional[Split] = None
    notes: tuple[str, ...] = ()
    mixed_from: tuple[Mixed, ...] = ()

    def __repr__(self) -> str:
        """The name, how many images each part has, their size, and the classes: no array."""
        parts = ", ".join(f"{name} {len(split):,}" for name, split in self.parts.items())
        return (
            f"Dataset({self.name!r}: {parts} images of {_shape(self.train.images)}; "
            f"{len(self.classes)} class{'es' * (len(self.classes) != 1)}: "
            f"{some_of(self.classes, _NAMED)})"
        )

    @property
    def parts(self) -> dict[str, Split]:
        """The parts that there are, by name: ``train``, ``validation``, ``test``."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in parts.items() if split is not None}

    def part(self, name: str) -> Split:
        """One of the parts, or ``all`` of them together.

        Raises:
            DataError: if there is no such part.
        """
        parts = self.parts
        if name == "all":
            return together(list(parts.values()))
        if name not in parts:
            raise DataError(f"{self.name} has no part {name!r}; it has {', '.join(parts)}")
        return parts[name]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)"""
        _, channels, height, width = self.train.images.shape
        return channels, height, width

    def in_order_of(self, classes: Sequence[str]) -> Dataset:
        """The same images with labels that count the classes in another order.

        Where this data set has a class that is not among them, nothing is changed.

        Example:
            >>> split = Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([1, 0, 1]))
            >>> data = Dataset("signs", train=split, test=split, classes=("minus", "plus"))
            >>> data.in_order_of(("plus", "minus")).train.labels
            array([0, 1, 0])
        """
        if self.classes == tuple(classes) or not set(self.classes) <= set(classes):
            return self
        place = {name: label for label, name in enumerate(classes)}
        return self.relabelled(classes, [place[name] for name in self.classes])

    def relabelled(self, classes: Sequence[str], labels: Sequence[int]) -> Dataset:
        """The same images with other labels.

        Args:
            classes: the names of the new labels.
            labels: the new label for each of the old ones.
        """
        moved = np.array(labels, np.int64)
        parts = {
            part: Split(split.images, moved[split.labels]) for part, split in self.parts.items()
        }
        return replace(
            self,
            train=parts["train"],
            test=parts["test"],
            validation=parts.get("validation"),
            classes=tuple(classes),
        )


def together(splits: Sequence[Split]) -> Split:
    """One split of several, in their order.

    Example:
        >>> split = Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([7, 2, 1]))
        >>> len(together([split, split]))
        6
    """
    return Split(
        np.concatenate([split.images for split in splits]),
        np.concatenate([split.labels for split in splits]),
    )


def make_dataset(name: str, made: object) -> Dataset:
    """Check what a data-set factory returned and give it mxdigits' own form.

    Args:
        name: what to call the data set, here and in messages.
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
                f"{where}: train images are {_shape(train.images)} "
                f"and {part} images {_shape(split.images)}; they must be alike"
            )
    check_brightness(where, max(brightest(split.images) for split in splits.values()))
    classes = _class_names(where, made.get("classes"), list(splits.values()))
    for part, split in splits.items():
        _check_labels(f"{where}: {part}", split, len(classes))
    notes = made.get("notes") or ()
    return Dataset(
        name,
        train,
        test,
        classes,
        _hashes(made.get("hashes") or {}),
        made.get("preprocessing", "none"),
        splits.get("validation"),
        (notes,) if isinstance(notes, str) else tuple(map(str, notes)),
        tuple(made.get("mixed_from") or ()),
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
    return made


def as_split(where: str, pair: Any) -> Split:
    """Check images with their labels and give them mxdigits' own form.

    Args:
        where: what to call them in messages.
        pair: a :class:`Split`, or a pair of images, uint8 (N, H, W) or (N, C, H, W), and
            labels, integers (N,).

    Raises:
        DataError: if they are not that.

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
    images, labels = as_images(where, images), np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(
            f"{where}: labels must be integers of shape (N,), "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images)} images but {len(labels)} labels")
    return Split(images, labels.astype(np.int64, copy=False))


def as_images(where: str, images: object) -> Images:
    """Check images and give them mxdigits' own form, (N, C, H, W).

    Args:
        where: what to call them in messages.
        images: uint8 of shape (N, H, W) or (N, C, H, W), at least one.

    Raises:
        DataError: if they are not that.

    Example:
        >>> as_images("test", np.zeros((5, 28, 28), np.uint8)).shape
        (5, 1, 28, 28)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim not in (3, 4):
        raise DataError(
            f"{where}: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            f"got {images.dtype} of shape {images.shape}"
        )
    if not images.size:
        raise DataError(f"{where}: is empty: images of shape {images.shape}")
    return np.ascontiguousarray(images[:, None] if images.ndim == 3 else images)


def _class_names(where: str, classes: object, splits: Sequence[Split]) -> tuple[str, ...]:
    if classes is None:
        classes = max(0, *(int(split.labels.max()) for split in splits)) + 1
    if is_whole(classes) and 0 < classes <= MOST_CLASSES:
        return tuple(map(str, range(classes)))
    if isinstance(classes, (str, int)) or not isinstance(classes, Iterable):
        raise DataError(
            f"{where}: classes must be a list of names or a number from 1 to {MOST_CLASSES}, "
            f"got {classes!r}"
        )
    # A class may be named after a folder, and a folder by bytes that are no text.
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


def _shape(images: Images) -> str:
    return "x".join(map(str, images.shape[1:]))
