"""A run folder from a stranger: read, scored, and nothing in it executed or followed."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.cli.terminal import print_table
from mxdigits.errors import OutputError, RunFolderError
from mxdigits.experiment.run import resume
from mxdigits.predict.opening import EvaluationRequest
from mxdigits.predict.score import score_run
from mxdigits.printing import print_error
from mxdigits.runs.folder import RunFolder
from mxdigits.storage.files import refuse_links, replacing

mx = import_mxnet()

from mxdigits.backends.mxnet.networks.symbols import neutral_form  # noqa: E402
from mxdigits.models.building import build_network  # noqa: E402


def record(idx_folder) -> dict:
    return {
        "state": "finished",
        "data": {"name": "idx", "options": {"path": str(idx_folder)}, "sha256": {}},
        "network": {"image_shape": [1, 16, 16], "classes": ["0", "1", "2", "3"]},
    }


@pytest.fixture
def run(tmp_path, idx_folder) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    network = build_network("mlp", {}, classes=4, image_shape=(1, 16, 16))
    folder.save_network(*neutral_form(network))
    folder.write_record(record(idx_folder))
    return folder


def scored(run: RunFolder) -> float:
    scores, _ = score_run(run.path, EvaluationRequest(), say=lambda text: None)
    return scores.accuracy


def refusal(run: RunFolder) -> str:
    with pytest.raises(RunFolderError) as caught:
        scored(run)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_scored(run):
    assert 0 <= scored(run) <= 1


def test_what_changed_since_it_was_saved_is_refused(run, idx_folder):
    known = record(idx_folder)
    known["network"]["sha256"] = run.network_hashes()
    run.write_record(known)
    scored(run)
    content = run.symbol_file.read_bytes()
    run.symbol_file.write_bytes(content + b"\n")
    assert refusal(run).startswith(
        f"{run.symbol_file} has changed since the run saved it: its SHA-256 is "
    )


class Bomb:
    """Leaves a file in the current directory when it is unpickled."""

    def __reduce__(self):
        return open, ("executed", "w")


def test_a_pickle_is_not_opened(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in (run.parameters_file, run.symbol_file, run.record_file):
        before = file.read_bytes()
        file.write_bytes(pickle.dumps(Bomb()))
        refusal(run)
        file.write_bytes(before)
    np.save(run.path / "more.npy", np.array([Bomb()], dtype=object))
    (run.path / "recipe.yaml").write_text("model: !!python/object/apply:os.system [touch executed]")
    scored(run)
    assert not (tmp_path / "executed").exists()


def test_pythons_own_operators_are_not_called(run, tmp_path):
    called = []

    @mx.operator.register("hostile")
    class _Property(mx.operator.CustomOpProp):
        def create_operator(self, *_):
            called.append(1)

        def infer_shape(self, shapes):
            called.append(1)
            return shapes, [shapes[0]], []

    graph = json.loads(run.symbol_file.read_text())
    layer = next(node for node in graph["nodes"] if node["op"] == "Activation")
    layer.update(op="Custom", attrs={"op_type": "hostile"})
    run.symbol_file.write_text(json.dumps(graph))
    assert refusal(run).endswith(
        "is of the operator 'Custom', which is not run from a file; "
        "MXDIGITS_TRUST=1 runs it, if you trust who made it"
    )
    assert not called


def test_a_run_with_links_is_not_resumed(run, tmp_path, idx_folder):
    """They would be written through."""
    told = {"state": "interrupted", "recipe": "lenet", "versions": {}}
    run.write_record({**record(idx_folder), **told})
    run.recipe_file.write_text("model: mlp\n")
    (tmp_path / "elsewhere").write_text("mine")
    (run.path / "log.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError) as caught:
        resume(run.path)
    assert str(caught.value) == f"cannot write in {run.path}: {run.path}/log.txt is a link"
    assert (tmp_path / "elsewhere").read_text() == "mine"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(
    st.sampled_from(["data", "network", "image_shape", "classes", "label_smoothing", "sha256"]),
    VALUES,
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_record_of_any_kind_is_read_or_one_error(run, idx_folder, key, value):
    told = record(idx_folder)
    if key in told:
        told[key] = value
    else:
        told["network"][key] = value
    run.record_file.write_text(json.dumps(told))
    try:
        trained = run.read_trained()
        run.load_network([mx.cpu()])
    except RunFolderError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert min(trained.network.image_shape) > 0


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"[" * 100_000, b'{"a":' * 100_000],
    ids=["empty", "zeros", "lists", "objects"],
)
def test_a_damaged_record_is_one_error(run, content):
    run.record_file.write_bytes(content)
    assert refusal(run).startswith(f"{run.record_file} is damaged: ")


def test_links_are_refused_where_files_are_written(run, tmp_path):
    refuse_links(run.path)
    inner = run.path / "checkpoints"
    inner.mkdir()
    (inner / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(OutputError) as caught:
        refuse_links(run.path)
    assert str(caught.value) == f"cannot write in {run.path}: {inner / 'elsewhere'} is a link"


def test_a_file_is_written_over_a_link_and_not_through_it(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "x.txt").symlink_to(outside)
    with replacing(tmp_path / "x.txt") as temporary:
        assert str(os.getpid()) not in temporary.name.split(".")
        temporary.write_text("theirs")
    assert outside.read_text() == "mine"
    assert (tmp_path / "x.txt").read_text() == "theirs"


def test_what_a_file_says_does_nothing_to_a_terminal(capsys):
    print_error(["a\x1b]0;title\x07b", "x" * 5000])
    print_table(["\x1b[31mclass", "[/red]"], [["\x00", "\u202e"]])
    printed = capsys.readouterr()
    assert printed.err.splitlines()[0] == "error: a\\x1b]0;title\\x07b"
    assert printed.err.splitlines()[1] == f"error: {'x' * 2000}..."
    assert printed.out.split() == ["\\x1b[31mclass", "[/red]", "\\x00", "\\u202e"]
