"""Loads networks for onnxruntime: those of runs, whose ONNX files are written once and kept.

Files that this user's processes wrote are kept in the user's cache, by the hashes of their sources.
They were checked when they were written, so they are not checked again, and ``onnx`` is not
imported.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

import numpy as np

from ... import __version__
from ...arrays import Arrays
from ...storage.files import read_plain
from ..cache import cache_folder, keep
from ..limits import check_memory
from .types import Provider

# A file in the cache needs no graph, so a process that finds one starts faster.
if TYPE_CHECKING:
    from ...graph import Graph

MOST_BYTES = (1 << 31) - 1  # the most that an ONNX file may have
# To be increased when the file written for the same network changes.
_FORM = 1


@dataclass(frozen=True, eq=False)
class Model:
    """An ONNX file, and how to use it.

    ``content`` is the file: it takes images (N, C, H, W), uint8 if ``takes_bytes``, else float32
    from 0 to 1, and gives logits, or probabilities if ``gives_shares``. ``read`` gives the network
    that the file was written from; None if there is only the file.

    Example:
        >>> Model(content, takes_bytes=True, gives_shares=False)  # doctest: +SKIP
    """

    content: bytes
    takes_bytes: bool
    gives_shares: bool
    read: Optional[Callable[[], tuple[Graph, Arrays]]] = None


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[Provider],
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]] = None,
) -> Model:
    """Read a network of :func:`~mxdigits.graph.network_files.write_network` as an ONNX file.

    Args:
        symbol_file: the graph.
        parameters_file: the parameters.
        contexts: the devices that will run it.
        image_shape: (C, H, W) of an image.
        classes: the number of logits of an image.
        sha256: the hash that each file must have, by file name; a file without one is not checked.

    Raises:
        RunFolderError: if a file is damaged or has changed, or they do not fit each other.
        NetworkError: if ONNX lacks a layer.
        BackendMissing: if the file has to be written, and onnx is not installed.

    Example:
        >>> model = load_network(symbol, parameters, [], (1, 28, 28), 10)  # doctest: +SKIP
        >>> model.takes_bytes, model.gives_shares  # doctest: +SKIP
        (True, False)
    """

    def read() -> tuple[Graph, Arrays]:
        from ...graph.network_files import read_network_files

        return read_network_files(symbol_file, parameters_file, sha256)

    kept = _place(symbol_file, parameters_file, image_shape, classes, sha256)
    with suppress(OSError):
        if kept is not None:
            content = read_plain(kept, MOST_BYTES)
            return Model(content, takes_bytes=True, gives_shares=False, read=read)
    graph, arrays = read()
    try:
        content = written(graph, arrays, image_shape, classes)
    except ValueError as error:
        from ...graph.network_files import no_network

        raise no_network(symbol_file, parameters_file, str(error)) from error
    if kept is not None:
        keep(kept, content)
    return Model(content, takes_bytes=True, gives_shares=False, read=read)


def written(
    graph: Graph, arrays: Arrays, image_shape: Sequence[int], classes: Optional[int] = None
) -> bytes:
    """A network as an ONNX file that takes bytes and gives logits.

    Raises:
        NetworkError: if ONNX lacks a layer, or one does not fit.
        ValueError: if its output has a wrong shape, or it needs too much memory.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> flat = operation("Flatten", "flat", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), flat), (Output(1),))
        >>> len(written(graph, {}, (1, 2, 5), classes=10)) > 0
        True
    """
    from .model import Input, WrittenModel  # imports onnx

    (name,) = graph.inputs
    taken = Input((None, *image_shape), np.uint8, scale=1 / 255)
    model = WrittenModel(graph, arrays, {name: taken}, ["logits"])
    shape = model.heads[0].shape
    if len(shape) != 2 or shape[0] is not None or classes not in (None, shape[1]):
        raise ValueError(f"its output has the shape {shape}")
    sizes = [math.prod(v.shapes[0]) for values in model.values for v in values]
    check_memory(sizes, [array.size for array in arrays.values()])
    return model.checked()


def _place(
    symbol_file: Path,
    parameters_file: Path,
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]],
) -> Optional[Path]:
    """The file in the cache; None if the network's files cannot be read or have wrong hashes."""
    told = [f"{__version__} {_FORM} {tuple(image_shape)} {classes}"]
    for file in (symbol_file, parameters_file):
        try:
            own = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError:
            return None  # reading it later reports why
        if (sha256 or {}).get(file.name, own) != own:
            return None
        told.append(own)
    return cache_folder("onnx") / f"{hashlib.sha256(' '.join(told).encode()).hexdigest()}.onnx"
