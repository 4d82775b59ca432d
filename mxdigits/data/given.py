"""Converts images and labels of users' scripts to mxdigits' own form.

It takes arrays of any library, floats from 0 to 1, and iterables of batches or samples. For
plugins' data sets, the stricter :func:`~mxdigits.data.making.as_split` is used instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Union

import numpy as np

from ..arguments import quoted
from ..arrays import AnyArray, Images
from ..errors import DataError
from ..foreign import describe
from ..values import Unchecked
from .dataset import Dataset, Split
from .images import check_brightness
from .making import as_array, as_images, as_split

# Images and their labels: a pair of arrays, or an iterable of pairs, batches or samples.
Labelled = Union[Split, tuple[object, object], Iterable[object]]

_ROUNDING = 1e-6  # how far floats may lie below 0 or above 1


def given_split(where: str, given: Labelled) -> Split:
    """Images with labels in mxdigits' own form.

    Args:
        where: their name for messages.
        given: a :class:`Split`; a pair of images, as for :func:`given_images`, and labels, whole
            numbers (N,); or an iterable of such pairs (batches or samples), such as a DataLoader of
            Gluon or PyTorch or an iterator of ``mx.io``. It is read once, to its end.

    Raises:
        DataError: if it is none of these.

    Example:
        >>> floats = np.full((4, 28, 28), 1.0), np.array([0.0, 1.0, 2.0, 3.0])
        >>> split = given_split("train", floats)
        >>> split.images.shape, int(split.images.max()), split.labels
        ((4, 1, 28, 28), 255, array([0, 1, 2, 3]))
        >>> batches = ((images, labels) for images, labels in [floats, floats])
        >>> len(given_split("train", batches))
        8
    """
    if isinstance(given, Split):
        return as_split(where, given)
    images, labels = _pair(where, given)
    return as_split(
        where, (given_images(where, images), whole_labels(where, _array(where, labels)))
    )


def given_images(where: str, images: object) -> Images:
    """Images in mxdigits' own form, uint8 (N, C, H, W).

    Args:
        where: their name for messages.
        images: (N, H, W) or (N, C, H, W): bytes, whole numbers from 0 to 255, or floats from 0 to
            1, which are rounded to 256 levels.

    Raises:
        DataError: if they are anything else.

    Example:
        >>> given_images("predict", np.array([[[0.0, 0.5, 1.0]]])).tolist()
        [[[[0, 128, 255]]]]
    """
    array = _array(where, images)
    if array.ndim not in (3, 4) or array.dtype.kind not in "buif":
        return as_images(where, array)  # raises an error that says what is wrong
    return as_images(where, array if array.dtype == np.uint8 else _bytes(where, array))


def _bytes(where: str, array: AnyArray) -> AnyArray:
    if not array.size:
        return array.astype(np.uint8)
    low, high = float(array.min()), float(array.max())
    floats = not np.issubdtype(array.dtype, np.integer)
    if floats and low >= -_ROUNDING and high <= 1 + _ROUNDING:
        rounded: AnyArray = np.rint(np.clip(array, 0, 1) * 255.0).astype(np.uint8)
        return rounded
    if low < 0 or not high <= 255 or (floats and not (array == np.rint(array)).all()):
        raise DataError(
            f"{where}: images must be bytes from 0 to 255 or floats from 0 to 1, these are "
            f"{array.dtype} from {low:g} to {high:g}; of images that were standardised give those "
            "before, and let the network's first layer standardise them"
        )
    check_brightness(where, int(high))
    return array.astype(np.uint8)


def whole_labels(where: str, labels: AnyArray) -> AnyArray:
    """Labels as integers of shape (N,), from integers or whole floats of shape (N,) or (N, 1).

    Args:
        where: their name for messages.
        labels: (N,) or (N, 1).

    Raises:
        DataError: if they are not whole numbers; it says what to do with one column per class, and
            with names.

    Example:
        >>> whole_labels("train", np.array([[7.0], [2.0]]))
        array([7, 2])
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 1 and labels.dtype.kind in "fu":
        with np.errstate(invalid="ignore"):
            whole: AnyArray = labels.astype(np.int64)
        if (labels == whole).all():
            return whole
        raise DataError(f"{where}: labels must be whole numbers, the number of each image's class")
    if labels.ndim == 1 and labels.dtype.kind == "i":
        return labels
    how = "; of one column a class write labels.argmax(axis=1)" if labels.ndim == 2 else ""
    if labels.dtype.kind == "U":
        how = "; of names write numpy.unique(labels, return_inverse=True)[1]"
    raise DataError(
        f"{where}: labels must be integers of shape (N,), got {labels.dtype} of shape "
        f"{labels.shape}{how}"
    )


def _pair(where: str, given: object) -> tuple[object, object]:
    """Images and labels, from one pair or from an iterable of pairs."""
    batches = isinstance(given, list) and given and all(isinstance(x, tuple) for x in given)
    if isinstance(given, (tuple, list)) and not batches:
        if len(given) != 2:
            raise DataError(f"{where}: expected a pair (images, labels)")
        return given[0], given[1]
    if isinstance(given, Dataset):
        raise DataError(f"{where}: a Dataset has several parts; give one, such as its train")
    if not isinstance(given, Iterable) and not hasattr(given, "__getitem__"):
        raise DataError(f"{where}: expected a pair (images, labels), or what gives such batches")
    pieces = [_batch(where, each) for each in _read(given)]
    if not pieces:
        raise DataError(
            f"{where}: the {type(given).__name__} gives nothing; if it was read before, make it "
            "anew"
        )
    images, labels = zip(*pieces)
    return _joined(where, "images", images), _joined(where, "labels", labels)


def _joined(where: str, what: str, batches: Sequence[AnyArray]) -> AnyArray:
    first = batches[0].shape[1:]
    other = next((each.shape[1:] for each in batches if each.shape[1:] != first), None)
    if other is not None:
        raise DataError(
            f"{where}: its batches are not alike: {what} of shape {_batch_shape(first)} in the "
            f"first, of {_batch_shape(other)} in another"
        )
    return np.concatenate(batches)


def _batch_shape(of_one: Sequence[int]) -> str:
    """The shape of a batch in words, from the shape of one of its samples."""
    return f"(N, {', '.join(map(str, of_one))})" if of_one else "(N,)"


def _read(given: Unchecked) -> Iterator[object]:
    """All that a loader gives, to its end; an iterator of ``mx.io`` is first reset."""
    if hasattr(given, "reset") and hasattr(given, "provide_data"):
        given.reset()
    if isinstance(given, Iterable):
        return iter(given)
    return (given[i] for i in range(len(given)))  # a data set of Gluon or PyTorch


def _batch(where: str, piece: Unchecked) -> tuple[AnyArray, AnyArray]:
    """A batch of images and labels; a sample becomes a batch of one."""
    filling = 0
    if hasattr(piece, "data") and hasattr(piece, "pad"):  # mx.io.DataBatch
        filling = piece.pad or 0
        piece = piece.data[0], piece.label[0]
    try:
        images, labels = piece
    except (TypeError, ValueError):
        raise DataError(
            f"{where}: expected pairs (images, labels), got {type(piece).__name__}"
        ) from None
    images, labels = _array(where, images), _array(where, labels)
    if not labels.ndim:
        return images[None], labels[None]
    if not images.ndim:
        raise DataError(f"{where}: {len(labels)} labels came with one number in place of images")
    return images[: len(images) - filling], labels[: len(labels) - filling]


def _array(where: str, value: Unchecked) -> AnyArray:
    """An array of any library as a NumPy array."""
    try:
        array = as_array(value)
    except Exception as error:  # any library's
        raise DataError(f"{where}: expected an array: {describe(error)}") from None
    if not array.ndim and array.dtype.kind in "OSUV":  # NumPy's array of an object that is no list
        raise DataError(f"{where}: expected an array, got {quoted(value)}")
    return array
