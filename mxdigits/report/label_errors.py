"""Labels of a run's data that are probably wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

from ..arrays import Images, Integers, Labels, Pixels, Probabilities
from ..data.dataset import Dataset, Split
from ..data.hold_out import hold_out_of
from ..data.tiles import Tile
from ..errors import DataError, RecipeError
from ..predict.opening import (
    Amount,
    EvaluationRequest,
    open_evaluator,
    own_data,
    run_data,
    trained_network,
)
from ..predict.predictions import read_predictions
from ..runs.folder import RECIPE, RunFolder
from ..runs.trained import TrainedNetwork
from ..storage.strict_yaml import read
from ..wording import Say
from .confident_learning import LabelErrors, find_label_errors
from .out_of_fold import PredictedPart, out_of_fold


@dataclass(frozen=True)
class Suspect:
    """An image whose label is probably wrong.

    ``number`` is its place in the data set's part, from 0; ``share`` is the probability of its
    ``label``, ``suggested_share`` that of the class that it probably has.

    Example:
        >>> Suspect(149, "2", "7", 0.001, 0.98).line
        'label 2 0.1 %, probably 7 98.0 %'
    """

    number: int
    label: str
    suggested: str
    share: float
    suggested_share: float

    @property
    def line(self) -> str:
        """Both classes with their probabilities."""
        return (
            f"label {self.label} {100 * self.share:.1f} %, "
            f"probably {self.suggested} {100 * self.suggested_share:.1f} %"
        )


@dataclass(frozen=True, eq=False)
class Suspects:
    """The probably wrong labels in a part of a data set.

    ``part`` names the part; ``images`` are all images that were checked, uint8 (N, C, H, W), and
    ``suspects`` those whose label is probably wrong, the most probable first. ``numbers`` are the
    places of ``images`` in the data set's part; the suspects have the same numbers.

    Example:
        >>> found = read_suspects(Path("runs/mlp/a"), EvaluationRequest(), print)  # doctest: +SKIP
        >>> print(found.sentence)  # doctest: +SKIP
    """

    part: str
    images: Images
    numbers: Integers
    suspects: Sequence[Suspect]
    estimated: float

    @property
    def sentence(self) -> str:
        """How many labels are probably wrong, for people."""
        every, count = len(self.images), len(self.suspects)
        if not count:
            return f"no label of {self.part} looks wrong ({every} images)"
        verb = "looks" if count == 1 else "look"
        more = f", about {self.estimated:.0f} with images of which the network is unsure"
        return (
            f"{count} of {every} labels of {self.part} {verb} wrong"
            f"{more * (round(self.estimated) > count)}"
        )

    def image(self, suspect: Suspect) -> Pixels:
        """The image of a suspect, uint8 (C, H, W)."""
        image: Pixels = self.images[np.searchsorted(self.numbers, suspect.number)]
        return image

    def tiles(self, most: int) -> list[Tile]:
        """The first suspects as tiles of a contact sheet."""
        return [
            Tile(
                [image if len(image) in (1, 3) else image[:1]],
                [
                    f"image {each.number}",
                    f"label {each.label} {100 * each.share:.1f} %",
                    f"probably {each.suggested} {100 * each.suggested_share:.1f} %",
                ],
            )
            for each, image in ((each, self.image(each)) for each in self.suspects[:most])
        ]


def read_suspects(
    path: Path, request: EvaluationRequest, say: Say, predictions: Optional[Path] = None
) -> Suspects:
    """Find the labels of a data set that a run's network takes for wrong.

    Args:
        path: the run folder, or an ONNX file.
        request: the data set, the part of it, and the device. If the run's own data set has no part
            ``validation``, that means the images that the run held out. For a run of ``mxdigits
            folds``, ``test`` means the images of all folds, each predicted by the run that was
            tested on it.
        say: called with what a user should know, such as that the network has learnt from these.
        predictions: an NPZ file as ``mxdigits predict`` writes it, in place of the network's own.

    Raises:
        DataError: if ``predictions`` are not of these images.
        MxdigitsError: if the folder, the data or the device cannot be used.

    Example:
        >>> read_suspects(Path("runs/mlp/a"), EvaluationRequest(), print)  # doctest: +SKIP
    """
    trained = trained_network(path)
    own = request.data is None and not request.options and predictions is None
    folds = out_of_fold(path, trained, say) if own and request.split == "test" else None
    asked = folds or _predicted(path, request, trained, say, predictions)
    found = find_label_errors(asked.prob, asked.split.labels)
    suspects = _suspects(found, asked, trained.network.classes)
    return Suspects(asked.name, asked.split.images, asked.numbers, suspects, found.estimated)


def _predicted(
    path: Path,
    request: EvaluationRequest,
    trained: TrainedNetwork,
    say: Say,
    predictions: Optional[Path],
) -> PredictedPart:
    """The images of a part with predictions by the run's network, or from a file."""
    dataset = own_data(path, request, trained, say)
    part, split, numbers = _part(path, request, dataset)
    run_data(trained, say).check_known(dataset.name, split)
    if predictions is not None:
        prob = _given(predictions, split.labels, trained.network.classes)
    else:
        prob = open_evaluator(path, request, say, many=Amount(len(split))).predict(split.images)
        if request.data is None and request.split in ("train", "all"):
            say(
                "the network has learnt from these images: wrong labels that it learnt by heart "
                "do not show; give predictions of networks that have not learnt from them by "
                "--predictions"
            )
    return PredictedPart(f"{dataset.name} ({part})", split, numbers, prob)


def _part(path: Path, request: EvaluationRequest, dataset: Dataset) -> tuple[str, Split, Integers]:
    """The images to check: the name of their part, the images, and their numbers."""
    own = request.data is None and request.split == "validation" and dataset.validation is None
    held = _held_out(path) if own else None
    if held is None:
        split = dataset.part(request.split)
        return request.split, split, np.arange(len(split))
    _, numbers = hold_out_of(dataset, *held)
    return "train, held out", dataset.train[numbers], numbers


def _held_out(path: Path) -> Optional[tuple[float, int]]:
    """How much a run's recipe holds out, and its seed; None if it holds nothing out."""
    try:
        recipe = read(RunFolder(path).read_recipe(), RECIPE).value
    except RecipeError:
        return None
    if not isinstance(recipe, dict):
        return None
    wanted, seed = recipe.get("validation"), recipe.get("seed")
    if isinstance(wanted, (int, float)) and isinstance(seed, int):
        return wanted, seed
    return None


def _given(file: Path, labels: Labels, classes: Sequence[str]) -> Probabilities:
    prob = read_predictions(file, labels, classes)
    if prob is None:
        raise DataError(
            f"{file} holds no predictions of these {len(labels)} images, with their labels and "
            "the classes of the network, as mxdigits predict -o FILE.npz writes them"
        )
    return prob


def _suspects(found: LabelErrors, asked: PredictedPart, classes: Sequence[str]) -> list[Suspect]:
    labels, prob = asked.split.labels, asked.prob
    return [
        Suspect(
            int(asked.numbers[i]),
            classes[labels[i]],
            classes[other],
            float(prob[i, labels[i]]),
            float(prob[i, other]),
        )
        for i, other in zip(found.numbers.tolist(), found.suggested.tolist())
    ]
