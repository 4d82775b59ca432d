"""The report of a real run: made with it, made again, and kept from harm."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from signal import SIGTERM, raise_signal

import numpy as np
import pytest
from command_line import run_here

from mxdigits.data.idx import write_idx
from mxdigits.errors import (
    DataError,
    FolderInUse,
    Interrupted,
    OutputError,
    RunFolderError,
    SetupError,
)
from mxdigits.experiment import run as experiment
from mxdigits.installing import install_command
from mxdigits.report import report
from mxdigits.report.mistakes import MOST_MISTAKES
from mxdigits.report.report import report_run
from mxdigits.storage.lock import hold


@pytest.fixture(scope="module")
def finished(idx_folder, tmp_path_factory) -> tuple[list[str], Path]:
    """The lines of a run that learnt little, and its folder."""
    home = tmp_path_factory.mktemp("report")
    (home / "bars.yaml").write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 20}}\n"
        "optimizer: {name: sgd, learning_rate: 0.002}\nschedule: cosine\nepochs: 3\n"
        "predictions: [npz]\n"
    )
    done = run_here("run", "bars.yaml", cwd=home)
    assert (done.returncode, done.stderr) == (0, "")
    (folder,) = (home / "runs/bars").iterdir()
    return done.stdout.splitlines(), folder


@pytest.fixture
def copy(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished[1], tmp_path / "bars" / finished[1].name))


@pytest.mark.mxnet
def test_a_run_ends_with_its_report(finished, page):
    lines, folder = finished
    assert lines[-1] == f"report: runs/bars/{folder.name}/report.html"
    found = page((folder / "report.html").read_text(encoding="utf-8"))
    record = json.loads((folder / "run.json").read_text())
    assert record["evaluated_on"] == "test"
    scores = record["scores"]["test"]
    assert 0 < scores["correct"] < scores["samples"]
    low, high = scores["accuracy_95"]
    wrong = scores["samples"] - scores["correct"]
    for words in (
        f"bars/{folder.name}",
        f"Test accuracy {scores['accuracy']:.4f} 95 % interval {low:.4f} to {high:.4f}",
        f"Mistakes {wrong} of {scores['samples']} images",
        f"Test loss {scores['loss']:.4f}",
        f"Parameters {record['network']['parameters']:,}",
        f"Device {record['device']['context']} {record['device']['processor']}",
        *(f"{key} {value}" for key, value in record["versions"].items()),
        *record["data"]["sha256"].values(),
        f"stage: fit {record['seconds']['fit']:.2f} s",
    ):
        assert words.strip() in found.text
    for row, name in zip(scores["confusion"], record["network"]["classes"]):
        assert " ".join([name, *map(str, row)]) in found.text
    history = (folder / "history.csv").read_text().splitlines()[1:]
    for line in history:
        assert f"{float(line.split(',')[5]):.4f}" in found.text
    assert " ".join((folder / "recipe.yaml").read_text().split()) in found.text
    for name in ("model-0000.params", "model-symbol.json", "history.csv", "predictions.npz"):
        data = (folder / name).read_bytes()
        assert f"{name} {len(data):,} {hashlib.sha256(data).hexdigest()}" in found.text
    assert len(found.all("img")) == 2 * min(wrong, MOST_MISTAKES)  # with its reasons beside it
    charts = ["loss", "accuracy", "learning_rate", "reliability"]
    assert len(found.all("svg")) == len(charts)
    assert sorted(path.stem for path in (folder / "plots").iterdir()) == sorted(
        [*charts, "confusion"]
    )


def reasonless(file: Path) -> bytes:
    """A file, and of a report all but why the mistakes were made, for which a network is asked."""
    return re.sub(
        rb'<img [^>]*alt="The same[^>]*>| Beside each is .*?turn\)\.', b"", file.read_bytes()
    )


@pytest.mark.mxnet
def test_a_report_is_made_anew_without_mxnet(copy, mxdigits_process, tmp_path, finished):
    """The numbers are in the folder: a colleague without MXNet can look at them."""
    shutil.rmtree(copy / "plots")
    (copy / "report.html").unlink()
    (tmp_path / "away").mkdir()
    (tmp_path / "away/mxnet.py").write_text("raise ImportError('not today')\n")
    done = mxdigits_process("report", copy, PYTHONPATH=str(tmp_path / "away"))
    assert done.returncode == 0
    assert "cpu(0) is not available by mxnet: MXNet does not start: not today" in done.stderr
    assert done.stdout == f"report: {copy}/report.html\n"
    for name in ("report.html", "plots/loss.png", "plots/confusion.png"):
        assert reasonless(copy / name) == reasonless(finished[1] / name)


@pytest.mark.mxnet
def test_without_its_predictions_it_predicts_anew(copy, mxdigits):
    (copy / "predictions.npz").unlink()
    assert mxdigits("report", copy).returncode == 0
    scores = json.loads((copy / "run.json").read_text())["scores"]["test"]
    text = (copy / "report.html").read_text()
    assert f"<dd>{scores['accuracy']:.4f}</dd>" in text
    assert f"<dd>{scores['loss']:.4f}</dd>" in text


@pytest.mark.mxnet
def test_without_matplotlib_a_run_ends_with_a_report_without_charts(
    mxdigits_process, no_matplotlib, tmp_path, idx_folder, page
):
    (tmp_path / "bars.yaml").write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}}}\nepochs: 1\n"
    )
    done = mxdigits_process("run", "bars.yaml", **no_matplotlib)
    assert (done.returncode, done.stderr) == (0, "")
    (folder,) = tmp_path.glob("runs/bars/*")
    missing = f"matplotlib is not installed: {install_command('report')}"
    lines = done.stdout.splitlines()
    assert lines.count(f"the report has no charts: {missing}") == 1
    assert lines[-1] == f"report: {folder.relative_to(tmp_path)}/report.html"
    found = page((folder / "report.html").read_text(encoding="utf-8"))
    assert f"No charts: {missing}, then mxdigits report RUN." in found.text
    assert found.all("svg") == []
    numbers, environment = found.all("details")
    assert ("open" in numbers, "open" in environment) == (True, False)
    assert not (folder / "plots").exists()


@pytest.mark.mxnet
def test_a_run_without_a_report(mxdigits, tmp_path, idx_folder):
    (tmp_path / "bars.yaml").write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}}}\nepochs: 1\n"
    )
    done = mxdigits("run", "bars.yaml", "--no-report")
    assert (done.returncode, done.stderr) == (0, "")
    assert "report" not in done.stdout
    assert not list(tmp_path.rglob("report.html"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OutputError("cannot write x: No space left on device"),) * 2,
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_report_that_fails_does_not_fail_the_run(monkeypatch, make_results, fault, said):
    def fail(*_):
        raise fault

    lines: list[str] = []
    monkeypatch.setattr(experiment, "write_report", fail)
    assert experiment.try_report(make_results([[1, 0]], [0]), lines.append) is None
    assert lines == [f"there is no report: {said}"]


@pytest.mark.mxnet
def test_a_report_without_a_backend_explains_no_mistakes(copy, monkeypatch):
    """The probabilities are in the folder, and need none."""

    def missing(*_):
        raise SetupError("no backend is installed")

    monkeypatch.setattr(report, "open_evaluator", missing)
    results = report.read_results(copy, print)
    wrong = np.roll(results.prob, 1, axis=1)
    monkeypatch.setattr(report, "read_results", lambda *_: replace(results, prob=wrong))
    said: list[str] = []
    report_run(copy, said.append)
    assert said == ["the report explains no mistakes: no backend is installed"]


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"state": "failed", "error": "no space"}, "3 of 3 epochs done: no space."),
        ({"state": "running"}, "interrupted, 3 of 3 epochs done."),  # it was killed
    ],
)
def test_a_run_that_did_not_finish_has_a_report_too(copy, page, state, said):
    record = json.loads((copy / "run.json").read_text())
    record.update(state)
    del record["scores"]
    (copy / "run.json").write_text(json.dumps(record))
    report_run(copy, pytest.fail)
    found = page((copy / "report.html").read_text(encoding="utf-8"))
    assert f"This run did not finish: {said}" in found.text


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("history.csv", "epoch,loss\n", "history.csv is damaged: there is no column learning_rate"),
        ("history.csv", "\xff", "history.csv is damaged: it is not UTF-8 text"),
        ("run.json", "{", "run.json is damaged: "),
    ],
)
def test_a_damaged_folder_is_one_error(copy, name, text, error):
    (copy / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(RunFolderError) as caught:
        report_run(copy, pytest.fail)
    assert str(caught.value).startswith(f"{copy}/{error}")


@pytest.mark.mxnet
def test_data_with_other_labels_than_the_networks_are_refused(copy, tmp_path, idx_folder, digits):
    other = shutil.copytree(idx_folder, tmp_path / "other")
    write_idx(other / "t10k-labels-idx1-ubyte.gz", (digits["test"][1] + 3).astype(np.uint8))
    record = json.loads((copy / "run.json").read_text())
    record["data"]["options"]["path"] = str(other)
    (copy / "run.json").write_text(json.dumps(record))
    said: list[str] = []
    with pytest.raises(DataError) as caught:
        report_run(copy, said.append)
    assert said == [f"the files of idx are not those that {copy} was trained with"]
    assert str(caught.value) == (
        "idx: 34 of 46 images are of no class that the network knows; it knows 0, 1, 2, 3"
    )


@pytest.mark.mxnet
def test_a_report_that_is_terminated_leaves_nothing_half_written(copy, monkeypatch):
    before = sorted(os.listdir(copy / "plots"))

    def terminated(*_, **__):
        raise_signal(SIGTERM)

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", terminated)
    with pytest.raises(Interrupted) as caught:
        report_run(copy, pytest.fail)
    assert str(caught.value) == "terminated before the report was written"
    assert caught.value.exit_code == 143
    assert sorted(os.listdir(copy / "plots")) == before


@pytest.mark.mxnet
def test_a_report_removes_what_a_killed_one_has_left(copy):
    left = [copy / "plots" / ".loss.0123abcd.tmp.png", copy / ".report.0123abcd.tmp.html"]
    for file in left:
        file.write_text("half")
    report_run(copy, pytest.fail)
    assert [file for file in left if file.exists()] == []


@pytest.mark.mxnet
def test_no_report_is_written_of_a_run_that_goes_on(copy):
    with hold(copy), pytest.raises(FolderInUse):
        report_run(copy, pytest.fail)
