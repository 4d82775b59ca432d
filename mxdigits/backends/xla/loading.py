"""A run's network from its files, which anybody may have made, for JAX."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Optional

import jax
import jax.numpy as jnp

from ...arrays import Arrays
from ...errors import MxdigitsError, describe
from ...graph import Graph, Operation, Output
from ...graph.network_files import no_network, read_network_files
from ...graph.symbol_json import read_network
from ..base import MOST_ELEMENTS, MOST_ELEMENTS_AT_ONCE, GraphNetwork
from .execute import evaluate
from .support import check_supported
from .types import Device


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[Device],
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]] = None,
) -> GraphNetwork:
    """The network of :func:`~mxdigits.graph.network_files.write_network`.

    Nothing that the files ask for is allocated or run before it is checked.

    Args:
        symbol_file: the graph.
        parameters_file: the parameters.
        contexts: the devices that will run it.
        image_shape: (C, H, W) of an image.
        classes: how many logits an image gets.
        sha256: what the files must hash to, by their names; a name that is left out is not checked.

    Raises:
        RunFolderError: if a file is damaged or has changed, or they do not fit each other.
        NetworkError: if this backend cannot run a layer.

    Example:
        >>> from mxdigits.graph import Variable, operation
        >>> from mxdigits.graph.network_files import write_network
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> files = Path("symbol.json"), Path("net.params")
        >>> write_network(graph, {"w": jnp.zeros((10, 784))}, *files)
        >>> load_network(*files, jax.devices("cpu")[:1], (1, 28, 28), 10).arrays["w"].shape
        (10, 784)
    """
    graph, arrays = read_network_files(symbol_file, parameters_file, sha256, read_network)
    check_supported(graph)
    try:
        check_sizes(graph, arrays, image_shape, classes)
    except MxdigitsError as error:
        raise no_network(symbol_file, parameters_file, str(error)) from error
    except Exception as error:
        raise no_network(symbol_file, parameters_file, describe(error)) from error
    return GraphNetwork(graph, arrays)


def check_sizes(graph: Graph, arrays: Arrays, image_shape: Sequence[int], classes: int) -> None:
    """See before anything is allocated that the shapes fit and no output is huge.

    Raises:
        ValueError: if not.
        NetworkError: if a layer does not fit what it is given.

    Example:
        >>> from mxdigits.graph import Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> check_sizes(graph, {"w": jnp.zeros((10, 784))}, (1, 28, 28), classes=5)
        Traceback (most recent call last):
            ...
        ValueError: its output for 2 images has the shape (2, 10)
    """
    images = 2  # a graph made for one alone would fail at the first batch
    places = [i for i, node in enumerate(graph.nodes) if isinstance(node, Operation)]
    everything = replace(graph, heads=(*map(Output, places), *graph.heads))
    (name,) = graph.inputs
    given = {n: jax.ShapeDtypeStruct(a.shape, a.dtype) for n, a in arrays.items()}
    given[name] = jax.ShapeDtypeStruct((images, *image_shape), jnp.float32)
    *outputs, logits = jax.eval_shape(lambda known: evaluate(everything, known).outputs, given)
    if min((size for each in outputs for size in each.shape), default=1) < 1:
        raise ValueError("one of its outputs has no elements")
    if logits.shape != (images, classes):
        raise ValueError(f"its output for {images} images has the shape {logits.shape}")
    sizes = [math.prod(each.shape) // images for each in outputs]
    weights = [array.size // images for array in arrays.values()]
    if max(sizes) > max([MOST_ELEMENTS_AT_ONCE, *weights]) or (
        sum(sizes) - sum(weights) > MOST_ELEMENTS
    ):
        raise ValueError("its outputs for an image would take too much memory")
