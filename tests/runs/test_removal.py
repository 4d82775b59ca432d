"""Runs are removed by name: those that were shown, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from runs.made_runs import contents, make_run

from mxdigits.cli import main
from mxdigits.errors import FolderInUse, OutputError, RunFolderError
from mxdigits.runs.removal import plan_removal
from mxdigits.storage.lock import LOCK, hold


def test_rm_asks_first(mxdigits, tmp_path):
    path = make_run(tmp_path)

    def remove(answer: str, *more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mxdigits", "runs", "rm", path, *more],
            input=answer,
            capture_output=True,
            text=True,
        )

    before = contents(tmp_path)
    told = f"{path}: 6 files, {sum(f.stat().st_size for f in path.iterdir()):,} bytes\n"
    process = remove("what?\n")
    assert process.stdout == f"{told}remove it? [y/N] nothing is removed\n"
    assert (process.returncode, process.stderr) == (0, "")
    process = remove("")
    assert process.stderr == ("error: nobody answers; write --yes to remove without a question\n")
    assert process.returncode == 2
    assert contents(tmp_path) == before
    process = remove("y\n")
    assert process.stdout == f"{told}remove it? [y/N] removed {path}\n"
    assert (process.returncode, process.stderr) == (0, "")
    assert contents(tmp_path) == ["lenet"]


def test_rm_of_several_or_of_none(tmp_path, capsys):
    one = make_run(tmp_path, "20260102T030405Z-000001")
    two = make_run(tmp_path, "20260102T030405Z-000002")
    assert main(["runs", "rm", "--yes", str(one), str(tmp_path / "lenet"), str(two)]) == 3
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'lenet'} is no run: {tmp_path / 'lenet'} holds 2; name those to "
        f"remove, such as {two}, or {tmp_path / 'lenet'}/* for all of them\n"
    )
    assert one.is_dir()
    assert main(["runs", "rm", "--yes", str(one), str(two), f"{one}/../{one.name}/"]) == 0
    assert contents(tmp_path) == ["lenet"]


@pytest.mark.parametrize("name", ["lenet", "runs/lenet"])
def test_rm_of_a_recipe_removes_none_of_its_runs(tmp_path, monkeypatch, capsys, name):
    """A name means the newest run elsewhere; what is removed has to be named itself."""
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        make_run(tmp_path / "runs", f"20260102T030405Z-00000{number}")
    assert main(["runs", "rm", "--yes", name]) == 3
    assert capsys.readouterr().err == (
        f"error: {name} is no run: runs/lenet holds 2; name those to remove, such as "
        "runs/lenet/20260102T030405Z-000002, or runs/lenet/* for all of them\n"
    )
    assert len(list((tmp_path / "runs" / "lenet").iterdir())) == 2


def test_rm_never_follows_a_link(tmp_path):
    precious = tmp_path / "precious"
    (precious / "inner").mkdir(parents=True)
    (precious / "inner" / "file").write_text("precious")
    path = make_run(tmp_path)
    (path / "folder").symlink_to(precious)
    (path / "checkpoints").mkdir()
    (path / "checkpoints" / "file").symlink_to(precious / "inner" / "file")
    os.link(precious / "inner" / "file", path / "hard")
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(RunFolderError) as caught:
        plan_removal([tmp_path / "link"])
    assert str(caught.value) == (f"{tmp_path / 'link'} is a link; name the folder that it leads to")
    (removal,) = plan_removal([path])
    removal.carry_out()
    assert not path.exists()
    assert contents(precious) == ["inner", "inner/file"]
    assert (precious / "inner" / "file").read_text() == "precious"


def test_rm_refuses_a_run_in_use(tmp_path):
    path = make_run(tmp_path)
    (removal,) = plan_removal([path])
    with hold(path):
        for refused in (lambda: plan_removal([path]), removal.carry_out):
            with pytest.raises(FolderInUse) as caught:
                refused()
            assert f"{path} is in use by process {os.getpid()} on " in str(caught.value)
    assert len(contents(path)) == 7
    removal.carry_out()


def test_rm_removes_only_what_it_has_shown(tmp_path):
    path = make_run(tmp_path)
    (path / "checkpoints").mkdir()
    (removal,) = plan_removal([path])
    (path / "checkpoints" / "new").write_text("came later")
    with pytest.raises(OutputError) as caught:
        removal.carry_out()
    assert str(caught.value) == f"cannot remove {path}: Directory not empty"
    assert (path / "checkpoints" / "new").read_text() == "came later"
    # What is left is still a run, and can be removed.
    (again,) = plan_removal([path])
    again.carry_out()
    assert contents(tmp_path) == ["lenet"]


def test_rm_refuses_a_run_that_holds_another(tmp_path):
    path = make_run(tmp_path)
    inner = make_run(path / "runs", "20260102T030405Z-00000b")
    with pytest.raises(RunFolderError) as caught:
        plan_removal([path])
    assert str(caught.value) == f"{path} holds another run, {inner}"


def test_rm_refuses_what_is_nested_beyond_reason(tmp_path):
    path = make_run(tmp_path)
    (path / "/".join("d" * 30)).mkdir(parents=True)
    with pytest.raises(RunFolderError) as caught:
        plan_removal([path])
    assert str(caught.value) == f"{path} is nested deeper than any run: {'/'.join('d' * 22)}"


def test_rm_from_inside(tmp_path, monkeypatch, capsys):
    path = make_run(tmp_path)
    monkeypatch.chdir(path)
    assert main(["runs", "rm", "--yes", "."]) == 0
    monkeypatch.chdir(tmp_path)
    assert contents(tmp_path) == ["lenet"]


def test_a_lock_left_behind_is_removed_too(tmp_path):
    path = make_run(tmp_path)
    with hold(path):
        pass
    assert (path / LOCK).exists()
    (removal,) = plan_removal([path])
    assert LOCK not in removal.files
    removal.carry_out()
    assert not path.exists()
