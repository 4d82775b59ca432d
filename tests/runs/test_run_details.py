"""All that is known of one run is shown, whatever its record holds."""

from __future__ import annotations

import json

from runs.made_runs import make_run

from mxdigits.cli import main


def test_show(tmp_path, capsys):
    path = make_run(
        tmp_path,
        state="interrupted",
        error="interrupted in epoch 2",
        ended="2026-01-02T03:05:00+00:00",
        plugins={"model": {"name": "lenet", "distribution": "mxdigits", "version": "0.1.0"}},
        data={"name": "mnist", "train": 130, "test": 46},
        device={"context": "cpu(0)", "threads": 1, "processor": "a fast one"},
        seconds={"fit": 1.5},
    )
    (path / "checkpoints" / "epoch-0002-batch-000007").mkdir(parents=True)
    (path / "checkpoints" / "epoch-0002-batch-000007" / "weights").write_text("x" * 2000)
    assert main(["runs", "show", str(path)]) == 0
    facts, history, files = capsys.readouterr().out.split("\n\n")
    assert facts.splitlines() == [
        "what         found",
        f"run          {path}",
        "state        interrupted",
        "problem      interrupted in epoch 2",
        f"resume       mxdigits resume {path}",
        "recipe       lenet",
        "started      2026-01-02 03:04:05 UTC",
        "ended        2026-01-02 03:05:00 UTC",
        "epochs       2/3 + 7 batches",
        "checkpoints  epoch-0002-batch-000007",
        "model        lenet, mxdigits 0.1.0",
        "images       130 to train on, 46 to test on",
        "device       cpu(0), 1 CPU threads",
        "processor    a fast one",
        "versions     mxdigits 0.1.0, mxnet 1.9.1",
        "stages       fit 1.50 s",
        "accuracy     0.9100 validation",
    ]
    assert [line.split() for line in history.splitlines()] == [
        [
            *("epoch", "learning", "rate", "seconds", "samples/s", "train", "loss"),
            *("train", "accuracy", "validation", "loss", "validation", "accuracy"),
        ],
        ["0", "0.1", "0.5", "260", "0.9", "0.8125", "0.7", "0.9"],
        ["1", "0.1", "0.5", "260", "0.9", "0.8125", "0.7", "0.91"],
    ]
    assert "checkpoints/epoch-0002-batch-000007/weights  2,000" in files
    assert main(["runs", "show", "--json", str(path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["record"]["device"]["processor"] == "a fast one"
    assert shown["checkpoints"] == [{"name": "epoch-0002-batch-000007", "epoch": 2, "batch": 7}]
    assert len(shown["history"]) == 2
    assert shown["files"]["log.txt"] == 10


def test_whatever_a_record_holds_is_shown_in_words(tmp_path, capsys):
    path = make_run(
        tmp_path,
        state="finished",
        ended="some day",
        versions={"mxnet": {"cpu": "1.9.1", "gpu": None}, "extras": [{"name": "a\x1b[2J"}]},
        seconds={"fit": 4000, "data": "?"},
    )
    assert main(["runs", "show", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "ended     some day" in lines
    assert "versions  mxnet cpu 1.9.1, gpu –, extras name a\\x1b[2J" in lines
    assert "stages    fit 1 h 7 min" in lines


def test_show_what_is_no_run(tmp_path, capsys):
    assert main(["runs", "show", str(tmp_path)]) == 3
    assert capsys.readouterr().err == (
        f"error: {tmp_path} is not a run folder: it lacks run.json or recipe.yaml\n"
    )
    assert main(["runs", "show", str(tmp_path / "no")]) == 3
    assert capsys.readouterr().err == f"error: there is no run folder {tmp_path / 'no'}\n"
