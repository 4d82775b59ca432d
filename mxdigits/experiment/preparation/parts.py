"""The images of a run: what it trains on, and what each epoch is evaluated on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...arrays import Labels
from ...backends.batches import sharded
from ...data.dataset import Dataset, Split
from ...data.hold_out import hold_out_of
from ...data.load import load_dataset
from ...errors import DataError, UsageError
from ...recipe.schema import Recipe
from ...wording import Say, some_of
from ...workers import Workers

_NAMED = 10  # most classes that a message names


class Parts(NamedTuple):
    """A data set, with the images for training and those on which each epoch is evaluated.

    Example:
        >>> Parts(dataset, dataset.train, dataset.test).train  # doctest: +SKIP
        Split(60000 images of (1, 28, 28))
    """

    dataset: Dataset
    train: Split
    validation: Split


def read_parts(recipe: Recipe, classes: Sequence[str], say: Say) -> Parts:
    """The data set of a recipe, divided as the recipe says.

    Args:
        recipe: names the data set and how many training images to hold out.
        classes: the order to use if the data set has just these classes; empty for its own order.
        say: told what was guessed, and which classes have no images.

    Raises:
        DataError: if the data set cannot be read, or there is nothing to learn from it.
        UsageError: if a part would be empty, or smaller than a batch.

    Example:
        >>> parts = read_parts(Recipe.make(model="mlp", validation=5000), (), lambda text: None)
        >>> len(parts.train), len(parts.validation), len(parts.dataset.test)
        (55000, 5000, 10000)
    """
    dataset = load_dataset(recipe.data.name, recipe.data.options, say).in_order_of(classes)
    train, validation = _splits(recipe, dataset, say)
    _check_taught(dataset, train, say)
    return Parts(dataset, train, validation)


def own_shard(recipe: Recipe, backend: str, train: Split, workers: Workers) -> Split:
    """The training images that this worker holds.

    Example:
        >>> recipe = Recipe.make(model="mlp", data={"name": "mnist", "shard": True})
        >>> train = load_dataset("mnist").train
        >>> len(own_shard(recipe, "mxnet", train, Workers(0, 2)))  # doctest: +SKIP
        30000
    """
    shards = sharded(
        len(train),
        recipe.data.batch_size,
        recipe.accumulate,
        recipe.seed,
        workers.count,
        backend=backend,
    )
    return train[shards[workers.rank]]


def _splits(recipe: Recipe, dataset: Dataset, say: Say) -> tuple[Split, Split]:
    """The images to train on, and those on which each epoch is evaluated."""
    train, validation = dataset.train, dataset.test
    if recipe.validation is not None and dataset.validation is not None:
        raise UsageError(
            f"validation: {recipe.validation} would hold out training images, and {dataset.name} "
            f"has a validation part of its own; write validation: null to use that"
        )
    if dataset.validation is not None:
        validation = dataset.validation
        say(f"validation: {len(validation)} images, the data set's own part")
    if recipe.validation is not None:
        own = dataset.mixed_from[0].images if dataset.mixed_from else len(train)
        learn, held = hold_out_of(dataset, recipe.validation, recipe.seed)
        if len(held) in (0, own):
            raise UsageError(
                f"validation: {recipe.validation} of {own} training images leaves "
                f"{own - len(held)} to train on and {len(held)} to validate on; "
                f"write {'less' if len(held) else 'more'}"
            )
        train, validation = train[learn], train[held]
    if recipe.data.batch_size > len(train):
        raise UsageError(
            f"data.batch_size: {recipe.data.batch_size} is more than the "
            f"{len(train)} images to train on; write at most {len(train)}"
        )
    return train, validation


def _check_taught(dataset: Dataset, train: Split, say: Say) -> None:
    """Say which tested classes have no training images; refuse data that teach nothing.

    Raises:
        DataError: if all training images are of one class, or no test image is of a class that
            has training images.
    """
    taught = np.unique(train.labels)
    names = dataset.classes
    if len(taught) == 1:
        raise DataError(
            f"{dataset.name}: all {len(train)} images to train on are of the class "
            f"{names[taught[0]]}; a network learns to tell two classes or more apart"
        )
    tested = np.unique(dataset.test.labels)
    if not np.isin(tested, taught).any():
        raise DataError(
            f"{dataset.name}: the images to train on are of the classes "
            f"{_some(names, taught)}, and those to test with of others: {_some(names, tested)}; "
            "call them alike"
        )
    asked = np.concatenate([split.labels for split in dataset.parts.values()])
    if len(missing := np.setdiff1d(asked, taught)):
        say(
            f"no image to train on shows {_some(names, missing)}; "
            "the network cannot learn what it is not shown"
        )


def _some(names: Sequence[str], labels: Labels) -> str:
    return some_of([names[label] for label in labels], _NAMED)
