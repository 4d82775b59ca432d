"""Hashes of images, to tell whether two are the same bytes."""

from __future__ import annotations

import hashlib
from typing import Any

from ..data.dataset import Dataset


def digest_of(dataset: Dataset) -> str:
    """The SHA-256 of all images and labels of a data set, and of the names of its classes."""
    digest = hashlib.sha256(repr(dataset.classes).encode())
    for split in dataset.parts.values():
        for array in (split.images, split.labels):
            digest.update(repr(array.shape).encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def digests_of_images(images: Any) -> list[bytes]:
    """A hash for each image of (N, C, H, W)."""
    return [hashlib.sha256(image.tobytes()).digest() for image in images]
