"""The network to export, of a run or of MXNet's own files, and the answers to compare with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..arrays import Floats, Numbers
from ..backends.choose import choose_devices, outputs
from ..backends.context import BackendSpec, ContextSpec
from ..data.dataset import Dataset
from ..digitize.preprocessing import NONE, Preprocessing
from ..errors import DataError, UsageError
from ..graph import Graph, Operation
from ..graph.network_files import as_float32, read_exported_files, read_network_files
from ..graph.standardising import standardising
from ..graph.symbol_json import with_softmax
from ..predict.cards import CARD
from ..predict.opening import (
    EvaluationRequest,
    open_evaluator,
    own_data,
    run_data,
    trained_preprocessing,
)
from ..runs.description import AS_IS, PROBABILITIES, Description
from ..runs.folder import RunFolder
from ..storage.files import sha256_of
from ..wording import Say, some_of
from .formats import Network
from .structure import structural_names

Images = Floats

RANDOM_INPUTS = 8


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
    images: Images
    labels: Optional[Numbers]
    data: str
    backend: str
    _answer: Callable[[], Numbers] = field(repr=False)
    training_images: Callable[[int], Images] = field(repr=False)

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
        training_images=lambda most: scaled(_training(dataset, path)[:most]),
    )


@dataclass(frozen=True)
class NetworkFacts:
    """What the owner of a network knows, and its files do not say.

    ``classes`` are the names of its outputs; ``preprocessing`` is how pictures become images;
    ``mean`` and ``std``, one per channel or one for all, are those with which its script
    standardised images from 0 to 1; ``softmax`` says whether to add a softmax over the last axis.

    Raises:
        UsageError: if these contradict one another.

    Example:
        >>> NetworkFacts(classes=("0", "1"), mean=(0.13,), std=(0.31,)).preprocessing
        'none'
        >>> NetworkFacts(mean=(0.13,))
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: --mean and --std belong together: write both
    """

    classes: tuple[str, ...] = ()
    preprocessing: str = NONE
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    softmax: bool = False

    def __post_init__(self) -> None:
        if bool(self.mean) != bool(self.std):
            raise UsageError("--mean and --std belong together: write both")
        if not all(each > 0 for each in self.std):
            raise UsageError("--std must be above 0")

    def check(self, image_shape: Sequence[int]) -> None:
        """Refuse facts that do not fit images of this shape.

        Raises:
            UsageError: if they do not fit.
            DataError: if such images cannot have MNIST's form.
        """
        if len(image_shape) == 3:
            channels, height, width = image_shape
            Preprocessing(self.preprocessing, (channels, height, width)).check()
        for name, values in (("--mean", self.mean), ("--std", self.std)):
            channels = image_shape[0] if len(image_shape) == 3 else 1
            if len(values) not in (0, 1, channels):
                raise UsageError(
                    f"{name} has {len(values)} numbers for {channels} channels; write one for "
                    "each, or one for all"
                )


def symbol_source(
    symbol_file: Path,
    parameters_file: Optional[Path],
    input_shape: Sequence[int],
    wishes: tuple[ContextSpec, BackendSpec],
    say: Say,
    known: NetworkFacts = NetworkFacts(),
) -> Source:
    """Return a network that MXNet saved, with random inputs, because its data are not known.

    Args:
        symbol_file: the graph, as ``HybridBlock.export`` writes it.
        parameters_file: its parameters; by default the file beside it that MXNet would name so,
            that of the last epoch if there are several.
        input_shape: of one input, without the batch.
        wishes: the devices and the backends that may compute the network's own answers.
        say: told which file was taken.
        known: what the network's owner knows.

    Raises:
        RunFolderError: if the files are damaged, or hold no network with one input and one output.
        UsageError: if its outputs do not fit the classes, or are no probabilities.

    Example:
        >>> wishes = "cpu", "auto"
        >>> source = symbol_source(file, None, (1, 28, 28), wishes, print)  # doctest: +SKIP
    """
    if parameters_file is None:
        parameters_file = _parameters_beside(symbol_file)
        say(f"the parameters are those of {parameters_file}")
    known.check(input_shape)
    graph, arrays = read_exported_files(symbol_file, parameters_file, say)
    if others := {str(each.dtype) for each in arrays.values()} - {"float32"}:
        say(
            f"parameters of {some_of(sorted(others), 3)} are taken as float32: answers differ a "
            "little"
        )
        arrays = as_float32(arrays)
    choice = choose_devices(*wishes, say)
    graph, arrays = _as_known(graph, arrays, known)
    if known.classes:
        if not _ends_in_softmax(graph):
            raise UsageError(f"{symbol_file} does not end in a softmax; write --softmax")
        if not known.mean:
            say(
                "the network is given images from 0 to 1; if its script standardised them, write "
                "--mean and --std"
            )
    description = Description(
        name=source_name(symbol_file),
        image_shape=tuple(input_shape),
        input_range=(0.0, 1.0) if known.classes or known.mean else None,
        classes=known.classes,
        preprocessing=known.preprocessing,
        output=PROBABILITIES if _ends_in_softmax(graph) else AS_IS,
        made_by=f"mxdigits {__version__}",
        sha256={file.name: sha256_of(file) for file in (symbol_file, parameters_file)},
    )
    random = np.random.default_rng(0)
    images = random.random((RANDOM_INPUTS, *input_shape), np.float32)
    return Source(
        network=Network(graph, arrays, description),
        images=images,
        labels=None,
        data=f"{RANDOM_INPUTS} random inputs",
        backend=choice.backend,
        _answer=lambda: _of_classes(outputs(choice, graph, arrays, images), known.classes),
        training_images=lambda most: images[:most],
    )


def _as_known(
    graph: Graph, arrays: dict[str, Numbers], known: NetworkFacts
) -> tuple[Graph, dict[str, Numbers]]:
    """The network with the standardising before it and the softmax after it that are known."""
    if known.softmax:
        graph = with_softmax(graph)
    if not known.mean:
        return graph, arrays
    graph, more = standardising(graph, known.mean, known.std)
    return graph, {**arrays, **more}


def _of_classes(answers: Numbers, classes: Sequence[str]) -> Numbers:
    """Return the answers after a check that their number fits the classes, if these are known.

    Raises:
        UsageError: if it does not fit.
    """
    if classes and answers.shape[1:] != (len(classes),):
        raise UsageError(
            f"--classes names {len(classes)} classes; for an image the network gives numbers of "
            f"shape {answers.shape[1:]}"
        )
    return answers


def _parameters_beside(symbol_file: Path) -> Path:
    """The newest parameters beside a symbol; ``NAME-0003.params`` are those after three epochs."""
    name = source_name(symbol_file)
    epochs = re.compile(re.escape(name) + r"-(\d{4,})\.params")
    try:
        found = filter(None, map(epochs.fullmatch, os.listdir(symbol_file.parent)))
        last = max(found, key=lambda match: int(match[1]), default=None)
    except OSError:  # reported when the file is read
        last = None
    return symbol_file.with_name(last.string if last else f"{name}-0000.params")


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


def _ends_in_softmax(graph: Graph) -> bool:
    head = graph.nodes[graph.heads[0].node]
    return isinstance(head, Operation) and head.operator == "softmax"


def scaled(images: NDArray[np.uint8]) -> Images:
    """Return bytes as float32 from 0 to 1, the form in which every network here gets its images.

    Example:
        >>> scaled(np.array([0, 255], np.uint8)).tolist()
        [0.0, 1.0]
    """
    return images.astype(np.float32) * np.float32(1 / 255)


def _training(dataset: Dataset, path: Path) -> NDArray[np.uint8]:
    if "train" not in dataset.parts:
        raise DataError(f"{dataset.name} has no training images, which {path} is measured by")
    return dataset.part("train").images
