"""The model ``graph``: a file read as a stranger's, initialised, and the same on every backend."""

from __future__ import annotations

import json

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.choose import make_backend
from mxdigits.backends.graphs.initializers import Initializer, NumPyRandom
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import NetworkError, RunFolderError, UsageError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.hints import Hint
from mxdigits.graph.params_file import write_params
from mxdigits.graph.symbol_json import with_softmax, write_symbol
from mxdigits.models import graph_model as module
from mxdigits.models.building import build_network
from mxdigits.models.graph_file import graph_file, write_graph_file


def network():
    """A convolution, a normalisation that moves statistics, and a classifier of four."""
    nodes = (
        Variable("data", "input"),
        Variable("conv_weight"),
        operation("Convolution", "conv", [Output(0), Output(1)], kernel=(3, 3), num_filter=4,
                  no_bias=True),
        Variable("norm_gamma"),
        Variable("norm_beta"),
        Variable("norm_running_mean", "auxiliary"),
        Variable("norm_running_var", "auxiliary"),
        operation("BatchNorm", "norm", [Output(i) for i in range(2, 7)], fix_gamma=False),
        operation("Activation", "relu", [Output(7)], act_type="relu"),
        Variable("out_weight"),
        Variable("out_bias"),
        operation("FullyConnected", "out", [Output(8), Output(9), Output(10)], num_hidden=4),
    )  # fmt: skip
    return Graph(nodes, (Output(11),))


@pytest.fixture
def file(tmp_path):
    """Write a graph and what is to be said of its parameters; gives the file."""

    def write(graph=None, **hints):
        path = tmp_path / "mine-symbol.json"
        path.write_text(write_symbol(network() if graph is None else graph, hints))
        return path

    return write


def built(path, *, backend="xla", image=(1, 8, 8), classes=4, seed=3, **options):
    if backend == "xla":
        pytest.importorskip("jax")
    return graph_file(path=str(path), **options).network(
        classes=classes,
        image_shape=image,
        initializer=Initializer("xavier"),
        random=NumPyRandom(seed),
        backend=backend,
    )


@pytest.mark.parametrize("backend", TRAINING)
def test_every_parameter_is_initialised(file, backend):
    made = built(file(), backend=backend)
    shapes = {name: array.shape for name, array in made.arrays.items()}
    assert shapes == {
        "conv_weight": (4, 1, 3, 3),
        "norm_gamma": (4,),
        "norm_beta": (4,),
        "norm_running_mean": (4,),
        "norm_running_var": (4,),
        "out_weight": (4, 144),
        "out_bias": (4,),
    }
    for name in ("norm_gamma", "norm_running_var"):
        assert (made.arrays[name] == 1).all()
    for name in ("norm_beta", "norm_running_mean", "out_bias"):
        assert (made.arrays[name] == 0).all()
    assert made.arrays["conv_weight"].std() > 0
    assert made.graph == network()
    assert {place for place, each in made.parameters.items() if each.trained} == {
        *network().parameters
    }


def test_the_seed_decides_and_the_softmax_does_not_count(file):
    one = built(file())
    other = built(file(with_softmax(network())))
    assert one.graph == other.graph
    assert {n: a.tobytes() for n, a in one.arrays.items()} == {
        n: a.tobytes() for n, a in other.arrays.items()
    }
    different = built(file(), seed=4)
    assert (different.arrays["out_weight"] != one.arrays["out_weight"]).any()


def test_a_file_says_how_parameters_begin_and_learn(file):
    path = file(
        conv_weight=Hint(init='["constant", {"value": 0.5}]', lr_mult=0.5),
        norm_gamma=Hint(init="zeros", lr_mult=0.0),
        out_bias=Hint(wd_mult=0.0),
    )
    made = built(path)
    assert (made.arrays["conv_weight"] == 0.5).all()
    assert (made.arrays["norm_gamma"] == 0).all()
    told = {name: (p.trained, p.lr_mult, p.wd_mult) for name, p in made.parameters.items()}
    assert told["conv_weight"] == (True, 0.5, 1)
    assert told["norm_gamma"] == (False, 0, 1)
    assert told["out_bias"] == (True, 1, 0)


def test_a_file_of_parameters_gives_what_to_begin_with(file, tmp_path):
    path, given = file(), built(file()).arrays
    parameters = tmp_path / "mine-0000.params"
    kinds = {name: "aux" if "running" in name else "arg" for name in given}
    parameters.write_bytes(
        write_params({f"{kinds[name]}:{name}": array + 1 for name, array in given.items()})
    )
    made = built(path, parameters=str(parameters), seed=77)
    assert {n: (a - 1).tobytes() for n, a in made.arrays.items()} == {
        n: (a + 1 - 1).tobytes() for n, a in given.items()
    }
    assert list(made.files) == ["mine-symbol.json", "mine-0000.params"]
    with pytest.raises(NetworkError) as caught:
        built(path, parameters=str(parameters), image=(1, 9, 9))
    assert str(caught.value) == (
        f"{path}, images of 1x9x9: the parameter 'out_weight' has the shape (4, 144), it should "
        "have (4, 196)"
    )
    parameters.write_bytes(write_params({"arg:conv_weight": given["conv_weight"]}))
    with pytest.raises(RunFolderError) as caught:
        built(path, parameters=str(parameters))
    assert str(caught.value) == (
        f"{path} is no network: 7 of its variables have no array (data, norm_gamma, norm_beta), "
        "and only one, its input, may have none"
    )


@pytest.mark.parametrize("backend", TRAINING)
def test_an_input_of_any_name_is_called_data(file, tmp_path, backend):
    path = file()
    path.write_text(path.read_text().replace('"data"', '"pictures"'))
    made = built(path, backend=backend)
    assert made.graph == network()
    parameters = tmp_path / "mine-0000.params"
    parameters.write_bytes(write_params({f"arg:{n}": a for n, a in made.arrays.items()}))
    again = built(path, backend=backend, parameters=str(parameters))
    assert again.graph == network()
    assert all((again.arrays[name] == made.arrays[name]).all() for name in made.arrays)


def test_parameters_of_another_precision_are_trained_as_float32(file, tmp_path):
    path, given = file(), built(file()).arrays
    kinds = {name: "aux" if "running" in name else "arg" for name in given}
    halves = {f"{kinds[name]}:{name}": array.astype("float16") for name, array in given.items()}
    (tmp_path / "mine-0000.params").write_bytes(write_params(halves))
    made = built(path, parameters=str(tmp_path / "mine-0000.params"))
    assert {array.dtype.name for array in made.arrays.values()} == {"float32"}
    assert np.allclose(made.arrays["conv_weight"], given["conv_weight"], atol=1e-3)


def odd(operator="Custom"):
    document = json.loads(write_symbol(network()))
    document["nodes"][2]["op"] = operator
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no network: it is not JSON in line 1: Expecting value"),
        ("[]", "is no network: the file is no object"),
        (
            odd(),
            "is no network: node 2, 'conv', is of the operator 'Custom', which is not run from a "
            "file",
        ),
        (
            write_symbol(network(), {"out_bias": Hint(init="x" * 70000)}),
            ": the parameter 'out_bias' has no proper __init__",
        ),
    ],
)
def test_a_strangers_file_is_checked(tmp_path, text, message):
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(RunFolderError) as caught:
        graph_file(path=str(path))
    assert str(caught.value).replace(f"{path} ", "", 1).replace(str(path), "", 1) == message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RunFolderError) as caught:
        graph_file(path=str(tmp_path / "none.json"))
    assert str(caught.value) == f"{tmp_path}/none.json: cannot be read: No such file or directory"


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize(
    ("options", "hints", "message"),
    [
        ({"classes": 5}, {}, "its output for 2 images has the shape (2, 4)"),
        (
            {},
            {"conv_weight": Hint(init="Constant_c_7")},
            "the parameter 'conv_weight' cannot be initialised: "
            "there is no initializer 'constant_c_7'; "
            "there are bilinear, constant, msraprelu, normal, one, orthogonal, uniform, xavier, "
            "zero; or give its values in a file, as parameters",
        ),
        ({"image": (1, 9000, 9000)}, {}, None),
    ],
)
def test_what_does_not_fit_is_named_with_the_file(file, backend, options, hints, message):
    path = file(**hints)
    with pytest.raises(NetworkError) as caught:
        built(path, backend=backend, **options)
    image = "x".join(map(str, options.get("image", (1, 8, 8))))
    (line,) = caught.value.lines
    assert line.startswith(f"{path}, images of {image}: ")
    assert message is None or line == f"{path}, images of {image}: {message}"


def test_parameters_without_number_are_not_made(file, monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 500)
    path = file()
    with pytest.raises(NetworkError) as caught:
        built(path)
    assert str(caught.value) == (
        f"{path}, images of 1x8x8: its parameters would be 632 numbers, at most 500"
    )


def test_build_network_gives_a_network_for_a_trainer(file):
    pytest.importorskip("jax")
    options = {"path": str(file())}
    arrays = []
    for initializer in ("xavier", Initializer("xavier")):
        np.random.seed(1)
        made = build_network(
            "graph",
            options,
            classes=4,
            image_shape=(1, 8, 8),
            initializer=initializer,
            backend="xla",
        )
        arrays.append({n: a.tobytes() for n, a in made.arrays.items()})
    assert arrays[0] == arrays[1]
    with pytest.raises(UsageError) as caught:
        build_network("graph", options, classes=4, image_shape=(1, 8, 8), initializer="he")
    assert str(caught.value).startswith("a graph cannot begin by the initializer 'he': ")


@pytest.mark.mxnet
def test_both_backends_train_a_graph_alike(file):
    """The logits before, and the weights and statistics after an epoch."""
    pytest.importorskip("jax")
    path = file(norm_beta=Hint(lr_mult=0.0), conv_weight=Hint(lr_mult=0.5, wd_mult=2))
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (60, 1, 8, 8)).astype(np.uint8)
    labels = random.integers(0, 4, 60)
    before, after = {}, {}
    for name in ("mxnet", "xla"):
        made = built(path, backend=name)
        settings = TrainingSettings("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 1e-2})
        backend = make_backend(name, made, settings)
        before[name] = backend.logits(images)
        fit = backend.begin_fit(images, labels, 20)
        from mxdigits.backends.base import EpochPosition

        fit.run(0, 0.1, EpochPosition(), lambda progress: None, lambda batch: False)
        backend.publish()
        graph, arrays = backend.network()
        assert graph == network()
        after[name] = arrays
        assert (arrays["norm_beta"] == 0).all()
        state, _ = backend.state()
        assert {place for place in state if place.startswith("weight.")} == {
            f"weight.{each}" for each in arrays
        }
    np.testing.assert_allclose(before["xla"], before["mxnet"], rtol=1e-4, atol=1e-5)
    for each, array in after["mxnet"].items():
        np.testing.assert_allclose(after["xla"][each], array, rtol=2e-4, atol=2e-5, err_msg=each)


@pytest.mark.mxnet
def test_gluons_export_is_such_a_file(tmp_path):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    block = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
    block.export(str(tmp_path / "lenet"))
    made = graph_file(
        path=str(tmp_path / "lenet-symbol.json"), parameters=str(tmp_path / "lenet-0000.params")
    ).network(
        classes=10,
        image_shape=(1, 28, 28),
        initializer=Initializer("xavier"),
        random=NumPyRandom(0),
        backend="mxnet",
    )
    images = np.random.default_rng(2).integers(0, 256, (3, 1, 28, 28)).astype(np.uint8)
    expected = block(mx.nd.array(images / 255)).asnumpy()
    logits = make_backend("mxnet", made, TrainingSettings()).logits(images)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.mxnet
def test_a_models_graph_is_written_with_what_gluon_knows_of_its_parameters(tmp_path):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()
    nn = mx.gluon.nn
    block = nn.HybridSequential(prefix="")
    block.add(
        nn.Conv2D(4, 3, weight_initializer=mx.init.Normal(0.5)),
        nn.PReLU(),
        nn.BatchNorm(center=False),
        nn.Dense(4),
    )
    block.collect_params(".*dense.*").setattr("lr_mult", 0.1)
    block.initialize()
    block(mx.nd.zeros((1, 1, 8, 8)))
    write_graph_file(block, tmp_path / "mine.json")
    read = graph_file(path=str(tmp_path / "mine.json"))
    hints = {name.partition("_")[2]: hint for name, hint in read.hints.items()}
    assert hints["weight"] in (Hint(lr_mult=0.1), Hint(init='["normal", {"sigma": 0.5}]'))
    assert hints["alpha"] == Hint((1,), '["constant", {"value": 0.25}]')
    assert hints["beta"] == Hint(init="zeros", lr_mult=0.0)
    assert hints["gamma"] == Hint(init="ones")


def test_a_graph_that_was_read_is_written_again(file, tmp_path):
    made = built(file(conv_weight=Hint(lr_mult=0.5)))
    write_graph_file(made, tmp_path / "again.json")
    again = graph_file(path=str(tmp_path / "again.json"))
    assert again.graph == network()
    assert again.hints["conv_weight"] == Hint(lr_mult=0.5)


@pytest.mark.mxnet
def test_the_command_line_writes_the_graph_of_a_model(tmp_path, capsys):
    from mxdigits.cli import main

    file = tmp_path / "mlp.json"
    shown = ["models", "show", "mlp", "hidden=[8]", "--classes", "4", "--size", "6"]
    assert main([*shown, "--graph", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"graph: {file}"
    again = ["models", "show", "graph", f"path={file}", "--classes", "4", "--size", "6"]
    assert main([*again, "--graph", str(tmp_path / "again.json")]) == 0
    out = capsys.readouterr().out
    assert "FullyConnected" in out
    assert "\nparameters: 332\n" in out
    assert graph_file(path=str(tmp_path / "again.json")).graph == graph_file(path=str(file)).graph
    assert main([*shown, "--graph", str(tmp_path / "no" / "folder.json")]) == 3
    assert capsys.readouterr().err.startswith("error: cannot write ")


@pytest.mark.mxnet
def test_a_graph_that_could_not_be_read_again_is_not_written(tmp_path):
    from mxdigits.backends.mxnet.runtime import import_mxnet

    mx = import_mxnet()

    class Odd(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.contrib.quadratic(F.flatten(x))

    block = Odd()
    block.initialize()
    with pytest.raises(RunFolderError) as caught:
        write_graph_file(block, tmp_path / "odd.json")
    assert "which is not run from a file" in str(caught.value)
    assert not (tmp_path / "odd.json").exists()
