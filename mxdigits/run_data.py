"""Data for a run that is used again: read as its own were, with labels that its network knows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Optional

import numpy as np

from .data.dataset import Dataset, Split
from .data.idx_folder import holds_idx
from .data.load import load_dataset
from .errors import DataError, UsageError
from .registry import DATASETS

Say = Callable[[str], None]

UNKNOWN = -1  # the label of an image whose class the network does not know


@dataclass(frozen=True)
class RunData:
    """What a run was trained on, for reading other data in the same way.

    ``name`` and ``options`` are those of the recipe's data set, ``classes`` the names of the
    network's outputs; ``say`` is called with what was taken over or guessed.
    """

    name: str
    options: Mapping[str, Any]
    classes: tuple[str, ...]
    say: Say = field(compare=False)

    @property
    def transposed(self) -> bool:
        """Whether IDX files are to be turned."""
        return self.name == "idx" and self.options.get("transpose") is True

    def load(
        self, wanted: Optional[str] = None, given: Optional[Mapping[str, Any]] = None
    ) -> Dataset:
        """A data set with the network's labels; an image of an unknown class has :data:`UNKNOWN`.

        Args:
            wanted: a registered data set, or a folder of IDX files or pictures; by default the
                run's own data set.
            given: options for it; what they leave out is as in the run, if that was trained on
                the same kind of data set.

        Raises:
            UsageError: if there is neither such a folder nor such a data set.
            MxdigitsError: if it cannot be read.
        """
        name, options = self._chosen(wanted, given or {})
        return _labelled(load_dataset(name, options, self.say), self.classes, self.say)

    def check_known(self, name: str, split: Split) -> None:
        """Whether the network knows the class of every image of a part of the data set ``name``.

        Raises:
            DataError: if not.
        """
        unknown = int((split.labels == UNKNOWN).sum())
        if unknown:
            known = ", ".join(self.classes[:20]) + ", ..." * (len(self.classes) > 20)
            raise DataError(
                f"{name}: {unknown} of {len(split)} images are of no class that the network knows; "
                f"it knows {known}"
            )

    def _chosen(
        self, wanted: Optional[str], given: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        if wanted is None:
            return self.name, {**self.options, **given}
        named = wanted in DATASETS.names()
        if os.path.isdir(wanted) and not (named and "path" in given):
            name = "idx" if holds_idx(Path(wanted)) else "folder"
            given = {"path": wanted, **given}
        elif named:
            name = wanted
        else:
            raise UsageError(f"there is no folder {wanted}, nor a data set of that name")
        taken = {}
        if name == self.name:
            taken = {key: each for key, each in self.options.items() if key not in given}
        if taken:
            told = " ".join(f"{key}={json.dumps(each, default=str)}" for key, each in taken.items())
            self.say(f"{given.get('path', wanted)} is read as the run's own data: {told}")
        return name, {**taken, **given}


def _labelled(dataset: Dataset, classes: tuple[str, ...], say: Say) -> Dataset:
    """The data set with the labels of the network, which may know other classes, or in other order.

    The names of the classes decide. Where a data set has only numbers from 0 for names, and the
    network's are none of them, its labels are the places of the network's classes.

    Raises:
        DataError: if they would be, were they not counted from another number than 0.
    """
    if dataset.classes == classes:
        return dataset
    known = {name: place for place, name in enumerate(classes)}
    places = [known.get(name, UNKNOWN) for name in dataset.classes]
    used = np.unique(np.concatenate([split.labels for split in dataset.parts.values()])).tolist()
    if _unnamed(dataset) and all(places[label] == UNKNOWN for label in used):
        low, high = used[0], used[-1]
        if low > 0 and high - low < len(classes) <= high:
            raise DataError(
                f"{dataset.name}: the labels are {low} to {high}, and the network knows "
                f"{len(classes)} classes; where label {low} is {classes[0]}, write first_label={low}"
            )
        say(f"{dataset.name} names no classes: label 0 counts as {classes[0]}, and so on")
        places = [place if place < len(classes) else UNKNOWN for place in range(len(places))]
    lookup = np.array(places, np.int64)
    parts = {
        part: Split(split.images, lookup[split.labels]) for part, split in dataset.parts.items()
    }
    return replace(
        dataset,
        classes=classes,
        train=parts["train"],
        test=parts["test"],
        validation=parts.get("validation"),
    )


def _unnamed(dataset: Dataset) -> bool:
    return dataset.classes == tuple(map(str, range(len(dataset.classes))))
