"""Data for a trained network: read like the data of its run, with the network's labels."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np

from ..data.dataset import Dataset, Split
from ..data.idx_folder import holds_idx
from ..data.load import load_dataset
from ..data.npz import is_npz
from ..data.parts import first_of
from ..data.tables import what_instead_of
from ..errors import DataError, UsageError
from ..plugins.registry import DATASETS
from ..values import Options
from ..wording import Say, some_of

UNKNOWN = -1  # the label of an image whose class the network does not know

# Data sets whose classes have names, even if the names are numbers.
_NAMED = ("mnist", "folder")


@dataclass(frozen=True)
class RunData:
    """How a run's data were read, to read other data in the same way.

    ``name`` and ``options`` are those of the recipe's data set, ``classes`` the names of the
    network's outputs; ``say`` is told which options were taken over, and what was guessed.

    >>> data = RunData("mnist", {}, tuple("0123456789"), print)
    >>> data.load().image_shape
    (1, 28, 28)
    """

    name: str
    options: Options
    classes: tuple[str, ...]
    say: Say = field(compare=False)

    @property
    def transposed(self) -> bool:
        """Whether the images of IDX files are to be transposed."""
        name, options = first_of(self.name, self.options)
        return name == "idx" and options.get("transpose") is True

    def load(self, wanted: Optional[str] = None, given: Optional[Options] = None) -> Dataset:
        """Load a data set with the network's labels; unknown classes give :data:`UNKNOWN`.

        Args:
            wanted: a registered data set, or a folder of IDX files or pictures; by default the
                run's own data set.
            given: options for it; those left out are as in the run, if it was trained on the same
                kind of data set.

        Raises:
            UsageError: if there is neither such a folder nor such a data set.
            MxdigitsError: if it cannot be read.
        """
        name, options = self._chosen(wanted, given or {})
        dataset = load_dataset(name, options, self.say)
        places = self._by_name(dataset)
        if name not in _NAMED and _unnamed(dataset) and set(places) == {UNKNOWN}:
            places = self._by_place(dataset)
        return dataset.relabelled(self.classes, places)

    def check_known(self, name: str, split: Split) -> None:
        """Refuse a part of the data set ``name`` that has images of classes unknown to the network.

        Raises:
            DataError: if it has such images.
        """
        unknown = int((split.labels == UNKNOWN).sum())
        if unknown:
            raise DataError(
                f"{name}: {unknown} of {len(split)} images are of no class that the network knows; "
                f"it knows {some_of(self.classes, 20)}"
            )

    def _chosen(self, wanted: Optional[str], given: Options) -> tuple[str, dict[str, object]]:
        if wanted is None:
            return self.name, {**self.options, **given}
        if not wanted:  # as a path it would be the current folder
            raise UsageError("the name of the data is empty")
        if os.path.isdir(wanted) and not ("path" in given and wanted in DATASETS):
            name = "idx" if holds_idx(Path(wanted)) else "folder"
            given = {"path": wanted, **given}
        elif is_npz(Path(wanted)) and os.path.isfile(wanted):
            name, given = "npz", {"path": wanted, **given}
        elif wanted in DATASETS:
            name = wanted
        else:
            raise UsageError(f"--data: {_no_data(wanted)}")
        first, options = first_of(self.name, self.options)
        own = {first: options, self.name: self.options}.get(name, {})
        taken = {key: each for key, each in own.items() if key not in given}
        if taken:
            told = [f"{key}={json.dumps(each, default=str)}" for key, each in taken.items()]
            name_ = given.get("path", wanted)
            self.say(f"{name_} is read with the options of the run's data: {' '.join(told)}")
        return name, {**taken, **given}

    def _by_name(self, dataset: Dataset) -> list[int]:
        """The network's label for each label of a data set, by the names of the classes."""
        known = {name: place for place, name in enumerate(self.classes)}
        return [known.get(name, UNKNOWN) for name in dataset.classes]

    def _by_place(self, dataset: Dataset) -> list[int]:
        """The network's label for each label of a data set whose classes have only numbers.

        Raises:
            DataError: if the labels begin above 0, and would fit if they began at 0.
        """
        labels = np.concatenate([split.labels for split in dataset.parts.values()])
        low, high, known = int(labels.min()), int(labels.max()), len(self.classes)
        first = self.classes[0]
        if low > 0 and high - low < known <= high:
            raise DataError(
                f"{dataset.name}: the labels are {low} to {high}, and the network knows {known} "
                f"classes; if {low} is {first}, write first_label={low}"
            )
        self.say(
            f"{dataset.name} has no names for its classes: label 0 counts as {first}, and so on"
        )
        return [label if label < known else UNKNOWN for label in range(len(dataset.classes))]


def _unnamed(dataset: Dataset) -> bool:
    return dataset.classes == tuple(map(str, range(len(dataset.classes))))


def _no_data(wanted: str) -> str:
    """Why what was given as data cannot be read."""
    if os.path.isfile(wanted):
        instead = what_instead_of(Path(wanted)) or "; name a folder or an NPZ file"
        return f"{wanted} is a file, and no NPZ file{instead}"
    if os.path.exists(wanted):
        return f"{wanted} is a pipe or a device, which is not opened; write it to a file first"
    if wanted.lstrip().startswith("{"):
        return f"options come after the name: write --data idx path=FOLDER, not {wanted}"
    return (
        f"there is no folder {wanted}, nor a data set of that name; mxdigits datasets lists those"
    )
