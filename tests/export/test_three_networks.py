"""The MLP, LeNet and ResNet-20, trained for a moment, pass the gate of each format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the format onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the format onnx needs onnxruntime")
pytest.importorskip("safetensors", reason="the format safetensors needs safetensors")

from mxdigits import Recipe, import_mxnet, load_dataset
from mxdigits.data.idx import write_idx
from mxdigits.experiment.run import run
from mxdigits.export.export import ExportRequest, export, jobs
from mxdigits.export.formats import ExportOptions
from mxdigits.export.source import Source, run_source
from mxdigits.plugins.registry import MODELS, NETWORK_FORMATS
from mxdigits.predict.opening import EvaluationRequest

pytestmark = pytest.mark.mxnet

LEARNING_RATES = {"mlp": 0.1, "lenet": 0.1, "resnet20": 0.05}


def resnet20(*, classes=10):
    """Of K. He et al., Deep Residual Learning for Image Recognition, 2015, for small images."""
    resnet = import_mxnet().gluon.model_zoo.vision.resnet
    layers, channels = [3, 3, 3], [16, 16, 32, 64]
    return resnet.ResNetV1(resnet.BasicBlockV1, layers, channels, classes=classes, thumbnail=True)


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory) -> Path:
    """Some hundreds of MNIST, as IDX files."""
    folder, mnist = tmp_path_factory.mktemp("few"), load_dataset("mnist")
    for split, prefix in ((mnist.train[:640], "train"), (mnist.test[:200], "t10k")):
        write_idx(folder / f"{prefix}-images-idx3-ubyte", split.images[:, 0])
        write_idx(folder / f"{prefix}-labels-idx1-ubyte", split.labels.astype(np.uint8))
    return folder


@pytest.fixture(scope="module", params=LEARNING_RATES)
def source(request, few_digits, tmp_path_factory) -> Source:
    """A run of each network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODELS, "_registered", {**MODELS._registered})
        if request.param not in MODELS.names():
            MODELS.register(request.param)(resnet20)
        recipe = Recipe.make(
            model=request.param,
            data={"name": "idx", "path": str(few_digits), "batch_size": 32},
            optimizer={"name": "sgd", "learning_rate": LEARNING_RATES[request.param]},
            epochs=2,
        )
        done = run(recipe, output=tmp_path_factory.mktemp("runs"), report=False)
        yield run_source(done.folder.path, EvaluationRequest(), print)


@pytest.mark.parametrize("name", NETWORK_FORMATS.names())
def test_it_passes_its_gate(name, source, tmp_path):
    if name == "torch":
        pytest.importorskip("torch", reason="the format torch needs PyTorch")
    options = ExportOptions(17, 0.05, source.training_images, print)
    (done,) = export(source, jobs("network", ExportRequest([name], tmp_path)), options, 1e-4)
    assert sorted(done.files) == sorted(tmp_path.iterdir())
    assert done.parity.images == 200
    before, after = done.parity.accuracies
    assert before > 0.2  # it has learnt something to lose
    if name == "onnx-int8":
        # With more, sums of products are cut off by processors without VNNI alone.
        assert max(map(np.ptp, _weights(done.files[0]))) <= 128
    else:
        assert done.parity.difference <= 1e-4
        assert (done.parity.equal, after) == (200, before)


def _weights(path: Path) -> list[np.ndarray]:
    """The matrices and kernels of a file whose weights have 8 bits."""
    arrays = [onnx.numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer]
    found = [each.astype(int) for each in arrays if each.dtype == np.int8 and each.ndim > 1]
    assert found
    return found
