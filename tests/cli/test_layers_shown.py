"""``mxdigits models show`` where MXNet is missing."""

from __future__ import annotations

import sys

import pytest

from mxdigits.backends.mxnet import runtime
from mxdigits.cli.app import main
from mxdigits.errors import MXNetMissing
from mxdigits.models.graph_file import graph_file
from mxdigits.plugins.registry import MODELS


@pytest.fixture
def without_mxnet(monkeypatch):
    def missing():
        raise MXNetMissing("MXNet is not installed")

    monkeypatch.setattr(runtime, "import_mxnet", missing)
    monkeypatch.setattr(runtime, "mxnet_installed", lambda: False)
    monkeypatch.setattr(MODELS, "get", lambda name: pytest.fail(f"{name} was imported"))


@pytest.mark.parametrize("library", ["jax", "torch"])
def test_a_model_that_is_a_graph_elsewhere_is_shown_without_mxnet(
    library, without_mxnet, tmp_path, capsys
):
    """It said that the model needs MXNet, though every other backend trains it."""
    pytest.importorskip(library)
    file = tmp_path / "lenet.json"
    assert main(["models", "show", "lenet", "hidden=20", "--graph", str(file)]) == 0
    told = capsys.readouterr()
    assert told.err == (
        "MXNet is not installed; the layers are those of the graph that other backends train\n"
    )
    lines = told.out.splitlines()
    assert lines[0].startswith(
        "lenet(classes=10, activation='tanh', dropout=0.0, channels=(20, 50), hidden=500)  from "
    )
    assert lines[2].startswith("Two convolutions with pooling")
    assert ">>>" not in told.out
    assert lines[-3:] == ["parameters: 41,800", "", f"graph: {file}"]
    assert "Convolution" in graph_file(path=str(file)).graph.operators


def test_without_any_other_backend_it_is_said_what_to_install(without_mxnet, monkeypatch, capsys):
    for module in ("jax", "torch"):
        monkeypatch.setitem(sys.modules, module, None)
    assert main(["models", "show", "mlp"]) == 3
    assert "cpu(0) is not available by xla: " in capsys.readouterr().err
