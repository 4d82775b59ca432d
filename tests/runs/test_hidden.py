"""What lies in folders that this user may not enter: nobody says that nothing is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import mxdigits
from mxdigits.cli import main
from mxdigits.errors import MxdigitsError
from mxdigits.runs.listing import list_runs
from mxdigits.wording import hidden

NAME = "20261123T153755Z-62fd27"


@pytest.fixture
def secret(tmp_path, monkeypatch):
    """A folder that cannot be entered, also by root, who runs tests in containers."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "mlp" / NAME
    folder.mkdir(parents=True)
    stat = os.stat

    def refusing(path, **options):
        if isinstance(path, (str, Path)) and folder in Path(path).absolute().parents:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", refusing)
    return folder.relative_to(tmp_path)


def test_the_reason_why_a_path_cannot_be_seen(secret):
    assert hidden(secret / "run.json") == "Permission denied"
    assert hidden(secret) == hidden("no/such") == hidden("a\0b") == hidden("a" * 5000) == ""


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (mxdigits.load, "cannot read the run folder {secret}: Permission denied"),
        (mxdigits.resume, "cannot read the run folder {secret}: Permission denied"),
        (lambda path: mxdigits.load(path / "x"), "{secret}/x: cannot be read: Permission denied"),
        (
            lambda path: mxdigits.resume(path / "x"),
            "cannot read the run folder {secret}/x: Permission denied",
        ),
        (
            lambda path: mxdigits.run(path / "x.yaml"),
            "cannot read the recipe {secret}/x.yaml: Permission denied",
        ),
        (
            lambda path: mxdigits.load_dataset("folder", {"path": path / "x"}),
            "{secret}/x: cannot be read: Permission denied",
        ),
    ],
)
def test_nobody_says_that_it_is_not_there(secret, call, said):
    with pytest.raises(MxdigitsError) as caught:
        call(secret)
    assert str(caught.value) == said.format(secret=secret)


@pytest.mark.parametrize("command", [("score",), ("resume",), ("report",)])
def test_a_run_that_is_named_is_not_taken_for_none(secret, capsys, command):
    assert main([*command, str(secret / "x")]) == 3
    said = f"error: cannot read the run folder {secret}/x: Permission denied\n"
    assert capsys.readouterr().err == said


def test_a_list_of_runs_says_which_cannot_be_read(secret):
    """It was said to be running."""
    (run,) = list_runs(Path("runs"))
    assert (run.state, run.problem) == ("unreadable", "Permission denied")
    assert run.resume_command == ""
