"""Checkpoints: whole or not there at all, and never believed when a byte has changed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.errors import CheckpointError, OutputError
from mxdigits.runs import checkpoints as checkpoint
from mxdigits.runs.checkpoints import Checkpoints, position, read
from mxdigits.train.state import TrainingState

FINGERPRINT = {"recipe": {"model": "lenet"}, "versions": {"mxnet": "1.9.1"}}


def state(epoch: int = 3, batch: int = 0) -> TrainingState:
    arrays = {
        "weight.body.0.weight": np.arange(12, dtype=np.float32).reshape(3, 4) + epoch,
        "state.0": np.array([], dtype=np.float32),
        "state.1.0": np.array(0.5, dtype=np.float64),
    }
    facts = {"history": [{"train_loss": 0.1 + 0.2, "validation_loss": None}], "rate_scale": 1.0}
    return TrainingState(epoch, batch, arrays, facts)


@pytest.fixture
def kept(tmp_path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints")


def test_a_checkpoint_gives_back_the_bits(kept):
    written = state(3, 200)
    path = kept.write(written, FINGERPRINT)
    assert path.name == "epoch-0003-batch-000200"
    assert sorted(file.name for file in path.iterdir()) == [
        "arrays.npz",
        "manifest.json",
        "state.json",
    ]
    found = read(path)
    assert (found.state.epoch, found.state.batch) == (3, 200)
    assert found.fingerprint == FINGERPRINT
    assert found.state.facts == written.facts
    assert found.state.arrays.keys() == written.arrays.keys()
    for name, array in written.arrays.items():
        back = found.state.arrays[name]
        assert (back.dtype, back.shape, back.tobytes()) == (
            array.dtype,
            array.shape,
            array.tobytes(),
        )


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_only_the_newest_are_kept(tmp_path, keep):
    kept = Checkpoints(tmp_path / "checkpoints", keep)
    for epoch in range(5):
        kept.write(state(epoch), FINGERPRINT)
    names = [f"epoch-{epoch:04}-batch-000000" for epoch in range(5)]
    assert [path.name for path in kept.paths()] == names[-keep:]
    assert sorted(path.name for path in kept.folder.iterdir()) == names[-keep:]


def test_the_order_is_that_of_epochs_and_batches(kept):
    for epoch, batch in ((1, 900), (1, 1000), (2, 0), (10, 5)):
        Checkpoints(kept.folder, 9).write(state(epoch, batch), FINGERPRINT)
    places = [position(path) for path in kept.paths()]
    assert places == [(1, 900), (1, 1000), (2, 0), (10, 5)]
    assert kept.newest(pytest.fail).state.epoch == 10


@pytest.mark.parametrize("keep", [1, 2])
def test_what_was_passed_over_does_not_outlive_what_is_written_after_it(tmp_path, keep):
    """Else a damaged newest one would count, and a good one would go for it."""
    kept = Checkpoints(tmp_path / "checkpoints", keep)
    (kept.write(state(5), FINGERPRINT) / "state.json").unlink()
    for epoch in (1, 2):
        kept.write(state(epoch), FINGERPRINT)
        assert kept.newest(pytest.fail).state.epoch == epoch
    assert [position(path)[0] for path in kept.paths()] == [1, 2][-keep:]


def test_the_same_place_can_be_written_again(kept):
    kept.write(state(), {"recipe": "old"})
    kept.write(state(), {"recipe": "new"})
    assert [read(path).fingerprint for path in kept.paths()] == [{"recipe": "new"}]


def test_what_is_no_checkpoint_is_passed_by(kept):
    assert kept.paths() == []
    assert kept.newest(pytest.fail) is None
    kept.write(state(), FINGERPRINT)
    for name in (
        ".new-epoch-0004-batch-000000",
        ".old-epoch-0001-batch-000000",
        "notes",
        "epoch-9",
    ):
        (kept.folder / name).mkdir()
    assert [path.name for path in kept.paths()] == ["epoch-0003-batch-000000"]
    kept.write(state(4), FINGERPRINT)
    assert sorted(path.name for path in kept.folder.iterdir()) == [
        "epoch-0003-batch-000000",
        "epoch-0004-batch-000000",
        "epoch-9",
        "notes",
    ]


def test_a_linked_folder_is_neither_read_nor_written(tmp_path):
    Checkpoints(tmp_path / "elsewhere").write(state(), FINGERPRINT)
    (tmp_path / "checkpoints").symlink_to(tmp_path / "elsewhere")
    kept = Checkpoints(tmp_path / "checkpoints")
    assert kept.paths() == []
    with pytest.raises(OutputError) as caught:
        kept.write(state(4), FINGERPRINT)
    folder = tmp_path / "checkpoints"
    assert str(caught.value) == (
        f"cannot write {folder}/epoch-0004-batch-000000: {folder} is a link"
    )


# Damage


def test_every_byte_counts(kept):
    """No flipped bit, nor a file cut off anywhere, passes for what was written."""
    path = kept.write(state(), FINGERPRINT)
    random = np.random.default_rng(5)
    tried = 0
    for file in sorted(path.iterdir()):
        whole = file.read_bytes()
        for place in range(len(whole)):
            bit = 1 << int(random.integers(8))
            file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with pytest.raises(CheckpointError):
                read(path)
            tried += 1
        for place in range(0, len(whole), 7):
            file.write_bytes(whole[:place])
            with pytest.raises(CheckpointError):
                read(path)
            tried += 1
        file.write_bytes(whole + b"\n")
        with pytest.raises(CheckpointError):
            read(path)
        file.write_bytes(whole)
        read(path)
    assert tried > 1500


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: (path / "arrays.npz").unlink(), "No such file or directory"),
        (lambda path: (path / "manifest.json").unlink(), "No such file or directory"),
        (
            lambda path: (path / "state.json").write_bytes(b"{}"),
            "state.json has 2 bytes instead of {size}",
        ),
        (
            lambda path: (path / "state.json").write_bytes(
                (path / "state.json").read_bytes().replace(b"1.9.1", b"1.9.2")
            ),
            "state.json has changed",
        ),
    ],
)
def test_damage_is_named(kept, damage, message):
    path = kept.write(state(), FINGERPRINT)
    size = (path / "state.json").stat().st_size
    damage(path)
    with pytest.raises(CheckpointError) as caught:
        read(path)
    assert str(caught.value) == (f"the checkpoint {path} is damaged: {message.format(size=size)}")


def test_a_renamed_checkpoint_is_not_believed(kept):
    path = kept.write(state(), FINGERPRINT)
    path.rename(path.with_name("epoch-0009-batch-000000"))
    with pytest.raises(CheckpointError, match="its epoch and batch are not those in its name"):
        read(path.with_name("epoch-0009-batch-000000"))


@given(st.dictionaries(st.sampled_from(["format", "files", "x"]), st.integers() | st.text()))
def test_a_manifest_with_a_true_seal_is_still_checked(tmp_path_factory, manifest):
    path = Checkpoints(tmp_path_factory.mktemp("c") / "checkpoints").write(state(), FINGERPRINT)
    (path / "manifest.json").write_bytes(checkpoint._sealed(manifest))
    with pytest.raises(CheckpointError):
        read(path)


def test_a_pickle_is_not_read(kept, tmp_path):
    """Not even one that a stranger has sealed."""

    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    arrays = {"weight": np.array([Trap()], dtype=object)}
    with pytest.raises(OutputError, match="cannot be read back"):
        kept.write(TrainingState(0, 0, arrays, {}), FINGERPRINT)
    assert not (tmp_path / "sprung").exists()
    assert kept.paths() == []


def test_the_one_before_another_is_found_by_numbers(kept):
    """As names epoch-10000 comes before epoch-9999."""
    places = [(9_998, 0), (9_999, 0), (10_000, 0), (10_000, 1_000_000)]
    for epoch, batch in places:
        path = Checkpoints(kept.folder, 9).write(state(epoch, batch), FINGERPRINT)
    found = []
    other = read(path)
    while other := kept.newest_before(other):
        found.append((other.state.epoch, other.state.batch))
    assert found == places[-2::-1]


def test_a_damaged_one_is_not_the_one_before_another(kept):
    for epoch in (1, 2, 3):
        path = Checkpoints(kept.folder, 9).write(state(epoch), FINGERPRINT)
    (kept.paths()[1] / "state.json").write_text("{}")
    assert kept.newest_before(read(path)).state.epoch == 1


def test_a_damaged_one_gives_way_to_the_one_before(kept):
    kept.write(state(3), FINGERPRINT)
    newer = kept.write(state(4), FINGERPRINT)
    (newer / "arrays.npz").write_bytes(b"")
    said = []
    assert kept.newest(said.append).state.epoch == 3
    assert len(said) == 1
    assert said[0].startswith(f"passed over: the checkpoint {newer} is damaged: arrays.npz has 0 ")


# A disk that fails, and a process that dies, at every single step

STEPS = """
    import builtins, os, shutil, signal, sys
    from mxdigits.runs import checkpoints as checkpoint

    class Steps:
        '''Counts every write, flush, rename, mkdir and removal, and does ``act`` at one.'''

        def __init__(self, at, act):
            self.count, self.at, self.act = 0, at, act

        def __call__(self, half=None):
            if self.count == self.at:
                if half is not None:
                    half()
                self.act()
            self.count += 1

    def instrument(step, removals=True):
        class File:
            def __init__(self, file): self.file = file
            def __enter__(self): return self
            def __exit__(self, *error): self.file.close()
            def write(self, content):
                def half():
                    self.file.write(content[: len(content) // 2])
                    self.file.flush()
                step(half)
                self.file.write(content)
            def flush(self): step(); self.file.flush()
            def read(self, *size): return self.file.read(*size)
            def fileno(self): return self.file.fileno()

        def opened(path, mode):
            if mode == "xb":
                step()
            return File(builtins.open(path, mode))

        checkpoint.open = opened
        for module, name in ((os, "fsync"), (os, "rename"), (os, "mkdir"), (shutil, "rmtree")):
            def stepped(*a, real=getattr(module, name), **k):
                if real is not shutil_rmtree or (removals and os.path.isdir(a[0])):
                    step()
                return real(*a, **k)
            setattr(module, name, stepped)

    shutil_rmtree = shutil.rmtree
"""

KILLED = (
    STEPS
    + """
    import json
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_checkpoint import FINGERPRINT, state

    home, found = Path(sys.argv[1]), []
    for at in range(1000):
        kept = checkpoint.Checkpoints(home / str(at), 1)
        kept.write(state(3), FINGERPRINT)
        child = os.fork()
        if not child:
            instrument(Steps(at, lambda: os.kill(os.getpid(), signal.SIGKILL)))
            kept.write(state(4), FINGERPRINT)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        said = []
        newest = kept.newest(said.append)
        kept.write(state(5), FINGERPRINT)
        left = sorted(path.name for path in kept.folder.iterdir())
        found.append([status, newest.state.epoch, said, left])
        if status == 0:
            break
    print(json.dumps(found))
"""
)


def test_a_death_at_any_step_leaves_a_whole_checkpoint(tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", dedent(KILLED), str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.stderr == ""
    *killed, last = json.loads(process.stdout)
    assert len(killed) >= 15
    assert {status for status, *_ in killed} == {signal.SIGKILL}
    epochs = [epoch for _, epoch, _, _ in killed]
    assert epochs == sorted(epochs)
    assert set(epochs) == {3, 4}
    assert last[:2] == [0, 4]
    assert all(said == [] for _, _, said, _ in killed)
    assert all(left == ["epoch-0005-batch-000000"] for _, _, _, left in [*killed, last])


FULL = (
    STEPS
    + """
    import errno, json
    from pathlib import Path
    from mxdigits.errors import OutputError
    sys.path.insert(0, sys.argv[2])
    from test_checkpoint import FINGERPRINT, state

    def full():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    home, found = Path(sys.argv[1]), []
    step = Steps(-1, full)
    instrument(step, removals=False)  # what removes needs no room
    for at in range(1000):
        step.at = -1
        kept = checkpoint.Checkpoints(home / str(at), 1)
        kept.write(state(3), FINGERPRINT)
        step.count, step.at = 0, at
        try:
            kept.write(state(4), FINGERPRINT)
            error = None
        except OutputError as caught:
            error = str(caught)
        reached = step.count
        step.at = -1
        said = []
        found.append([error, kept.newest(said.append).state.epoch, said])
        if error is None and reached < at:
            break
    print(json.dumps(found))
"""
)


def test_a_full_disk_at_any_step_leaves_a_whole_checkpoint(tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", dedent(FULL), str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.stderr == ""
    *failed, last = json.loads(process.stdout)
    assert last == [None, 4, []]
    assert len(failed) >= 15
    for at, (error, epoch, said) in enumerate(failed):
        path = tmp_path / str(at) / "epoch-0004-batch-000000"
        assert error in (None, f"cannot write {path}: {os.strerror(errno.ENOSPC)}")
        assert epoch in (3, 4)
        assert said == []
    assert sum(error is not None for error, *_ in failed) >= 12


# Where folders cannot be renamed


@pytest.fixture
def without_rename(monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "rename", refuse)


def test_checkpoints_are_copied_where_folders_cannot_be_renamed(without_rename, tmp_path):
    kept = Checkpoints(tmp_path / "checkpoints", keep=2)
    for place in (state(1), state(2), state(2), state(3)):
        kept.write(place, FINGERPRINT)
    assert [path.name for path in kept.paths()] == [
        "epoch-0002-batch-000000",
        "epoch-0003-batch-000000",
    ]
    assert sorted(os.listdir(kept.folder)) == [path.name for path in kept.paths()]
    assert kept.newest(pytest.fail).state.epoch == 3


def test_a_copy_that_did_not_come_to_its_end_is_passed_over(without_rename, tmp_path, monkeypatch):
    kept = Checkpoints(tmp_path / "checkpoints")
    kept.write(state(1), FINGERPRINT)
    real = Path.read_bytes

    def killed(path):
        if path.name == "manifest.json":
            raise KeyboardInterrupt
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            kept.write(state(2), FINGERPRINT)
    said = []
    assert kept.newest(said.append).state.epoch == 1
    assert said == [
        f"passed over: the checkpoint {kept.folder / 'epoch-0002-batch-000000'} is damaged: "
        "No such file or directory"
    ]
    kept.write(state(2), FINGERPRINT)
    assert kept.newest(pytest.fail).state.epoch == 2
