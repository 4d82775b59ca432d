"""The checks of data sets."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Callable, Optional

import numpy as np

from ..backends.mxnet.runtime import seed_everything
from ..data.dataset import Dataset
from ..data.making import as_array, check_channels, make_dataset
from ..errors import DataError
from ..foreign import type_name
from ..plugins.entry import Entry
from ..plugins.registry import Registry
from ..values import Options
from .case import Case, claim, expect_settings_kept, in_fresh_process
from .digests import digest_of, digests_of_images
from .effects import seeds_set
from .loading import takes_keyword_options
from .results import Broken, Check, NotApplicable, vital


class DatasetCase(Case):
    """A data set to be checked; ``sizes`` are the numbers of images that it claims to have.

    >>> from mxdigits.registry import DATASETS
    >>> DatasetCase(DATASETS, DATASETS.entry("mnist"), {}, sizes=(60000, 10000)).dataset.image_shape
    (1, 28, 28)
    """

    def __init__(
        self,
        registry: Registry,
        entry: Entry,
        options: Options,
        sizes: Optional[tuple[int, int]] = None,
    ):
        super().__init__(registry, entry, options)
        self._given_sizes = sizes

    @property
    def sizes(self) -> Optional[tuple[int, int]]:
        return claim(self.factory, "sizes", self._given_sizes)

    @property
    def factory(self) -> Callable[..., object]:
        return self.registry.get(self.entry.name)

    def make(self) -> object:
        """What the factory returns, unchanged."""
        return self.registry.make(self.entry.name, self.options)

    @cached_property
    def made(self) -> object:
        """What the factory returned once, for all checks that do not change it."""
        return self.make()

    @cached_property
    def dataset(self) -> Dataset:
        """The data set in mxdigits' own form."""
        return make_dataset(self.entry.name, self.made)


@vital
def reads(case: DatasetCase) -> str:
    """The factory returns without an error.

    >>> from mxdigits.registry import DATASETS
    >>> reads(DatasetCase(DATASETS, DATASETS.entry("mnist"), {})).startswith("in ")
    True
    """
    _ = case.settings_before
    began = time.perf_counter()
    _ = case.made
    seconds = time.perf_counter() - began
    case.figures["read_seconds"] = round(seconds, 3)
    return f"in {seconds:.2f} s"


@vital
def returns_both_splits(case: DatasetCase) -> None:
    """It returns a mapping with `train`, `test`, perhaps `validation`, each images and labels.

    >>> from mxdigits.registry import DATASETS
    >>> returns_both_splits(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    made = _mapping(case)
    if not isinstance(made, Mapping):
        raise Broken(type_name(made), 'return {"train": (images, labels), "test": ...}')
    for part in ("train", "test"):
        if part not in made:
            raise Broken(f"no {part!r}, but {', '.join(map(repr, made))}", f"add {part!r}")
    for part in _parts(case):
        try:
            _pair(case, part)
        except (TypeError, ValueError):
            raise Broken(
                f"{part}: {type_name(made[part])}", "give a pair: (images, labels)"
            ) from None


@vital
def images_are_bytes(case: DatasetCase) -> str:
    """Images are uint8 of shape (N, H, W) or (N, C, H, W), at least one.

    >>> from mxdigits.registry import DATASETS
    >>> images_are_bytes(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    'train 60000x1x28x28, test 10000x1x28x28'
    """
    for part in _parts(case):
        images = as_array(_pair(case, part)[0])
        if images.dtype != np.uint8 or images.ndim not in (3, 4) or not images.size:
            raise Broken(
                f"{part}: {images.dtype} of shape {images.shape}",
                "scale to 0 to 255 and write images.astype(np.uint8); channels come before height",
            )
        try:
            check_channels(part, images)
        except DataError as error:
            got, _, mend = str(error).partition("; ")
            raise Broken(got, mend) from None
    return f"train {_shape(case, 'train')}, test {_shape(case, 'test')}"


@vital
def labels_are_whole_numbers(case: DatasetCase) -> None:
    """Labels are integers of shape (N,), one for each image.

    >>> from mxdigits.registry import DATASETS
    >>> labels_are_whole_numbers(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    for part in _parts(case):
        images, labels = map(as_array, _pair(case, part))
        if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer):
            raise Broken(
                f"{part}: {labels.dtype} of shape {labels.shape} for {len(images)} images",
                "give the number of its class for each image, neither one-hot nor as text",
            )


@vital
def train_and_test_images_are_alike(case: DatasetCase) -> None:
    """The images of all parts have the same shape.

    >>> from mxdigits.registry import DATASETS
    >>> train_and_test_images_are_alike(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    shapes = {part: as_array(_pair(case, part)[0]).shape[1:] for part in _parts(case)}
    if len(set(shapes.values())) > 1:
        differing = ", ".join(f"{part} {shape}" for part, shape in shapes.items())
        raise Broken(differing, "scale or cut them to one shape")


@vital
def labels_fit_the_classes(case: DatasetCase) -> str:
    """`classes` are different names, or their number, and every label is one of them, from 0.

    >>> from mxdigits.registry import DATASETS
    >>> labels_fit_the_classes(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    '10 classes'
    """
    try:
        return f"{len(case.dataset.classes)} classes"
    except DataError as error:
        raise Broken(
            str(error), "count labels from 0, and let `classes` be as many as there are"
        ) from None


def covers_every_class(case: DatasetCase) -> None:
    """Every class has images to train on and images to test with.

    >>> from mxdigits.registry import DATASETS
    >>> covers_every_class(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    for part in ("train", "test"):
        labels = getattr(case.dataset, part).labels
        counts = np.bincount(labels, minlength=len(case.dataset.classes))
        missing = [name for name, count in zip(case.dataset.classes, counts) if not count]
        if missing:
            raise Broken(
                f"{part}: no image of {', '.join(missing)}",
                "shuffle before splitting, or leave the class out of `classes`",
            )


def pixels_use_the_range(case: DatasetCase) -> str:
    """Pixels are not all the same.

    >>> from mxdigits.registry import DATASETS
    >>> pixels_use_the_range(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    'train 0 to 255, test 0 to 255'
    """
    ranges = []
    for part, split in case.dataset.parts.items():
        images = split.images
        low, high = int(images.min()), int(images.max())
        if low == high:
            raise Broken(
                f"{part}: every pixel is {low}",
                "multiply fractions by 255 before astype(np.uint8)",
            )
        ranges.append(f"{part} {low} to {high}")
    return ", ".join(ranges)


def reading_sets_no_seed(case: DatasetCase) -> None:
    """Reading sets no global generator to a seed of its own.

    >>> from mxdigits.registry import DATASETS
    >>> reading_sets_no_seed(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    seeded = seeds_set(case.make)
    if seeded:
        raise Broken(
            f"{', '.join(seeded)} was seeded",
            "use a generator of your own: numpy.random.default_rng(seed)",
        )


def reading_keeps_settings(case: DatasetCase) -> None:
    """Reading changes no setting of NumPy, MXNet or the process.

    >>> from mxdigits.registry import DATASETS
    >>> reading_keeps_settings(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    expect_settings_kept(case)


def gives_the_same_bits_each_time(case: DatasetCase) -> None:
    """It gives the same images and labels again, whatever the seeds, also in another process.

    >>> from mxdigits.registry import DATASETS
    >>> case = DatasetCase(DATASETS, DATASETS.entry("mnist"), {})
    >>> gives_the_same_bits_each_time(case)  # doctest: +SKIP
    """
    mend = "draw from numpy.random.default_rng(seed), and sort what is listed or comes from a set"
    expected = digest_of(case.dataset)
    seed_everything(21)
    if digest_of(make_dataset(case.entry.name, case.make())) != expected:
        raise Broken("other bits in the same process", mend)
    if case.entry.factory is None:
        again = in_fresh_process(
            {"target": case.entry.target, "options": case.options}, PYTHONHASHSEED="21"
        )
        if "error" in again:
            raise Broken(f"in a fresh process: {again['error']}", "keep nothing between calls")
        if again["digest"] != expected:
            raise Broken("other bits in another process", mend)


def keeps_train_and_test_apart(case: DatasetCase) -> None:
    """No image of another part is among those to train on, by the SHA-256 of its pixels.

    >>> from mxdigits.registry import DATASETS
    >>> keeps_train_and_test_apart(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    seen = set(digests_of_images(case.dataset.train.images))
    others = {part: split for part, split in case.dataset.parts.items() if part != "train"}
    for part, split in others.items():
        both = sum(each in seen for each in digests_of_images(split.images))
        if both:
            raise Broken(
                f"{both} of {len(split)} {part} images are also in train",
                "remove duplicates before splitting, and split once",
            )


def has_the_sizes_it_claims(case: DatasetCase) -> str:
    """There are as many images to train on and to test with as it claims in `sizes`.

    >>> from mxdigits.registry import DATASETS
    >>> has_the_sizes_it_claims(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    '60000 and 10000'
    """
    got = len(case.dataset.train), len(case.dataset.test)
    if case.sizes is None:
        raise NotApplicable(f"it claims no sizes; they are {got[0]} and {got[1]}")
    if tuple(case.sizes) != got:
        raise Broken(
            f"{got[0]} and {got[1]}, and not {case.sizes[0]} and {case.sizes[1]}",
            "correct the claim, or look for the images that are missing",
        )
    return f"{got[0]} and {got[1]}"


def hashes_are_sha256(case: DatasetCase) -> None:
    """`hashes` maps names of files to their SHA-256, 64 hexadecimal digits.

    >>> from mxdigits.registry import DATASETS
    >>> hashes_are_sha256(DatasetCase(DATASETS, DATASETS.entry("mnist"), {}))
    """
    if not case.dataset.hashes:
        raise NotApplicable("it names no files")
    for file, digest in case.dataset.hashes.items():
        if not (isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)):
            raise Broken(f"{file}: {digest!r}", "write hashlib.sha256(content).hexdigest()")


READING: list[Check] = [
    takes_keyword_options,
    reads,
    returns_both_splits,
    images_are_bytes,
    labels_are_whole_numbers,
    train_and_test_images_are_alike,
    labels_fit_the_classes,
    covers_every_class,
    pixels_use_the_range,
    reading_sets_no_seed,
    reading_keeps_settings,
    gives_the_same_bits_each_time,
    keeps_train_and_test_apart,
    has_the_sizes_it_claims,
    hashes_are_sha256,
]


def _mapping(case: DatasetCase) -> Any:
    return vars(case.made) if isinstance(case.made, Dataset) else case.made


def _parts(case: DatasetCase) -> list[str]:
    own = _mapping(case).get("validation") is not None
    return ["train", "test", *["validation"] * own]


def _pair(case: DatasetCase, part: str) -> tuple[object, object]:
    pair = _mapping(case)[part]
    images, labels = (pair.images, pair.labels) if hasattr(pair, "images") else pair
    return images, labels


def _shape(case: DatasetCase, part: str) -> str:
    return "x".join(map(str, as_array(_pair(case, part)[0]).shape))
