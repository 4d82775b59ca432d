"""What a run's parameters are called by their place in the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from mxdigits import networks
from mxdigits.export.structure import structural_names
from mxdigits.graph.network_files import read_network_files
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
