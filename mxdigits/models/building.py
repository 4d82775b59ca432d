"""Builds a network from a model's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Optional, Union

import numpy as np

from ..arguments import as_items, as_whole, quoted
from ..arrays import Shape
from ..backends.choose import BACKENDS
from ..backends.graphs.initializers import PROBED, Initializer, NumPyRandom, Random
from ..backends.mxnet import types as mxnet
from ..backends.mxnet.networks.building import check_array_mode, initialized, make_initializer
from ..backends.mxnet.random import generator
from ..backends.mxnet.runtime import import_mxnet
from ..backends.mxnet.types import Device, Network
from ..backends.network import GraphNetwork, places_of
from ..errors import MxdigitsError, MXNetMissing, UsageError
from ..foreign import describe
from ..graph import Graph
from ..plugins.own import OURS, OWN
from ..plugins.registry import MODEL_GRAPHS, MODELS
from .graph_model import GraphModel

# Any number will do: the layers do not depend on it.
_SOME_CLASSES = 10


def build_network(
    name: str,
    options: Mapping[str, object],
    *,
    classes: int,
    image_shape: Sequence[int],
    initializer: Union[str, Initializer, mxnet.Initializer] = "xavier",
    contexts: Sequence[Device] = (),
    backend: Optional[str] = None,
) -> Network:
    """Build a registered model.

    Args:
        name: the name of the model.
        options: its own options.
        classes: the number of outputs that it must have.
        image_shape: (C, H, W) of its input.
        initializer: as for Gluon's ``Block.initialize``, or an Initializer of ``backends``.
        contexts: the MXNet devices to hold a Gluon network; the CPU by default.
        backend: the backend that will run the network. With ``mxnet`` or None, ``mlp`` and
            ``lenet`` are Gluon blocks; with others they are graphs, which need no MXNet.

    Returns:
        A hybridized HybridBlock with every parameter initialised. It was checked to give logits of
        shape (N, classes) for images of shape (N, C, H, W). For a model that is a graph, a
        GraphNetwork: its weights follow from the state of NumPy's global generator; ``mlp`` and
        ``lenet`` get the weights that MXNet would draw after ``seed_everything``. A Trainer takes
        both kinds.

    Raises:
        UsageError: for an unknown name or option, an invalid argument, or images that are too small
            for ``lenet``.
        PluginError: if the model breaks its contract.
        NetworkError: if a graph does not suit such images and classes, or the backend.
        MXNetMissing: if a Gluon model is asked for, and MXNet is not there.

    Example:
        >>> from mxdigits import import_mxnet
        >>> network = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
        >>> network(import_mxnet().nd.zeros((5, 1, 28, 28))).shape
        (5, 10)
    """
    classes = as_whole("classes", classes, least=1)
    image_shape = as_shape(image_shape)
    contexts = as_items("contexts", contexts, "devices, such as [mx.cpu()]", lambda device: device)
    if backend is not None and backend not in BACKENDS:
        raise UsageError(f"there is no backend {backend!r}; there are: {', '.join(BACKENDS)}")
    check_image_size(name, options, image_shape)
    made = None if backend in (None, "mxnet") else graph_model(name, options, classes)
    if made is None:
        made = MODELS.make(name, options, classes=classes)
    if isinstance(made, GraphModel):
        return made.network(
            classes=classes,
            image_shape=image_shape,
            initializer=_by_formula(initializer),
            random=_random(name, initializer),
            backend=backend,
        )
    owner = MODELS.owner(name, options)
    check_array_mode(owner)
    if isinstance(initializer, Initializer):
        initializer = make_initializer(initializer.name, initializer.options)
    return initialized(
        made,
        owner,
        classes=classes,
        image_shape=image_shape,
        initializer=initializer,
        contexts=contexts,
    )


def check_image_size(name: str, options: Mapping[str, object], image_shape: Sequence[int]) -> None:
    """Refuse images (C, H, W) too small for ``lenet``; backends would each give another error.

    Raises:
        UsageError: if they are too small.

    Example:
        >>> check_image_size("lenet", {}, (1, 28, 28))
    """
    if not has_graph(name) or (model := graph_model(name, options, _SOME_CLASSES)) is None:
        return
    from .graphs import least_size

    least = least_size(model.graph)
    if min(image_shape[1:]) < least:
        _, height, width = image_shape
        raise UsageError(
            f"model {name!r}: takes images of {least}x{least} pixels at least, and these are "
            f"{height}x{width}; take the model mlp or deep, or fewer convolutions (channels)"
        )


def as_shape(image_shape: object) -> Shape:
    """The shape of images, (C, H, W).

    Raises:
        UsageError: if it is not three whole numbers of at least 1.

    Example:
        >>> as_shape([1, 28, 28])
        (1, 28, 28)
    """
    what = "three whole numbers, (channels, height, width)"
    each = partial(as_whole, "image_shape: each", least=1)
    shape = tuple(as_items("image_shape", image_shape, what, each))
    if len(shape) != 3:
        raise UsageError(f"image_shape: must be {what}, got {quoted(image_shape)}")
    return shape


def _random(name: str, initializer: object) -> Random:
    """The generator of a graph's weights; for ``mlp`` and ``lenet`` it draws as MXNet does."""
    if not has_graph(name):
        return NumPyRandom(int(np.random.randint(2**31)))
    random = generator()
    if isinstance(initializer, Initializer) and initializer.name != "constant":
        initializer(PROBED, random)  # make_initializer draws so too
    return random


def _by_formula(initializer: Union[str, Initializer, mxnet.Initializer]) -> Initializer:
    """An initializer that needs no MXNet, made from one in any form that Gluon takes.

    Raises:
        UsageError: if no initializer here is like it.
    """
    if isinstance(initializer, Initializer):
        return initializer
    try:
        return Initializer.parse(
            initializer if isinstance(initializer, str) else initializer.dumps()
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"a graph cannot begin by the initializer {initializer!r}: {error}"
        ) from None


def has_graph(name: str) -> bool:
    """Whether a registered model is a Gluon block that also exists as a graph.

    Raises:
        UsageError: if there is no such model.
        PluginError: if several distributions offer it.

    Example:
        >>> has_graph("lenet"), has_graph("deep")
        (True, False)
    """
    return MODELS.entry(name).distribution == OURS and name in OWN[MODEL_GRAPHS.group]


def graph_model(name: str, options: Mapping[str, object], classes: int) -> Optional[GraphModel]:
    """A model of mxdigits itself as a graph, built without MXNet; None for a plugin's model.

    Raises:
        UsageError: for an unknown name or option.

    Example:
        >>> graph_model("deep", {"channels": [4], "depth": [1]}, classes=3).source
        "model 'deep'"
    """
    if MODELS.entry(name).distribution != OURS:
        return None
    registry = MODEL_GRAPHS if has_graph(name) else MODELS
    made = registry.make(name, options, classes=classes)
    return made if isinstance(made, GraphModel) else None


def sketched(name: str, options: Mapping[str, object]) -> Optional[Graph]:
    """A registered model's graph for an arbitrary number of classes, before the data are known.

    None if the model cannot be built or traced without data; :func:`why_unbuilt` says why.

    Example:
        >>> "Convolution" in sketched("lenet", {}).operators
        True
    """
    with suppress(Exception), _sketch(name, options) as made:
        if isinstance(made, GraphModel):
            return made.graph
        from ..backends.mxnet.networks.symbols import trace  # imports MXNet

        return trace(made)
    return None


def parameter_places(name: str, options: Mapping[str, object]) -> Optional[dict[str, bool]]:
    """The names of a registered model's parameters, before the data are known.

    :func:`~mxdigits.backends.network.places_of` explains the result. None if the model cannot be
    built without data; :func:`why_unbuilt` says why.

    Example:
        >>> list(parameter_places("mlp", {"hidden": []}))
        ['layers.0.weight', 'layers.0.bias']
    """
    with suppress(Exception), _sketch(name, options) as made:
        if not isinstance(made, GraphModel):
            return places_of(made)
        return places_of(GraphNetwork(made.graph, {}, made.settings()))
    return None


def why_unbuilt(name: str, options: Mapping[str, object]) -> str:
    """Why a registered model cannot be built before the data are known; empty if it can.

    Example:
        >>> why_unbuilt("lenet", {})
        ''
    """
    try:
        with _sketch(name, options):
            return ""
    except Exception as error:  # a plugin may raise anything
        return str(error) if isinstance(error, MxdigitsError) else describe(error)


@contextmanager
def _sketch(name: str, options: Mapping[str, object]) -> Iterator[Union[GraphModel, Network]]:
    """A model for an arbitrary number of classes, as a graph if it exists as one."""
    made = graph_model(name, options, _SOME_CLASSES)
    if made is not None:
        yield made
    else:
        with unnumbered():
            yield MODELS.make(name, options, classes=_SOME_CLASSES)


def unnumbered() -> AbstractContextManager[object]:
    """Keep blocks made in a ``with`` block from changing how Gluon numbers later blocks.

    Example:
        >>> with unnumbered():
        ...     network = build_network("mlp", {}, classes=10, image_shape=(1, 28, 28))
    """
    try:
        names: AbstractContextManager[object] = import_mxnet().name.NameManager()
    except MXNetMissing:
        return nullcontext()
    return names
