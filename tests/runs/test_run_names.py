"""Runs by their folders and by the names of their recipes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mxdigits.cli import main
from mxdigits.errors import RunFolderError, UsageError
from mxdigits.runs.folder import RunFolder
from mxdigits.runs.groups import Group, write_group
from mxdigits.runs.names import find_run

OLD, NEW, NEWEST = (f"20260102T03040{i}Z-00000{i}" for i in range(3))


def make(root: Path, recipe: str, stamp: str, *, network: bool = True) -> Path:
    folder = RunFolder(root / recipe / stamp)
    folder.path.mkdir(parents=True)
    folder.record_file.write_text("{}")
    folder.recipe_file.write_text("model: mlp\n")
    if network:
        folder.symbol_file.write_text("")
        folder.parameters_file.write_text("")
    return folder.path


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with three runs of mlp, the newest without a network yet, and one of lenet."""
    monkeypatch.chdir(tmp_path)
    for stamp in (NEW, OLD):
        make(Path("runs"), "mlp", stamp)
    make(Path("runs"), "mlp", NEWEST, network=False)
    make(Path("runs"), "lenet", OLD)
    Path("nope.jpg").write_text("")
    Path("empty").mkdir()
    return tmp_path


def find(name: str, usable=RunFolder.has_network) -> tuple[str, list[str]]:
    said: list[str] = []
    return str(find_run(Path(name), usable, said.append)), said


@pytest.mark.parametrize(
    ("name", "found", "said"),
    [
        (f"runs/mlp/{OLD}", f"runs/mlp/{OLD}", []),
        (f"runs/mlp/{NEWEST}", f"runs/mlp/{NEWEST}", []),  # its reader says what it lacks
        (
            *("mlp", f"runs/mlp/{NEW}"),
            [f"run: runs/mlp/{NEW}, the newest of 3 in runs/mlp; 1 newer without a network"],
        ),
        (
            *("runs/mlp/", f"runs/mlp/{NEW}"),
            [f"run: runs/mlp/{NEW}, the newest of 3 in runs/mlp; 1 newer without a network"],
        ),
        ("lenet", f"runs/lenet/{OLD}", [f"run: runs/lenet/{OLD}, the newest of 1 in runs/lenet"]),
        ("empty", "empty", []),
    ],
)
def test_a_run_is_found(here, name, found, said):
    assert find(name) == (found, said)


def test_the_newest_run_is_of_a_clock_that_was_ahead(here):
    ahead = datetime.now(timezone.utc) + timedelta(hours=5, minutes=1)
    stamp = f"{ahead:%Y%m%dT%H%M%SZ}-abcdef"
    make(Path("runs"), "lenet", stamp)
    assert find("lenet")[1] == [
        f"run: runs/lenet/{stamp}, the newest of 2 in runs/lenet; by its name it starts in 5 h: a "
        "clock is wrong"
    ]


def test_any_run_will_do_where_no_network_is_needed(here):
    assert find("mlp", lambda folder: True) == (
        f"runs/mlp/{NEWEST}",
        [f"run: runs/mlp/{NEWEST}, the newest of 3 in runs/mlp"],
    )


def test_a_run_that_was_moved_comes_before_a_name(here):
    (here / "runs" / "mlp" / OLD).rename(here / "mlp")
    (here / "mlp" / "recipe.yaml").unlink()
    assert find("mlp") == ("mlp", [])


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("nope.jpg", UsageError, "nope.jpg is a file, and a run is a folder; name the run first, "
         "such as lenet"),
        ("runs", UsageError, "runs holds the runs of lenet, mlp; name one, as in runs/lenet"),
        ("lennet", RunFolderError, "there is no run folder lennet, nor a run of that name in "
         "runs; did you mean 'lenet'?"),
        ("x" * 300, RunFolderError, f"there is no run folder {'x' * 300}, nor a run of that name "
         "in runs; known: lenet, mlp"),
    ],
)  # fmt: skip
def test_what_is_no_run(here, name, error, message):
    with pytest.raises(error) as caught:
        find(name)
    assert str(caught.value) == message


def test_runs_without_a_network(here):
    make(Path("runs"), "new", OLD, network=False)
    with pytest.raises(RunFolderError) as caught:
        find("new")
    assert str(caught.value) == (
        "none of the 1 runs in runs/new holds a network yet; if training has stopped, continue "
        "the newest: mxdigits resume runs/new"
    )


def test_a_group_is_not_one_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_group(Path("seeds.json"), Group(kind="seeds", runs=["mlp/a", "mlp/b"]))
    with pytest.raises(UsageError) as caught:
        find("seeds.json")
    assert str(caught.value) == (
        "seeds.json is a group of 2 runs, and one run is needed, such as mlp/a"
    )
    Path("seeds.json").write_text("{}")
    with pytest.raises(UsageError) as caught:
        find("seeds.json")
    assert str(caught.value).startswith("seeds.json is a file, and a run is a folder; ")


def test_where_there_are_no_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunFolderError) as caught:
        find("mlp")
    assert str(caught.value) == (
        "there is no run folder mlp, and there are no runs in runs yet; mxdigits run lenet would "
        "make one"
    )
    with pytest.raises(RunFolderError) as caught:
        find("runs/mlp")  # perhaps of another folder
    assert str(caught.value) == "there is no run folder runs/mlp"


@pytest.mark.parametrize("verb", ["score", "predict", "report", "serve", "resume", "runs show"])
def test_every_verb_takes_a_name(here, verb, capsys):
    """The runs are no real ones: which was taken is said before that is found out."""
    assert main([*verb.split(), "lenet", *(["nope.jpg"] if verb == "predict" else [])]) in (0, 3)
    first = capsys.readouterr().err.splitlines()[0]
    assert first == f"run: runs/lenet/{OLD}, the newest of 1 in runs/lenet"


def test_compare_takes_names(here, capsys):
    assert main(["compare", "mlp", f"runs/lenet/{OLD}"]) == 3
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"run: runs/mlp/{NEW}, the newest of 3 in runs/mlp")
    assert second.startswith("error: ")


def test_nothing_is_removed_by_a_name(here, capsys):
    assert main(["runs", "rm", "--yes", "mlp"]) == 3
    assert capsys.readouterr() == (
        "",
        "error: mlp is no run: runs/mlp holds 3; name those to remove, such as "
        "runs/mlp/20260102T030402Z-000002, or runs/mlp/* for all of them\n",
    )
    assert main(["runs", "rm", "--yes", "runs/mlp"]) == 3
    assert len(list((here / "runs" / "mlp").iterdir())) == 3


def test_a_picture_is_no_run(here, capsys):
    assert main(["report", "nope.jpg"]) == 2
    assert capsys.readouterr().err == (
        "error: nope.jpg is a file, and a run is a folder; name the run first, such as lenet\n"
    )


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("interrupted", "; interrupted, 0 of 7 epochs done"),
        ("failed", "; failed, 0 of 7 epochs done"),
        ("running", "; interrupted, 0 of 7 epochs done"),  # whose process was killed
        ("finished", ""),
    ],
)
def test_a_run_that_is_not_done_is_said_to_be_so(here, state, told):
    folder = RunFolder(Path("runs", "lenet", OLD))
    record = {"state": state, "recipe": "lenet", "started": "2026-11-23T15:37:55+00:00"}
    folder.record_file.write_text(json.dumps(record))
    folder.recipe_file.write_text("model: lenet\nepochs: 7\n")
    _, (line,) = find("lenet")
    assert line == f"run: runs/lenet/{OLD}, the newest of 1 in runs/lenet{told}"
