"""Finds the backend that trains a recipe the fastest on this machine."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any, Callable, Optional

from ...augmentations.build import as_graph, build_augmentations
from ...backends.context import TRAINING, precisions_of
from ...backends.graphs.initializers import Initializer, NumPyRandom
from ...backends.mxnet.types import Network
from ...backends.network import GraphNetwork
from ...backends.race.decision import Decision
from ...backends.race.race import fastest
from ...backends.race.training import Training
from ...backends.race.trial import Requirements
from ...graph import Graph
from ...models.building import build_network, check_image_size, graph_model, unnumbered
from ...models.graph_model import GraphModel
from ...recipe.schema import Recipe
from ...wording import Say
from .building import settings_of
from .named_runs import read_teacher
from .parts import Parts

_MakeNetwork = Callable[[str], GraphNetwork]


def fastest_backend(recipe: Recipe, parts: Parts, say: Say) -> Decision:
    """The backend that trains a recipe fastest; see :func:`~mxdigits.backends.race.race.fastest`.

    Callers must seed again afterwards, because building the network draws random numbers.

    Args:
        recipe: a recipe with ``backend: fastest``.
        parts: its data.
        say: told which backend it is, and why.

    Raises:
        MxdigitsError: if the network cannot be built.

    Example:
        >>> fastest_backend(recipe, parts, print).backend  # doctest: +SKIP
        backend: xla is used, the fastest here: about 9.41 s, 14.2 s with mxnet; measured in 3.20 s
        'xla'
    """
    names = [name for name in TRAINING if recipe.precision in precisions_of(name)]
    graph, make_network, augmentation = _graphs(recipe, parts)
    if graph is None or make_network is None:
        decision = Decision("mxnet")
        say("backend: mxnet is used: no other can run this network, which cannot be traced")
        return decision
    weights = (1.0,) * len(parts.dataset.classes) if recipe.loss.class_weights else ()
    teacher, _ = read_teacher(recipe.teacher, parts.dataset)
    settings = settings_of(recipe, augmentation, teacher, weights)
    work = Training(
        graph,
        make_network,
        settings,
        parts.train.images,
        parts.train.labels,
        recipe.data.batch_size,
        recipe.epochs,
        len(parts.validation),
    )
    return fastest(names, Requirements(recipe.context, recipe.precision), work, say)


def _graphs(
    recipe: Recipe, parts: Parts
) -> tuple[Optional[Graph], Optional[_MakeNetwork], Optional[Graph]]:
    """The network, what makes it for a backend, and the augmentation; None if not traceable."""
    name, options = recipe.model.name, recipe.model.options
    how: dict[str, Any] = {
        "classes": len(parts.dataset.classes),
        "image_shape": parts.dataset.image_shape,
    }
    chosen = [(each.name, each.options) for each in recipe.augmentation]
    check_image_size(name, options, how["image_shape"])
    model = graph_model(name, options, how["classes"])
    with nullcontext() if model is not None else unnumbered():
        network = None if model is not None else build_network(name, options, **how)
        augmentation = build_augmentations(chosen, image_shape=how["image_shape"])
        try:
            changes = None if augmentation is None else as_graph(augmentation)
            if model is not None:
                return model.graph, partial(_built, model, how), changes
            traced = _traced(network)
        except Exception:  # some blocks work with arrays but not with symbols
            return None, None, None
    return traced.graph, partial(_given, traced), changes


def _built(model: GraphModel, how: dict[str, Any], backend: str) -> GraphNetwork:
    """The network with any weights: the race does not depend on them."""
    how = {**how, "initializer": Initializer("xavier"), "random": NumPyRandom(0)}
    return model.network(**how, backend=backend)


def _given(network: GraphNetwork, backend: str) -> GraphNetwork:
    return network


def _traced(block: Network) -> GraphNetwork:
    if isinstance(block, GraphNetwork):
        return block
    from ...backends.mxnet.networks.symbols import graph_network  # imports MXNet

    return graph_network(block)
