"""The format torch: what the file of a network says, word for word, and what it answers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the format torch needs PyTorch")
pytest.importorskip("safetensors", reason="the format torch needs safetensors")

from mxdigits.backends.mxnet.networks.symbols import neutral_form, outputs
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import BackendMissing, NetworkError
from mxdigits.export.export import ExportRequest, export, jobs
from mxdigits.export.formats import ExportOptions, network_format
from mxdigits.export.source import Source, run_source
from mxdigits.export.torch import format as module
from mxdigits.export.torch.code import Value
from mxdigits.export.torch.module import class_name, write_module
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.symbol_json import with_softmax
from mxdigits.models.lenet import LeNet
from mxdigits.predict.opening import EvaluationRequest

mx = import_mxnet()

IMAGES = {"data": Value(rank=4)}
LENET = """\
class Lenet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv0 = nn.Conv2d(1, 20, kernel_size=5)
        self.conv1 = nn.Conv2d(20, 50, kernel_size=5)
        self.dense0 = nn.Linear(800, 500)
        self.dense1 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.conv0(x)), 2)
        x = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
        x = torch.tanh(self.dense0(x.flatten(1)))
        return self.dense1(x).softmax(dim=-1)
"""
RESIDUAL = """\
    def forward(self, x):
        x = torch.relu(self.batchnorm0(self.conv0(x)))
        y = torch.relu(self.batchnorm1(self.conv1(x)))
        x = F.adaptive_avg_pool2d(torch.relu(self.batchnorm2(self.conv2(y)) + x), 1)
        return self.dense0(x.flatten(1))
"""
RESNET20 = """\
        y = self.stage2_batchnorm2(self.stage2_conv2(x))
        x = torch.relu(self.stage2_batchnorm0(self.stage2_conv0(x)))
        x = torch.relu(y + self.stage2_batchnorm1(self.stage2_conv1(x)))
        y = torch.relu(self.stage2_batchnorm3(self.stage2_conv3(x)))
        x = torch.relu(x + self.stage2_batchnorm4(self.stage2_conv4(y)))
"""


class Residual(mx.gluon.HybridBlock):
    """A small residual network."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            for i in range(3):
                setattr(self, f"c{i}", mx.gluon.nn.Conv2D(4, 3, padding=1, use_bias=False))
                setattr(self, f"b{i}", mx.gluon.nn.BatchNorm())
            self.out = mx.gluon.nn.Dense(10)

    def hybrid_forward(self, F, x):
        x = F.Activation(self.b0(self.c0(x)), act_type="relu", name="relu0")
        y = F.Activation(self.b1(self.c1(x)), act_type="relu", name="relu1")
        x = F.Activation(self.b2(self.c2(y)) + x, act_type="relu", name="relu2")
        x = F.Pooling(x, global_pool=True, kernel=(1, 1), pool_type="avg", name="pool")
        return self.out(x)


def initialised(block, shape):
    mx.random.seed(1)
    block.initialize(mx.init.Xavier())
    block(mx.nd.zeros((1, *shape)))
    return neutral_form(block)


def unheard(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def source(bars_run) -> Source:
    return run_source(bars_run, EvaluationRequest(), unheard)


def options(source: Source) -> ExportOptions:
    return ExportOptions(17, 0.1, source.training_images, unheard)


def test_lenet_reads_as_a_person_would_write_it():
    graph, arrays = initialised(LeNet(), (1, 28, 28))
    text, states = write_module(with_softmax(graph), arrays, IMAGES, name="lenet")
    assert LENET in text
    assert sorted(states) == sorted(
        f"{layer}.{what}"
        for layer in ("conv0", "conv1", "dense0", "dense1")
        for what in ("bias", "weight")
    )


def test_resnet20_has_a_line_a_layer_and_names_its_stages():
    resnet = mx.gluon.model_zoo.vision.resnet
    block = resnet.ResNetV1(
        resnet.BasicBlockV1, [3, 3, 3], [16, 16, 32, 64], classes=10, thumbnail=True
    )
    graph, arrays = initialised(block, (1, 28, 28))
    text, _ = write_module(with_softmax(graph), arrays, IMAGES, name="resnet20")
    assert RESNET20 in text
    forward = text.partition("def forward")[2].partition("\n\n")[0]
    assert len(forward.splitlines()) == 1 + 1 + 9 * 2 + 2 + 2  # stem, blocks, shortcuts, head
    assert text.count("nn.Conv2d(") == 1 + 9 * 2 + 2


def test_a_residual_network_has_names_for_what_it_needs_again():
    graph, arrays = initialised(Residual(), (1, 8, 8))
    text, states = write_module(graph, arrays, IMAGES, name="residual")
    assert RESIDUAL in text
    assert states["batchnorm0.num_batches_tracked"].dtype == np.int64


def test_attributes_of_the_block_name_the_layers():
    graph, arrays = initialised(Residual(), (1, 8, 8))
    places = {name: f"c{i}.weight" for i, name in enumerate(n for n in arrays if "conv" in n)}
    text, _ = write_module(graph, arrays, IMAGES, name="residual", structure=places)
    assert "self.c0 = nn.Conv2d(1, 4, kernel_size=3, padding=1, bias=False)" in text


def test_the_files_work_with_pytorch_alone(source, tmp_path):
    (job,) = jobs("bars", ExportRequest(["torch"], tmp_path))
    (done,) = export(source, [job], options(source), 1e-4)
    assert [file.name for file in done.files] == ["bars_torch.py", "bars_torch.safetensors"]
    np.save(tmp_path / "images.npy", source.images)
    script = (
        "import sys; sys.modules['mxdigits'] = sys.modules['mxnet'] = None\n"
        "import numpy, torch, bars_torch\n"
        "found = bars_torch.load()(torch.from_numpy(numpy.load('images.npy')))\n"
        "numpy.save('found.npy', found.detach().numpy())\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=300)
    np.testing.assert_allclose(np.load(tmp_path / "found.npy"), source.answers, atol=1e-5)


def test_the_files_say_what_they_are(source, tmp_path):
    from safetensors import safe_open

    (job,) = jobs("bars", ExportRequest(["torch"], tmp_path))
    list(export(source, [job], options(source), 1e-4))
    said = ast.get_docstring(ast.parse(job.target.read_text()))
    lines = " ".join(said.split())
    assert lines.startswith(
        "bars, for PyTorch. It takes float32 (N, 1, 16, 16) from 0 to 1 and gives probabilities "
        "(N, 4) of the classes 0, 1, 2, 3. Pictures are prepared as 'none'; the run bars/"
    )
    assert "46 of 46 answers are equal." in lines
    with safe_open(str(job.files[1]), "numpy") as held:
        assert held.metadata()["name"] == "bars"


def test_a_layer_that_is_used_twice_is_one_layer():
    w = np.eye(3, dtype=np.float32)
    nodes = Variable("data", "input"), Variable("w")
    fc = {"num_hidden": 3, "no_bias": True}
    first = operation("FullyConnected", "first", [Output(0), Output(1)], **fc)
    second = operation("FullyConnected", "second", [Output(2), Output(1)], **fc)
    graph = Graph((*nodes, first, second), (Output(3),))
    text, states = write_module(graph, {"w": w}, {"data": Value(rank=2)}, name="twice")
    assert "return self.first(self.first(x))" in text
    assert list(states) == ["first.weight"]


def test_names_cannot_leave_their_place():
    odd = 'x"""\nimport os\\'
    nodes = Variable("data", "input"), Variable("w")
    fc = operation(
        "FullyConnected", "1; import os", [Output(0), Output(1)], num_hidden=2, no_bias=1
    )
    graph = Graph((*nodes, fc), (Output(2),))
    arrays = {"w": np.zeros((2, 2), np.float32)}
    text, _ = write_module(graph, arrays, IMAGES, name=odd, about=[odd])
    tree = ast.parse(text)
    assert [type(node).__name__ for node in tree.body] == [
        *("Expr", "ImportFrom", "ImportFrom", "ImportFrom", "ClassDef", "FunctionDef")
    ]
    assert "self.layer_1_import_os = nn.Linear(2, 2, bias=False)" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [("lenet", "Lenet"), ("digits-lenet", "DigitsLenet"), ("20 x", "Network20X"), ("é", "Network")],
)
def test_the_class_has_a_name(name, expected):
    assert class_name(name) == expected


def test_what_it_cannot_hold_is_named(source, tmp_path):
    from dataclasses import replace

    shape = {"kernel": (2, 2), "num_filter": 1, "target_shape": (4, 4)}
    nodes = Variable("data", "input"), Variable("w")
    up = operation("Deconvolution", "up", [Output(0), Output(1)], **shape)
    odd = replace(source.network, graph=Graph((*nodes, up), (Output(2),)))
    odd = replace(odd, arrays={"w": np.zeros((1, 1, 2, 2), np.float32)})
    with pytest.raises(NetworkError) as caught:
        network_format("torch").check(odd, options(source))
    assert str(caught.value) == (
        "a file for PyTorch cannot hold layer 'up' (Deconvolution): its padding follows from "
        "target_shape; write pad and adj instead"
    )


def test_weights_that_are_computed_are_refused():
    nodes = Variable("data", "input"), Variable("w")
    double = operation("_mul_scalar", "double", [Output(1)], scalar=2.0)
    fc = operation("FullyConnected", "fc", [Output(0), Output(2)], num_hidden=2, no_bias=True)
    graph = Graph((*nodes, double, fc), (Output(3),))
    with pytest.raises(NetworkError) as caught:
        write_module(graph, {"w": np.zeros((2, 2), np.float32)}, IMAGES, name="x")
    assert str(caught.value) == (
        "a file for PyTorch cannot hold layer 'fc' (FullyConnected): its weights are computed by "
        "another layer; write --format onnx"
    )


def test_without_pytorch_it_says_what_to_install(source, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(BackendMissing) as caught:
        network_format("torch").check(source.network, options(source))
    assert str(caught.value).startswith("PyTorch is not installed: pip install ")


def test_mxnets_answers_of_a_residual_network(tmp_path: Path):
    graph, arrays = initialised(Residual(), (1, 8, 8))
    text, states = write_module(graph, arrays, IMAGES, name="residual")
    (tmp_path / "residual.py").write_text(text)
    network = module.load_module(tmp_path / "residual.py").Residual()
    network.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in states.items()})
    images = np.random.default_rng(0).random((3, 1, 8, 8), np.float32)
    with torch.inference_mode():
        found = network.eval()(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(found, outputs(graph, arrays, images, mx.cpu()), atol=1e-5)
