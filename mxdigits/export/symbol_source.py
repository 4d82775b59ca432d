"""Reads a network from MXNet's own files, to export it with what its owner knows of it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

from .. import __version__
from ..arrays import Numbers
from ..backends.choose import choose_devices, outputs
from ..backends.context import BackendSpec, ContextSpec
from ..digitize.preprocessing import NONE, Preprocessing
from ..errors import UsageError
from ..graph import Graph, Operation
from ..graph.network_files import as_float32, read_exported_files
from ..graph.standardising import standardising
from ..graph.symbol_json import with_softmax
from ..runs.description import AS_IS, PROBABILITIES, Description
from ..storage.files import sha256_of
from ..wording import Say, some_of
from .formats import Network
from .source import Source, source_name

RANDOM_INPUTS = 8


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
    preferences: tuple[ContextSpec, BackendSpec],
    say: Say,
    known: NetworkFacts = NetworkFacts(),
) -> Source:
    """Return a network that MXNet saved, with random inputs, because its data are not known.

    Args:
        symbol_file: the graph, as ``HybridBlock.export`` writes it.
        parameters_file: its parameters; by default the file beside it that MXNet would name so,
            that of the last epoch if there are several.
        input_shape: of one input, without the batch.
        preferences: the devices and the backends that may compute the network's own answers.
        say: told which file was taken.
        known: what the network's owner knows.

    Raises:
        RunFolderError: if the files are damaged, or hold no network with one input and one output.
        UsageError: if its outputs do not fit the classes, or are no probabilities.

    Example:
        >>> preferences = "cpu", "auto"
        >>> source = symbol_source(file, None, (1, 28, 28), preferences, print)  # doctest: +SKIP
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
    choice = choose_devices(*preferences, say)
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


def _ends_in_softmax(graph: Graph) -> bool:
    head = graph.nodes[graph.heads[0].node]
    return isinstance(head, Operation) and head.operator == "softmax"
