"""Loads a data set by its name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..arguments import as_function, as_name
from ..errors import DataError, UsageError
from ..foreign import naming
from ..plugins.registry import DATASETS
from ..wording import Say, say_nothing
from .dataset import Dataset
from .idx_folder import holds_idx
from .making import make_dataset
from .npz import is_npz
from .oddities import oddities
from .tables import what_instead_of


def load_dataset(
    name: str,
    options: Mapping[str, object] | None = None,
    say: Say = say_nothing,
    *,
    untested: bool = False,
) -> Dataset:
    """Read and check a registered data set.

    Args:
        name: the name of the data set.
        options: its own options.
        say: called with each line for the user about how it was read.
        untested: whether it may lack test images, as a part of a mix may.

    Raises:
        UsageError: for an unknown name or option, or an argument of another type.
        PluginError: if its plugin cannot be loaded or fails.
        DataError: if it is missing, damaged or contradicts itself.

    Example:
        >>> mnist = load_dataset("mnist")
        >>> mnist.train.images.shape, len(mnist.test)
        ((60000, 1, 28, 28), 10000)
    """
    name = os.fspath(name) if isinstance(name, os.PathLike) else name
    as_name("load_dataset: the name of a data set", name)
    as_function("say", say)
    if name not in DATASETS:
        raise UsageError(unknown_dataset(name))
    made = DATASETS.make(name, options or {})
    lacks = isinstance(made, Dataset) and not len(made.test)
    if lacks and not untested:
        raise DataError(
            f"data set {name!r} has no images to test with; only a part of a mix may lack them"
        )
    with naming(f"{DATASETS.owner(name, options or {})} gave what cannot be read"):
        # The training images serve as test images while the rest is checked.
        dataset = make_dataset(name, replace(made, test=made.train) if lacks else made)
    for note in (*dataset.notes, *oddities(dataset)):
        say(note)
    return replace(dataset, test=dataset.test[:0]) if lacks else dataset


def unknown_dataset(name: str) -> str:
    """The error message for an unknown name; for a folder or an NPZ file, how to read it.

    Example:
        >>> os.makedirs("mine/3")
        >>> unknown_dataset("mine")
        "unknown data set 'mine'; to read that folder, write data: {name: folder, path: mine}"
    """
    path = Path(os.path.expanduser(name or os.devnull))  # an empty name is no folder
    try:
        is_folder, is_file = path.is_dir(), is_npz(path) and path.is_file()
        kind = ("idx" if holds_idx(path) else "folder") if is_folder else "npz" if is_file else ""
    except (OSError, ValueError, DataError):  # the name is too long, or access is denied
        kind = ""
    if not kind:
        instead = what_instead_of(path)
        return f"unknown data set {name!r}{instead}" if instead else DATASETS.unknown(name)
    what = "folder" if is_folder else "file"
    return (
        f"unknown data set {name!r}; to read that {what}, "
        f"write data: {{name: {kind}, path: {name}}}"
    )
