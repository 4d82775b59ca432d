"""Runs that are interrupted, resumed and extended, down to the bits of their files."""

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
from textwrap import dedent

import pytest
from command_line import run_here
from resumed_runs import (
    CONSTANT,
    as_printed,
    assert_same,
    make_home,
    newest,
    timeless,
    without_report,
)

from mxdigits.experiment.run import resume, run
from mxdigits.experiment.verification import verify
from mxdigits.recipe.schema import Recipe
from mxdigits.report.report import report_run
from mxdigits.runs.checkpoints import Checkpoints
from mxdigits.runs.folder import RunFolder

pytestmark = pytest.mark.mxnet


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


def patched_here(monkeypatch, patch, *arguments, cwd):
    """The same in this process; gives what a process would give."""
    if "write_report" not in patch:
        arguments = without_report(arguments)
    with monkeypatch.context() as undone:
        exec(f"{dedent(PATCHED)}\n{patch}", {"setattr": undone.setattr})
        return run_here(*arguments, cwd=cwd)


# Signals


def test_interrupted_at_every_turn_and_resumed_as_printed(whole, idx_folder, tmp_path, monkeypatch):
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
        patch = patch.format(names=names)
        process = patched_here(monkeypatch, patch, *shlex.split(command)[1:], cwd=home)
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
def test_a_warning_of_a_time_limit_keeps_a_checkpoint(
    whole, idx_folder, tmp_path, monkeypatch, place, said
):
    """It changes no bit, and never ends the process."""
    home = make_home(tmp_path, idx_folder)
    patch = place.format(names="'SIGUSR1'", at=2)
    if place == REPORTING:
        process = patched(patch, "run", "bars.yaml", cwd=home)
    else:
        process = patched_here(monkeypatch, patch, "run", "bars.yaml", cwd=home)
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
    resume(finished, ["epochs=8"], say=said.append, report=False)
    assert said[2] == (
        "recipe.epochs: 8, was 6; a run of that many epochs would have had other learning rates "
        "so far"
    )
    assert len(timeless(finished)) == 9


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
    resume(short, ["epochs=2"], say=said.append, report=False)
    assert [line for line in said if "was" in line] == ["recipe.epochs: 2, was 1"]
    verify(short, say=said.append)
    report_run(short, pytest.fail)


def test_another_folder_of_that_name_is_not_taken_for_the_data(short, tmp_path):
    (tmp_path / "data").mkdir()
    resume(RunFolder(short), epochs=2, report=False)


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
