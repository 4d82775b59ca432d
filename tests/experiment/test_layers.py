"""What ``mxdigits check`` sees of a network: its file, and its layers in the backend."""

from __future__ import annotations

import json
import sys

import pytest

from mxdigits.cli.app import main
from mxdigits.experiment.previews.layers import check_layers
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.symbol_json import write_symbol
from mxdigits.recipe.schema import Recipe


@pytest.fixture
def call(capsys):
    """The command line in this process: its exit code and both outputs."""

    def run(*arguments):
        code = main([*map(str, arguments)])
        return (code, *capsys.readouterr())

    return run


def _network(tmp_path, **cast):
    """A file with a network of one dense layer, after a cast."""
    nodes = (
        Variable("data", "input"),
        operation("Cast", "cast0", [Output(0)], **cast),
        Variable("weight"),
        operation("FullyConnected", "dense0", [Output(1), Output(2)], num_hidden=10, no_bias=True),
    )
    file = tmp_path / "network.json"
    file.write_text(write_symbol(Graph(nodes, (Output(3),)), {}))
    return file


def _recipe(tmp_path, backend, file):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(f"model: {{name: graph, path: {file}}}\nbackend: {backend}\n")
    return recipe


def test_a_layer_that_the_backend_lacks_is_named_before_data_are_read(call, tmp_path):
    pytest.importorskip("jax", reason="the backend xla needs JAX")
    recipe = _recipe(tmp_path, "xla", _network(tmp_path, dtype="float64"))
    code, out, err = call("check", recipe)
    assert (code, out) == (3, "")
    assert err == (
        "error: the backend xla cannot run layer 'cast0' (Cast): it has no float64; write float32\n"
    )


@pytest.mark.parametrize("backend", ["mxnet", "auto"])
def test_a_network_for_any_other_backend_passes(call, tmp_path, backend):
    code, out, err = call("check", _recipe(tmp_path, backend, _network(tmp_path, dtype="float64")))
    assert (code, err) == (0, "")
    assert f"backend: {backend}\n" in out


@pytest.mark.parametrize("backend", ["mxnet", "auto", "xla"])
def test_the_file_of_a_network_is_read(call, tmp_path, backend):
    file = _network(tmp_path, dtype="float32")
    content = json.loads(file.read_text())
    content["nodes"][1]["op"] = "Nonsense"
    file.write_text(json.dumps(content))
    code, out, err = call("check", _recipe(tmp_path, backend, file))
    assert (code, out) == (3, "")
    assert "'Nonsense'" in err
    file.unlink()
    code, out, err = call("check", _recipe(tmp_path, backend, file))
    assert (code, out) == (3, "")
    assert f"{file}: cannot be read: No such file or directory" in err


@pytest.mark.mxnet
def test_without_the_backend_it_is_said_that_layers_were_not_checked(monkeypatch):
    for module in list(sys.modules):
        if module.startswith("mxdigits.backends.xla"):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "jax", None)
    said = []
    check_layers(Recipe.make(model="lenet", backend="xla"), said.append)
    assert said == ["layers: not checked: the backend xla is not installed here"]


def test_a_path_that_is_none_is_an_error_of_the_recipe(call, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("model: {name: graph, path: 3}\n")
    assert call("check", recipe) == (
        2,
        "",
        "error: model 'graph': path: must be the name of a file, got 3\n",
    )
