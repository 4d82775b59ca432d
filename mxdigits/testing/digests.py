"""Hashes of images, to tell whether two images have the same bytes."""

from __future__ import annotations

import hashlib

from ..arrays import Images
from ..data.dataset import Dataset


def digest_of(dataset: Dataset) -> str:
    """The SHA-256 of all images and labels of a data set, and of the names of its classes.

    >>> from mxdigits.data.load import load_dataset
    >>> digest_of(load_dataset("mnist"))[:8]
    'cc53fdbe'
    """
    digest = hashlib.sha256(repr(dataset.classes).encode())
    for split in dataset.parts.values():
        for array in (split.images, split.labels):
            digest.update(repr(array.shape).encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def digests_of_images(images: Images) -> list[bytes]:
    """A hash for each image of (N, C, H, W).

    >>> import numpy as np
    >>> one, other = digests_of_images(np.zeros((2, 1, 28, 28), np.uint8))
    >>> one == other
    True
    """
    return [hashlib.sha256(image.tobytes()).digest() for image in images]
