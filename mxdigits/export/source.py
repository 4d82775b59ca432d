"""Reads the network of a run, to export it, and the answers to compare exported files with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..arrays import Floats, Numbers
from ..data.dataset import Dataset
from ..errors import DataError
from ..graph.network_files import read_network_files
from ..graph.symbol_json import with_softmax
from ..predict.cards import CARD
from ..predict.opening import (
    EvaluationRequest,
    open_evaluator,
    own_data,
    run_data,
    trained_preprocessing,
)
from ..runs.description import Description
from ..runs.folder import RunFolder
from ..wording import Say
from .formats import Network
from .structure import structural_names


@dataclass(frozen=True, eq=False)
class Source:
    """A network, and the images and answers that exported files are compared with.

    A file must answer ``images``, float32 (N, C, H, W), like the network, whose ``answers`` are
    (N, classes). ``labels`` (N,) are the true classes or None; ``backend`` gave the answers;
    ``data`` describes the images. ``training_images`` are as in ExportOptions.

    Example:
        >>> source.answers.shape, len(source.images)  # doctest: +SKIP
        ((10000, 10), 10000)
    """

    network: Network
    images: Floats
    labels: Optional[Numbers]
    data: str
    backend: str
    _answer: Callable[[], Numbers] = field(repr=False)
    training_images: Callable[[int], Floats] = field(repr=False)

    @cached_property
    def answers(self) -> Numbers:
        """The network's own answers for the images."""
        return self._answer()


def run_source(path: Path, request: EvaluationRequest, say: Say) -> Source:
    """Return a run's network, with the images that ``request`` names: by default its test images.

    Raises:
        MxdigitsError: if the folder, the data or the device cannot be used.

    Example:
        >>> run_source(Path("runs/lenet/last"), EvaluationRequest(), print)  # doctest: +SKIP
    """
    folder = RunFolder.open(path)
    trained = folder.read_trained()
    dataset = own_data(path, request, trained, say)
    split = dataset.part(request.split)
    run_data(trained, say).check_known(dataset.name, split)
    evaluator = open_evaluator(path, request, say, predicting=False)
    graph, arrays = read_network_files(
        folder.symbol_file, folder.parameters_file, trained.network.sha256
    )
    whole = path.resolve()
    description = Description(
        name=source_name(path),
        image_shape=trained.network.image_shape,
        input_range=(0.0, 1.0),
        classes=trained.network.classes,
        preprocessing=trained_preprocessing(trained).name,
        run=f"{whole.parent.name}/{whole.name}",
        made_by=f"mxdigits {__version__}",
        sha256=folder.network_hashes(),
    )
    return Source(
        network=Network(
            with_softmax(graph),
            arrays,
            description,
            lambda: structural_names(folder, trained, graph, say),
        ),
        images=scaled(split.images),
        labels=split.labels,
        data=f"{len(split)} {request.split} images of {dataset.name}",
        backend=evaluator.backend.name,
        _answer=lambda: evaluator.predict(split.images),
        training_images=lambda most: scaled(_training(dataset)[:most]),
    )


def source_name(path: Path) -> str:
    """A network's name: that of its run's recipe, of its folder or of its symbol's file.

    Example:
        >>> source_name(Path("exported/lenet-symbol.json"))
        'lenet'
    """
    if path.is_dir():
        whole = path.resolve()
        return whole.name if (whole / CARD).is_file() else whole.parent.name
    return re.sub(r"(-symbol)?\.json$", "", path.name)


def scaled(images: NDArray[np.uint8]) -> Floats:
    """Return bytes as float32 from 0 to 1, the form in which every network here gets its images.

    Example:
        >>> scaled(np.array([0, 255], np.uint8)).tolist()
        [0.0, 1.0]
    """
    return images.astype(np.float32) * np.float32(1 / 255)


def _training(dataset: Dataset) -> NDArray[np.uint8]:
    if "train" not in dataset.parts:
        raise DataError(f"{dataset.name} has no training images, which onnx-int8 needs")
    return dataset.part("train").images
