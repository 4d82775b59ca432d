"""A network that MXNet saved, with what its owner knows of it: a file that predicts pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the format onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the format onnx needs onnxruntime")

from mxdigits.export.symbol_source import NetworkFacts, symbol_source
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.network_files import params_of
from mxdigits.graph.params_file import write_params
from mxdigits.graph.standardising import MEAN, STD, standardising
from mxdigits.graph.symbol_json import write_symbol
from mxdigits.predict.opening import EvaluationRequest, open_evaluator

pytestmark = pytest.mark.mxnet

MORE = np.ones(3, np.float32)
MEANS, STDS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LINE = "export", "own-symbol.json", "--input-shape"
ONE = "the network is given images from 0 to 1; if its script standardised them, write --mean and "


def own_network(folder: Path, shape: tuple[int, int, int], classes: int = 3) -> dict:
    """A layer on images, as Gluon's export leaves it; its arrays."""
    nodes = [Variable("data", "input"), Variable("w"), Variable("b")]
    nodes.append(
        operation("FullyConnected", "out", [Output(0), Output(1), Output(2)], num_hidden=classes)
    )
    random = np.random.default_rng(0)
    arrays = {
        "w": random.normal(0, 0.1, (classes, int(np.prod(shape)))).astype(np.float32),
        "b": random.normal(0, 1, classes).astype(np.float32),
    }
    graph = Graph(tuple(nodes), (Output(3),))
    (folder / "own-symbol.json").write_text(write_symbol(graph))
    (folder / "own-0000.params").write_bytes(params_of(graph, arrays))
    return arrays


def probabilities(arrays: dict, images: np.ndarray, mean: tuple, std: tuple) -> np.ndarray:
    """What the network's own script would have said of bytes (N, C, H, W)."""
    each = (1, -1, 1, 1)
    given = (images / 255 - np.reshape(mean, each)) / np.reshape(std, each)
    scores = given.reshape(len(images), -1) @ arrays["w"].T + arrays["b"]
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("shape", "mean", "std"),
    [
        ((1, 28, 28), (0.1307,), (0.3081,)),
        ((1, 28, 28), (0.0,), (1 / 255,)),
        ((3, 6, 5), MEANS, STDS),
        ((3, 6, 5), (0.5,), STDS),
        ((3, 6, 5), MEANS, (1.0,)),
    ],
)
def test_the_file_answers_as_the_networks_own_script(shape, mean, std, mxdigits, tmp_path):
    arrays = own_network(tmp_path, shape)
    written = [",".join(map(str, each)) for each in (mean, std)]
    done = mxdigits(
        *(*LINE, ",".join(map(str, shape)), "--softmax", "--classes", "red, green,blue"),
        *("--mean", written[0], "--std", written[1]),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == "the parameters are those of own-0000.params\n"
    images = np.random.default_rng(1).integers(0, 256, (7, *shape)).astype(np.uint8)
    network = open_evaluator(tmp_path / "own.onnx", EvaluationRequest(), print)
    expected = probabilities(arrays, images, mean, std)
    assert np.abs(network.predict(images) - expected).max() < 1e-5
    texts = {each.key: each.value for each in onnx.load(tmp_path / "own.onnx").metadata_props}
    assert json.loads(texts["classes"]) == ["red", "green", "blue"]
    assert (json.loads(texts["input_range"]), texts["output"]) == ([0.0, 1.0], "probabilities")


def test_a_picture_is_predicted_by_the_file(mxdigits, tmp_path):
    from PIL import Image

    own_network(tmp_path, (1, 28, 28), classes=10)
    line = *LINE, "1,28,28", "--softmax", "--classes", "10", "--preprocessing", "mnist"
    done = mxdigits(*line, "--format", "onnx", "--format", "web", "-o", "made")
    assert done.stderr.splitlines()[1] == f"{ONE}--std"
    stroke = np.full((60, 60), 255, np.uint8)
    stroke[10:50, 28:33] = 0
    Image.fromarray(stroke).save(tmp_path / "one.png")
    done = mxdigits("predict", "made/own.onnx", "one.png", "-o", "p.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "<title>" in (tmp_path / "made/own.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--classes", "3"], 2, "own-symbol.json does not end in a softmax; write --softmax"),
        (
            ["--classes", "4", "--softmax"],
            2,
            "--classes names 4 classes; for an image the network gives numbers of shape (3,)",
        ),
        (
            ["--classes", "a,b,a", "--softmax"],
            2,
            "--classes 'a,b,a': write how many there are, or names such as cat,dog",
        ),
        (
            ["--classes", "0"],
            2,
            "--classes '0': write how many there are, or names such as cat,dog",
        ),
        (["--mean", "0.1"], 2, "--mean and --std belong together: write both"),
        (["--mean", "0.1", "--std", "0"], 2, "--std must be above 0"),
        (
            ["--mean", "0.1,0.2", "--std", "1"],
            2,
            "--mean has 2 numbers for 1 channels; write one for each, or one for all",
        ),
        (
            ["--mean", "0.1,x", "--std", "1"],
            2,
            "--mean '0.1,x': write a number, or one for each channel: 0.5,0.4,0.3",
        ),
        (
            ["--mean", "nan", "--std", "1"],
            2,
            "--mean 'nan': write a number, or one for each channel: 0.5,0.4,0.3",
        ),
        (["--format", "web"], 2, "web needs the names of classes; write --classes"),
        (
            ["--preprocessing", "mnist"],
            3,
            "digitized pictures are 28 x 28; this network takes images of shape (1, 6, 5)",
        ),
    ],
)
def test_what_its_owner_says_wrongly(arguments, code, told, mxdigits, tmp_path):
    own_network(tmp_path, (1, 6, 5))
    done = mxdigits(*LINE, "1,6,5", *arguments)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (code, f"error: {told}")
    assert {file.name for file in tmp_path.iterdir()} == {"own-symbol.json", "own-0000.params"}


def test_of_several_epochs_the_last_is_taken(mxdigits, tmp_path):
    own_network(tmp_path, (1, 6, 5))
    network = (tmp_path / "own-0000.params").read_bytes()
    for name in ("own-0003.params", "own-0010.params", "own2-0020.params", "own-best.params"):
        (tmp_path / name).write_bytes(network)
    done = mxdigits(*LINE, "1,6,5")
    assert (done.returncode, done.stderr) == (
        0,
        "the parameters are those of own-0010.params\n",
    )


def test_a_network_of_module_with_its_loss(mxdigits, tmp_path):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    hidden = mx.sym.FullyConnected(mx.sym.flatten(mx.sym.var("data")), num_hidden=8)
    logits = mx.sym.FullyConnected(mx.sym.Activation(hidden, act_type="relu"), num_hidden=10)
    module = mx.mod.Module(mx.sym.SoftmaxOutput(logits, name="softmax"))
    module.bind([("data", (5, 1, 28, 28))], [("softmax_label", (5,))])
    module.init_params(mx.init.Xavier())
    module.save_checkpoint(str(tmp_path / "tutorial"), 3)
    images = np.random.default_rng(2).integers(0, 256, (5, 1, 28, 28)).astype(np.uint8)
    given = mx.io.NDArrayIter(images.astype(np.float32) / 255, batch_size=5)
    expected = module.predict(given).asnumpy()
    line = "export", "tutorial-symbol.json", "--input-shape", "1,28,28", "--classes", "10"
    done = mxdigits(*line, "--mean", "0", "--std", "1")
    assert done.returncode == 0, done.stderr
    network = open_evaluator(tmp_path / "tutorial.onnx", EvaluationRequest(), print)
    assert np.abs(network.predict(images) - expected).max() < 1e-6


def test_a_run_says_itself_what_its_classes_are(mxdigits):
    done = mxdigits("export", "digits", "--classes", "10", "--mean", "0.1", "--softmax")
    assert done.returncode == 2
    assert done.stderr == (
        "error: --softmax, --classes, --mean: only for a symbol.json; a run already says it\n"
    )


def test_a_file_without_classes_says_what_it_lacks(mxdigits, tmp_path):
    own_network(tmp_path, (1, 6, 5))
    assert mxdigits(*LINE, "1,6,5").returncode == 0
    done = mxdigits("score", "own.onnx", "--data", "mnist")
    assert done.stderr == (
        "error: own.onnx gives no probabilities of classes that have names; export it with "
        "--softmax and --classes\n"
    )


def test_a_parameter_of_the_same_name_is_another():
    nodes = Variable("data", "input"), Variable(MEAN)
    nodes = (*nodes, operation("broadcast_add", "sum", [Output(0), Output(1)]))
    graph, arrays = standardising(Graph(nodes, (Output(2),)), MEANS, STDS)
    assert list(arrays) == [f"{MEAN}_", STD]
    assert {*graph.parameters} == {MEAN, f"{MEAN}_", STD}


def test_the_same_from_python(tmp_path):
    own_network(tmp_path, (1, 6, 5))
    told: list[str] = []
    facts = NetworkFacts(classes=("a", "b", "c"), softmax=True)
    preferences = ("cpu", "mxnet")
    symbol = tmp_path / "own-symbol.json"
    source = symbol_source(symbol, None, (1, 6, 5), preferences, told.append, facts)
    assert source.answers.shape == (8, 3)
    assert told[1] == f"{ONE}--std"
    assert source.network.description.classes == ("a", "b", "c")


@pytest.mark.parametrize(("kind", "dtype"), [("onnx", np.float16), ("mxnet", np.float64)])
def test_a_network_of_another_precision_is_computed_with_as_float32(
    kind, dtype, mxdigits, tmp_path
):
    arrays = own_network(tmp_path, (1, 6, 5))
    other = {f"arg:{name}": array.astype(dtype) for name, array in arrays.items()}
    (tmp_path / "own-0000.params").write_bytes(write_params(other))
    done = mxdigits(*LINE, "1,6,5", "--format", kind, "-o", "elsewhere", "--format", "safetensors")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "the parameters are those of own-0000.params\n"
        f"parameters of {np.dtype(dtype)} are taken as float32: answers differ a little\n"
    )


def test_arrays_that_the_graph_does_not_use_are_told(mxdigits, tmp_path):
    arrays = own_network(tmp_path, (1, 6, 5))
    named = {f"arg:{name}": array for name, array in {**arrays, "of_another_head": MORE}.items()}
    (tmp_path / "own-0000.params").write_bytes(write_params(named))
    done = mxdigits(
        *LINE, "1,6,5", "--format", "mxnet", "-o", "elsewhere", "--format", "safetensors"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "the parameters are those of own-0000.params\n"
        "own-0000.params: of_another_head: not in the graph, and passed over\n"
    )


def test_arrays_may_be_named_as_collect_params_saves_them(mxdigits, tmp_path):
    arrays = own_network(tmp_path, (1, 6, 5))
    (tmp_path / "own-0000.params").write_bytes(write_params(arrays))
    done = mxdigits(
        *LINE, "1,6,5", "--format", "mxnet", "-o", "elsewhere", "--format", "safetensors"
    )
    assert (done.returncode, done.stderr) == (0, "the parameters are those of own-0000.params\n")


def test_arrays_of_other_names_are_refused_with_what_writes_both(mxdigits, tmp_path):
    arrays = own_network(tmp_path, (1, 6, 5))
    named = {"0.weight": arrays["w"], "0.bias": arrays["b"]}  # as net.save_parameters calls them
    (tmp_path / "own-0000.params").write_bytes(write_params(named))
    done = mxdigits(*LINE, "1,6,5")
    assert (done.returncode, done.stderr) == (
        3,
        "the parameters are those of own-0000.params\n"
        "error: own-symbol.json and own-0000.params hold no network: the file calls its arrays "
        "0.bias, 0.weight, the graph b, data, w; have net.export(NAME) write both, or "
        "net.collect_params().save(FILE) the arrays\n",
    )


@pytest.mark.parametrize(
    ("verb", "file", "error"),
    [
        ("export", "none-symbol.json", "there is no file none-symbol.json"),
        (
            "score",
            "own-symbol.json",
            "own-symbol.json: no run, but a network of MXNet's; mxdigits export own-symbol.json "
            "makes a file of it that predicts",
        ),
        (
            "serve",
            "own-0000.params",
            "own-0000.params: no run, but parameters of a network of MXNet's; mxdigits export "
            "own-symbol.json makes a file of it that predicts",
        ),
    ],
)
def test_mxnets_files_in_the_place_of_a_run(verb, file, error, mxdigits, tmp_path):
    own_network(tmp_path, (1, 6, 5))
    done = mxdigits(verb, file)
    assert (done.returncode, done.stderr) == (2, f"error: {error}\n")
