"""What many tests read, read once in each process."""

from __future__ import annotations

from functools import cache

from mxdigits.data.dataset import Dataset
from mxdigits.data.mnist import mnist


@cache
def mnist_once() -> Dataset:
    """MNIST; nobody can write into its images."""
    data = mnist()
    for split in (data.train, data.test):
        split.images.flags.writeable = False
    return data
