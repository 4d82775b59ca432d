"""The live table of runs."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from rich.console import Console

from mxdigits.cli import main
from mxdigits.cli.commands.watch import watched
from mxdigits.recipe.schema import Recipe
from mxdigits.runs.folder import RunFolder
from mxdigits.runs.listing import list_runs
from mxdigits.storage.lock import hold
from mxdigits.train.history import EpochRecord, History

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def make_run(root: Path, number: int, *, seconds: list[float], state: str = "running") -> Path:
    """A run of ten epochs that was started a minute later than that of the number before."""
    began = BEGAN + timedelta(minutes=number)
    folder = RunFolder(root / "mlp" / f"{began:%Y%m%dT%H%M%SZ}-00000{number}")
    folder.path.mkdir(parents=True)
    folder.recipe_file.write_text(Recipe.make(name="mlp", model="mlp").dump())
    folder.write_record({"state": state, "recipe": "mlp", "started": began.isoformat()})
    records = [
        EpochRecord(i, 0.1, 100, each, 100 / each, 0.5, 0.875) for i, each in enumerate(seconds)
    ]
    folder.history_file.write_text(History(records).to_csv())
    return folder.path


def shown(root: Path, height: int = 24) -> list[str]:
    console = Console(file=io.StringIO(), width=110, color_system=None)
    console.print(watched(root, list_runs(root), BEGAN + timedelta(hours=2), height))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_runs_that_run_come_first_with_the_time_they_will_take(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_run(Path("runs"), 1, seconds=[9.0, *[2.0] * 4])
    make_run(Path("runs"), 2, seconds=[1.0], state="failed")
    running = Path("runs/mlp/20260102T030505Z-000001")
    with hold(running, print):
        lines = shown(Path("runs"))
    assert [line.split() for line in lines] == [
        ["run", "state", "recipe", "epochs", "accuracy", "left", "age"],
        [str(running), "running", "mlp", "5/10", "━" * 6, "0.8750", "train", "10.0", "s", "1", "h"],
        [
            *("runs/mlp/20260102T030605Z-000002", "failed", "mlp", "1/10", "━", "0.8750"),
            *("train", "1", "h"),
        ],
        ["1", "of", "2", "running;", "Ctrl-C", "ends", "this"],
    ]


def test_as_many_as_the_screen_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(6):
        make_run(Path("runs"), number, seconds=[])
    lines = shown(Path("runs"), height=5)
    assert len(lines) == 4
    assert [line.split()[0][-1] for line in lines[1:3]] == ["5", "4"]
    assert lines[-1] == "0 of 6 running, 4 more not shown; Ctrl-C ends this"


def test_a_history_that_cannot_be_read_costs_no_table(tmp_path):
    path = make_run(tmp_path, 1, seconds=[1.0])
    (path / "history.csv").write_bytes(b"\xff")
    with hold(path, print):
        assert "running" in shown(tmp_path)[1]


def test_names_are_no_markup_and_move_no_cursor(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    root = Path("[red]\x1b[2J")
    make_run(root, 1, seconds=[])
    assert "[red]\\x1b[2J/mlp" in "".join(line.split(" ")[0] for line in shown(root))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "--watch draws on a terminal; for other programs: mxdigits runs --json"),
        (["--json"], "choose --watch, which people look at, or --json, which programs read"),
    ],
)
def test_only_people_watch(capsys, arguments, error):
    assert main(["runs", "--watch", *arguments]) == 2
    assert capsys.readouterr().err == f"error: {error}\n"


def test_the_table_follows_the_runs_until_ctrl_c(tmp_path):
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "runs", "--watch", "mine"],
        cwd=tmp_path,
        env=environment,
        **dict.fromkeys(("stdin", "stdout", "stderr"), slave),
    )
    os.close(slave)
    seen = b""
    try:
        while b"no runs in mine yet" not in seen:
            seen += os.read(master, 10_000)
        make_run(tmp_path / "mine", 1, seconds=[1.0] * 4, state="finished")
        while b"4/10" not in seen:
            seen += os.read(master, 10_000)
        process.send_signal(2)
        assert process.wait(300) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
