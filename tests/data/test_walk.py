"""Folders of files: which are read, in what order, and what is said of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mxdigits.data.walk import PassedOver, Walker, Why
from mxdigits.storage.files import replacing


def tree(root, *names):
    """Empty files and, where a name ends in a slash, folders."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.touch()
    return root


def walk(root):
    """What is read, what is said, and which folders could not be listed."""
    unread = []
    walker = Walker(root, lambda error: unread.append(str(error)))
    read = [str(path.relative_to(root)) for path in walker.below(root)]
    return read, walker.passed.lines, unread


def test_pictures_come_in_the_order_of_their_paths(tmp_path):
    tree(tmp_path, "b.PNG", "a/2.jpeg", "a/1.png", "c/d/e.tif", "a.png", "empty/")
    read = ["a.png", "b.PNG"]
    assert walk(tmp_path) == (["a/1.png", "a/2.jpeg", *read, "c/d/e.tif"], [], [])


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ([".x.png", ".ipynb_checkpoints/3.png"], "2 hidden (.ipynb_checkpoints, .x.png)"),
        (["@eaDir/3.png"], "1 system folder (@eaDir)"),
        (["a/__MACOSX/3.png", "#Recycle/"], "2 system folders (#Recycle, a/__MACOSX)"),
        (["notes.txt"], "1 other file (notes.txt)"),
        ([f"{i}.txt" for i in range(5)], "5 other files (0.txt, 1.txt, 2.txt, ...)"),
    ],
)
def test_what_is_passed_over_is_said(tmp_path, names, line):
    assert walk(tree(tmp_path, "a.png", *names)) == (["a.png"], [f"passed over {line}"], [])


def test_heic_is_read_where_something_reads_it(tmp_path, monkeypatch):
    tree(tmp_path, "a.HEIC", "b.heif", "c.hif", "d.png")
    monkeypatch.setattr("mxdigits.data.walk.heif_installed", lambda: False)
    assert walk(tmp_path) == (
        ["d.png"],
        [
            "passed over 3 HEIC pictures (a.HEIC, b.heif, c.hif): "
            "pip install pillow-heif, or convert to JPEG"
        ],
        [],
    )
    monkeypatch.setattr("mxdigits.data.walk.heif_installed", lambda: True)
    assert walk(tmp_path)[0] == ["a.HEIC", "b.heif", "c.hif", "d.png"]


def test_pipes_and_broken_links_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "one.png").symlink_to("other.png")
    (tmp_path / "other.png").symlink_to("one.png")
    assert walk(tree(tmp_path, "a.png")) == (
        ["a.png"],
        [
            "passed over 2 pipes or devices (device.png, pipe.png); "
            "3 broken links (gone.png, one.png, other.png)"
        ],
        [],
    )


def test_links_to_files_and_folders_are_followed(tmp_path):
    tree(tmp_path, "store/x.png", "root/a.png")
    (tmp_path / "root/day").symlink_to("../store")
    (tmp_path / "root/b.png").symlink_to("../store/x.png")
    assert walk(tmp_path / "root") == (["a.png", "b.png", "day/x.png"], [], [])


def test_links_in_circles_end(tmp_path):
    tree(tmp_path, "root/a/x.png", "root/b/y.png", "elsewhere/z.png")
    (tmp_path / "root/a/up").symlink_to("..")
    (tmp_path / "root/a/above").symlink_to(tmp_path)
    (tmp_path / "root/b/a").symlink_to("../a")
    assert walk(tmp_path / "root") == (
        ["a/x.png", "b/y.png"],
        ["passed over 3 links to folders already entered (a/above, a/up, b/a)"],
        [],
    )


def test_links_that_double_at_every_level_are_read_once(tmp_path):
    """Two links to the next folder in each would make 2 ** 30 paths."""
    for level in range(30):
        tree(tmp_path, f"{level}/x.png")
        for name in ("l", "m"):
            (tmp_path / str(level) / name).symlink_to(f"../{level + 1}")
    read, lines, _ = walk(tmp_path)
    assert len(read) == 30
    assert len(lines) == 1


def test_a_folder_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    tree(tmp_path, "a/1.png", "b/2.png")
    real = os.scandir

    def scandir(path):  # chmod would not stop root
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("mxdigits.data.walk.os.scandir", scandir)
    assert walk(tmp_path) == (
        ["b/2.png"],
        [],
        [f"{tmp_path}/a: cannot be read: Permission denied"],
    )


def test_what_is_being_written_there_is_not_mentioned(tmp_path):
    tree(tmp_path, "1.png")
    with replacing(tmp_path / "p.csv") as temporary:
        temporary.touch()
        assert walk(tmp_path) == (["1.png"], [], [])


def test_looking_does_not_count_twice(tmp_path):
    walker = Walker(tree(tmp_path, "a.txt"), lambda error: None)
    assert walker.look(tmp_path) == walker.look(tmp_path) == []
    assert walker.notes == [f"{tmp_path}: passed over 1 other file (a.txt)"]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(list(Why)), st.text(max_size=5)), max_size=30))
def test_everything_is_counted(added):
    passed = PassedOver()
    for why, name in added:
        passed.add(why, name)
    assert len(passed.lines) == bool(added)
    for why in {why for why, _ in added}:
        count = sum(each is why for each, _ in added)
        assert f"{count} {why.value[count > 1]} (" in passed.lines[0]
