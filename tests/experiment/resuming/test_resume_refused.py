"""What cannot be resumed, and what has changed since: each is told in a line."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from resumed_runs import CONSTANT, assert_same, make_home, newest, timeless

from mxdigits.data.idx import write_idx
from mxdigits.errors import DataError, FolderInUse, RunFolderError, UsageError
from mxdigits.experiment.resumption import Resumption
from mxdigits.experiment.run import resume
from mxdigits.experiment.verification import verify
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.checkpoints import Checkpoints
from mxdigits.storage.lock import hold

pytestmark = pytest.mark.mxnet


def refused(path, kind, *arguments, **options):
    said = []
    with pytest.raises(kind) as caught:
        resume(path, *arguments, say=said.append, **options)
    return said, str(caught.value)


def test_a_finished_run(finished):
    before = sorted((path, path.stat().st_mtime_ns) for path in finished.rglob("*.*"))
    for overrides in ((), ["epochs=5"], ["epochs=6"]):
        said, message = refused(finished, UsageError, overrides)
        assert said == []
        assert message == (
            f"{finished} is finished: 6 epochs are done; to train further, write more, such as "
            "epochs=12"
        )
    after = sorted((path, path.stat().st_mtime_ns) for path in finished.rglob("*.*"))
    assert [each for each in after if each[0].name != ".lock"] == [
        each for each in before if each[0].name != ".lock"
    ]


def test_a_run_that_a_callback_ended(mxdigits, idx_folder, tmp_path):
    recipe = CONSTANT.replace("best_weights", "{{name: early_stopping, min_delta: 10}}")
    home = make_home(tmp_path, idx_folder, recipe)
    process = mxdigits("run", "bars.yaml", "--no-report")
    (run,) = (home / "runs" / "bars").iterdir()
    (reason,) = [line for line in process.stdout.splitlines() if line.startswith("no better")]
    assert re.fullmatch(
        r"no better validation_loss than [\d.]+ for 3 epochs, stopped after epoch 3", reason
    )
    assert len(timeless(run)) == 5
    for overrides in ((), ["epochs=9"]):
        assert refused(run, UsageError, overrides) == ([], f"{run} is finished: {reason}")


def test_data_that_have_moved_are_named_anew(half, idx_folder, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(idx_folder, moved)
    file = half / "recipe.yaml"
    file.write_text(file.read_text().replace(str(idx_folder), "/no/such"))
    assert refused(half, DataError) == (
        [],
        f"the data of {half} are not at /no/such; if they lie elsewhere now, add data.path=...",
    )
    assert resume(half, [f"data.path={moved}"], report=False).scores.samples > 0


def test_no_run_at_all(tmp_path, finished):
    assert refused(tmp_path / "x", RunFolderError)[1] == f"there is no run folder {tmp_path}/x"
    assert refused(tmp_path, RunFolderError)[1] == (
        f"{tmp_path} is not a run folder: it lacks run.json or recipe.yaml"
    )
    begun = tmp_path / "20261123T153755Z-62fd27"
    begun.mkdir()
    assert refused(begun, RunFolderError)[1] == (
        f"{begun} stopped before its files were written: run its recipe again"
    )
    shutil.rmtree(finished / "checkpoints")
    assert refused(finished, UsageError, ["epochs=9"])[1] == (
        f"{finished} is finished, and has no checkpoint to train further from"
    )


def test_without_a_checkpoint_it_begins_again(mxdigits, whole, half):
    shutil.rmtree(half / "checkpoints")
    process = mxdigits("resume", half, "--no-report")
    assert process.stderr == ""
    assert process.stdout.startswith(f"resuming {half} from its beginning: it has no checkpoint\n")
    assert_same(half, whole)


def test_a_damaged_checkpoint_is_passed_over(mxdigits, whole, finished, half):
    older, last = Checkpoints(half / "checkpoints").paths()[0], "epoch-0006-batch-000000"
    shutil.copytree(whole / "checkpoints" / last, half / "checkpoints" / last)
    (half / "checkpoints" / last / "arrays.npz").write_bytes(b"PK")
    process = mxdigits("resume", half, "--no-report")
    assert process.stderr == ""
    size = (whole / "checkpoints" / last / "arrays.npz").stat().st_size
    assert process.stdout.splitlines()[:2] == [
        f"passed over: the checkpoint {half}/checkpoints/{last} is damaged: "
        f"arrays.npz has 2 bytes instead of {size}",
        f"resuming {half} from {older.name}",
    ]
    assert_same(half, whole)
    assert newest(half).path.name == last


def test_if_all_are_damaged_it_begins_again(mxdigits, whole, half):
    damaged = Checkpoints(half / "checkpoints").paths()
    for path in damaged:
        (path / "state.json").unlink()
    process = mxdigits("resume", half, "--no-report")
    assert process.stderr == ""
    *passed, begins = process.stdout.splitlines()[: len(damaged) + 1]
    assert passed == [
        f"passed over: the checkpoint {path} is damaged: No such file or directory"
        for path in reversed(damaged)
    ]
    assert begins == f"resuming {half} from its beginning: it has no checkpoint"
    assert_same(half, whole)


def test_somebody_else_is_writing(mxdigits, half):
    with hold(half):
        process = mxdigits("resume", half)
        assert process.returncode == 3
        assert process.stderr.startswith(
            f"error: the run folder {half} is in use by process {os.getpid()} on "
        )
        with pytest.raises(FolderInUse):
            verify(half, say=pytest.fail)


# What has changed


def changed(found, what):
    return (
        f"{found} was made with other versions, data or keys: {what}. To continue all the same, "
        f"write "
        "--allow-changes"
    )


def test_a_recipe_that_was_edited_is_told_key_by_key(half):
    message = refused(half, UsageError, ["optimizer.momentum=0.8", "validation=20", "seed=1"])[1]
    assert message == changed(
        half,
        "recipe.optimizer.momentum is 0.8, was 0.9; recipe.seed is 1, was 42; "
        "recipe.validation is 20, was 30",
    )
    file = half / "recipe.yaml"
    file.write_text(file.read_text().replace("label_smoothing: 0.0", "label_smoothing: 0.1"))
    assert refused(half, UsageError)[1] == changed(
        half, "recipe.loss.label_smoothing is 0.1, was 0.0"
    )
    said = []
    resume(half, allow_changes=True, say=said.append, report=False)
    assert "allowed: recipe.loss.label_smoothing: 0.1, was 0.0" in said


@pytest.mark.parametrize(
    ("model", "backend", "what"),
    [
        ("mlp", "xla", None),
        ("mlp", "torch", "backend is xla, was torch"),
        ("lenet", "xla", "recipe.model is mlp, was lenet"),
    ],
)
def test_a_run_whose_network_mxnet_traced_goes_on_by_the_graph_that_is_written_down(
    model, backend, what
):
    def fingerprint(model, backend, graph, **versions):
        recipe = Recipe.make(model=model).model_dump(mode="json")
        network, versions = {"graph": graph}, {"numpy": "1.26", **versions}
        return {"recipe": recipe, "backend": backend, "versions": versions, "network": network}

    now, said = fingerprint("mlp", "xla", "new"), []
    prepared = SimpleNamespace(fingerprint=now, record=now, recipe=Recipe.make(model="mlp"))
    then = SimpleNamespace(fingerprint=fingerprint(model, backend, "old", mxnet="1.9.1"))
    begun = Resumption(Path("runs/1"), prepared.recipe, None, then)
    if what is None:
        begun.check_changes(prepared, said.append, allow=False)
        assert said == [
            "MXNet traced the network when this run began; its graph computes the same today"
        ]
        return
    with pytest.raises(UsageError) as error:
        begun.check_changes(prepared, said.append, allow=False)
    traced = ["network.graph is new, was old", "versions.mxnet is not there, was 1.9.1"]
    assert str(error.value) == changed("runs/1", "; ".join(sorted([what, *traced])))


def test_what_decides_no_bit_may_change_without_a_word(half):
    said = []
    changes = ["predictions=[jsonl]", "checkpoint.keep=5", "checkpoint.batches=7"]
    resume(half, changes, say=said.append, report=False)
    assert [line for line in said if "was" in line] == []
    assert (half / "predictions.jsonl").is_file()


def test_data_that_changed_are_told(half, idx_folder, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(idx_folder, other)
    labels = other / "t10k-labels-idx1-ubyte.gz"
    file = half / "recipe.yaml"
    record = json.loads((half / "run.json").read_text())
    file.write_text(file.read_text().replace(str(idx_folder), str(other)))
    was = record["data"]["sha256"]["t10k-labels-idx1-ubyte"]
    write_idx(labels, np.zeros(46, np.uint8))
    message = refused(half, UsageError)[1]
    pattern = (
        rf".* was made with other versions, data or keys: data.options.path is {other}, "
        rf"was {idx_folder}; "
        rf"data.sha256.t10k-labels-idx1-ubyte is [0-9a-f]{{64}}, was {was}. To continue .*"
    )
    assert re.fullmatch(pattern, message), message


def test_a_version_that_changed_is_told(half):
    found = newest(half)
    fingerprint = json.loads(json.dumps(found.fingerprint))
    fingerprint["versions"].update(mxnet="1.8.0", python="3.8.1")
    del fingerprint["plugins"]["model"]["version"]
    now = json.loads((half / "run.json").read_text())
    Checkpoints(half / "checkpoints").write(found.state, fingerprint)
    assert refused(half, UsageError)[1] == changed(
        half,
        f"plugins.model.version is {now['versions']['mxdigits']}, was not there; "
        "versions.mxnet is 1.9.1, was 1.8.0; "
        f"versions.python is {now['versions']['python']}, was 3.8.1",
    )


def test_other_threads_are_told(mxdigits_process, half):
    process = mxdigits_process("resume", half, "--no-report", OMP_NUM_THREADS="3")
    assert (process.returncode, process.stderr) == (0, "")
    assert (
        f"device.threads: 3, was {os.environ['OMP_NUM_THREADS']}; the bits may differ from those "
        "of an uninterrupted run"
    ) in process.stdout.splitlines()
