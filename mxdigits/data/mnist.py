"""MNIST: 70,000 handwritten digits, shipped with mxdigits (licence: ``mnist_idx/NOTICE``)."""

from __future__ import annotations

from pathlib import Path

from ..arrays import Bytes
from ..digitize.preprocessing import MNIST
from ..errors import DataError
from .dataset import Dataset
from .idx import read_idx
from .making import make_dataset

HOME = Path(__file__).with_name("mnist_idx")

# Of the uncompressed files, as LeCun, Cortes and Burges published them.
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def mnist() -> Dataset:
    """Handwritten digits, 28 x 28: 60,000 for training and 10,000 for testing.

    Raises:
        DataError: if one of the four files is missing, or differs from the published one in any
            byte.

    Example:
        >>> data = mnist()
        >>> data.train.images.shape, data.classes
        ((60000, 1, 28, 28), ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
    """
    return make_dataset(
        "mnist",
        {
            "train": (_read("train-images-idx3-ubyte", 3), _read("train-labels-idx1-ubyte", 1)),
            "test": (_read("t10k-images-idx3-ubyte", 3), _read("t10k-labels-idx1-ubyte", 1)),
            "classes": tuple("0123456789"),
            "hashes": SHA256,
            "preprocessing": MNIST,
        },
    )


mnist.sizes = (60_000, 10_000)  # type: ignore[attr-defined]  # for the conformance kit


def _read(name: str, dims: int) -> Bytes:
    try:
        return read_idx(HOME / f"{name}.gz", dims=dims, sha256=SHA256[name])[0]
    except DataError as error:
        raise DataError(f"{error}; the file comes with mxdigits: reinstall it") from None
