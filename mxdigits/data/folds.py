"""A data set in folds: each image is tested once, by a network that has not learnt from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Union

import numpy as np

from ..arrays import Integers
from ..errors import DataError, UsageError
from ..values import as_written, is_whole
from .dataset import Dataset, Mixed, Split
from .load import load_dataset
from .parts import FOLD


def fold(
    *, of: Union[str, Mapping[str, object]], fold: int, folds: int = 5, seed: int = 0
) -> Dataset:
    """A data set whose test images are one of several folds of another one's training images.

    The other folds are what remains to learn from. Of a mix the images of its first part are
    divided; those of the others are always learnt from. The test images of the data set itself are
    not used.

    Args:
        of: a data set's name, or a mapping with its name and options.
        fold: which fold is tested, from 0.
        folds: how many there are; each class is divided evenly.
        seed: of the division; it depends on nothing else than that and the images.

    Raises:
        UsageError: if an option is wrong.
        DataError: if a fold would be empty.

    Example:
        >>> data = fold(of="mnist", fold=0, folds=5)
        >>> len(data.train), len(data.test)
        (48000, 12000)
    """
    _check("folds", folds, 2, None)
    _check("fold", fold, 0, folds)
    _check("seed", seed, 0, None)
    whole = load_fold_source(of)
    parts = divided(whole, folds, seed)
    if not (parts == fold).any():
        raise DataError(f"data set {FOLD!r}: fold {fold} of {folds} has no image; take fewer folds")
    own = len(parts)
    learn = np.flatnonzero(parts != fold)
    first = whole.mixed_from[0].name if whole.mixed_from else whole.name
    return replace(
        whole,
        name=FOLD,
        train=whole.train[np.concatenate([learn, np.arange(own, len(whole.train))])],
        test=whole.train[np.flatnonzero(parts == fold)],
        mixed_from=(Mixed(first, len(learn), len(learn)), *whole.mixed_from[1:]),
    )


def load_fold_source(of: Union[str, Mapping[str, object]]) -> Dataset:
    """The data set that is divided into folds.

    Raises:
        UsageError: if it is not named as a recipe names one.

    Example:
        >>> load_fold_source({"name": "mnist"}).name
        'mnist'
    """
    if isinstance(of, str):
        return load_dataset(of)
    name = of.get("name") if isinstance(of, Mapping) else None
    if not isinstance(name, str):
        raise UsageError(f"option of: must be a data set, such as mnist, got {as_written(of)}")
    return load_dataset(name, {key: each for key, each in of.items() if key != "name"})


def divided(dataset: Dataset, most: int, seed: int = 0) -> Integers:
    """The fold of each training image of a data set, or of a mix's first part, as of :func:`folds`.

    Example:
        >>> np.bincount(divided(load_dataset("mnist"), 3)).tolist()
        [20000, 20000, 20000]
    """
    own = dataset.mixed_from[0].images if dataset.mixed_from else len(dataset.train)
    return folds(dataset.train[:own], most, seed)


def folds(split: Split, most: int, seed: int = 0) -> Integers:
    """Divide images, each class by itself, into parts that are left out in turn.

    What remains when a part is left out has images of every class.  A class with a single picture
    is therefore never left out.  Copies of one picture are in one part.

    Args:
        split: the images.
        most: how many parts, if there are pictures enough.
        seed: the parts depend on it and on the pictures.

    Returns:
        The part of each image, from 0, and -1 for one that is never left out.

    >>> images = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1)
    >>> folds(Split(images, np.array([0, 0, 0, 1])), most=2)
    array([ 0,  1,  0, -1])
    """
    pictures: dict[int, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, (image, label) in enumerate(zip(split.images, split.labels.tolist())):
        pictures[label][image.tobytes()].append(i)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, len(split)])))
    fold = np.full(len(split), -1, np.int64)
    place = 0
    for label in sorted(pictures):
        copies = [pictures[label][content] for content in sorted(pictures[label])]
        if len(copies) > 1:
            for which in random.permutation(len(copies)):
                fold[copies[which]] = place % most
                place += 1
    return fold


def _check(name: str, value: object, least: int, below: Union[int, None]) -> None:
    if not is_whole(value) or value < least or (below is not None and value >= below):
        bound = "on" if below is None else f"to {below - 1}"
        raise UsageError(
            f"option {name}: must be a whole number from {least} {bound}, got {as_written(value)}"
        )
