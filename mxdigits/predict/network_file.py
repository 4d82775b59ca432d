"""A network in an ONNX file alone, with the description in the file.

A file is checked once; its description is kept together with the mark that it passed. Later
predictions need neither schema nor check, which take longer than a small network.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends.choose import choose_devices, make_backend
from ..backends.context import BackendSpec, ContextSpec, parse_backend
from ..backends.onnx.file import Metadata, read_model
from ..errors import DataError, UsageError
from ..runs.trained import NetworkForm, TrainedNetwork, TrainedOn
from ..train.evaluator import Evaluator
from ..wording import Say

if TYPE_CHECKING:
    from ..backends.onnx.loading import Model


def network_in(file: Path) -> TrainedNetwork:
    """Return the description of the network in a file.

    Raises:
        RunFolderError: if it is no ONNX file, or damaged.
        DataError: if it was not written by mxdigits.

    Example:
        >>> network_in(Path("lenet.onnx")).network.classes[:2]  # doctest: +SKIP
        ('0', '1')
    """
    _, told = _read(file)
    channels, height, width = told["image_shape"]
    form = NetworkForm((channels, height, width), tuple(told["classes"]), told["preprocessing"])
    return TrainedNetwork(TrainedOn(""), form)


def open_file(
    file: Path, context: ContextSpec, backend: BackendSpec, tta: int, say: Say
) -> Evaluator:
    """Open the network in a file on the requested device.

    Args:
        file: an ONNX file.
        context: the device, as in a recipe.
        backend: as in a recipe; ``onnx`` has to be one of the backends.
        tta: how many views of each image are predicted.
        say: told what was passed over.

    Raises:
        UsageError: if another backend is asked for.
        MxdigitsError: if the file or the device cannot be used.

    Example:
        >>> open_file(Path("lenet.onnx"), "cpu", "auto", 1, print)  # doctest: +SKIP
    """
    if "onnx" not in parse_backend(backend, predicting=True):
        raise UsageError(f"{file} can be run only by the backend onnx")
    choice = choose_devices(context, "onnx", say, predicting=True)
    model, _ = _read(file)
    return Evaluator(model, make_backend("onnx", model, devices=choice.contexts[:1]), tta=tta)


@lru_cache(maxsize=1)
def _read(file: Path) -> tuple[Model, Metadata]:
    return read_model(file, _description)


def _description(texts: Mapping[str, str], file: Path) -> Metadata:
    """The metadata of a file, checked to be those of a network that predicts."""
    from ..runs.description import PROBABILITIES, Description  # imports pydantic

    found = Description.of_texts(texts, file)
    if not found.classes or found.output != PROBABILITIES:
        raise DataError(
            f"{file} gives no probabilities of classes that have names; export it with --softmax "
            "and --classes"
        )
    if len(found.image_shape) != 3:
        raise DataError(f"{file} takes no images: its input has the shape {found.image_shape}")
    return found.model_dump(mode="json")
