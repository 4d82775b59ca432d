"""What a full disk, a read-only or a vanished folder do to each file that a run writes.

The disks are real, small ones in a mount namespace of their own where the machine allows that.
Everywhere else, and also there, the kernel's limit on the size of a file does the same: a write
fails in the middle.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from mxdigits.errors import OutputError
from mxdigits.experiment.display.plain import PlainSpeedometer
from mxdigits.runs.folder import RunFolder
from mxdigits.storage.files import line_log
from mxdigits.storage.lock import hold

# Each writes one of a run's files; what it says is printed.
WRITERS = """
    import shutil, sys, tempfile
    from pathlib import Path
    import numpy as np
    from mxdigits.errors import MxdigitsError
    from mxdigits.graph import Graph, Output, Variable, operation
    from mxdigits.storage.files import check_writable, line_log, write_text
    from mxdigits.predict.predictions import write_predictions
    from mxdigits.experiment.display.plain import PlainSpeedometer
    from mxdigits.runs.folder import RunFolder

    prob = np.full((500, 10), 0.1, np.float32)
    path = Path(sys.argv[1])
    folder = RunFolder(path)

    def log():
        with line_log(folder.log_file) as stream:
            display = PlainSpeedometer(stream)
            for _ in range(5000):
                display.note("a line")

    def network():
        nodes = Variable("data", "input"), Variable("weight")
        dense = operation(
            "FullyConnected", "dense", [Output(0), Output(1)], num_hidden=200, no_bias=True
        )
        graph = Graph((*nodes, dense), (Output(2),))
        folder.save_network(graph, {"weight": np.ones((200, 64), np.float32)})

    writers = {
        "recipe.yaml": lambda: write_text(folder.recipe_file, "x" * 20_000),
        "run.json": lambda: folder.write_record({"x": "x" * 20_000}),
        "history.csv": lambda: write_text(folder.history_file, "x" * 20_000),
        "predictions.csv": lambda: write_predictions(path / "predictions.csv", prob),
        "predictions.jsonl": lambda: write_predictions(path / "predictions.jsonl", prob),
        "predictions.npz": lambda: write_predictions(path / "predictions.npz", prob),
        "log.txt": log,
        "model-symbol.json": network,
    }

    def attempt(name):
        try:
            writers[name]()
            print(f"{name}: written", flush=True)
        except MxdigitsError as error:
            print(f"{error.exit_code} {error}", flush=True)
"""

# A limit makes a write fail; the signal would end the process.
LIMITED = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for limit in map(int, sys.argv[2:]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        for name in writers:
            attempt(name)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
"""

FULL = """
    import os
    (path / "ballast").write_bytes(b"x" * 2000)
    for left in map(int, sys.argv[2:]):
        status = os.statvfs(path)
        with open(path / "ballast", "wb", buffering=0) as ballast:
            size = status.f_blocks * status.f_frsize - left
            os.posix_fallocate(ballast.fileno(), 0, max(size, 1))
        for name in writers:
            attempt(name)
"""


def script(*parts: str) -> list[str]:
    return [sys.executable, "-c", "".join(map(dedent, parts))]


def run(command: list[str], *arguments) -> list[str]:
    """The lines that a process prints, which may not complain of anything."""
    done = subprocess.run(
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


FILES = (
    *("recipe.yaml", "run.json", "history.csv"),
    *("predictions.csv", "predictions.jsonl", "predictions.npz"),
)


def test_a_write_that_fails_halfway_leaves_the_old_file(tmp_path):
    kept = (*FILES, "model-symbol.json", "model-0000.params")
    for name in kept:
        (tmp_path / name).write_text("old")
    lines = run(script(WRITERS, LIMITED), tmp_path, 0, 100, 9_000)
    half = [f"3 cannot write {tmp_path / name}: File too large" for name in FILES]
    assert lines == [
        *(*half, "log.txt: written"),
        f"3 cannot write {tmp_path / 'model-symbol.json'}: File too large",
        *(*half, "log.txt: written"),
        f"3 cannot write {tmp_path / 'model-symbol.json'}: File too large",
        *(*half, "log.txt: written"),
        f"3 cannot write {tmp_path / 'model-0000.params'}: File too large",
    ]
    for name in (*FILES, "model-symbol.json", "model-0000.params"):
        assert (tmp_path / name).read_text() == "old"
    assert (tmp_path / "log.txt").stat().st_size == 9_000
    assert set(os.listdir(tmp_path)) == {
        *FILES,
        "model-symbol.json",
        "model-0000.params",
        "log.txt",
    }


def test_no_byte_of_a_network_is_missed(tmp_path):
    check = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        network()
        size = folder.parameters_file.stat().st_size
        for less in (0, 1, 2, 9, 100, 1000, 4000, 20000):
            for file in (folder.symbol_file, folder.parameters_file):
                file.unlink(missing_ok=True)
            limit = max(size - less, 0)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            attempt("model-symbol.json")
            assert folder.parameters_file.exists() == (less == 0)
    """
    lines = run(script(WRITERS, check), tmp_path)
    assert lines == [
        "model-symbol.json: written",
        *7 * [f"3 cannot write {tmp_path / 'model-0000.params'}: File too large"],
    ]


def small_disk(folder: Path, options: str, then: str, *command: str) -> list[str]:
    """A command that runs with a small disk at ``folder``, which goes when it ends."""
    mount = f'mount -t tmpfs -o {options} none "$0" && {then} exec "$@"'
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, folder, *command]


@pytest.fixture
def needs_mount(tmp_path):
    try:
        done = subprocess.run(small_disk(tmp_path, "size=1m", "", "true"), capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")


@pytest.mark.mxnet
def test_a_full_disk(tmp_path, needs_mount):
    """From a disk with no byte left to one on which everything fits."""
    left = [0, 4096, 8192, 16384, 24576, 40960, 65536, 600_000]
    command = small_disk(tmp_path, "size=1m", "", *script(WRITERS, FULL))
    lines = Counter(run(command, tmp_path, *left))
    for name in FILES:
        why = f"3 cannot write {tmp_path / name}: No space left on device"
        assert lines[why] >= 3
        assert lines[f"{name}: written"] >= 1
        assert lines[why] + lines[f"{name}: written"] == len(left)
    assert lines["log.txt: written"] == len(left)
    assert {line for line in lines if "model-" in line} == {
        "model-symbol.json: written",
        f"3 cannot write {tmp_path / 'model-symbol.json'}: No space left on device",
        f"3 cannot write {tmp_path / 'model-0000.params'}: No space left on device",
    }


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        ("null", "model-0000.params: No space left on device"),
        ("{epochs: 2}", "checkpoints/epoch-0002-batch-000000: No space left on device"),
    ],
)
def test_a_run_on_a_disk_that_is_too_small(tmp_path, needs_mount, idx_folder, checkpoint, message):
    """It ends in a line, and its epochs are kept and listed."""
    recipe = (
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 20}}\nepochs: 2\n"
        f"checkpoint: {checkpoint}\n"
    )
    (tmp_path / "bars.yaml").write_text(recipe)
    (tmp_path / "disk").mkdir()
    mxdigits = f"{sys.executable} -m mxdigits"
    then = f"""
        cd {tmp_path} &&
        {{ {mxdigits} run bars.yaml -o disk > said; echo exit $?; {mxdigits} runs disk --json; }} &&
    """
    command = small_disk(tmp_path / "disk", "size=64k", " ".join(then.split()), "true")
    done = subprocess.run(command, capture_output=True, text=True)
    (path,) = [line[12:] for line in (tmp_path / "said").read_text().splitlines() if "fold" in line]
    assert done.stderr.strip() == f"error: cannot write {path}/{message}"
    code, _, listed = done.stdout.partition("\n")
    assert code == "exit 3"
    (run,) = json.loads(listed)
    assert (run["run"], run["state"], run["epochs_done"]) == (path, "failed", 2)


def test_a_read_only_disk(tmp_path, needs_mount):
    then = 'mkdir "$0/run" && mount -o remount,ro none "$0" &&'
    attempts = """
        from mxdigits.storage.lock import hold

        for name in writers:
            attempt(name)
        for refused in (
            lambda: RunFolder.create(path.parent, "lenet"),
            lambda: check_writable(path / "x.csv"),
            lambda: hold(path).__enter__(),
        ):
            try:
                refused()
            except MxdigitsError as error:
                print(f"{error.exit_code} {error}")
    """
    run_path = tmp_path / "run"
    lines = run(small_disk(tmp_path, "size=1m", then, *script(WRITERS, attempts)), run_path)
    files = [*FILES, "log.txt", "model-symbol.json"]
    why = "Read-only file system"
    assert lines[:8] == [f"3 cannot write {run_path / name}: {why}" for name in files]
    assert lines[8].startswith(f"3 cannot make the run folder {tmp_path}/lenet")
    assert lines[8].endswith(f": {why}")
    assert lines[9:] == [
        f"3 cannot write {run_path / 'x.csv'}: {why}",
        f"3 cannot lock the run folder {run_path}: {why}",
    ]


def test_a_folder_that_vanished(tmp_path):
    gone = tmp_path / "gone"
    attempts = """
        del writers["model-symbol.json"]  # MXNet takes seconds to start
        for name in writers:
            attempt(name)
    """
    assert run(script(WRITERS, attempts), gone) == [
        f"3 cannot write {gone / name}: there is no folder {gone}" for name in (*FILES, "log.txt")
    ]


def test_a_folder_that_vanishes_while_the_log_is_open(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with hold(folder), line_log(folder / "log.txt") as stream:
        display = PlainSpeedometer(stream)
        display.note("first")
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        display.note("second")
    assert os.listdir(tmp_path) == []


def test_a_log_is_gone_on_with(tmp_path):
    path = tmp_path / "log.txt"
    for append, whole in ((False, "größe\n"), (True, "größe\ngröße\n"), (False, "größe\n")):
        with line_log(path, append=append) as stream:
            PlainSpeedometer(stream).note("größe")
        assert path.read_text(encoding="utf-8") == whole
    with pytest.raises(OutputError) as caught, line_log(tmp_path):
        pass
    assert str(caught.value) == f"cannot write {tmp_path}: Is a directory"


# Starts in the same second

STARTS = """
    import os, secrets, sys
    from pathlib import Path
    from mxdigits.storage.lock import hold
    from mxdigits.runs.folder import RunFolder

    starts = int(sys.argv[2])
    # So few names that they would all but surely be given twice.
    secrets.token_hex = lambda _: f"{os.urandom(1)[0] % (2 * starts):06x}"
    gate, opened = os.pipe()
    children = []
    for _ in range(starts):
        if not (child := os.fork()):
            os.close(opened)
            os.read(gate, 1)  # until the other end is closed, by all at once
            folder = RunFolder.create(Path(sys.argv[1]), "lenet")
            with hold(folder.path):
                folder.write_record({"process": os.getpid()})
            os._exit(0)
        children.append(child)
    os.close(opened)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    print(*children)
"""


def test_starts_in_the_same_second_get_different_folders(tmp_path):
    (line,) = run(script(STARTS), tmp_path, 60)
    children = set(map(int, line.split()))
    folders = list((tmp_path / "lenet").iterdir())
    assert len(children) == len(folders) == 60
    owners = [(folder / "run.json").read_text() for folder in folders]
    assert {int("".join(filter(str.isdigit, owner))) for owner in owners} == children


def test_a_name_that_is_taken_is_not_used_again(tmp_path, monkeypatch):
    ids = iter(["00000a", "00000a", "00000a", "00000b"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(ids))
    monkeypatch.setattr("mxdigits.runs.folder.datetime", Frozen)
    made = [RunFolder.create(tmp_path, "lenet").path.name for _ in range(2)]
    assert made == ["20260102T030405Z-00000a", "20260102T030405Z-00000b"]


class Frozen:
    @staticmethod
    def now(_):
        from datetime import datetime

        return datetime(2026, 1, 2, 3, 4, 5)
