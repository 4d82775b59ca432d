"""Networks predicted by onnxruntime: a run's, a graph's, and those of files alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from refusals import refusal

onnx = pytest.importorskip("onnx", reason="the backend onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the backend onnx needs onnxruntime")

from backends.operator_cases import CASES

from mxdigits.backends.choose import choose_devices, make_backend
from mxdigits.backends.mxnet.networks.symbols import neutral_form
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.onnx import checked, loading, runtime
from mxdigits.backends.onnx.checked import ALLOWED
from mxdigits.backends.onnx.file import read_model
from mxdigits.backends.onnx.model import Input, WrittenModel
from mxdigits.backends.onnx.session import Session
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import BackendMissing, ContextError, NetworkError, RunFolderError, UsageError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.network_files import write_network
from mxdigits.models.lenet import LeNet
from mxdigits.train.metrics import softmax

mx = import_mxnet()


@pytest.fixture(scope="module")
def network() -> GraphNetwork:
    block = LeNet(classes=4)
    block.initialize(mx.init.Xavier())
    block(mx.nd.zeros((1, 1, 28, 28)))
    return GraphNetwork(*neutral_form(block))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (7, 1, 28, 28)).astype(np.uint8)


@pytest.fixture(scope="module")
def expected(network, images) -> np.ndarray:
    """What MXNet says of them."""
    from mxdigits.backends.mxnet.networks.symbols import outputs

    given = images.astype(np.float32) * np.float32(1 / 255)
    return outputs(network.graph, network.arrays, given, mx.cpu())


@pytest.fixture
def files(network, tmp_path, monkeypatch) -> tuple[Path, Path]:
    """The network's two files, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = tmp_path / "model-symbol.json", tmp_path / "model-0000.params"
    write_network(network.graph, network.arrays, *found)
    return found


def load(files, classes=4, **more):
    return loading.load_network(*files, (), (1, 28, 28), classes, **more)


def logits(model, images) -> np.ndarray:
    return make_backend("onnx", model, TrainingSettings()).logits(images)


def test_a_graph_gives_mxnets_logits(network, images, expected):
    backend = make_backend("onnx", network, TrainingSettings())
    np.testing.assert_allclose(backend.logits(images), expected, atol=1e-5)
    assert backend.classes((1, 28, 28)) == 4
    assert backend.network()[0] is network.graph
    assert backend.record()["versions"].keys() >= {"onnxruntime", "mxdigits", "numpy"}


def test_a_runs_network_is_written_once_and_kept(files, images, expected, tmp_path, monkeypatch):
    first = load(files)
    (kept,) = (tmp_path / "cache" / "mxdigits" / "onnx").iterdir()
    monkeypatch.setattr(loading, "written", None)  # it would be called
    second = load(files)
    assert second.content == first.content == kept.read_bytes()
    np.testing.assert_allclose(logits(second, images), expected, atol=1e-5)
    graph, _ = second.read()
    assert next(node.operator for node in graph.operations) == "Convolution"


def test_what_is_kept_is_of_these_files_alone(files, network, images, expected):
    load(files)
    other = {name: array * 2 for name, array in network.arrays.items()}
    write_network(network.graph, other, *files)
    assert np.abs(logits(load(files), images) - expected).max() > 1e-3


def test_files_that_changed_are_refused_also_if_a_file_is_kept(files):
    load(files)
    told = refusal(RunFolderError, load, files, sha256={files[0].name: "0" * 64})
    assert told.startswith(f"{files[0]} has changed since the run saved it: ")


def test_where_nothing_can_be_kept_it_is_made_again(files, images, expected, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    np.testing.assert_allclose(logits(load(files), images), expected, atol=1e-5)


def test_another_number_of_classes_is_refused(files):
    told = refusal(RunFolderError, load, files, classes=5)
    assert told == (
        f"{files[0]} and model-0000.params hold no network: its output has the shape (None, 4)"
    )


def test_it_predicts_only(network, images):
    backend = make_backend("onnx", network, TrainingSettings())
    told = "the backend onnx predicts only; to train, take mxnet, xla or torch"
    assert refusal(UsageError, backend.begin_fit, images, np.zeros(7, np.int64), 2) == told
    assert refusal(UsageError, backend.state) == told
    assert refusal(UsageError, choose_devices, "cpu", "onnx") == (
        "backend: 'onnx' predicts only; write auto, fastest, mxnet, xla, torch, or a list in "
        "order of preference"
    )
    assert choose_devices("cpu", "onnx", predicting=True).backend == "onnx"


def test_devices_that_are_not_there():
    told = refusal(ContextError, choose_devices, "cpu(0,1)", "onnx", predicting=True)
    assert "the backend onnx works on one device; name one" in told
    told = refusal(ContextError, choose_devices, "gpu", "onnx", predicting=True)
    assert "the installed onnxruntime has no GPUs: pip install onnxruntime-gpu" in told


@pytest.mark.parametrize(
    ("package", "version"), [("onnx", "1.13.1"), ("onnxruntime", "1.15.0"), ("onnx", "0.9")]
)
def test_versions_that_are_too_old(package, version, monkeypatch):
    monkeypatch.setitem(runtime.OLDEST, package, (99, 0))
    told = refusal(BackendMissing, getattr(runtime, f"import_{package}"))
    assert told.startswith(f"{package} is ")
    assert "and 99.0 or newer is needed: pip install 'onnx>=" in told


def test_the_batch_is_open_and_what_needs_its_size_is_refused():
    variables = (Variable("data", "input"),)
    halves = operation("Reshape", "halves", [Output(0)], shape=(2, -1, 3))
    written = WrittenModel(
        Graph((*variables, halves), (Output(1),)), {}, {"data": Input((None, 3))}
    )
    assert written.heads[0].shape == (2, None, 3)
    cut = operation("slice_like", "cut", [Output(1), Output(0)], axes=(0,))
    graph = Graph((*variables, halves, cut), (Output(2),))
    assert refusal(NetworkError, WrittenModel, graph, {}, {"data": Input((None, 3))}) == (
        "layer 'cut' (slice_like) cannot take (2, N, 3), (N, 3): "
        "its axis 0 is as long as the batch, which is left open"
    )


# Files alone


@pytest.fixture
def model(network):
    """A file as the export writes it, to be changed."""
    from mxdigits.graph.symbol_json import with_softmax

    graph = with_softmax(network.graph)
    return WrittenModel(graph, network.arrays, {"data": Input((None, 1, 28, 28))}, ["prob"]).proto


def dict_of(texts, file):
    """A description of a file: its metadata as they are."""
    return dict(texts)


def test_a_token_is_repeated_for_each_image_of_any_batch():
    """As vision transformers begin; also where the images are not finite."""
    token = operation(
        "broadcast_like", "tokens", [Output(1), Output(0)], lhs_axes=(0,), rhs_axes=(0,)
    )
    joined = operation("Concat", "all", [Output(2), Output(0)], num_args=2, dim=1)
    nodes = (Variable("data", "input"), Variable("token"), token, joined)
    graph = Graph(nodes, (Output(3),))
    held = np.array([[[5.0, 7.0]]], np.float32)
    written = WrittenModel(graph, {"token": held}, {"data": Input((None, 3, 2))})
    session = Session(written.proto.SerializeToString(), threads=1)
    for count in (1, 5):
        (found,) = session.run({"data": np.full((count, 3, 2), np.nan, np.float32)})
        assert found.shape == (count, 4, 2)
        assert (found[:, 0] == [5, 7]).all()


def test_a_file_alone_gives_mxnets_probabilities(model, images, expected, tmp_path):
    file = tmp_path / "x.onnx"
    file.write_bytes(model.SerializeToString())
    read, texts = read_model(file, dict_of)
    assert texts == {}
    np.testing.assert_allclose(softmax(logits(read, images)), softmax(expected), atol=1e-6)


def test_a_file_that_passed_is_not_checked_again(model, images, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "x.onnx"
    model.metadata_props.add(key="name", value="x")
    file.write_bytes(model.SerializeToString())
    first = read_model(file, dict_of)
    (kept,) = (tmp_path / "cache" / "mxdigits" / "onnx").iterdir()
    monkeypatch.setattr(checked, "checked_texts", None)  # it would be called
    assert read_model(file, dict_of)[1] == first[1] == {"name": "x"}
    file.write_bytes(model.SerializeToString() + b"\0")
    with pytest.raises(TypeError):
        read_model(file, dict_of)
    file.write_bytes(model.SerializeToString())
    for damaged in (b"", b"[]", kept.read_bytes().replace(b'"x"', b'"y"'), b"\xff"):
        kept.write_bytes(damaged)
        with pytest.raises(TypeError):
            read_model(file, dict_of)


def test_a_file_that_was_refused_is_refused_again(model, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    looped(model)
    file = tmp_path / "x.onnx"
    file.write_bytes(model.SerializeToString())
    for _ in range(2):
        assert "the operator 'If'" in refusal(RunFolderError, read_model, file, dict_of)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_several_batches_give_what_each_gives(
    model, network, images, expected, tmp_path, monkeypatch, threads
):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    file = tmp_path / "x.onnx"
    file.write_bytes(model.SerializeToString())
    many = np.concatenate([images] * 150 + [images[:3]])
    wanted = np.concatenate([expected] * 150 + [expected[:3]])
    for source in (read_model(file, dict_of)[0], network):
        backend = make_backend("onnx", source, TrainingSettings())
        found = [backend.logits(many), backend.logits(images)]
        for logits, right in zip(found, (wanted, expected)):
            np.testing.assert_allclose(softmax(logits), softmax(right), atol=1e-6)


def external(proto):
    proto.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    proto.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")


def looped(proto):
    proto.graph.node[0].op_type = "If"


def with_subgraph(proto):
    proto.graph.node[0].attribute.append(onnx.helper.make_attribute("then", onnx.GraphProto()))


def foreign(proto):
    proto.opset_import.append(onnx.helper.make_opsetid("com.example", 1))


def huge(proto):
    widths = np.array([0, 0, 1 << 14, 1 << 14, 0, 0, 1 << 14, 1 << 14], np.int64)
    proto.graph.initializer.append(onnx.numpy_helper.from_array(widths, "widths"))
    proto.graph.node.insert(0, onnx.helper.make_node("Pad", ["data", "widths"], ["wide"]))
    proto.graph.node[1].input[0] = "wide"
    proto.graph.node[1].attribute.append(onnx.helper.make_attribute("strides", [1 << 9, 1 << 9]))


def two_inputs(proto):
    proto.graph.input.append(
        onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1])
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (external, "some of its numbers lie in another file"),
        (looped, "it has the operator 'If', which mxdigits does not write"),
        (with_subgraph, "it has an attribute 'then' that is no number or text"),
        (foreign, "it has operators that are not ONNX's own"),
        (two_inputs, "it has 2 inputs and 1 outputs, not one"),
    ],
)
def test_a_file_from_a_stranger_is_checked(change, told, model, tmp_path):
    change(model)
    file = tmp_path / "x.onnx"
    file.write_bytes(model.SerializeToString())
    assert refusal(RunFolderError, read_model, file, dict_of) == f"{file} is not run: {told}"


def test_a_file_that_would_fill_the_memory_is_not_run(model, tmp_path):
    huge(model)
    file = tmp_path / "x.onnx"
    file.write_bytes(model.SerializeToString())
    assert refusal(RunFolderError, read_model, file, dict_of).startswith(f"{file} is not run: ")


@pytest.mark.parametrize("content", [b"", b"x", b"\x08\x07", bytes(range(256)) * 10])
def test_what_is_no_file_of_onnx(content, tmp_path):
    file = tmp_path / "x.onnx"
    file.write_bytes(content)
    assert refusal(RunFolderError, read_model, file, dict_of).startswith(f"{file} is no")


def test_a_file_cut_short_is_refused(model, tmp_path):
    content = model.SerializeToString()
    file = tmp_path / "x.onnx"
    for end in range(0, len(content), max(1, len(content) // 40)):
        file.write_bytes(content[:end])
        refusal(RunFolderError, read_model, file, dict_of)


def test_all_that_is_written_may_be_read():
    found: set[str] = set()
    for case in CASES:
        inputs = {name: Input(array.shape, array.dtype) for name, array in case.arrays().items()}
        model = WrittenModel(case.graph(), {}, inputs).proto
        found |= {node.op_type for node in model.graph.node}
    assert found == ALLOWED - {"DequantizeLinear", "QuantizeLinear"}
