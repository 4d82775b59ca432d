"""Divides a data set into folds: each image is tested once, by a network not trained on it."""

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
    """A data set whose test images are one fold of another data set's training images.

    The other folds are the training images. In a mix, only the images of the first part are
    divided; those of the other parts are always for training. The other data set's own test images
    are not used.

    Args:
        of: a data set's name, or a mapping with its name and options.
        fold: which fold is tested, from 0.
        folds: how many there are; each class is divided evenly.
        seed: the seed of the division, which depends only on the seed and the images.

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
    """Load the data set that is divided into folds.

    Raises:
        UsageError: if ``of`` does not name a data set as in a recipe.

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
    """The fold of each training image of a data set or of a mix's first part, as in :func:`folds`.

    Example:
        >>> np.bincount(divided(load_dataset("mnist"), 3)).tolist()
        [20000, 20000, 20000]
    """
    own = dataset.mixed_from[0].images if dataset.mixed_from else len(dataset.train)
    return folds(dataset.train[:own], most, seed)


def folds(split: Split, most: int, seed: int = 0) -> Integers:
    """Divide the images of each class into parts that are left out in turn.

    Whichever part is left out, the rest has images of every class; so the image of a class with
    only one picture is never left out. Copies of one picture are in one part.

    Args:
        split: the images.
        most: the number of parts, if there are enough pictures.
        seed: the parts depend only on it and on the pictures.

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
