"""What a run's parameters are called by their place in the network."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mxdigits import networks
from mxdigits.export.structure import structural_names
from mxdigits.graph.network_files import read_network_files
from mxdigits.models import building
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.folder import RunFolder

ON_BOARD = Path(networks.__file__).parent / "digits"


def test_a_model_that_is_a_graph_has_the_names_of_its_graph():
    """``deep`` is no Gluon block; the network that comes with mxdigits is one of its kind."""
    folder = RunFolder.open(ON_BOARD)
    trained = folder.read_trained()
    graph, _ = read_network_files(
        folder.symbol_file, folder.parameters_file, trained.network.sha256
    )
    names = structural_names(folder, trained, graph, pytest.fail)
    assert names == {name: name for name in (*graph.parameters, *graph.auxiliary_states)}
    assert "stage0_conv0_weight" in names


@pytest.mark.parametrize("model", ["{name: lenet, dropout: 0.2}", "{name: mlp, hidden: [8]}"])
def test_mlp_and_lenet_have_gluons_names_without_mxnet(tmp_path, monkeypatch, model):
    """They kept the names of the graph where MXNet is missing, and its error was told."""
    monkeypatch.setattr(building, "build_network", lambda *_, **__: pytest.fail("needs MXNet"))
    file = tmp_path / "recipe.yaml"
    file.write_text(f"model: {model}\n")
    chosen = Recipe.load(str(file)).model
    graph = building.graph_model(chosen.name, chosen.options, 10).graph
    trained = SimpleNamespace(network=SimpleNamespace(classes=("0",) * 10, image_shape=(1, 28, 28)))
    names = structural_names(SimpleNamespace(recipe_file=file), trained, graph, pytest.fail)
    assert sorted(names) == sorted(graph.parameters)
    assert names[f"{chosen.name}0_dense0_weight"].startswith("layers.")
    assert set(names.values()) == set(building.parameter_places(chosen.name, chosen.options))
