"""The data set of mxdigits: splits of uint8 images with their labels."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Optional, Union

import numpy as np

from ..arguments import quoted
from ..arrays import Bools, Images, Integers, Labels
from ..errors import DataError, UsageError
from ..wording import some_of

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
        """The number and size of the images, and the number of classes, without any array."""
        classes = len(np.unique(self.labels))
        return (
            f"Split({len(self):,} image{'s' * (len(self) != 1)} of {shape_of(self.images)}, "
            f"of {classes} class{'es' * (classes != 1)})"
        )

    def __getitem__(self, which: Union[slice, Integers, Bools]) -> Split:
        """Some of the images with their labels, selected by a slice or an array.

        Raises:
            UsageError: if ``which`` is neither, such as a single number, or is out of range.
        """
        advice = ""
        with suppress(TypeError):
            number = operator.index(which)  # type: ignore[arg-type]
            advice = f"; of one image write [{number}:{number + 1}]"
        if not advice and isinstance(which, (slice, list, np.ndarray)):
            with suppress(IndexError):
                return Split(self.images[which], self.labels[which])
        raise UsageError(
            f"a Split of {len(self):,} images is indexed by a slice or by an array of places or of "
            f"true and false, got {quoted(which)}{advice}"
        )


@dataclass(frozen=True)
class Mixed:
    """A part's share in a mix: its name, how many training images it has, and how many it gives.

    It gives more than it has if images are repeated, and fewer if some are left out.

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

    ``classes`` holds the name of each label. ``hashes`` holds the SHA-256 of each file that it was
    read from (of the uncompressed content, so compression does not matter), or of each part if the
    data set was generated. ``preprocessing`` says how its images were made from pictures: ``mnist``
    if they have the form of MNIST's images, ``none`` if they are unchanged pictures of that size.
    ``validation`` is None unless the data set has such a part of its own. ``notes`` are lines for
    the user about what was guessed or passed over. ``mixed_from`` lists the parts of a mix, in the
    order of its training images.

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
        """The name, the number of images of each part, their size, and the classes; no arrays."""
        parts = ", ".join(f"{name} {len(split):,}" for name, split in self.parts.items())
        return (
            f"Dataset({self.name!r}: {parts} images of {shape_of(self.train.images)}; "
            f"{len(self.classes)} class{'es' * (len(self.classes) != 1)}: "
            f"{some_of(self.classes, _NAMED)})"
        )

    @property
    def parts(self) -> dict[str, Split]:
        """The parts that the data set has, by name: ``train``, ``validation``, ``test``."""
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
        """The same data set with its classes in the order of ``classes``.

        It is returned unchanged if one of its classes is not among them.

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
    """Several splits joined to one, in their order.

    Example:
        >>> split = Split(np.zeros((3, 1, 28, 28), np.uint8), np.array([7, 2, 1]))
        >>> len(together([split, split]))
        6
    """
    return Split(
        np.concatenate([split.images for split in splits]),
        np.concatenate([split.labels for split in splits]),
    )


def shape_of(images: Images) -> str:
    """The size of the images in words.

    Example:
        >>> shape_of(np.zeros((2, 1, 28, 28), np.uint8))
        '1x28x28'
    """
    return "x".join(map(str, images.shape[1:]))
