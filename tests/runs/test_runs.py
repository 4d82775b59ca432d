"""Runs listed and shown, whatever state their folders are in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs.made_runs import HISTORY, SCORES, make_run

from mxdigits.cli import main
from mxdigits.errors import RunFolderError
from mxdigits.runs.checkpoints import Checkpoints
from mxdigits.runs.folder import RunFolder
from mxdigits.runs.listing import list_runs, read_run
from mxdigits.storage.lock import LOCK, hold


def outcome(run) -> tuple:
    return run.state, run.epochs_done, run.epochs, run.accuracy, run.accuracy_of, run.problem


def test_states(tmp_path):
    made = {"finished": make_run(tmp_path, "20260102T030405Z-000001", rows=3, state="finished")}
    made |= {
        state: make_run(tmp_path, f"20260102T030405Z-00000{i}", state=state, error="why")
        for i, state in enumerate(("interrupted", "failed"), 2)
    }
    assert outcome(read_run(made["finished"])) == ("finished", 3, 3, 0.92, "validation", "")
    assert outcome(read_run(made["interrupted"])) == (
        ("interrupted", 2, 3, 0.91, "validation", "why")
    )
    assert outcome(read_run(made["failed"])) == ("failed", 2, 3, 0.91, "validation", "why")


def test_a_finished_run_is_told_by_its_test_set(tmp_path):
    path = make_run(tmp_path, rows=3, state="finished", scores=SCORES)
    assert outcome(read_run(path)) == ("finished", 3, 3, 0.9348, "test", "")
    # One that was begun again has another network than its scores.
    path = make_run(tmp_path, "20260102T030405Z-00000b", state="interrupted", scores=SCORES)
    assert outcome(read_run(path)) == ("interrupted", 2, 3, 0.91, "validation", "")


def test_a_run_without_validation_is_told_by_its_training(tmp_path):
    path = make_run(tmp_path, rows=0)
    said = "killed before it kept a checkpoint"
    assert outcome(read_run(path)) == ("interrupted", 0, 3, None, "", said)
    (path / "checkpoints" / "epoch-0001-batch-000000").mkdir(parents=True)
    (path / "history.csv").write_text(HISTORY + "0,0.1,130,0.5,260.0,0.9,0.8125,,\n")
    assert outcome(read_run(path)) == ("interrupted", 1, 3, 0.8125, "train", "")
    (path / "history.csv").write_text(HISTORY + "0,0.1,130,0.5,260.0,nan,nan,,\n")
    assert outcome(read_run(path)) == ("interrupted", 1, 3, None, "", "")
    (path / "history.csv").unlink()
    assert outcome(read_run(path)) == ("interrupted", 0, 3, None, "", "")


def test_running_is_who_holds_the_lock(tmp_path):
    path = make_run(tmp_path)
    assert read_run(path).state == "interrupted"
    with hold(path):
        assert read_run(path).state == "running"
        assert read_run(path).owner.process == os.getpid()
        (path / "run.json").unlink()
        assert outcome(read_run(path)) == ("running", None, None, None, "", "")
    assert outcome(read_run(path)) == (
        ("damaged", None, None, None, "", "cannot read run.json: No such file or directory")
    )


def test_a_run_that_was_killed_in_its_first_moment(tmp_path, capsys):
    path = tmp_path / "lenet" / "20260102T030405Z-00000a"
    path.mkdir(parents=True)
    said = "stopped before its files were written: run its recipe again"
    for name in (LOCK, ".recipe.deac1471.tmp.yaml", "recipe.yaml", "log.txt"):
        assert outcome(read_run(path)) == ("interrupted", None, None, None, "", said)
        (path / name).touch()
    with hold(path):
        assert outcome(read_run(path)) == ("running", None, None, None, "", "")
    for verb in ("resume", "score"):
        assert main([verb, str(path)]) == 3
        assert capsys.readouterr().err == f"error: {path} {said}\n"
    (path / "checkpoints").mkdir()
    assert read_run(path).state == "damaged"


def test_how_to_resume(tmp_path):
    path = make_run(tmp_path)
    assert read_run(path).resume_command == ""
    for name in ("epoch-0002-batch-000007", "epoch-0001-batch-000000", ".tmp-epoch", "epoch-1"):
        (path / "checkpoints" / name).mkdir(parents=True)
    (path / "checkpoints" / "epoch-0009-batch-000000").write_text("a file")
    (path / "checkpoints" / "epoch-0008-batch-000000").symlink_to(tmp_path)
    run = read_run(path)
    assert [(c.epoch, c.batch) for c in run.checkpoints] == [(1, 0), (2, 7)]
    assert run.resume_command == f"mxdigits resume {path}"
    with hold(path):
        assert read_run(path).resume_command == ""
    spaced = path.rename(tmp_path / "a run's")
    assert read_run(spaced).resume_command == f"mxdigits resume '{tmp_path}/a run'\"'\"'s'"
    assert read_run(spaced.rename(tmp_path / "a\nrun")).resume_command == ""


@pytest.mark.parametrize(
    ("state", "kept", "said"),
    [
        ("interrupted", True, "mxdigits resume {path}"),
        ("failed", True, "the loss became nan; to go on: mxdigits resume {path}"),
        ("failed", False, "the loss became nan; to begin again: mxdigits resume {path}"),
        (
            "running",  # it was killed
            False,
            "killed before it kept a checkpoint; to begin again: mxdigits resume {path}",
        ),
        ("pruned", True, "the loss became nan"),
        ("finished", True, ""),
    ],
)
def test_the_list_says_what_to_do_next(tmp_path, state, kept, said):
    error = "" if state == "finished" else "the loss became nan"
    path = make_run(tmp_path, state=state, error=error)
    if kept:
        (path / "checkpoints" / "epoch-0001-batch-000000").mkdir(parents=True)
    assert read_run(path).what_next == said.format(path=path)


def test_a_run_that_a_search_pruned_is_told_as_such(tmp_path):
    why = "pruned after epoch 1: other trials were better"
    run = read_run(make_run(tmp_path, state="pruned", error=why))
    assert outcome(run) == ("pruned", 2, 3, 0.91, "validation", why)
    assert run.unfinished == "pruned by a search, 2 of 3 epochs done"
    assert run.resume_command == ""


@pytest.mark.parametrize(
    "name",
    [
        *("epoch-1-batch-000000", "epoch-0001-batch-0", "epoch-0001-batch-00000x"),
        *("epoch-0001-batch-000000.old", "epoch-\u0660\u0661\u0662\u0663-batch-000000"),
    ],
)
def test_what_resume_does_not_see_is_not_called_resumable(tmp_path, name):
    path = make_run(tmp_path, state="failed")
    (path / "checkpoints" / name).mkdir(parents=True)
    assert Checkpoints(path / "checkpoints").entries() == []
    assert read_run(path).resume_command == ""
    (path / "checkpoints" / "epoch-0001-batch-000000").mkdir()
    assert read_run(path).checkpoints == tuple(Checkpoints(path / "checkpoints").entries())
    assert read_run(path).resume_command == f"mxdigits resume {path}"
    (path / "checkpoints").rename(tmp_path / "elsewhere")
    (path / "checkpoints").symlink_to(tmp_path / "elsewhere")
    assert read_run(path).resume_command == ""


def test_checkpoints_that_cannot_be_listed(tmp_path):
    path = make_run(tmp_path, state="failed")
    (path / "checkpoints").write_text("a file")
    with pytest.raises(RunFolderError, match=r"^cannot read checkpoints: Not a directory$"):
        Checkpoints(path / "checkpoints").newest(say=lambda text: None)
    assert read_run(path).problem == "cannot read checkpoints: Not a directory"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("run.json", "", "run.json is damaged: Invalid JSON: EOF while parsing a value at line 1 "),
        ("run.json", "[]", "run.json is damaged: Input should be an object"),
        ("run.json", "{}", "run.json is damaged: state: Field required"),
        ("run.json", "[" * 999, "run.json is damaged: Invalid JSON: recursion limit exceeded"),
        (
            "run.json",
            '{"state": "done", "recipe": "x", "started": "2026-01-02T03:04:05Z"}',
            "run.json is damaged: state: Input should be 'running', 'finished', 'interrupted', 'pr",
        ),
        (
            "run.json",
            '{"state": "failed", "recipe": "x", "started": "tomorrow"}',
            "run.json is damaged: started: Input should be a valid datetime",
        ),
        (
            "run.json",
            '{"state": "failed", "recipe": "x", "started": "2026-01-02T03:04:05Z", '
            '"scores": {"test": {"accuracy": NaN}}}',
            "run.json is damaged: scores.test.accuracy: Input should be a finite number",
        ),
        ("history.csv", "", "history.csv is damaged: its rows and its header differ in length"),
        ("history.csv", "a,b\n1\n", "history.csv is damaged: its rows and its header differ "),
        ("history.csv", 'a,b\n"1', "history.csv is damaged: it is not CSV"),
        ("history.csv", b"\xff", "history.csv is damaged: it is not CSV"),
        ("recipe.yaml", b"\xff", "recipe.yaml is damaged: it is not UTF-8 text"),
        ("recipe.yaml", "a: [", "recipe.yaml is damaged: recipe.yaml:1:"),
        ("recipe.yaml", None, "cannot read recipe.yaml: No such file or directory"),
        ("run.json", None, "cannot read run.json: No such file or directory"),
        ("model-0000.params", None, "model-0000.params is missing"),
        ("model-symbol.json", None, "model-symbol.json is missing"),
    ],
    ids=map(str, range(17)),
)
def test_a_damaged_run_is_listed_as_damaged(tmp_path, name, text, problem):
    good = make_run(tmp_path, "20260101T000000Z-00000a", state="failed")
    path = make_run(tmp_path, state="finished", rows=3)
    (path / name).unlink()
    if text is not None:
        (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    runs = {run.path: run for run in list_runs(tmp_path)}
    assert set(runs) == {good, path}
    assert runs[good].state == "failed"
    assert runs[path].state == "damaged"
    assert runs[path].problem.startswith(problem)
    json.dumps(runs[path].to_json(), allow_nan=False)
    assert main(["runs", str(tmp_path)]) == 0
    assert main(["runs", "show", str(path)]) == 0
    assert main(["runs", "show", "--json", str(path)]) == 0
    assert main(["runs", "rm", "--yes", str(path)]) == 0
    assert not path.exists()


def test_what_is_no_plain_file_is_not_waited_for(tmp_path):
    for i, name in enumerate(("run.json", "history.csv", "recipe.yaml")):
        path = make_run(tmp_path, f"20260102T030405Z-00000{i}")
        (path / name).unlink()
        os.mkfifo(path / name)
        assert read_run(path).problem == f"cannot read {name}: not a plain file"
        (path / name).unlink()
        (path / name).symlink_to("/dev/zero")
        assert read_run(path).problem == f"cannot read {name}: not a plain file"
        (path / name).unlink()
        with open(path / name, "wb") as file:
            file.truncate(10**12)  # of holes: no disk is needed
        most = "37,500,250" if name == "history.csv" else "10,000,000"
        assert read_run(path).problem == f"cannot read {name}: more than {most} bytes"


@settings(max_examples=40)
@given(st.sampled_from(["run.json", "history.csv", "recipe.yaml"]), st.data())
def test_any_bytes_are_read_or_are_damage(tmp_path_factory, name, data):
    root = tmp_path_factory.mktemp("any")
    path = make_run(root, state="failed", scores=SCORES)
    whole = bytearray((path / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (path / name).write_bytes(data.draw(st.sampled_from([whole, whole[: len(whole) // 2]])))
    run = read_run(path)
    assert run.state in ("running", "failed", "interrupted", "finished", "damaged")
    json.dumps(run.to_json(), allow_nan=False)
    assert main(["runs", "show", "--json", str(path)]) == 0
    assert main(["runs", "show", str(path)]) == 0
    shutil.rmtree(root)


def test_newest_first_and_nothing_but_runs(tmp_path):
    (tmp_path / "lenet" / "notes").mkdir(parents=True)
    (tmp_path / "a file").touch()
    second = make_run(tmp_path, "20260102T030405Z-00000c", started="2026-01-02T00:00:00+00:00")
    third = make_run(tmp_path, "20260102T030405Z-00000b", started="2026-01-03T00:00:00+01:00")
    first = make_run(tmp_path, "20260102T030405Z-00000a", started="2025-12-31T00:00:00+00:00")
    (tmp_path / "lenet" / "latest").symlink_to(third)
    (tmp_path / "20260105T000000Z-00000d").mkdir()  # never got further
    renamed = second.rename(tmp_path / "my best")
    assert [(run.path, run.state) for run in list_runs(tmp_path)] == [
        (tmp_path / "20260105T000000Z-00000d", "interrupted"),
        (third, "interrupted"),
        (renamed, "interrupted"),
        (first, "interrupted"),
    ]
    assert [run.path for run in list_runs(tmp_path / "lenet")] == [third, first]
    assert [run.path for run in list_runs(third)] == [third]


def test_the_list(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    started = datetime.now(timezone.utc).isoformat()
    make_run(Path("runs"), "20260102T030405Z-000001", started=started)
    (path,) = Path("runs", "lenet").iterdir()
    (path / "checkpoints" / "epoch-0002-batch-000007").mkdir(parents=True)
    make_run(Path("runs"), "20260102T030405Z-000002", state="finished", rows=3, scores=SCORES)
    make_run(Path("runs"), "20260102T030405Z-000003", state="failed", error="it \x1b[31mbroke")
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        [
            "run",
            "state",
            "recipe",
            "epochs",
            "accuracy",
            "age",
            "how",
            "to",
            "resume,",
            "or",
            "problem",
        ],
        f"runs/lenet/20260102T030405Z-000001 interrupted lenet 2/3 + 7 batches 0.9100 validation "
        f"{lines[1].split()[9]} s mxdigits resume runs/lenet/20260102T030405Z-000001".split(),
    ]
    assert "000003  failed       lenet   2/3              0.9100 validation" in lines[2]
    again = "mxdigits resume runs/lenet/20260102T030405Z-000003"
    assert lines[2].endswith(f"  it \\x1b[31mbroke; to begin again: {again}")
    assert "000002  finished     lenet   3/3              0.9348 test" in lines[3]
    assert main(["runs", "runs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["state"] for run in found] == ["interrupted", "failed", "finished"]
    assert found[2] == {
        "run": "runs/lenet/20260102T030405Z-000002",
        "state": "finished",
        "recipe": "lenet",
        "started": "2026-01-02T03:04:05+00:00",
        "epochs_done": 3,
        "epochs": 3,
        "accuracy": 0.9348,
        "accuracy_of": "test",
        "problem": None,
        "owner": None,
        "resume": None,
    }
    assert found[0]["resume"] == f"mxdigits resume {path}"


def test_no_runs_yet(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["runs", "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"
    assert main(["runs"]) == 0
    said = "there are no runs in runs; mxdigits run lenet would make one\n"
    assert capsys.readouterr().out == said
    assert main(["runs", "elsewhere"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot list the runs in elsewhere: No such file or directory\n"
    )


@pytest.mark.parametrize("use", [RunFolder.open, lambda path: RunFolder(path).check_is_run()])
def test_a_file_is_no_run_folder(tmp_path, use):
    file = tmp_path / "lenet.onnx"
    file.touch()
    with pytest.raises(RunFolderError) as caught:
        use(file)
    assert str(caught.value) == f"{file} is a file, and a run is a folder"


@pytest.mark.mxnet
def test_a_killed_run_is_listed_as_interrupted(mxdigits, idx_folder, tmp_path):
    (tmp_path / "bars.yaml").write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 20}}\nepochs: 100000\n"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "run", "bars.yaml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            if line.startswith("Epoch[2]"):
                break
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    (run,) = json.loads(mxdigits("runs", "--json").stdout)
    assert (run["state"], run["recipe"], run["epochs"]) == ("interrupted", "bars", 100000)
    assert run["epochs_done"] >= 2
    assert run["accuracy_of"] == "validation"


def test_brackets_are_no_markup(tmp_path):
    """On a terminal rich would take them for a colour, or fail."""
    import pty

    make_run(tmp_path, recipe="[/red]", state="failed", error=":smile: [bold]x[/bold]")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mxdigits", "runs", "."],
        cwd=tmp_path,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm"},
    )
    assert process.wait(timeout=300) == 0
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "[/red]" in shown
    assert ":smile: [bold]x[/bold]" in shown


def test_thousands_of_runs_are_listed(tmp_path):
    whole = make_run(tmp_path, state="interrupted")
    for i in range(1, 2000):
        path = whole.parent / f"20260102T030405Z-{i:06x}"
        path.mkdir(exist_ok=True)
        for name in ("run.json", "recipe.yaml", "history.csv"):
            if not (path / name).exists():
                os.link(whole / name, path / name)
    runs = list_runs(tmp_path)
    assert len(runs) == 1999
    assert {outcome(run) for run in runs} == {("interrupted", 2, 3, 0.91, "validation", "")}


def test_no_verb_imports_mxnet(tmp_path):
    path = make_run(tmp_path)
    verbs = f"""
        import sys
        from mxdigits.cli import main

        for line in ([], ["show"], ["rm", "--yes"]):
            assert main(["runs", *line, {str(path)!r}]) == 0
        print("mxnet" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", dedent(verbs)], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-2:] == [f"removed {path}", "False"]


# Modules that a list of runs does without. All but Pillow would also import further ones.
NOT_FOR_LISTING = (
    *("PIL", "mxnet", "mxdigits.backends", "mxdigits.data", "mxdigits.digitize"),
    *("mxdigits.experiment", "mxdigits.plugins.registry", "mxdigits.predict", "mxdigits.recipe"),
)


@pytest.mark.parametrize("verb", [["runs"], ["runs", "list"], ["runs", "show"]])
def test_runs_are_listed_and_shown_without_pillow_and_the_registries(tmp_path, verb):
    path = make_run(tmp_path)
    where = path if verb == ["runs", "show"] else tmp_path
    code = f"""
        import sys
        from mxdigits.cli.app import main

        assert main({[*verb, str(where)]!r}) == 0
        print(*(name for name in {NOT_FOR_LISTING!r} if name in sys.modules), file=sys.stderr)
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=True
    )
    assert path.name in done.stdout
    assert done.stderr == "\n"
