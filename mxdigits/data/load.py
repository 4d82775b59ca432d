"""From a data set's name to its images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..errors import DataError, naming
from ..plugins.registry import DATASETS
from ..wording import Say
from .dataset import Dataset
from .making import make_dataset


def load_dataset(
    name: str,
    options: Mapping[str, object] | None = None,
    say: Say = lambda text: None,
    *,
    untested: bool = False,
) -> Dataset:
    """A registered data set, read and checked.

    Args:
        name: of the data set.
        options: its own options.
        say: called with what a user should know of how it was read.
        untested: it may be without images to test with, as a part of a mix may.

    Raises:
        UsageError: for an unknown name or option.
        PluginError: if its plugin cannot be loaded or fails.
        DataError: if it is missing, damaged or contradicts itself.

    Example:
        >>> mnist = load_dataset("mnist")
        >>> mnist.train.images.shape, len(mnist.test)
        ((60000, 1, 28, 28), 10000)
    """
    made = DATASETS.make(name, options or {})
    lacks = isinstance(made, Dataset) and not len(made.test)
    if lacks and not untested:
        raise DataError(
            f"data set {name!r} has no images to test with; only a part of a mix may lack them"
        )
    with naming(f"data set {name!r} ({DATASETS.entry(name)}) gave what cannot be read"):
        # The training images take their place while the rest is checked.
        dataset = make_dataset(name, replace(made, test=made.train) if lacks else made)
    for note in dataset.notes:
        say(note)
    return replace(dataset, test=dataset.test[:0]) if lacks else dataset
