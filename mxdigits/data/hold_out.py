"""Chooses the training images that are held out for validation."""

from __future__ import annotations

import numpy as np

from ..arrays import Integers
from .dataset import Dataset


def hold_out(samples: int, held: float, seed: int) -> tuple[Integers, Integers]:
    """Indices for training and indices for validation, each ascending.

    Args:
        samples: the number of images.
        held: the number to hold out; below 1, their share.
        seed: decides the split, together with the two numbers.

    Example:
        >>> train, validation = hold_out(10, 0.2, seed=0)
        >>> len(train), len(validation)
        (8, 2)
    """
    count = round(samples * held) if held < 1 else int(held)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0, 1])))
    order = random.permutation(samples)
    return np.sort(order[count:]), np.sort(order[:count])


def hold_out_of(dataset: Dataset, held: float, seed: int) -> tuple[Integers, Integers]:
    """Indices of a data set's training images for training and for validation.

    In a mix only images of its first part are held out, which also gives the test images. Images of
    other parts may be repeated, and are for training only.

    Args:
        dataset: the data set.
        held: as for :func:`hold_out`.
        seed: as for :func:`hold_out`.

    Example:
        >>> from mxdigits.data.load import load_dataset
        >>> train, validation = hold_out_of(load_dataset("mnist"), 5000, seed=0)
        >>> len(train), len(validation)
        (55000, 5000)
    """
    every = len(dataset.train)
    own = dataset.mixed_from[0].images if dataset.mixed_from else every
    learn, validate = hold_out(own, held, seed)
    return np.concatenate([learn, np.arange(own, every)]), validate
