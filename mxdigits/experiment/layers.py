"""What can be seen of a recipe's network before any data are read."""

from __future__ import annotations

from pkgutil import resolve_name

from ..backends.choose import BACKENDS
from ..graph import Graph
from ..models.building import sketched
from ..models.graph_model import GraphModel
from ..plugins.registry import MODELS
from ..recipe.schema import Recipe
from ..recipe.sections import GRAPH
from ..values import Options
from ..wording import Say


def check_layers(recipe: Recipe, say: Say) -> None:
    """See that a network is a graph which the recipe's backend can run; reads no data.

    A graph from a file is read. If the recipe names one backend besides MXNet, which has all
    operators, each layer of the network is looked up there, whatever the model. ``say`` is told
    where that could not be done.

    Raises:
        RunFolderError: if the file of a graph cannot be read, or holds no network.
        NetworkError: naming each layer that the backend does not have.

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
        say(f"layers: not checked: the model {model.name!r} cannot be traced here")
        return
    try:
        resolve_name(check)(graph)
    except ImportError:
        say(f"layers: not checked: the backend {recipe.backend} is not installed here")


def _of_file(options: Options) -> Graph:
    made: GraphModel = MODELS.make(GRAPH, options)
    return made.graph
