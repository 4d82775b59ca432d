"""What many tests read, read once in each process."""

from __future__ import annotations

from functools import cache

from mxdigits.arrays import Bytes
from mxdigits.data.dataset import Dataset
from mxdigits.data.mnist import _read, mnist


@cache
def mnist_once() -> Dataset:
    """MNIST; nobody can write into its images."""
    data = mnist()
    for split in (data.train, data.test):
        split.images.flags.writeable = False
    return data


@cache
def file_of_mnist(name: str, dims: int) -> Bytes:
    """What one of its files holds, which nobody can write into."""
    array = _read(name, dims)
    array.flags.writeable = False
    return array
