"""Gluon's structural names of a run's parameters, such as ``features.0.weight``.

The graph in a run folder has other names: they count the blocks that a process has made.
"""

from __future__ import annotations

from ..backends.mxnet.types import Network as HybridBlock
from ..backends.network import GraphNetwork, ParameterSettings
from ..errors import MxdigitsError, RunFolderError
from ..graph import Graph, Variable
from ..recipe.schema import Recipe
from ..runs.folder import RunFolder
from ..runs.trained import TrainedNetwork
from ..wording import Say


def structural_names(
    folder: RunFolder, trained: TrainedNetwork, graph: Graph, say: Say
) -> dict[str, str]:
    """Gluon's structural names by the graph's names, from the recipe's model, built once more.

    Args:
        folder: of the run.
        trained: what its record says.
        graph: of its network.
        say: told if the model cannot be built; then the result is empty.

    Example:
        >>> structural_names(folder, trained, graph, print)  # doctest: +SKIP
        {'lenet0_conv0_weight': 'features.0.weight', ...}
    """
    try:
        return _matched(folder, trained, graph)
    except MxdigitsError as error:
        say(f"parameters keep the names that the run gave them: {error}")
        return {}


def _matched(folder: RunFolder, trained: TrainedNetwork, graph: Graph) -> dict[str, str]:
    from ..models.building import build_network, graph_model

    model = Recipe.load(str(folder.recipe_file)).model
    network = trained.network
    # A model of mxdigits itself needs no MXNet for this.
    made = graph_model(model.name, model.options, len(network.classes))
    if made is not None and made.graph.fingerprint() == graph.fingerprint():
        again = GraphNetwork(made.graph, {}, made.settings())
    else:
        block = build_network(
            model.name, model.options, classes=len(network.classes), image_shape=network.image_shape
        )
        again = block if isinstance(block, GraphNetwork) else _from_gluon(block)
    if again.graph.fingerprint() != graph.fingerprint():
        raise RunFolderError(f"{model.name} builds another network now")
    # The same graph takes its parameters in the same order.
    pairs = zip(_in_order(graph), _in_order(again.graph))
    return {
        ours: again.parameters.get(theirs, ParameterSettings(theirs)).place
        for ours, theirs in pairs
    }


def _from_gluon(block: HybridBlock) -> GraphNetwork:
    from ..backends.mxnet.networks.symbols import graph_network  # imports MXNet

    return graph_network(block)


def _in_order(graph: Graph) -> list[str]:
    return [n.name for n in graph.nodes if isinstance(n, Variable) and n.role != "input"]
