"""Files of an MXNet before 1.0: read as MXNet 1.9.1 reads them, and hostile ones refused."""

from __future__ import annotations

import copy
import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.choose import choose_devices, outputs
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import RunFolderError
from mxdigits.graph.hints import read_hints
from mxdigits.graph.limits import FROM_FILES
from mxdigits.graph.network_files import read_exported_files
from mxdigits.graph.old_files import upgraded
from mxdigits.graph.suggestions import _INSTEAD, suggestion_for
from mxdigits.graph.symbol_json import read_exported, read_graph

pytestmark = pytest.mark.mxnet

mx = import_mxnet()


def network() -> object:
    x = mx.sym.Convolution(mx.sym.var("data"), kernel=(3, 3), num_filter=4, no_bias=True, name="c")
    x = mx.sym.BatchNorm(x, fix_gamma=False, eps=2e-5, name="norm")
    x = mx.sym.LRN(mx.sym.Activation(x, act_type="relu"), nsize=3)
    x = mx.sym.Pooling(x, pool_type="max", kernel=(3, 3), stride=(2, 2), pooling_convention="full")
    x = mx.sym.BatchNorm(x, use_global_stats=True, name="again")
    return mx.sym.SoftmaxOutput(mx.sym.FullyConnected(x, num_hidden=5, name="fc"), name="softmax")


def of_version(version: int) -> dict:
    """The network as an MXNet of that version wrote it: 905, or 0 before 0.9."""
    document = json.loads(network().tojson())
    for node in document["nodes"]:
        attrs = node.pop("attrs", {})
        if version:
            node["attr"] = attrs
            continue
        learns = {"lr_mult": "0.5"} if node["name"] == "c_weight" else {}
        node.update(param=attrs, attr=learns, backward_source_id=-1)
        node["inputs"] = [reference[:2] for reference in node["inputs"]]
    if version:
        document["attrs"] = {"mxnet_version": ["int", version]}
        return document
    del document["attrs"], document["node_row_ptr"]
    nodes = document["nodes"]
    kept = [i for i, node in enumerate(nodes) if "_moving_" not in node["name"]]
    for node in nodes:
        node["inputs"] = [[kept.index(i), n] for i, n in node["inputs"] if i in kept]
    nodes = [nodes[i] for i in kept]
    variables = [i for i, node in enumerate(nodes) if node["op"] == "null"]
    return {**document, "nodes": nodes, "heads": [[len(nodes) - 1, 0]], "arg_nodes": variables}


@pytest.mark.parametrize("version", [0, 901, 905, 1200])
def test_it_answers_as_mxnet_does_that_reads_the_same_file(version, tmp_path):
    content = json.dumps(of_version(version))
    symbol = mx.sym.load_json(content)
    random = np.random.default_rng(0)
    shape = (3, 2, 11, 11)
    shapes, _, auxiliary = symbol.infer_shape(data=shape)
    arrays = {
        f"{kind}:{name}": mx.nd.array(random.random(size) + 0.1)
        for kind, names, sizes in (
            ("arg", symbol.list_arguments(), shapes),
            ("aux", symbol.list_auxiliary_states(), auxiliary),
        )
        for name, size in zip(names, sizes)
        if name not in ("data", "softmax_label")
    }
    assert len(arrays) == 11
    (tmp_path / "old-symbol.json").write_text(content)
    mx.nd.save(str(tmp_path / "old-0000.params"), arrays)
    images = random.random(shape, np.float32)

    executor = symbol.simple_bind(mx.cpu(), data=shape)
    of_mxnet = {name.partition(":")[2]: array for name, array in arrays.items()}
    executor.copy_params_from(of_mxnet, of_mxnet, allow_extra_params=True)
    expected = executor.forward(data=mx.nd.array(images))[0].asnumpy()

    graph, own = read_exported_files(tmp_path / "old-symbol.json", tmp_path / "old-0000.params")
    assert outputs(choose_devices("cpu"), graph, own, images) == pytest.approx(expected, abs=1e-6)


def test_how_a_parameter_learns_is_read_by_its_old_name():
    content = json.dumps(of_version(0)).encode()
    assert read_hints(content, "old.json")["c_weight"].lr_mult == 0.5
    assert read_graph(content, "old.json").auxiliary_states == (
        *("norm_moving_mean", "norm_moving_var", "again_moving_mean", "again_moving_var"),
    )


def test_what_an_old_operator_meant_otherwise_is_refused():
    document = of_version(901)
    document["nodes"][-3]["op"] = "argmax"
    assert upgraded(document) is document
    with pytest.raises(RunFolderError, match="written by version 901 of MXNet; have"):
        read_exported(json.dumps(document).encode(), "old.json")


def test_files_of_today_stay_as_they_are():
    document = json.loads(network().tojson())
    assert upgraded(document) is document


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 30) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from([0, 905]), st.data())
def test_whatever_an_old_file_holds_is_read_or_refused(version, data):
    document = copy.deepcopy(OLD[version])
    where = data.draw(st.sampled_from(["nodes", "heads", "attrs", "a node", "a field"]))
    if where in ("nodes", "heads", "attrs"):
        document[where] = data.draw(ANYTHING)
    else:
        index = data.draw(st.integers(0, len(document["nodes"]) - 1))
        if where == "a node":
            document["nodes"][index] = data.draw(ANYTHING)
        else:
            key = data.draw(st.sampled_from(["op", "name", "inputs", "attr", "param", "attrs"]))
            document["nodes"][index][key] = data.draw(ANYTHING)
    with suppress(RunFolderError):
        read_exported(json.dumps(document).encode(), "old.json")


OLD = {version: of_version(version) for version in (0, 905)}


# Operators that no file may use


def test_what_is_to_be_written_in_place_of_an_operator_is_said():
    content = mx.sym.nansum(mx.sym.flatten(mx.sym.relu(mx.sym.var("data")))).tojson()
    with pytest.raises(RunFolderError) as caught:
        read_exported(content.encode(), "mine.json")
    assert str(caught.value).endswith(
        " is of the operator 'nansum', which is not run from a file; in its block write sum in "
        "place of it, load the same parameters and export it again"
    )


def test_only_for_operators_that_are_refused_something_else_is_named():
    assert not set(_INSTEAD) & FROM_FILES
    assert suggestion_for("Custom") == ""
