"""Predictions of all folds: each image is predicted by a network that has not learnt from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

from ..arrays import Integers, Probabilities
from ..data.dataset import Split
from ..data.folds import divided, load_fold_source
from ..data.parts import FOLD
from ..errors import RunFolderError
from ..predict.predictions import read_predictions
from ..runs.folder import RunFolder
from ..runs.group_files import GROUP
from ..runs.groups import runs_of
from ..runs.trained import TrainedNetwork
from ..values import Unchecked
from ..wording import Say


@dataclass(frozen=True, eq=False)
class PredictedPart:
    """Images of a data set with their labels and predictions.

    ``name`` is that of the part, ``numbers`` are the places of the images in it, (N,), ascending;
    ``prob`` are the probabilities of each class, (N, classes).

    Example:
        >>> split = Split(np.zeros((2, 1, 28, 28), np.uint8), np.array([0, 1]))
        >>> prob = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
        >>> PredictedPart("signs (test)", split, np.arange(2), prob).name
        'signs (test)'
    """

    name: str
    split: Split
    numbers: Integers
    prob: Probabilities


def out_of_fold(path: Path, trained: TrainedNetwork, say: Say) -> Optional[PredictedPart]:
    """Return the predictions of all folds of the group that a run belongs to.

    None if it is no such run, or if other runs or their predictions are missing.

    Args:
        path: the run's folder.
        trained: its record.
        say: told that these predictions are used.

    Raises:
        MxdigitsError: if the data set cannot be read.

    Example:
        >>> from mxdigits.runs.trained import NetworkForm, TrainedOn
        >>> network = NetworkForm((1, 28, 28), tuple("0123456789"))
        >>> trained = TrainedNetwork(TrainedOn("mnist"), network)
        >>> out_of_fold(Path("runs/mlp/a"), trained, print) is None
        True
    """
    if trained.data.name != FOLD:
        return None
    try:
        runs = runs_of(path.parent / GROUP)
    except RunFolderError:
        return None
    if path.resolve() not in [each.resolve() for each in runs]:
        return None
    options: Mapping[str, Unchecked] = trained.data.options
    classes = trained.network.classes
    source = load_fold_source(options["of"]).in_order_of(classes)
    parts = divided(source, len(runs), int(options.get("seed", 0)))
    prob = np.zeros((len(parts), len(classes)), np.float32)
    for fold, run in enumerate(runs):
        which = np.flatnonzero(parts == fold)
        file = RunFolder(run).predictions_file("npz")
        found = read_predictions(file, source.train.labels[which], classes)
        if found is None:
            return None
        prob[which] = found
    asked = np.flatnonzero(parts >= 0)
    say(
        f"the out-of-fold predictions of the {len(runs)} runs in {path.parent} are taken, of "
        f"{len(asked)} training images"
    )
    name = f"{source.name} (train, out of fold)"
    return PredictedPart(name, source.train[asked], asked, prob[asked])
