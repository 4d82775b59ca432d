"""A run is verified down to its bits, and a forged one is found out."""

from __future__ import annotations

import shutil

import pytest
from resumed_runs import newest

from mxdigits.errors import CheckpointError, RunFailed
from mxdigits.experiment.verification import verify
from mxdigits.runs.checkpoints import Checkpoints, read

pytestmark = pytest.mark.mxnet


def test_a_run_is_verified(finished):
    said = []
    before = (finished / "run.json").read_bytes(), sorted(finished.rglob("*"))
    one, two = [path.name for path in Checkpoints(finished / "checkpoints").paths()]
    arrays = len(newest(finished).state.arrays)
    assert verify(finished, said.append) == (
        f"verified: {one} to {two} gave the same bits again ({arrays} arrays, "
        "the history and all else)"
    )
    assert said[0] == f"training again from {one} to {two}"
    assert before == ((finished / "run.json").read_bytes(), sorted(finished.rglob("*")))


def test_a_checkpoint_that_was_forged_is_found_out(mxdigits, finished):
    last = newest(finished)
    older = read(Checkpoints(finished / "checkpoints").paths()[0])
    older.state.arrays["weight.layers.2.bias"][0] += 1e-3
    for path in Checkpoints(finished / "checkpoints").paths():
        shutil.rmtree(path)
    kept = Checkpoints(finished / "checkpoints")
    kept.write(older.state, older.fingerprint)
    kept.write(last.state, last.fingerprint)
    process = mxdigits("resume", finished, "--verify")
    assert process.returncode == 1
    assert process.stderr.splitlines()[-1].startswith(
        f"error: training again from {older.path.name} to {last.path.name} gave other bits: "
    )
    assert ", history" in process.stderr


def test_nothing_to_verify(half):
    shutil.rmtree(half / "checkpoints")
    with pytest.raises(CheckpointError) as caught:
        verify(half, say=pytest.fail)
    assert str(caught.value) == f"{half} has no checkpoint to compare with"


def test_one_checkpoint_is_verified_from_the_beginning(half):
    first, second = Checkpoints(half / "checkpoints").paths()[0], None
    for path in Checkpoints(half / "checkpoints").paths()[1:]:
        second = path
        shutil.rmtree(path)
    assert second is None or not second.exists()
    assert verify(half, lambda text: None).startswith(f"verified: the beginning to {first.name} ")


def test_what_verify_cannot_reach_again_is_said(half):
    found = newest(half)
    beyond = Checkpoints(half / "checkpoints", keep=9)
    state = type(found.state)(5, 99, found.state.arrays, found.state.facts)
    beyond.write(state, found.fingerprint)
    with pytest.raises(RunFailed) as caught:
        verify(half, lambda text: None)
    assert str(caught.value) == "epoch-0005-batch-000099 was not reached again"
