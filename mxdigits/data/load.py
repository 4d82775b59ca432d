"""From a data set's name to its images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ..errors import naming
from ..plugins.registry import DATASETS
from .dataset import Dataset, make_dataset


def load_dataset(
    name: str,
    options: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Dataset:
    """A registered data set, read and checked.

    Args:
        name: of the data set.
        options: its own options.
        say: called with what a user should know of how it was read.

    Raises:
        UsageError: for an unknown name or option.
        PluginError: if its plugin cannot be loaded or fails.
        DataError: if it is missing, damaged or contradicts itself.
    """
    made = DATASETS.make(name, options or {})
    with naming(f"data set {name!r} ({DATASETS.entry(name)}) gave what cannot be read"):
        dataset = make_dataset(name, made)
    for note in dataset.notes:
        say(note)
    return dataset
