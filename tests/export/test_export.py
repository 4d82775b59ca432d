"""A run's network in every format: what is written, compared, refused, and never left behind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from refusals import refusal

onnx = pytest.importorskip("onnx", reason="the format onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the format onnx needs onnxruntime")
pytest.importorskip("safetensors", reason="the format safetensors needs safetensors")

from mxdigits.errors import NetworkError, OutputError, RunFolderError, UsageError
from mxdigits.export import export as module
from mxdigits.export.export import ExportRequest, export, folder_of, jobs
from mxdigits.export.formats import ExportOptions, Network, network_format
from mxdigits.export.parity import ExportDiffers, Parity, check, compare
from mxdigits.export.source import Source, run_source
from mxdigits.export.symbol_source import symbol_source
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.network_files import params_of
from mxdigits.graph.symbol_json import write_symbol
from mxdigits.plugins.registry import NETWORK_FORMATS
from mxdigits.predict.opening import EvaluationRequest
from mxdigits.report.significance import mcnemar
from mxdigits.runs.description import AS_IS, Description

FORMATS = ["mxnet", "onnx", "onnx-int8", "safetensors", "web"]


def unheard(text: str) -> None:
    pass


def options(source: Source, opset: int = 17, max_drop: float = 0.1) -> ExportOptions:
    return ExportOptions(opset, max_drop, source.training_images, unheard)


@pytest.fixture(scope="module")
def run(idx_folder, tmp_path_factory) -> Path:
    """The folder of a run on bars."""
    from mxdigits.experiment.run import run as train
    from mxdigits.recipe.schema import Recipe

    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "bars.yaml"
    recipe.write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 10}}\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\nepochs: 4\n"
    )
    done = train(Recipe.load(str(recipe)), output=folder, report=False)
    return done.folder.path


@pytest.fixture(scope="module")
def source(run) -> Source:
    return run_source(run, EvaluationRequest(), unheard)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_answers_as_the_run_and_keeps_only_its_files(name, source, tmp_path):
    todo = jobs("bars", ExportRequest([name], tmp_path))
    (done,) = export(source, todo, options(source), 1e-4)
    assert sorted(done.files) == sorted(tmp_path.iterdir())
    assert done.parity.images == len(source.images) == 46
    assert done.parity.accuracies is not None
    if name != "onnx-int8":
        assert done.parity.equal == 46
        assert done.parity.difference < 1e-5


def shape_of(value) -> list:
    return [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
def test_an_onnx_file_says_what_it_takes_and_where_it_comes_from(opset, source, run, tmp_path):
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip("this onnx is older")
    (job,) = jobs("bars", ExportRequest(["onnx"], tmp_path))
    (done,) = export(source, [job], options(source, opset), 1e-4)
    model = onnx.load(str(job.target))
    onnx.checker.check_model(model, full_check=True)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", opset)]
    (taken,), (given,) = model.graph.input, model.graph.output
    assert shape_of(taken) == ["N", 1, 16, 16]
    assert shape_of(given) == ["N", 4]
    texts = {each.key: each.value for each in model.metadata_props}
    described = Description.of_texts(texts, "bars.onnx")
    assert described.run == f"{run.parent.name}/{run.name}"
    assert described.classes == ("0", "1", "2", "3")
    assert described.input_range == (0, 1)
    assert described.preprocessing == "none"
    assert described.sha256.keys() == {"model-symbol.json", "model-0000.params"}
    assert described.parity == json.loads(json.dumps(done.parity.texts()))


def test_safetensors_have_gluons_names(source, tmp_path):
    from safetensors.numpy import load_file

    (job,) = jobs("bars", ExportRequest(["safetensors"], tmp_path))
    list(export(source, [job], options(source), 1e-4))
    held = load_file(str(job.target))
    assert len(held) == len(source.network.arrays)
    assert all(name.startswith("layers.") for name in held), sorted(held)


def test_a_file_too_far_from_its_network_is_not_kept(source, tmp_path):
    todo = jobs("bars", ExportRequest(["onnx"], tmp_path))
    told = refusal(ExportDiffers, lambda: list(export(source, todo, options(source), 0)))
    assert told.startswith(f"{tmp_path}/bars.onnx (onnx) is not kept: its outputs differ by up to ")
    assert told.endswith(
        " from those of mxnet on 46 test images of idx; 0 is allowed, --tolerance allows more"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_replaced_only_by_force(source, tmp_path):
    file = tmp_path / "bars.onnx"
    file.write_text("mine")
    told = refusal(OutputError, jobs, "bars", ExportRequest(["onnx"], tmp_path))
    assert told == f"{file} is there already; --force replaces it"
    list(
        export(source, jobs("bars", ExportRequest(["onnx"], tmp_path, True)), options(source), 1e-4)
    )
    assert file.read_bytes()[:4] != b"mine"


@pytest.mark.parametrize(
    ("formats", "output", "told"),
    [
        (["onnx", "onnx"], "", "the format onnx is named 2 times; name it once"),
        (
            ["onnx", "mxnet"],
            "a.onnx",
            "several formats need a folder, which {}/a.onnx is not",
        ),
        (
            ["onnx"],
            "x.pb",
            "{}/x.pb: a file of the format onnx ends in .onnx; if a folder is meant, make it first",
        ),
        (["onnx"], "there", "{}/there is a file; a file of the format onnx ends in .onnx"),
    ],
)
def test_what_is_wanted_has_to_be_possible(formats, output, told, tmp_path):
    (tmp_path / "a.onnx").write_text("")
    (tmp_path / "there").write_text("")
    assert refusal(
        UsageError, jobs, "bars", ExportRequest(formats, tmp_path / output)
    ) == told.replace("{}", str(tmp_path))


@pytest.mark.parametrize("formats", [["onnx", "mxnet"], ["mxnet"]])
def test_formats_get_a_folder_of_their_own(formats, source, tmp_path):
    wanted = ExportRequest(formats, tmp_path / "new" / "folder")
    with folder_of(wanted):
        list(export(source, jobs("bars", wanted), options(source), 1e-4))
    made = {file.name for file in (tmp_path / "new" / "folder").iterdir()}
    assert {"bars-symbol.json", "bars-0000.params"} == made - {"bars.onnx"}
    assert ("bars.onnx" in made) is ("onnx" in formats)


def test_a_folder_into_which_nothing_came_does_not_stay(mxdigits, tmp_path):
    own_symbol(tmp_path, softmax=True)
    (tmp_path / "mine").mkdir()
    for folder, there in (("new", False), ("mine", True)):
        done = mxdigits(
            *("export", "own-symbol.json", "--input-shape", "9", "-o", folder),
            *("--format", "onnx", "--format", "mxnet"),
        )
        assert done.returncode == 3
        assert (tmp_path / folder).is_dir() is there


def test_two_formats_never_share_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "network_format", lambda name: network_format("onnx"))
    told = refusal(UsageError, jobs, "bars", ExportRequest(["a", "b"], tmp_path))
    assert told == (
        f"a and b would both write {tmp_path}/bars.onnx; "
        "export one after the other, with another --output"
    )


def test_a_layer_that_onnx_lacks_is_named_before_anything_is_written(source, tmp_path):
    noise = operation("Dropout", "noise", [Output(0)], mode="always", p=0.5)
    grid = operation("BilinearSampler", "warped", [Output(1), Output(1)])
    graph = Graph((Variable("data", "input"), noise, grid), (Output(2),))
    odd = Network(graph, {}, source.network.description)
    told = refusal(NetworkError, network_format("onnx").check, odd, options(source, 13))
    assert told.splitlines() == [
        "ONNX cannot hold layer 'noise' (Dropout): it draws random numbers when it predicts, so "
        "that no two answers agree; write mode='training'",
        "ONNX cannot hold layer 'warped' (BilinearSampler): opset 13 lacks GridSample; "
        "write --opset 16",
    ]
    assert refusal(
        UsageError, network_format("onnx").check, source.network, options(source, 12)
    ).startswith("opset 12 cannot be written: from 13 to ")


def own_symbol(folder: Path, *, softmax: bool) -> Path:
    """A network of vectors that no run trained, as Gluon's export leaves it."""
    nodes = [Variable("features", "input"), Variable("w"), Variable("b")]
    nodes.append(
        operation("FullyConnected", "dense", [Output(0), Output(1), Output(2)], num_hidden=3)
    )
    if softmax:
        nodes.append(operation("softmax", "out", [Output(3)]))
    graph = Graph(tuple(nodes), (Output(len(nodes) - 1),))
    random = np.random.default_rng(0)
    arrays = {
        "w": random.standard_normal((3, 5)).astype(np.float32),
        "b": np.ones(3, np.float32),
    }
    (folder / "own-symbol.json").write_text(write_symbol(graph))
    (folder / "own-0000.params").write_bytes(params_of(graph, arrays))
    return folder / "own-symbol.json"


@pytest.mark.parametrize("softmax", [False, True])
def test_a_network_without_a_run_is_compared_on_random_inputs(softmax, tmp_path):
    symbol = own_symbol(tmp_path, softmax=softmax)
    said: list[str] = []
    source = symbol_source(symbol, None, (5,), ("cpu", "mxnet"), said.append)
    assert said == [f"the parameters are those of {tmp_path}/own-0000.params"]
    assert (source.network.description.output == AS_IS) is not softmax
    assert source.network.graph.inputs == ("features",)
    todo = jobs("own", ExportRequest(["onnx"], tmp_path))
    (done,) = export(source, todo, options(source), 1e-5)
    assert done.parity.sentences()[0].endswith(
        "8 of 8 answers equal to those of mxnet on 8 random inputs"
    )
    assert done.parity.accuracies is None


def test_int8_needs_training_images(tmp_path):
    source = symbol_source(
        own_symbol(tmp_path, softmax=True), None, (5,), ("cpu", "mxnet"), unheard
    )
    told = refusal(UsageError, network_format("onnx-int8").check, source.network, options(source))
    assert told == "onnx-int8 needs training images, which only a run has"


def test_a_symbol_of_several_inputs_is_refused(tmp_path):
    symbol = own_symbol(tmp_path, softmax=False)
    graph_text = symbol.read_text()
    lacking = Graph((Variable("b"),), (Output(0),))
    (tmp_path / "own-0000.params").write_bytes(params_of(lacking, {"b": np.ones(3, np.float32)}))
    told = refusal(RunFolderError, symbol_source, symbol, None, (5,), ("cpu", "mxnet"), unheard)
    assert told == (
        f"{symbol} is no network: 2 of its variables have no array (features, w), and only one, "
        "its input, may have none"
    )
    assert symbol.read_text() == graph_text


def parity(**more) -> Parity:
    right = np.array([True, True, True, False])
    facts = {"accuracies": (0.75, 0.5), "test": mcnemar(right, right & [True, True, False, True])}
    return Parity("4 images", "mxnet", 4, **{"difference": 0.25, "equal": 3, **facts, **more})


def test_a_comparison_in_words_and_as_metadata():
    assert parity().sentences() == [
        "largest difference 2.5e-01, 3 of 4 answers equal to those of mxnet on 4 images",
        "accuracy 0.7500 before and 0.5000 after; McNemar's test, exact: p = 1.000",
    ]
    assert parity().texts() == {
        "data": "4 images",
        "backend": "mxnet",
        "images": 4,
        "largest_difference": 0.25,
        "equal_answers": 3,
        "accuracy_before": 0.75,
        "accuracy_after": 0.5,
        "mcnemar_p": 1.0,
    }


@pytest.mark.parametrize(
    ("found", "exact", "told"),
    [
        ({"difference": 1e-4}, True, None),
        ({"difference": 0.25}, False, "its accuracy is 0.5000 instead of 0.7500 on 4 images"),
        ({"accuracies": (0.75, 0.749)}, False, None),
        ({"difference": float("inf")}, True, "its outputs differ by up to inf"),
        ({"difference": float("nan")}, True, "its outputs differ by up to nan"),
    ],
)
def test_what_a_comparison_decides(found, exact, told):
    bounds = {"exact": exact, "tolerance": 1e-4, "max_drop": 0.002}
    if told is None:
        check(parity(**found), **bounds)
    else:
        assert refusal(ExportDiffers, check, parity(**found), **bounds).startswith(told)


def test_a_file_that_answers_nonsense_is_no_match(source):
    told = refusal(ExportDiffers, compare, source, lambda images: images.reshape(len(images), -1))
    assert told == "gives an output of shape (46, 256) instead of (46, 4)"
    broken = compare(source, lambda images: np.full((len(images), 4), np.nan))
    assert broken.difference == float("inf")


def test_the_formats_that_come_along():
    assert [name for name in NETWORK_FORMATS.names() if name in FORMATS] == FORMATS


def test_the_command_line(run, mxdigits, tmp_path):
    done = mxdigits("export", run, "--format", "onnx", "--format", "mxnet")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[2] == f"onnx: {run.parent.name}.onnx"
    assert lines[5] == f"mxnet: {run.parent.name}-symbol.json, {run.parent.name}-0000.params"
    again = mxdigits("export", run)
    assert again.returncode == 3
    assert again.stderr == f"error: {run.parent.name}.onnx is there already; --force replaces it\n"
    strict = mxdigits("export", run, "--tolerance", "0", "-o", "strict.onnx")
    assert strict.returncode == 1
    assert not (tmp_path / "strict.onnx").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "what does own-symbol.json take? write --input-shape 3,224,224"),
        (["--input-shape", "3x5"], "--input-shape '3x5' is no list of sizes, such as 3,224,224"),
        (
            ["--input-shape", "5", "--data", "mnist"],
            "own-symbol.json is compared on random inputs; --data and --split are for runs",
        ),
    ],
)
def test_the_command_line_refuses_what_makes_no_sense(arguments, told, mxdigits, tmp_path):
    own_symbol(tmp_path, softmax=True)
    done = mxdigits("export", "own-symbol.json", *arguments)
    assert (done.returncode, done.stderr) == (2, f"error: {told}\n")


def test_of_files_a_symbol_alone_is_exported(mxdigits, tmp_path):
    own_symbol(tmp_path, softmax=True)
    done = mxdigits("export", "own-0000.params", "--input-shape", "5")
    assert done.returncode == 2
    assert done.stderr == (
        "error: own-0000.params: what is exported is a run, an installed network, or a "
        "NAME-symbol.json with its NAME-0000.params beside it\n"
    )


@pytest.mark.mxnet
def test_a_shape_that_the_network_does_not_take_is_named(mxdigits, tmp_path):
    own_symbol(tmp_path, softmax=True)
    done = mxdigits(
        *("export", "own-symbol.json", "--input-shape", "7"),
        *("--format", "mxnet", "-o", "b-symbol.json"),
    )
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("error: MXNet cannot run it on (8, 7): Error in")


def test_a_network_of_ones_own_by_the_command_line(mxdigits, tmp_path):
    own_symbol(tmp_path, softmax=True)
    line = "own-symbol.json", "--params", "own-0000.params", "--input-shape", "5"
    done = mxdigits("export", *line)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "onnx: own.onnx"
