"""Files are written whole or not at all, and what cannot be written is said in one line."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import pytest

from mxdigits.errors import OutputError
from mxdigits.storage.disk import flush_folder, rename_folder
from mxdigits.storage.files import (
    check_writable,
    is_temporary,
    line_log,
    replacing,
    sweep,
    write_text,
)


def refusal(call, *arguments) -> str:
    with pytest.raises(OutputError) as caught:
        call(*arguments)
    assert caught.value.exit_code == 3
    assert len(caught.value.lines) == 1
    return str(caught.value)


@pytest.fixture
def places(tmp_path):
    """Where nothing can be written, for root either: {path: why}."""
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder").mkdir()
    return {
        tmp_path / "missing" / "x.csv": f"there is no folder {tmp_path / 'missing'}",
        tmp_path / "file" / "x.csv": f"{tmp_path / 'file'} is no folder",
        tmp_path / "folder": "Is a directory",
        tmp_path / ("x" * 300): "File name too long",
    }


def test_text_is_written_whole(tmp_path):
    write_text(tmp_path / "x.txt", "größe\n")
    assert (tmp_path / "x.txt").read_bytes() == "größe\n".encode()
    write_text(tmp_path / "x.txt", "")
    assert (tmp_path / "x.txt").read_bytes() == b""
    assert os.listdir(tmp_path) == ["x.txt"]


def test_what_cannot_be_written_is_said(places):
    for path, why in places.items():
        assert refusal(write_text, path, "text") == f"cannot write {path}: {why}"


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
        assert temporary != path
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["x.csv"]


def half_write(path, error):
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "x.csv"
    path.write_text("old")
    with pytest.raises(error):
        half_write(path, error("stop"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_an_error_of_the_disk_is_one_of_output_and_chains_its_cause(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("old")
    with pytest.raises(OutputError) as caught:
        half_write(path, OSError(28, "No space left on device"))
    assert str(caught.value) == f"cannot write {path}: No space left on device"
    assert isinstance(caught.value.__cause__, OSError)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_an_error_without_a_number_keeps_its_words(tmp_path):
    def fail():
        with replacing(tmp_path / "x.png"):
            raise OSError("cannot write mode F as PNG")

    assert refusal(fail) == f"cannot write {tmp_path / 'x.png'}: cannot write mode F as PNG"


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    def nothing():
        with replacing(tmp_path / "x.csv"):
            pass

    assert refusal(nothing) == f"cannot write {tmp_path / 'x.csv'}: No such file or directory"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.npz", ".npz"), ("a.b.csv", ".csv"), ("a", ""), (".a", ""), ("ä b.x", ".x")],
)
def test_the_suffix_is_kept_for_writers_that_go_by_it(tmp_path, name, suffix):
    with replacing(tmp_path / name) as temporary:
        assert temporary.suffix == suffix or not suffix
        assert temporary.name.startswith(".")
        temporary.touch()
    assert os.listdir(tmp_path) == [name]


def test_a_link_is_replaced_and_what_it_led_to_stays(tmp_path):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").read_text() == "new"
    assert (tmp_path / "kept").read_text() == "kept"


def test_the_mode_is_that_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "whole", "")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_check_writable_leaves_no_trace(tmp_path):
    check_writable(tmp_path / "x.csv")
    assert os.listdir(tmp_path) == []
    (tmp_path / "x.csv").write_text("old")
    check_writable(tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_check_writable_finds_out_before(tmp_path, places):
    folder, missing, file = (
        tmp_path / "folder",
        tmp_path / "missing" / "x.csv",
        tmp_path / "file" / "x.csv",
    )
    assert refusal(check_writable, folder) == f"cannot write {folder}: it is a directory"
    for path in (missing, file):
        assert refusal(check_writable, path) == f"cannot write {path}: {places[path]}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        for call in (check_writable, lambda path: write_text(path, "")):
            assert refusal(call, tmp_path / "x") == (
                f"cannot write {tmp_path / 'x'}: Permission denied"
            )
    finally:
        tmp_path.chmod(0o700)


# File systems that cannot do everything


@pytest.fixture
def refuse(monkeypatch):
    """Have a function of ``os`` answer with an error."""

    def refuse(name, number):
        def refusing(*arguments):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, refusing)

    return refuse


@pytest.mark.parametrize(
    "number", [errno.EINVAL, errno.EBADF, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP]
)
def test_a_flush_that_the_file_system_does_not_know_is_told(tmp_path, refuse, number):
    refuse("fsync", number)
    said = []
    flush_folder(tmp_path, said.append)
    assert said == [
        f"the file system of {tmp_path} cannot flush folders ({os.strerror(number)}): "
        "a power cut may lose the newest checkpoints"
    ]
    write_text(tmp_path / "x.txt", "whole")
    assert (tmp_path / "x.txt").read_text() == "whole"


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_flush_that_fails_is_an_error(tmp_path, refuse, number):
    refuse("fsync", number)
    with pytest.raises(OSError, match=os.strerror(number)):
        flush_folder(tmp_path, pytest.fail)
    assert refusal(write_text, tmp_path / "x", "") == (
        f"cannot write {tmp_path / 'x'}: {os.strerror(number)}"
    )


def test_a_flush_that_works_says_nothing(tmp_path):
    flush_folder(tmp_path, pytest.fail)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.EXDEV])
def test_where_nothing_can_be_renamed_files_are_copied(tmp_path, refuse, number):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to("kept")
    refuse("replace", number)
    refuse("rename", number)
    for name in ("new", "link"):
        write_text(tmp_path / name, "text")
        assert (tmp_path / name).read_text() == "text"
    assert (tmp_path / "kept").read_text() == "kept"
    assert sorted(os.listdir(tmp_path)) == ["kept", "link", "new"]
    (tmp_path / "folder").mkdir()
    assert not rename_folder(tmp_path / "folder", tmp_path / "other")


def test_a_rename_that_fails_is_an_error(tmp_path, refuse):
    refuse("replace", errno.EACCES)
    refuse("rename", errno.EACCES)
    assert refusal(write_text, tmp_path / "x", "") == (
        f"cannot write {tmp_path / 'x'}: Permission denied"
    )
    with pytest.raises(PermissionError):
        rename_folder(tmp_path, tmp_path.with_name("other"))


@pytest.mark.parametrize("name", ["x" * 251 + ".csv", "ü" * 125 + ".csv", "手" * 83 + ".npz"])
def test_the_longest_names_can_be_written(tmp_path, name):
    write_text(tmp_path / name, "text")
    assert os.listdir(tmp_path) == [name]


def test_a_name_that_is_no_utf8_is_spelled_out(tmp_path):
    write_text(tmp_path / "x.txt", os.fsdecode(b"t\xe9.png"))
    assert (tmp_path / "x.txt").read_text() == "t\\xe9.png"
    with line_log(tmp_path / "log.txt") as log:
        log.write(os.fsdecode(b"t\xe9.png"))
    assert (tmp_path / "log.txt").read_text() == "t\\xe9.png"


def test_what_killed_processes_have_left_is_swept(tmp_path):
    with replacing(tmp_path / "loss.png") as temporary:
        temporary.write_text("whole")
    temporary.write_text("half")
    (tmp_path / "loss.png").unlink()
    (tmp_path / ".network.ab_12xyz.tmp").mkdir()
    (tmp_path / ".network.ab_12xyz.tmp" / "model-0000.params").write_text("half")
    (tmp_path / "target").mkdir()
    (tmp_path / ".link.01234567.tmp").symlink_to("target")
    kept = ["target", "a.tmp", ".tmp", ".x.tmp.png", ".lock"]
    for name in kept[1:]:
        (tmp_path / name).write_text("kept")
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(kept)
    sweep(tmp_path / "missing")


def killed_while_writing(*paths):
    """Begin to write files in a process that is killed; the names of the temporary files."""
    code = (
        "import os, signal, sys; from contextlib import ExitStack; from pathlib import Path\n"
        "from mxdigits.storage.files import replacing\n"
        "with ExitStack() as files:\n"
        "    for path in sys.argv[1:]:\n"
        "        files.enter_context(replacing(Path(path))).write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.run([sys.executable, "-c", code, *map(str, paths)])
    assert process.returncode == -signal.SIGKILL
    return {each.name for each in paths[0].parent.iterdir() if is_temporary(each.name)}


@pytest.mark.parametrize("name", ["p.csv", "no_suffix", "a.b[1].csv", "x" * 251 + ".csv", "ü.csv"])
def test_what_a_killed_process_has_left_of_a_file_goes_when_it_is_written_again(tmp_path, name):
    path, other = tmp_path / name, tmp_path / "other.csv"
    left = killed_while_writing(path, other)
    assert len(left) == 2
    alike = [".p.012345678.tmp.csv", ".p.0123456z.tmp.csv", ".pp.01234567.tmp.csv", "p.tmp.csv"]
    for each in alike:
        (tmp_path / each).write_text("someone's")
    write_text(path, "whole")
    of_other = {each for each in left if each.startswith(".other.")}
    assert set(os.listdir(tmp_path)) == {name, *alike, *of_other}
    write_text(other, "whole")
    assert set(os.listdir(tmp_path)) == {name, "other.csv", *alike}


def test_what_is_being_written_is_no_leaving(tmp_path):
    path = tmp_path / "p.csv"
    with replacing(path) as first:
        first.write_text("first")
        write_text(path, "second")
        code = (
            "import sys; from pathlib import Path; from mxdigits.storage.files import write_text; "
        )
        code += "write_text(Path(sys.argv[1]), 'third')"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)
        assert path.read_text() == "third"
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["p.csv"]


@pytest.mark.parametrize("number", [errno.EBADF, errno.ENOLCK, errno.EWOULDBLOCK])
def test_without_locks_of_folders_files_are_written_and_nothing_is_removed(
    tmp_path, monkeypatch, number
):
    left = killed_while_writing(tmp_path / "p.csv")

    def refuse(descriptor, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    write_text(tmp_path / "p.csv", "whole")
    assert set(os.listdir(tmp_path)) == {"p.csv", *left}
