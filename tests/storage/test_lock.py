"""One writer a folder, shown with real processes: rivals, forks, threads and violent deaths."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from textwrap import dedent

import pytest
from waiting import until

from mxdigits.errors import FolderInUse, OutputError
from mxdigits.storage.lock import LOCK, Owner, hold, owner

HOST = os.uname().nodename

HOLDER = """
    import os, signal, subprocess, sys, time
    from pathlib import Path
    from mxdigits.storage.lock import hold

    with hold(Path(sys.argv[1])):
        {inside}
        print("held", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds ``tmp_path`` until its standard input ends."""
    started = []

    def start(inside: str = "pass") -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", dedent(HOLDER).format(inside=inside), str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def refusal(folder) -> str:
    with pytest.raises(OutputError) as caught, hold(folder):
        pytest.fail("the lock was given twice")
    assert caught.value.exit_code == 3
    assert len(caught.value.lines) == 1
    return str(caught.value)


def test_a_second_process_is_told_who_was_first(tmp_path, holder):
    first = holder()
    found = owner(tmp_path)
    assert (found.process, found.host) == (first.pid, HOST)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.since)
    assert refusal(tmp_path) == (
        f"the run folder {tmp_path} is in use by process {first.pid} on {HOST} since {found.since}"
    )
    first.stdin.close()
    assert first.wait() == 0
    assert owner(tmp_path) is None
    with hold(tmp_path):
        assert owner(tmp_path).process == os.getpid()
    assert owner(tmp_path) is None
    assert (tmp_path / LOCK).read_text() == ""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_the_kernel_frees_it_when_the_owner_dies(tmp_path, holder, how):
    first = holder()
    first.send_signal(how)
    assert first.wait() == -how
    assert json.loads((tmp_path / LOCK).read_text())["process"] == first.pid
    assert owner(tmp_path) is None
    with hold(tmp_path):
        assert owner(tmp_path).process == os.getpid()


@pytest.mark.parametrize(
    "child",
    [
        # Workers of a data loader are forks; a helper program is a fork that goes on to another.
        "child = os.fork() or signal.pause()",
        "child = subprocess.Popen(['sleep', '60'], close_fds=False, stdout=2).pid",
        "child = os.posix_spawnp('sleep', ['sleep', '60'], os.environ, "
        "file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])",
    ],
)
@pytest.mark.parametrize("ending", ["killed", "left"])
def test_a_child_that_outlives_the_owner_does_not_keep_it(tmp_path, holder, child, ending):
    first = holder(f"{child}; Path(sys.argv[1], 'child').write_text(str(child))")
    child_id = int((tmp_path / "child").read_text())
    try:
        if ending == "killed":
            first.kill()
        else:
            first.stdin.close()
        first.wait()
        os.kill(child_id, 0)
        until("a forked child lets go when it first runs", lambda: owner(tmp_path) is None)
        with hold(tmp_path):
            pass
    finally:
        os.kill(child_id, signal.SIGKILL)


def test_a_forked_child_that_leaves_the_block_does_not_free_it(tmp_path):
    with hold(tmp_path):
        if not (child := os.fork()):
            os._exit(_leave_as_a_child(tmp_path))
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7
        assert owner(tmp_path).process == os.getpid()
    assert owner(tmp_path) is None


def _leave_as_a_child(folder) -> int:
    """In a child, where no exception may reach pytest: hold what is free, be refused the rest."""
    try:
        other = folder / "other"
        other.mkdir()
        with hold(other):
            pass
        with hold(folder):
            return 1
    except FolderInUse:
        return 7
    except BaseException:
        return 2


def test_a_forked_child_may_unwind_its_parents_block(tmp_path):
    lock = hold(tmp_path)
    lock.__enter__()
    if not (child := os.fork()):
        lock.__exit__(None, None, None)
        os._exit(0)
    os.waitpid(child, 0)
    assert owner(tmp_path).process == os.getpid()
    lock.__exit__(None, None, None)
    assert owner(tmp_path) is None


def test_threads_exclude_each_other(tmp_path):
    heard = []
    with hold(tmp_path):
        thread = threading.Thread(target=lambda: heard.append(refusal(tmp_path)))
        thread.start()
        thread.join()
        assert f"process {os.getpid()} on {HOST}" in heard[0]
    with hold(tmp_path):
        pass


def test_it_is_freed_when_the_block_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(tmp_path):
        raise ZeroDivisionError
    assert owner(tmp_path) is None


def test_of_many_rivals_each_has_it_alone(tmp_path):
    """Every process adds one to a number by reading and writing it; none is lost."""
    (tmp_path / "number").write_text("0")
    rival = """
        import sys
        from pathlib import Path
        from mxdigits.errors import FolderInUse
        from mxdigits.storage.lock import hold, owner

        folder, done = Path(sys.argv[1]), 0
        while done < 20:
            try:
                with hold(folder):
                    number = int((folder / "number").read_text())
                    owner(folder)
                    (folder / "number").write_text(str(number + 1))
                    done += 1
            except FolderInUse:
                pass
    """
    rivals = [
        subprocess.Popen([sys.executable, "-c", dedent(rival), str(tmp_path)]) for _ in range(6)
    ]
    assert [process.wait(timeout=300) for process in rivals] == [0] * 6
    assert (tmp_path / "number").read_text() == "120"


def test_to_ask_for_the_owner_refuses_nobody(tmp_path):
    ask = """
        import sys
        from pathlib import Path
        from mxdigits.storage.lock import owner

        print("asking", flush=True)
        while True:
            owner(Path(sys.argv[1]))
    """
    with hold(tmp_path):
        pass
    asking = subprocess.Popen(
        [sys.executable, "-c", dedent(ask), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert asking.stdout.readline() == "asking\n"
        for _ in range(200):
            with hold(tmp_path):
                pass
    finally:
        asking.kill()
        asking.communicate()


def test_to_ask_leaves_no_trace(tmp_path):
    assert owner(tmp_path) is None
    assert owner(tmp_path / "missing") is None
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "no") == (
        f"cannot lock the run folder {tmp_path / 'no'}: No such file or directory"
    )


def test_what_is_no_lock_file_is_refused_and_stays(tmp_path):
    for name in ("link", "twin", "folder", "pipe"):
        (tmp_path / name).mkdir()
    precious = tmp_path / "precious"
    precious.write_text("precious")
    (tmp_path / "link" / LOCK).symlink_to(precious)
    os.link(precious, tmp_path / "twin" / LOCK)
    (tmp_path / "folder" / LOCK).mkdir()
    os.mkfifo(tmp_path / "pipe" / LOCK)
    for name, why in {
        "link": "Too many levels of symbolic links",
        "twin": ".lock must be a plain file without a second name",
        "folder": "Is a directory",
        "pipe": ".lock must be a plain file without a second name",
    }.items():
        folder = tmp_path / name
        assert owner(folder) is None
        assert refusal(folder) == f"cannot lock the run folder {folder}: {why}"
    assert precious.read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert refusal(tmp_path) == f"cannot lock the run folder {tmp_path}: Permission denied"
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"process"',
        "\x00" * 5000,
        "[" * 5000,
        "9" * 999,
        '{"process": 5, "host": "\\u001b[31mred", "since": "2026"}',
        '{"process": 5, "host": "a\\nb", "since": "2026"}',
        '{"process": -1, "host": "a", "since": "2026"}',
        '{"process": [], "host": "a", "since": "2026"}',
        '{"process": 1e999, "host": "a", "since": "2026"}',
        '{"process": 5, "host": "a"}',
        b"\xff\xfe",
    ],
)
def test_a_file_that_does_not_tell_is_no_harm(tmp_path, text, monkeypatch):
    monkeypatch.setattr("mxdigits.storage.lock._PAUSE", 0)
    (tmp_path / LOCK).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert owner(tmp_path) is None
    with open(tmp_path / LOCK) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert owner(tmp_path) == Owner()
        assert refusal(tmp_path) == f"the run folder {tmp_path} is in use by another process"
    with hold(tmp_path):
        assert owner(tmp_path).process == os.getpid()


@pytest.fixture
def no_locks(monkeypatch):
    """A file system without locks."""

    def flock(descriptor, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)


def test_without_locks_it_says_so_and_goes_on(tmp_path, no_locks):
    said = []
    with hold(tmp_path, said.append):
        assert owner(tmp_path).process == os.getpid()
    assert owner(tmp_path) is None
    assert said == [
        f"the file system of {tmp_path} has no locks (No locks available): "
        "nothing keeps a second process from writing there"
    ]


def test_without_locks_the_owner_is_whoever_may_still_live(tmp_path, no_locks):
    gone = subprocess.Popen(["true"])
    gone.wait()
    for process, host, lives in (
        (os.getpid(), HOST, True),
        (1, HOST, True),
        (gone.pid, HOST, False),
        (10**30, HOST, False),
        (gone.pid, "elsewhere", True),
    ):
        told = {"process": process, "host": host, "since": "2026-01-02T03:04:05Z"}
        (tmp_path / LOCK).write_text(json.dumps(told))
        assert owner(tmp_path) == (Owner(**told) if lives else None)


def test_another_error_of_the_lock_is_said(tmp_path, monkeypatch):
    def flock(descriptor, operation):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", flock)
    assert refusal(tmp_path) == f"cannot lock the run folder {tmp_path}: Input/output error"


def test_a_full_disk_costs_the_name_of_the_owner_only(tmp_path, monkeypatch):
    def pwrite(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", pwrite)
    with hold(tmp_path):
        assert refusal(tmp_path) == f"the run folder {tmp_path} is in use by another process"


def test_a_lock_file_deleted_meanwhile_is_no_lock(tmp_path, monkeypatch):
    """Its next owner would lock a new file of that name, and both would write."""
    real, deleted = fcntl.flock, []

    def flock(descriptor, operation):
        if not deleted:
            deleted.append((tmp_path / LOCK).unlink())
        return real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with hold(tmp_path):
        assert owner(tmp_path).process == os.getpid()


def test_no_descriptor_is_left_open(tmp_path):
    before = os.listdir("/proc/self/fd")
    with hold(tmp_path):
        refusal(tmp_path)
        owner(tmp_path)
    refusal(tmp_path / "no")
    assert os.listdir("/proc/self/fd") == before


def test_a_file_system_that_counts_no_names(tmp_path, monkeypatch):
    """Some of those in user space tell 0 of every file, deleted or not."""
    real = os.fstat

    def fstat(descriptor):
        values = list(real(descriptor))
        values[stat.ST_NLINK] = 0
        return os.stat_result(values)

    monkeypatch.setattr(os, "fstat", fstat)
    with hold(tmp_path):
        assert owner(tmp_path).process == os.getpid()
        refusal(tmp_path)
    (tmp_path / LOCK).unlink()
    with hold(tmp_path):
        assert (tmp_path / LOCK).is_file()
