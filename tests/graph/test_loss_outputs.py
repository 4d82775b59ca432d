"""Networks of MXNet's Module: what they end with to be trained is read as what they predict."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.choose import choose_devices, outputs
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import RunFolderError
from mxdigits.graph.loss_outputs import LOSSES, without_loss
from mxdigits.graph.network_files import read_exported_files
from mxdigits.graph.symbol_json import read_exported, read_graph

pytestmark = pytest.mark.mxnet

mx = import_mxnet()


def lenet() -> object:
    """The tutorial's network, to its logits."""
    x = mx.sym.var("data")
    for filters in (4, 6):
        x = mx.sym.Convolution(x, kernel=(5, 5), num_filter=filters)
        x = mx.sym.Activation(x, act_type="tanh")
        x = mx.sym.Pooling(x, pool_type="max", kernel=(2, 2), stride=(2, 2))
    x = mx.sym.BatchNorm(x, fix_gamma=False)
    x = mx.sym.Dropout(mx.sym.flatten(x), p=0.5)
    x = mx.sym.Activation(mx.sym.FullyConnected(x, num_hidden=20), act_type="tanh")
    return mx.sym.FullyConnected(x, num_hidden=10)


def maps() -> object:
    """A network whose last layer gives (N, 3, 4, 4)."""
    return mx.sym.Convolution(mx.sym.var("data"), kernel=(25, 25), num_filter=3)


@pytest.mark.parametrize("operator", LOSSES)
@pytest.mark.parametrize(
    ("network", "attributes"),
    [(lenet, {}), (maps, {}), (maps, {"multi_output": True}), (maps, {"preserve_shape": True})],
)
def test_it_answers_as_module_predicts(operator, network, attributes, tmp_path, monkeypatch):
    if attributes and not operator.startswith("Softmax"):
        return
    monkeypatch.chdir(tmp_path)
    images = np.random.default_rng(0).random((6, 1, 28, 28), np.float32)
    loss = getattr(mx.sym, operator)(network(), name="out", **attributes)
    module = mx.mod.Module(loss, label_names=["out_label"])
    shapes = dict(zip(loss.list_arguments(), loss.infer_shape(data=images.shape)[0]))
    labels = shapes["out_label"]
    module.bind([("data", images.shape)], [("out_label", labels)], for_training=False)
    module.init_params(mx.init.Xavier())
    module.save_checkpoint("own", 3)
    given = mx.io.NDArrayIter(images, batch_size=6)
    expected = module.predict(given).asnumpy()
    graph, arrays = read_exported_files(tmp_path / "own-symbol.json", tmp_path / "own-0003.params")
    assert graph.inputs == ("data",)
    found = outputs(choose_devices("cpu", "mxnet", print), graph, arrays, images)
    assert np.abs(found.reshape(expected.shape) - expected).max() < 1e-6
    assert np.ptp(found) > 0.01


def test_its_logits_are_trained_further():
    text = mx.sym.SoftmaxOutput(lenet(), name="out").tojson()
    graph = read_graph(text.encode(), "s.json")
    whole = read_exported(text.encode(), "s.json", graph.parameters + graph.auxiliary_states)
    assert [node.operator for node in whole.operations][-2:] == ["FullyConnected", "softmax"]
    assert [node.operator for node in graph.operations][-1] == "FullyConnected"
    assert graph.inputs == whole.inputs == ("data",)


def test_a_label_that_the_network_uses_otherwise_is_no_label():
    x, label = mx.sym.var("data"), mx.sym.var("label")
    both = mx.sym.FullyConnected(mx.sym.broadcast_add(x, label), num_hidden=3)
    text = mx.sym.SoftmaxOutput(both, label, name="out").tojson()
    with pytest.raises(RunFolderError) as caught:
        read_exported(text.encode(), "s.json", ["fullyconnected0_weight"])
    assert "'out', is of the operator 'SoftmaxOutput'" in str(caught.value)


REFERENCE = st.lists(st.integers(-2, 5) | st.none() | st.text(max_size=2), max_size=4)
OPERATOR = st.sampled_from(["null", "relu", "FullyConnected", *LOSSES])
NODE = st.fixed_dictionaries(
    {},
    optional={
        "op": OPERATOR | st.integers() | st.just([]),
        "name": st.text(max_size=3),
        "inputs": st.lists(REFERENCE, max_size=3) | st.integers(),
        "attrs": st.dictionaries(st.text(max_size=3), st.text(max_size=3)) | st.none(),
    },
)
DOCUMENT = st.fixed_dictionaries(
    {"nodes": st.lists(NODE | st.integers(), max_size=5)},
    optional={"heads": st.integers(0, 4).map(lambda last: [[last, 0, 0]]) | st.text(max_size=2)},
)


@given(DOCUMENT | st.recursive(st.integers(), st.lists))
def test_any_content_is_read_or_refused(document):
    without_loss(document)
    content = json.dumps(
        {"attrs": {"mxnet_version": ["int", 10901]}, **document}
        if isinstance(document, dict)
        else document
    )
    with suppress(RunFolderError):
        read_exported(content.encode(), "s.json")
