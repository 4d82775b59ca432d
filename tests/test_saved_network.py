"""Saved networks load in plain MXNet, which then says the same."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from mxdigits.errors import RunFolderError
from mxdigits.network import build_network
from mxdigits.runtime import import_mxnet

mx = import_mxnet()

from mxdigits.saved_network import load_network, save_network  # noqa: E402
from mxdigits.trainer import Trainer  # noqa: E402

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
    save_network(
        trained.network,
        (1, 16, 16),
        tmp_path / "model-symbol.json",
        tmp_path / "model-0000.params",
    )
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
    save_network(trained.network, (1, 16, 16), *files)
    again = Trainer(load_network(*files, [mx.cpu()]))
    np.testing.assert_array_equal(again.logits(images), trained.logits(images))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model-0000.params",
        "model-symbol.json",
    ]


@pytest.mark.parametrize(
    ("symbol", "parameters"),
    [("", b""), ("{}", b""), ("not json", b"x" * 64), ('{"nodes": []}', b"\0" * 64)],
)
def test_damaged_files_are_one_error(tmp_path, symbol, parameters):
    files = tmp_path / "model-symbol.json", tmp_path / "model-0000.params"
    files[0].write_text(symbol)
    files[1].write_bytes(parameters)
    with pytest.raises(RunFolderError) as caught:
        load_network(*files, [mx.cpu()])
    assert str(caught.value).startswith(f"{files[0]} and model-0000.params hold no network: ")
    assert "\n" not in str(caught.value)
