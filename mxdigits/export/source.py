"""What is exported, and what it is compared by: a run's network, or one of MXNet's own files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..data.dataset import Dataset
from ..errors import DataError
from ..graph.network_files import read_network_files
from ..graph.symbol_json import with_softmax
from ..predict.opening import (
    EvaluationRequest,
    open_trainer,
    own_data,
    run_data,
    trained_preprocessing,
)
from ..runs.description import Description
from ..runs.folder import RunFolder
from ..runs.record import TrainedNetwork
from ..wording import Say
from .formats import Network

Images = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Source:
    """A network, and what it is compared by.

    ``images`` float32 (N, C, H, W) are what a file has to answer like the network itself, whose
    ``answers`` are (N, classes); ``labels`` (N,) are true where they are known; ``backend`` is who
    gave the answers, and ``data`` says of what. ``training_images`` are as in ExportOptions.
    """

    network: Network
    images: Images
    labels: Optional[NDArray[Any]]
    data: str
    backend: str
    _answer: Callable[[], NDArray[Any]] = field(repr=False)
    training_images: Callable[[int], Images] = field(repr=False)

    @cached_property
    def answers(self) -> NDArray[Any]:
        """What the network itself says of the images."""
        return self._answer()


def run_source(path: Path, request: EvaluationRequest, say: Say) -> Source:
    """A run's network, and the images that ``request`` says: by default its test images.

    Raises:
        MxdigitsError: if the folder, the data or the device will not do.
    """
    folder = RunFolder.open(path)
    trained = folder.read_record(TrainedNetwork)
    dataset = own_data(path, request, trained, say)
    split = dataset.part(request.split)
    run_data(trained, say).check_known(dataset.name, split)
    trainer = open_trainer(path, request, say, predicting=False)
    graph, arrays = read_network_files(
        folder.symbol_file, folder.parameters_file, trained.network.sha256
    )
    whole = path.resolve()
    description = Description(
        name=whole.parent.name,
        image_shape=trained.network.image_shape,
        classes=trained.network.classes,
        preprocessing=trained_preprocessing(trained).name,
        run=f"{whole.parent.name}/{whole.name}",
        made_by=f"mxdigits {__version__}",
        sha256=folder.network_hashes(),
    )
    return Source(
        network=Network(with_softmax(graph), arrays, description, {}),
        images=scaled(split.images),
        labels=split.labels,
        data=f"{len(split)} {request.split} images of {dataset.name}",
        backend=trainer.backend.name,
        _answer=lambda: trainer.predict(split.images),
        training_images=lambda most: scaled(_training(dataset, path)[:most]),
    )


def scaled(images: NDArray[np.uint8]) -> Images:
    """Bytes to float32 from 0 to 1, in the way in which every network here sees an image."""
    return images.astype(np.float32) * np.float32(1 / 255)


def _training(dataset: Dataset, path: Path) -> NDArray[np.uint8]:
    if "train" not in dataset.parts:
        raise DataError(f"{dataset.name} has no training images, which {path} is measured by")
    return dataset.part("train").images
