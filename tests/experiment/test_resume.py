"""Runs that are interrupted, resumed, extended and verified, down to the bits of their files."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import termios
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import numpy as np
import pytest

from mxdigits.data.idx import write_idx
from mxdigits.errors import (
    CheckpointError,
    FolderInUse,
    RunFailed,
    RunFolderError,
    UsageError,
)
from mxdigits.experiment.resumption import Resumption
from mxdigits.experiment.run import resume, run
from mxdigits.experiment.verification import verify
from mxdigits.recipe.schema import Recipe
from mxdigits.report.report import report_run
from mxdigits.runs.checkpoints import Checkpoints, read
from mxdigits.runs.folder import RunFolder
from mxdigits.storage.lock import hold
from mxdigits.train.history import json_line

pytestmark = pytest.mark.mxnet

# Everything that a resumed run must remember: momentum, random draws, a schedule, two callbacks.
RECIPE = """\
model: {{name: mlp, dropout: 0.2}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.05, momentum: 0.9}}
schedule: {{name: cosine, warmup_epochs: 1}}
validation: 30
callbacks:
  - {{name: reduce_on_plateau, patience: 1}}
  - best_weights
epochs: 6
checkpoint: {{batches: 4}}
predictions: [csv, npz]
"""

# The command line, with something done at a certain place in it.
PATCHED = """
    import os, signal, sys
    from mxdigits.experiment import run as experiment
    from mxdigits.experiment.preparation import parts
    from mxdigits.runs.checkpoint_writer import CheckpointWriter
    from mxdigits.__main__ import main

    def kill(*names):
        for name in names:
            os.kill(os.getpid(), getattr(signal, name))

    def before(owner, name, act, at=1):
        '''Do something before the ``at``-th call.'''
        whole, calls = getattr(owner, name), []

        def patched(*arguments, **options):
            calls.append(1)
            if len(calls) == at:
                act()
            return whole(*arguments, **options)

        setattr(owner, name, patched)
"""

# Batches are ten an epoch; the order of the files of predictions is csv, npz.
IN_BATCH_25 = "before(CheckpointWriter, 'due', lambda: kill({names}), 25)"
IN_BATCH_3 = "before(CheckpointWriter, 'due', lambda: kill({names}), 3)"
LOADING = "before(parts, 'load_dataset', lambda: kill({names}))"
AT_THE_END = "before(experiment.HistoryFiles, 'on_epoch_end', lambda: kill({names}), {at})"
PREDICTING = "before(experiment, 'write_predictions', lambda: kill({names}), 2)"

REPORTING = "before(experiment, 'write_report', lambda: kill({names}))"


def without_report(arguments):
    """The words of a command; of a run's without its report, which takes as long as all else."""
    words = [str(each) for each in arguments]
    return [*words, "--no-report"] if words[0] in ("run", "resume") else words


def patched(patch, *arguments, cwd, **options):
    """Run the command line with a patch; gives the finished process."""
    if "write_report" not in patch:
        arguments = without_report(arguments)
    code = f"{dedent(PATCHED)}\n{patch}\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )


def as_printed(command, *arguments, cwd):
    """Run what a message says, as a user would."""
    program, *rest = shlex.split(command)
    assert program == "mxdigits"
    return subprocess.run(
        [sys.executable, "-m", "mxdigits", *without_report([*rest, *arguments])],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )


def timeless(folder):
    """history.csv without what the clock says."""
    rows = [line.split(",") for line in (folder / "history.csv").read_text().splitlines()]
    timed = {rows[0].index("seconds"), rows[0].index("samples_per_second")}
    return [[cell for at, cell in enumerate(row) if at not in timed] for row in rows]


RESULTS = ("model-symbol.json", "model-0000.params", "predictions.csv", "predictions.npz")


def assert_same(run, whole):
    for name in RESULTS:
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name
    assert timeless(run) == timeless(whole)
    history = RunFolder(run).read_history()
    assert "".join(map(json_line, history)) == (run / "history.jsonl").read_text()
    assert json.loads((run / "run.json").read_text())["state"] == "finished"


def make_home(path, idx_folder, recipe=RECIPE):
    (path / "bars.yaml").write_text(recipe.format(path=idx_folder))
    return path


@pytest.fixture(scope="module")
def whole(idx_folder, tmp_path_factory):
    """A run that was never interrupted."""
    home = make_home(tmp_path_factory.mktemp("whole"), idx_folder)
    process = as_printed("mxdigits run bars.yaml", cwd=home)
    assert (process.returncode, process.stderr) == (0, "")
    (folder,) = (home / "runs" / "bars").iterdir()
    return folder


@pytest.fixture
def finished(whole, tmp_path):
    """A copy of that run."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.fixture
def half(finished):
    """A copy of it as if it had been killed: two checkpoints, the newest before its last."""
    newest = Checkpoints(finished / "checkpoints").paths()[-1]
    shutil.rmtree(newest)
    record = json.loads((finished / "run.json").read_text())
    del record["scores"]
    record["state"] = "running"
    (finished / "run.json").write_text(json.dumps(record))
    with open(finished / "history.jsonl", "a") as lines:
        lines.write('{"epoch": 6, "learni')  # it was killed while it wrote a line
    return finished


def newest(folder):
    return Checkpoints(folder / "checkpoints").newest(pytest.fail)


# Signals


def test_interrupted_at_every_turn_and_resumed_as_printed(whole, idx_folder, tmp_path):
    home = make_home(tmp_path, idx_folder)
    place = "interrupted at epoch 2, batch 5; "
    process = patched(IN_BATCH_25.format(names="'SIGINT'"), "run", "bars.yaml", cwd=home)
    (run,) = (home / "runs" / "bars").iterdir()
    command = f"mxdigits resume runs/bars/{run.name}"
    assert process.stderr == f"error: {place}to go on: {command}\n"
    assert process.returncode == 130
    assert newest(run).path.name == "epoch-0002-batch-000005"
    for patch, names, code, message in (
        (LOADING, "'SIGTERM'", 143, f"terminated before the training; to go on: {command}"),
        # Twice at once: the last checkpoint is that of before.
        (IN_BATCH_3, "'SIGINT', 'SIGINT'", 130, "interrupted"),
        (IN_BATCH_3, "'SIGTERM'", 143, f"terminated at epoch 2, batch 8; to go on: {command}"),
        # The last epoch is trained: what remains is the rest.
        (
            AT_THE_END.replace("{at}", "4"),
            "'SIGTERM'",
            143,
            f"terminated at epoch 6, batch 0; to go on: {command}",
        ),
        (PREDICTING, "'SIGINT'", 130, f"interrupted after the training; to go on: {command}"),
    ):
        process = patched(patch.format(names=names), *shlex.split(command)[1:], cwd=home)
        assert process.stderr == f"error: {message}\n"
        assert process.returncode == code
        assert newest(run) is not None
        assert json.loads((run / "run.json").read_text())["state"] == "interrupted"
    process = as_printed(command, cwd=home)
    assert (process.returncode, process.stderr) == (0, "")
    assert_same(run, whole)
    record = json.loads((run / "run.json").read_text())
    assert [each["from"] for each in record["resumed"]] == [
        "epoch-0002-batch-000005",
        "epoch-0002-batch-000005",
        "epoch-0002-batch-000008",
        "epoch-0006-batch-000000",
        "epoch-0006-batch-000000",
    ]
    first = json.loads((whole / "run.json").read_text())
    assert record["scores"] == first["scores"]
    assert set(record) - {"resumed"} == set(first)
    log = (run / "log.txt").read_text()
    for epoch in range(6):
        assert log.count(f"Epoch[{epoch}] Train-accuracy") == 1
    assert as_printed(f"mxdigits resume {run}", "--verify", cwd=home).returncode == 0


def test_a_signal_while_the_report_is_written(whole, idx_folder, tmp_path):
    """The run is finished then: to resume it would be refused."""
    home = make_home(tmp_path, idx_folder)
    process = patched(REPORTING.format(names="'SIGTERM'"), "run", "bars.yaml", cwd=home)
    (run,) = (home / "runs" / "bars").iterdir()
    command = f"mxdigits report runs/bars/{run.name}"
    assert process.stderr == f"error: terminated after the run; for its report: {command}\n"
    assert process.returncode == 143
    assert_same(run, whole)
    assert as_printed(command, cwd=home).returncode == 0


def test_a_signal_that_is_ignored_stays_ignored(whole, idx_folder, tmp_path):
    """As under nohup, and behind "&" in a script."""
    home = make_home(tmp_path, idx_folder)
    process = patched(
        IN_BATCH_25.format(names="'SIGINT', 'SIGINT'"),
        "run",
        "bars.yaml",
        cwd=home,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert (process.returncode, process.stderr) == (0, "")
    (run,) = (home / "runs" / "bars").iterdir()
    assert_same(run, whole)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (IN_BATCH_25, "keeping a checkpoint at epoch 2, batch 5; the training goes on"),
        (LOADING, "keeping a checkpoint at epoch 0, batch 1; the training goes on"),
        (AT_THE_END, "keeping a checkpoint at epoch 2, batch 0; the training goes on"),
        (PREDICTING, ""),
        (REPORTING, ""),
    ],
)
def test_a_warning_of_a_time_limit_keeps_a_checkpoint(whole, idx_folder, tmp_path, place, said):
    """It changes no bit, and never ends the process."""
    home = make_home(tmp_path, idx_folder)
    process = patched(place.format(names="'SIGUSR1'", at=2), "run", "bars.yaml", cwd=home)
    assert (process.returncode, process.stderr) == (0, "")
    (run,) = (home / "runs" / "bars").iterdir()
    assert_same(run, whole)
    for text in (process.stdout, (run / "log.txt").read_text()):
        assert [line for line in text.splitlines() if "SIGUSR1" in line] == (
            [f"SIGUSR1: {said}"] if said else []
        )


def test_a_warning_where_no_checkpoints_are_kept(idx_folder, tmp_path):
    home = make_home(tmp_path, idx_folder)
    process = patched(
        LOADING.format(names="'SIGUSR2'"), "run", "bars.yaml", "checkpoint=null", cwd=home
    )
    assert (process.returncode, process.stderr) == (0, "")
    said = "SIGUSR2: no checkpoint was kept, for the recipe says checkpoint: null\n"
    assert process.stdout.count(said) == 1


def on_a_terminal(home, *arguments):
    """A process with a terminal of its own, and the other end of it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", *arguments],
        cwd=home,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    return process, master


def read_until(master, text=None):
    """What a terminal shows, until it shows ``text`` or nobody writes to it any more."""
    shown = b""
    while text is None or text not in shown:
        try:
            piece = os.read(master, 10_000)
        except OSError:  # every process has closed it
            piece = b""
        if not piece:
            break
        shown += piece
    return shown


def test_ctrl_c_leaves_a_clean_terminal(idx_folder, tmp_path):
    home = make_home(tmp_path, idx_folder)
    process, master = on_a_terminal(home, "run", "bars.yaml", "epochs=100000")
    shown = read_until(master, b"learning rate")
    os.write(master, b"\x03")
    shown += read_until(master)
    assert process.wait(300) == 130
    os.close(master)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")  # the cursor is there again
    left = re.sub(rb"\x1b\[[0-?]*[ -/]*[@-~]", b"", shown[shown.rindex(b"\x1b[?25h") :])
    assert re.fullmatch(
        rb"\s*error: interrupted at epoch \d+, batch \d+; to go on: mxdigits resume "
        rb"runs/bars/[\w-]+\s*",
        left,
    ), left
    assert b"\x1b[31" not in left


def test_a_run_whose_terminal_is_closed_can_be_resumed(idx_folder, tmp_path):
    """The kernel sends SIGHUP then, and nothing can be shown any more."""
    home = make_home(tmp_path, idx_folder)
    process, master = on_a_terminal(home, "run", "bars.yaml", "epochs=100000")
    read_until(master, b"learning rate")
    os.close(master)
    assert process.wait(300) == 129
    (run,) = (home / "runs" / "bars").iterdir()
    assert json.loads((run / "run.json").read_text())["state"] == "interrupted"
    done = newest(run).path.name
    again = patched(IN_BATCH_3.format(names="'SIGTERM'"), "resume", run, cwd=home)
    assert again.returncode == 143
    assert f"resuming {run} from {done}\n" in again.stdout


def test_a_training_outlives_a_terminal_that_is_not_its_own(whole, idx_folder, tmp_path):
    home = make_home(tmp_path, idx_folder)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "run", "bars.yaml", "--no-report"],
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(slave)
    read_until(master, b"context:")
    os.close(master)
    process.wait(300)
    (run,) = (home / "runs" / "bars").iterdir()
    assert_same(run, whole)


# More epochs


CONSTANT = "\n".join(line for line in RECIPE.splitlines() if "schedule" not in line)


def test_more_epochs_are_a_longer_run(idx_folder, tmp_path):
    home = make_home(tmp_path, idx_folder, CONSTANT)
    assert as_printed("mxdigits run bars.yaml epochs=3", cwd=home).returncode == 0
    (run,) = (home / "runs" / "bars").iterdir()
    process = as_printed(f"mxdigits resume {run} --epochs 6", cwd=home)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.splitlines()[:3] == [
        f"resuming {run} from epoch-0003-batch-000000",
        f"context: cpu(0); CPU threads: {os.environ['OMP_NUM_THREADS']}",
        "recipe.epochs: 6, was 3",
    ]
    assert as_printed("mxdigits run bars.yaml -o long", cwd=home).returncode == 0
    (long,) = (home / "long" / "bars").iterdir()
    assert_same(run, long)
    assert (run / "recipe.yaml").read_text() == (long / "recipe.yaml").read_text()


def test_more_epochs_under_a_schedule_that_counts_them(finished):
    said = []
    resume(finished, ["epochs=8"], say=said.append)
    assert said[2] == (
        "recipe.epochs: 8, was 6; a run of that many epochs would have had other learning rates "
        "so far"
    )
    assert len(timeless(finished)) == 9


# What cannot be resumed


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
        f"{found} was made with something else: {what}. To continue all the same, write "
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
    resume(half, allow_changes=True, say=said.append)
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
        begun.check_changes(prepared, False, said.append)
        assert said == [
            "MXNet traced the network when this run began; its graph computes the same today"
        ]
        return
    with pytest.raises(UsageError) as error:
        begun.check_changes(prepared, False, said.append)
    traced = ["network.graph is new, was old", "versions.mxnet is not there, was 1.9.1"]
    assert str(error.value) == changed("runs/1", "; ".join(sorted([what, *traced])))


def test_what_decides_no_bit_may_change_without_a_word(half):
    said = []
    resume(
        half, ["predictions=[jsonl]", "checkpoint.keep=5", "checkpoint.batches=7"], say=said.append
    )
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
        rf".* was made with something else: data.options.path is {other}, was {idx_folder}; "
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


def test_other_threads_are_told(mxdigits, half):
    process = mxdigits("resume", half, "--no-report", OMP_NUM_THREADS="3")
    assert (process.returncode, process.stderr) == (0, "")
    assert (
        f"device.threads: 3, was {os.environ['OMP_NUM_THREADS']}; the bits may differ from those "
        "of an uninterrupted run"
    ) in process.stdout.splitlines()


# A proof


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


# Where a run lies, and where its data lie


@pytest.fixture
def short(idx_folder, tmp_path, monkeypatch):
    """A run of one epoch whose recipe has named its data by a path from the current folder."""
    home = tmp_path / os.fsdecode(b"chez_\xe9lise")
    home.mkdir()
    shutil.copytree(idx_folder, home / "data")
    monkeypatch.chdir(home)
    data = {"name": "idx", "path": "data", "batch_size": 50}
    recipe = Recipe.make(model={"name": "mlp", "hidden": [8]}, data=data, epochs=1)
    folder = run(recipe, output="runs", report=False).folder.path
    monkeypatch.chdir(tmp_path)
    return home / folder


def test_a_run_is_resumed_from_any_folder(short):
    said = []
    resume(short, ["epochs=2"], say=said.append)
    assert [line for line in said if "was" in line] == ["recipe.epochs: 2, was 1"]
    verify(short, say=said.append)
    report_run(short, pytest.fail)


def test_another_folder_of_that_name_is_not_taken_for_the_data(short, tmp_path):
    (tmp_path / "data").mkdir()
    resume(short, ["epochs=2"], report=False)


def test_equal_files_elsewhere_are_no_change(short, tmp_path):
    shutil.move(short.parents[2] / "data", tmp_path / "moved")
    said = []
    resume(short, ["epochs=2", "data.path=moved"], say=said.append, report=False)
    assert [line for line in said if "was" in line] == ["recipe.epochs: 2, was 1"]
    assert f"path: {tmp_path / 'moved'}" in (short / "recipe.yaml").read_text()


def test_a_path_that_leads_nowhere_stays_as_it_is():
    data = {"name": "idx", "path": "store://digits"}
    recipe = Recipe.make(model="mlp", data=data, init="nowhere")
    assert recipe.with_full_paths() == recipe


def test_a_file_system_that_cannot_flush_folders_costs_no_run(idx_folder, tmp_path, monkeypatch):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    data = {"name": "idx", "path": str(idx_folder), "batch_size": 50}
    recipe = Recipe.make(model={"name": "mlp", "hidden": [8]}, data=data, epochs=2)
    said = []
    done = run(recipe, output=tmp_path, say=said.append, report=False)
    assert [line for line in said if "flush" in line] == [
        f"the file system of {done.folder} cannot flush folders (Invalid argument): "
        "a power cut may lose the newest checkpoints"
    ]
    assert len(Checkpoints(done.folder.checkpoints_folder).paths()) == 2
