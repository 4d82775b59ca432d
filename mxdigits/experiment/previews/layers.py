"""Checks and lists the layers of a recipe's network before any data are read."""

from __future__ import annotations

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Optional

from ...backends.choose import BACKENDS
from ...backends.network import learning_of
from ...errors import UsageError
from ...graph import Graph
from ...models.building import parameter_places, sketched, why_unbuilt
from ...models.graph_model import GraphModel
from ...plugins.registry import MODELS
from ...recipe.schema import Recipe
from ...recipe.sections import GRAPH
from ...values import Options
from ...wording import Say


def check_layers(recipe: Recipe, say: Say) -> None:
    """Check that the recipe's backend can run the layers of its network; reads no data.

    A graph from a file is read. If the recipe names one backend other than MXNet, which has all
    operators, each layer of the network is looked up there, whatever the model. ``say`` is told if
    that is not possible.

    Raises:
        RunFolderError: if the file of a graph cannot be read, or holds no network.
        NetworkError: if the backend lacks layers; names each of them.

    Example:
        >>> check_layers(Recipe.make(model="lenet"), print)
    """
    recipe = recipe.with_full_paths()
    model = recipe.model
    graph = _of_file(model.options) if model.name == GRAPH else None
    implementation = BACKENDS.get(recipe.backend) if isinstance(recipe.backend, str) else None
    check = implementation and implementation.check_layers
    if not check:
        return
    graph = graph or sketched(model.name, model.options)
    if graph is None:
        say(f"layers: not checked: the model {model.name!r} cannot be traced here{_why(recipe)}")
        return
    try:
        resolve_name(check)(graph)
    except ImportError:
        say(f"layers: not checked: the backend {recipe.backend} is not installed here")


def layer_rows(recipe: Recipe) -> list[list[str]]:
    """Each parameter and statistic of a recipe's network, and how it learns; reads no data.

    Returns:
        Rows of its name, and ``yes``, ``no``, ``frozen``, or the factor of its learning rate.

    Raises:
        UsageError: if the network cannot be built here, or a pattern fits no name.

    Example:
        >>> model = {"name": "deep", "channels": [4], "depth": [1]}
        >>> rows = dict(layer_rows(Recipe.make(model=model, freeze="*_bias")))
        >>> rows["logits_weight"], rows["logits_bias"]
        ('yes', 'frozen')
    """
    recipe = recipe.with_full_paths()
    places = parameter_places(recipe.model.name, recipe.model.options)
    if places is None:
        raise UsageError(f"the model {recipe.model.name!r} cannot be built here{_why(recipe)}")
    learning = learning_of(places, recipe.freeze, recipe.lr_mult)
    rows = []
    for place, learns in places.items():
        rate = learning.lr_mult.get(place)
        said = "yes" if rate is None else f"yes, at {rate:g} times the rate"
        rows.append([place, "frozen" if place in learning.frozen else said if learns else "no"])
    return rows


def check_patterns(recipe: Recipe, say: Say) -> None:
    """Check that ``freeze`` and ``lr_mult`` name parameters of the network; reads no data.

    ``say`` is told if that is not possible.

    Raises:
        UsageError: if a pattern fits no name.

    Example:
        >>> check_patterns(Recipe.make(model="deep", freeze="stage0_*"), print)
    """
    if not recipe.freeze and not recipe.lr_mult:
        return
    recipe = recipe.with_full_paths()
    places: Optional[Mapping[str, bool]] = parameter_places(recipe.model.name, recipe.model.options)
    if places is None:
        name, why = recipe.model.name, _why(recipe)
        say(f"freeze, lr_mult: not checked: the model {name!r} cannot be built here{why}")
    else:
        learning_of(places, recipe.freeze, recipe.lr_mult)


def _why(recipe: Recipe) -> str:
    """Why the recipe's model cannot be built before the data are read, after a colon."""
    why = why_unbuilt(recipe.model.name, recipe.model.options)
    return f": {why}" if why else " without its data"


def _of_file(options: Options) -> Graph:
    made: GraphModel = MODELS.make(GRAPH, options)
    return made.graph
