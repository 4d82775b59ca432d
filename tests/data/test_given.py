"""Images and labels as other people's scripts have them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from mxdigits.data.dataset import Split
from mxdigits.data.given import given_images, given_split
from mxdigits.errors import DataError

BYTES = np.random.default_rng(0).integers(0, 256, (7, 1, 6, 5)).astype(np.uint8)
BYTES[0, 0, 0, :2] = 0, 255
LABELS = np.arange(7) % 3
FLOATS = BYTES / 255


def same(split: Split) -> None:
    np.testing.assert_array_equal(split.images, BYTES)
    np.testing.assert_array_equal(split.labels, LABELS)
    assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize(
    "images",
    [
        BYTES,
        BYTES[:, 0],
        FLOATS,
        FLOATS.astype(np.float32),
        FLOATS + 1e-7,
        BYTES.astype(np.int64),
        BYTES.astype(np.float64),  # as fetch_openml gives MNIST
        BYTES.tolist(),
    ],
)
@pytest.mark.parametrize(
    "labels", [LABELS, LABELS.astype(np.float32), LABELS[:, None], LABELS.tolist()]
)
def test_arrays_of_any_numbers(images, labels):
    same(given_split("train", (images, labels)))
    same(given_split("train", [images, labels]))


@cases(st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4))
def test_floats_become_the_nearest_level(values):
    found = given_images("predict", np.array(values, np.float32).reshape(1, 2, 2))
    exact = np.float64(values).reshape(found.shape) * 255
    assert np.abs(found - exact).max() <= 0.5 + 1e-4


def test_masks_are_black_and_white():
    mask = BYTES > 127
    np.testing.assert_array_equal(given_images("predict", mask), mask * np.uint8(255))


def test_bytes_are_not_copied():
    assert np.shares_memory(given_images("predict", BYTES), BYTES)


class Samples:
    """A data set as Gluon and PyTorch have them: by number, with a length, and not iterable."""

    __iter__ = None

    def __len__(self):
        return 7

    def __getitem__(self, i):
        return FLOATS[i], int(LABELS[i])


def batches(size=3):
    for at in range(0, 7, size):
        yield FLOATS[at : at + size], LABELS[at : at + size]


@pytest.mark.parametrize(
    "loader",
    [
        batches(),
        batches(size=7),
        list(batches()),
        list(batches(size=4)),  # two of them: no pair of images and labels
        zip(FLOATS, LABELS),
        Samples(),
    ],
)
def test_what_gives_batches_or_samples_is_read_to_its_end(loader):
    same(given_split("train", loader))


@pytest.mark.mxnet
def test_what_mxnet_brings():
    from mxdigits import import_mxnet

    mx = import_mxnet()
    images, labels = mx.nd.array(FLOATS), mx.nd.array(LABELS)
    same(given_split("train", (images, labels)))
    samples = mx.gluon.data.ArrayDataset(images, LABELS.astype(np.float32))
    same(given_split("train", samples))
    same(given_split("train", mx.gluon.data.DataLoader(samples, batch_size=3)))
    iterator = mx.io.NDArrayIter(FLOATS, LABELS, batch_size=3)  # it fills its last batch up
    next(iterator)
    same(given_split("train", iterator))


def test_what_pytorch_brings():
    torch = pytest.importorskip("torch")
    images, labels = torch.tensor(FLOATS, requires_grad=True), torch.tensor(LABELS)
    same(given_split("train", (images, labels)))
    samples = torch.utils.data.TensorDataset(images.detach(), labels)
    same(given_split("train", torch.utils.data.DataLoader(samples, batch_size=3)))


ONE_HOT = np.eye(3)[LABELS]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            (FLOATS * 2 - 1, LABELS),
            "images must be bytes from 0 to 255 or floats from 0 to 1, these are float64 from -1 "
            "to 1; of images that were standardised give those before, and let the network's first "
            "layer standardise them",
        ),
        (
            (FLOATS * 16.5, LABELS),
            "images must be bytes from 0 to 255 or floats from 0 to 1, these are float64 from 0 to "
            "16.5; of images that were standardised give those before, and let the network's first "
            "layer standardise them",
        ),
        (
            (np.full((7, 6, 5), np.nan), LABELS),
            "images must be bytes from 0 to 255 or floats from 0 to 1, these are float64 from nan "
            "to nan; of images that were standardised give those before, and let the network's "
            "first layer standardise them",
        ),
        (
            (BYTES.astype(np.int32) // 16, LABELS),
            "the largest pixel is 15, and white is 255; multiply images of 0 to 15 by 17",
        ),
        (
            (np.zeros((7, 28, 28, 1)), LABELS),
            "images of shape (7, 28, 28, 1) seem to have their channels last; write "
            "images.transpose(0, 3, 1, 2), or of a data set of Gluon or PyTorch have it "
            "transformed by ToTensor()",
        ),
        (
            (FLOATS.reshape(7, 30), LABELS),
            "images must be uint8 of shape (N, H, W) or (N, C, H, W), got float64 of shape (7, "
            "30); write images.reshape(-1, H, W) with their height and width",
        ),
        ((FLOATS, LABELS + 0.5), "labels must be whole numbers, the number of each image's class"),
        (
            (FLOATS, ONE_HOT),
            "labels must be integers of shape (N,), got float64 of shape (7, 3); of one column a "
            "class write labels.argmax(axis=1)",
        ),
        ((FLOATS, LABELS[:-1]), "7 images but 6 labels"),
        ((FLOATS,), "expected a pair (images, labels)"),
        (3, "expected a pair (images, labels), or what gives such batches"),
        (iter([]), "the list_iterator gives nothing; if it was read before, make it anew"),
        (iter([FLOATS]), "expected pairs (images, labels), got ndarray"),
        (
            iter([(FLOATS, LABELS), (FLOATS[..., 1:], LABELS)]),
            "its batches are not alike: images of shape (N, 1, 6, 5) in the first, of (N, 1, 6, 4) "
            "in another",
        ),
        (
            iter([(FLOATS, LABELS), (FLOATS, ONE_HOT)]),
            "its batches are not alike: labels of shape (N,) in the first, of (N, 3) in another",
        ),
        (iter([(3, [1, 2])]), "2 labels came with one number in place of images"),
    ],
)
def test_what_is_neither_is_told_in_a_sentence(wrong, told):
    with pytest.raises(DataError) as caught:
        given_split("train", wrong)
    assert str(caught.value) == f"train: {told}"
