"""Saved networks load in plain MXNet, which then says the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import PluginError, RunFolderError
from mxdigits.graph.network_files import write_network
from mxdigits.models.building import build_network

mx = import_mxnet()

from mxdigits.backends.mxnet.networks.saved_network import (  # noqa: E402
    check_reloading,
    load_network,
)
from mxdigits.backends.mxnet.networks.symbols import neutral_form  # noqa: E402
from mxdigits.train.trainer import Trainer  # noqa: E402

PLAIN = """
import sys
import numpy
numpy.bool = bool
import mxnet as mx
images = mx.nd.array(numpy.load("images.npy").astype("float32") / 255)
block = mx.gluon.SymbolBlock.imports("model-symbol.json", ["data"], "model-0000.params")
symbol, arguments, statistics = mx.model.load_checkpoint("model", 0)
module = mx.mod.Module(symbol, data_names=["data"], label_names=None)
module.bind(data_shapes=[("data", images.shape)], for_training=False)
module.set_params(arguments, statistics)
module.forward(mx.io.DataBatch([images]), is_train=False)
numpy.savez("said.npz", block=block(images).asnumpy(), module=module.get_outputs()[0].asnumpy())
assert not any(name.startswith("mxdigits") for name in sys.modules)
"""


@pytest.fixture(params=["mlp", "lenet"])
def trained(request, digits):
    block = build_network(request.param, {"dropout": 0.2}, classes=4, image_shape=(1, 16, 16))
    trainer = Trainer(block, "sgd", {"learning_rate": 0.05})
    trainer.fit(digits["train"], epochs=1, batch_size=20)
    return trainer


def test_plain_mxnet_gives_the_same_probabilities(trained, digits, tmp_path):
    images = digits["test"][0]
    files = tmp_path / "model-symbol.json", tmp_path / "model-0000.params"
    write_network(*trained.backend.network(), *files)
    np.save(tmp_path / "images.npy", images[:, None])
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAIN], cwd=tmp_path, check=True, env=os.environ
    )
    said = np.load(tmp_path / "said.npz")
    expected = trained.predict(images)
    np.testing.assert_allclose(said["block"], expected, atol=1e-6)
    np.testing.assert_allclose(said["module"], expected, atol=1e-6)


def test_a_loaded_network_gives_the_same_logits(trained, digits, tmp_path):
    images = digits["test"][0]
    files = tmp_path / "model-symbol.json", tmp_path / "model-0000.params"
    write_network(*trained.backend.network(), *files)
    again = Trainer(load_network(*files, [mx.cpu()]))
    np.testing.assert_array_equal(again.logits(images), trained.logits(images))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model-0000.params",
        "model-symbol.json",
    ]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The files of a network of 3 classes for images of (1, 4, 4)."""
    folder = tmp_path_factory.mktemp("saved")
    network = mx.gluon.nn.HybridSequential(prefix="net_")
    with network.name_scope():
        network.add(mx.gluon.nn.Conv2D(2, 3), mx.gluon.nn.BatchNorm(), mx.gluon.nn.Dense(3))
    network.initialize()
    network(mx.nd.zeros((1, 1, 4, 4)))
    files = folder / "model-symbol.json", folder / "model-0000.params"
    write_network(*neutral_form(network), *files)
    return files


def copied(saved, folder):
    copies = tuple(folder / file.name for file in saved)
    for file, copy in zip(saved, copies):
        copy.write_bytes(file.read_bytes())
    return copies


def refusal(files, image_shape=(1, 4, 4), classes=3, sha256=None) -> str:
    with pytest.raises(RunFolderError) as caught:
        load_network(*files, [mx.cpu()], image_shape, classes, sha256)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is not JSON in line 1: Expecting value"),
        ("not json", "it is not JSON in line 1: Expecting value"),
        ('{"nodes', "it is not JSON in line 1: Unterminated string"),
        ("{}", "the file has no proper 'nodes'"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"nodes": []}', "the file has no proper 'heads'"),
    ],
    ids=["empty", "text", "cut", "object", "deep", "nodes"],
)
def test_a_damaged_symbol_is_one_error(saved, tmp_path, content, message):
    files = copied(saved, tmp_path)
    files[0].write_text(content)
    assert refusal(files) == f"{files[0]} is no network: {message}"


def test_damaged_parameters_are_one_error(saved, tmp_path):
    files = copied(saved, tmp_path)
    files[1].write_bytes(b"")
    said = f"{files[1]} is no file of parameters: it ends where 24 more bytes should be"
    assert refusal(files) == said
    files[1].unlink()
    assert refusal(files) == f"{files[1]}: cannot be read: No such file or directory"


def test_files_that_do_not_fit_are_one_error(saved, tmp_path):
    files = copied(saved, tmp_path)
    both = f"{files[0]} and model-0000.params hold no network: "
    assert refusal(files, (1, 4, 4), 4) == f"{both}its output for 2 images has the shape (2, 3)"
    assert refusal(files, (3, 4, 4)).startswith(both)
    assert refusal(files, (1, 40, 40)).startswith(both)
    parameters = mx.nd.load(str(files[1]))
    for name, array, said in (
        ("arg:net_conv0_bias", mx.nd.zeros((2, 1)), None),
        (
            "aux:net_batchnorm0_running_var",
            mx.nd.zeros(5),
            "(5,), it should have (2,)",
        ),
        ("arg:more", mx.nd.zeros(1), "the graph has no parameter 'more'"),
        ("aux:net_conv0_bias", mx.nd.zeros(2), "two parameters are alike"),
    ):
        mx.nd.save(str(files[1]), {**parameters, name: array})
        assert refusal(files).startswith(both)
        assert said is None or said in refusal(files)
    del parameters["arg:net_conv0_bias"]
    mx.nd.save(str(files[1]), parameters)
    assert refusal(files) == f"{both}the parameter 'net_conv0_bias' is missing"


def test_a_file_that_changed_is_told_from_one_that_is_damaged(saved, tmp_path):
    files = copied(saved, tmp_path)
    before = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert load_network(*files, [mx.cpu()], (1, 4, 4), 3, before)
    content = bytearray(files[1].read_bytes())
    content[100] ^= 1  # within the first weights
    files[1].write_bytes(content)
    now = hashlib.sha256(content).hexdigest()
    assert load_network(*files, [mx.cpu()], (1, 4, 4), 3)
    assert refusal(files, sha256=before) == (
        f"{files[1]} has changed since the run saved it: "
        f"its SHA-256 is {now}, the run's record says {before['model-0000.params']}"
    )


class Unusual(mx.gluon.HybridBlock):
    """With statistics, traced more than once, and an operator that is not known to be harmless."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.norm = mx.gluon.nn.BatchNorm()
            self.output = mx.gluon.nn.Dense(3)

    def hybrid_forward(self, F, x):
        return self.output(F.depth_to_space(self.norm(x), block_size=1))


def test_another_operator_needs_trust(tmp_path, monkeypatch):
    network = Unusual()
    network.initialize()
    network.hybridize()
    images = mx.nd.random.uniform(shape=(2, 1, 4, 4))
    expected = network(images).asnumpy()
    network(images)
    files = tmp_path / "s.json", tmp_path / "p.params"
    write_network(*neutral_form(network), *files)
    with pytest.raises(RunFolderError) as caught:
        load_network(*files, [mx.cpu()], (1, 4, 4), 3)
    assert str(caught.value).endswith(
        "is of the operator 'depth_to_space', which is not run from a file; "
        "MXDIGITS_TRUST=1 runs it, if you trust who made it"
    )
    monkeypatch.setenv("MXDIGITS_TRUST", "1")
    loaded = load_network(*files, [mx.cpu()], (1, 4, 4), 3)
    np.testing.assert_allclose(loaded(images).asnumpy(), expected, rtol=1e-6)


def test_a_network_that_could_not_be_loaded_is_known_before_it_is_trained():
    said: list[str] = []
    network = build_network("lenet", {}, classes=3, image_shape=(1, 16, 16))
    check_reloading(network, (1, 16, 16), 3, said.append)
    assert said == []
    network = Unusual()
    network.initialize()
    network.hybridize()
    network(mx.nd.zeros((2, 1, 4, 4)))
    check_reloading(network, (1, 4, 4), 3, said.append)
    (sentence,) = said
    assert sentence.startswith("the network as it will be saved is no network: node ")
    assert sentence.endswith(
        "is of the operator 'depth_to_space', which is not run from a file; "
        "the trained network can be used with MXDIGITS_TRUST=1 only"
    )


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            mx.gluon.nn.Conv2D(2, 1, prefix="a" * 257),
            "the network as it will be saved is no network: node 1 has no proper name; "
            "the trained network could not be used",
        ),
        (
            mx.gluon.nn.Conv2D(1100, 1, prefix="wide_"),
            "the network on images of 1x64x64: its outputs for an image would take too much "
            "memory; the trained network could not be used",
        ),
    ],
)
def test_a_network_that_could_not_be_loaded_is_not_trained(layer, message):
    network = mx.gluon.nn.HybridSequential(prefix="")
    network.add(layer, mx.gluon.nn.GlobalAvgPool2D(), mx.gluon.nn.Dense(3, prefix="output_"))
    network.initialize()
    network.hybridize()
    network(mx.nd.zeros((2, 1, 64, 64)))
    with pytest.raises(PluginError) as caught:
        check_reloading(network, (1, 64, 64), 3, print)
    assert str(caught.value) == message


def test_batch_normalisation_comes_back(tmp_path):
    network = mx.gluon.nn.HybridSequential()
    network.add(mx.gluon.nn.Conv2D(4, 3, use_bias=False), mx.gluon.nn.BatchNorm())
    network.add(mx.gluon.nn.Dense(3))
    network.initialize()
    network.hybridize()
    images = mx.nd.random.uniform(shape=(2, 1, 8, 8))
    expected = network(images).asnumpy()
    files = tmp_path / "s.json", tmp_path / "p.params"
    write_network(*neutral_form(network), *files)
    loaded = load_network(*files, [mx.cpu()], (1, 8, 8), 3)
    np.testing.assert_allclose(loaded(images).asnumpy(), expected, rtol=1e-6)


def test_a_folder_whose_name_is_no_utf8(tmp_path):
    """MXNet takes paths in UTF-8 only."""
    folder = tmp_path / os.fsdecode(b"r\xe9seau")
    folder.mkdir()
    files = folder / "model-symbol.json", folder / "model-0000.params"
    network = build_network("mlp", {"hidden": [4]}, classes=3, image_shape=(1, 8, 8))
    write_network(*neutral_form(network), *files)
    assert sorted(os.listdir(folder)) == ["model-0000.params", "model-symbol.json"]
    images = mx.nd.ones((2, 1, 8, 8))
    loaded = load_network(*files, [mx.cpu()])
    np.testing.assert_allclose(loaded(images).asnumpy(), network(images).asnumpy(), rtol=1e-5)
