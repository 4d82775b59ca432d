"""Runs side by side: the sentence, the tables, the pictures, and real run folders."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mxdigits.cli import main
from mxdigits.data.idx import write_idx
from mxdigits.errors import DataError, OutputError, UsageError
from mxdigits.installing import install_command
from mxdigits.report.compare import (
    Comparison,
    compare_page,
    compare_runs,
    overview,
    run_names,
    side_by_side,
)
from mxdigits.report.disagreements import disagreements
from mxdigits.report.significance import LEVEL, McNemar
from mxdigits.report.verdict import pairs, sentence, verdict
from mxdigits.runs.folder import RunFolder
from mxdigits.train.history import History

HOSTILE = "</style><script>alert(1)</script>\"'&"


# What is said


def outcome(only_first, only_second, p, exact=True):
    return McNemar(90, only_first, only_second, 3, p, exact)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (outcome(0, 0, 1.0), "A and B are right and wrong on the same images."),
        (
            outcome(7, 7, 1.0),
            "A and B are equally accurate: 7 images only A has right, 7 only B "
            "(McNemar's test, exact: p = 1.000).",
        ),
        (
            outcome(1, 1, 1.0),
            "A and B are equally accurate: 1 image only A has right, 1 only B "
            "(McNemar's test, exact: p = 1.000).",
        ),
        (
            outcome(16, 6, 0.0525),
            "The difference between A and B is not significant: 16 images only A has right, 6 only "
            "B (McNemar's test, exact: p = 0.052).",
        ),
        (
            outcome(5, 15, 0.0414),
            "B is more accurate than A, which is significant: 5 images only A has right, 15 only B "
            "(McNemar's test, exact: p = 0.041).",
        ),
        (
            outcome(1500, 5, 1e-9, exact=False),
            "A is more accurate than B, which is significant: 1,500 images only A has right, 5 "
            "only B (McNemar's test, with chi-squared: p < 0.001).",
        ),
    ],
)
def test_the_sentence(test, said):
    assert sentence("A", "B", test, test.p) == said


def test_at_the_level_itself_it_is_not_significant():
    assert "is not significant" in sentence("A", "B", outcome(2, 9, LEVEL), LEVEL)


def test_several_pairs_are_adjusted_for_their_number(make_results):
    """The second has the first 8 images wrong, the third all 20; the first none."""
    labels = np.zeros(20, int)
    logits = np.tile([3.0, 0.0], (20, 1))
    second = logits.copy()
    second[:8] = [0, 3]
    runs = {
        letter: make_results(found, labels, name=letter)
        for letter, found in (("A", logits), ("B", second), ("C", -logits))
    }
    found = pairs(runs)
    assert [(pair.first, pair.second) for pair in found] == [("A", "B"), ("A", "C"), ("B", "C")]
    single = [2 / 2**8, 2 / 2**20, 2 / 2**12]
    assert [pair.test.p for pair in found] == pytest.approx(single)
    assert [pair.p for pair in found] == pytest.approx([single[0], 3 * single[1], 2 * single[2]])
    assert found[0].sentence == (
        "A is more accurate than B, which is significant: 8 images only A has right, 0 only B "
        "(McNemar's test, exact, adjusted for 3 tests: p = 0.008)."
    )
    assert [row[:4] for row in overview(Comparison(runs, found))] == [
        ["run", "test accuracy", "95 % interval", "mistakes"],
        ["A", "1.0000", "0.8389 to 1.0000", "0"],
        ["B", "0.6000", "0.3866 to 0.7812", "8"],
        ["C", "0.0000", "0.0000 to 0.1611", "20"],
    ]


def right_on(*counts, of=40):
    """Logits of runs that have the first so many of the images right, all of class 0."""
    for count in counts:
        yield np.where(np.arange(of)[:, None] < count, [3.0, 0.0], [0.0, 3.0])


@pytest.mark.parametrize(
    ("correct", "said"),
    [
        ([40, 20], "A wins: its test accuracy of 1.0000 is significantly above the 0.5000 of B."),
        ([20, 40], "B wins: its test accuracy of 1.0000 is significantly above the 0.5000 of A."),
        (
            [40, 39],
            "There is no clear winner: A is ahead with a test accuracy of 1.0000, but its lead "
            "over B is not significant.",
        ),
        ([30, 30], "There is no winner: A and B are equally accurate, 0.7500."),
        (
            [10, 40, 20],
            "B wins: its test accuracy of 1.0000 is significantly above that of every other run; "
            "the next is C with 0.5000.",
        ),
        (
            [39, 40, 10, 38],
            "There is no clear winner: B is ahead with a test accuracy of 1.0000, but its lead "
            "over A and D is not significant.",
        ),
        ([20, 20, 20], "There is no winner: A, B and C are equally accurate, 0.5000."),
        ([20, 10, 20], "There is no winner: A and C are equally accurate, 0.5000."),
    ],
)
def test_one_sentence_names_the_winner(make_results, page, correct, said):
    runs = {
        name: make_results(logits, np.zeros(40, int), name=name)
        for name, logits in zip("ABCD", right_on(*correct))
    }
    found = pairs(runs)
    assert verdict(runs, found) == said
    text = page(compare_page(Comparison(runs, found), {})).text
    assert f"Comparison of {len(runs)} runs {said} Verdict" in text  # before all else


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["lenet/2026-aa", "mlp/2026-bb"], ["lenet", "mlp"]),
        (["lenet/2026-aa", "mlp/2026-bb", "mlp/2026-cc"], ["lenet", "mlp bb", "mlp cc"]),
        (["mlp/seed1", "mlp/seed2"], ["mlp seed1", "mlp seed2"]),
        (["mlp/1-aa", "mlp/2-aa"], ["mlp/1-aa", "mlp/2-aa"]),
        (["x/mlp/1-aa", "y/mlp/1-aa"], ["{}/x/mlp/1-aa", "{}/y/mlp/1-aa"]),
    ],
)
def test_runs_are_called_by_what_tells_them_apart(make_results, tmp_path, folders, names):
    results = make_results([[1, 0]], [0])
    runs = [replace(results, folder=RunFolder(tmp_path / folder)) for folder in folders]
    assert run_names(runs) == [name.format(tmp_path) for name in names]


@pytest.mark.parametrize(
    ("evaluated_on", "label"),
    [
        (["test", "test"], "test loss"),
        (["validation", "validation"], "validation loss"),
        (["validation", "test"], "test or validation loss"),
    ],
)
def test_the_curves_say_whose_they_are(folders, tmp_path, evaluated_on, label, page):
    for folder, each in zip(folders, evaluated_on):
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**record, "evaluated_on": each}))
    compare_runs(folders, tmp_path / "c.html", pytest.fail)
    text = page((tmp_path / "c.html").read_text(encoding="utf-8")).text
    assert f" {label} bars first bars second" in text


def test_what_differs_is_apart_from_what_is_the_same():
    found = side_by_side({"A": {"x": "1", "y": "2"}, "B": {"y": "2", "x": "3", "z": "4"}})
    assert found.different == [("x", ["1", "3"]), ("z", ["–", "4"])]
    assert found.same == [("y", "2")]


def test_the_images_on_which_runs_are_furthest_apart_come_first(make_results):
    labels = [0, 0, 0, 1]
    first = make_results([[3, 0], [1, 0], [0, 3], [3, 0]], labels, name="A", classes=("a", "b"))
    second = make_results([[3, 0], [0, 1], [9, 0], [1, 0]], labels, name="B", classes=("a", "b"))
    found, count = disagreements({"A": first, "B": second})
    assert count == 2  # on the last both are wrong in the same way
    assert [(d.index, d.true) for d in found] == [(2, "a"), (1, "a")]
    answers = [(letter, said, right) for letter, said, _, right in found[0].answers]
    assert answers == [("A", "b", False), ("B", "a", True)]


def test_whatever_runs_are_called_is_shown_and_does_nothing(make_results, page):
    record = {"versions": {HOSTILE: HOSTILE}, "data": HOSTILE}
    runs = {
        letter: make_results(
            logits,
            [0, 1],
            name=letter,
            classes=(HOSTILE, "b"),
            record=record,
            recipe=f"model: {json.dumps(HOSTILE + letter)}",
        )
        for letter, logits in (("A", [[1, 0], [0, 1]]), ("B", [[0, 1], [0, 1]]))
    }
    found = page(compare_page(Comparison(runs, pairs(runs)), {}, HOSTILE))
    assert found.text.count("<script>alert(1)</script>") > 5


def test_a_recipe_that_is_no_yaml_does_not_stop_the_comparison(make_results, page):
    runs = {
        "A": make_results([[1, 0]], [0], name="A", recipe="model: mlp"),
        "B": make_results([[1, 0]], [0], name="B", recipe="{"),
    }
    assert "cannot be read" in page(compare_page(Comparison(runs, pairs(runs)), {})).text


def test_many_runs_get_letters_in_place_of_a_sentence_for_each_pair(make_results, page):
    names = ["poor", "good", "best", "poorer", "next", "fine"]
    runs = {
        name: make_results(logits, np.zeros(100, int), name=name)
        for name, logits in zip(names, right_on(60, 97, 100, 58, 99, 98, of=100))
    }
    compared = Comparison(runs, pairs(runs))
    assert compared.verdict == (
        "There is no clear winner: best is ahead with a test accuracy of 1.0000, but its lead over "
        "next, fine and good is not significant."
    )
    assert [row[:3] for row in overview(compared)] == [
        ["run", "letters", "test accuracy"],
        ["best", "a", "1.0000"],
        ["next", "a", "0.9900"],
        ["fine", "a", "0.9800"],
        ["good", "a", "0.9700"],
        ["poor", "b", "0.6000"],
        ["poorer", "b", "0.5800"],
    ]
    said = (
        "Two runs that share a letter do not differ significantly; two that share none do "
        "(McNemar's test, adjusted for 15 tests)."
    )
    assert compared.letters_mean == said
    text = page(compare_page(compared, {})).text
    assert f" Verdict {said} run letters test accuracy" in text
    for each in compared.sentences:
        assert each in text
    # The answers of many runs stand together.
    assert "✓ 0 95.3 % poor, good, best and 2 others ✗ 1 95.3 % poorer image 58" in text


# Run folders


@pytest.fixture
def folders(idx_folder, make_results) -> list[Path]:
    """Two folders with all that a comparison reads; of the networks it needs nothing."""
    from mxdigits.data.load import load_dataset

    dataset = load_dataset("idx", {"path": str(idx_folder)})
    labels = dataset.test.labels
    right = np.eye(4, dtype=np.float32)[labels] * 0.9 + 0.025
    worse = right.copy()
    worse[:10] = np.roll(right[:10], 1, axis=1)
    found = []
    for name, seed, prob in (("first", 1, right), ("second", 2, worse)):
        results = make_results(np.zeros((46, 4)), labels, name=name)
        folder = results.folder
        folder.recipe_file.write_text(f"model: mlp\nseed: {seed}\nepochs: 2\n")
        folder.history_file.write_text(results.history.to_csv())
        folder.symbol_file.write_text("{}")
        folder.parameters_file.write_bytes(b"")
        np.savez(folder.predictions_file("npz"), prob=prob, label=labels)
        folder.write_record(
            {
                "versions": {"numpy": "1.26.4"},
                "device": {"threads": seed},
                "data": {
                    "name": "idx",
                    "options": {"path": str(idx_folder)},
                    "sha256": dict(dataset.hashes),
                },
                "network": {"image_shape": [1, 16, 16], "classes": list("0123")},
            }
        )
        found.append(folder.path)
    return found


def test_compare_prints_a_table_and_a_sentence_and_writes_a_page(
    folders, tmp_path, monkeypatch, capsys, page
):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *map(str, folders)]) == 0
    said = (
        "bars first is more accurate than bars second, which is significant: 10 images only bars "
        "first has right, 0 only bars second (McNemar's test, exact: p = 0.002)."
    )
    wins = (
        "bars first wins: its test accuracy of 1.0000 is significantly above the 0.7826 of "
        "bars second."
    )
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[:2] == [wins, ""]
    assert lines[2].split()[:3] == ["run", "test", "accuracy"]
    assert lines[3].split()[:3] == ["bars", "first", "1.0000"]
    assert lines[4].split()[:3] == ["bars", "second", "0.7826"]
    assert lines[5:] == ["", said, "comparison: compare.html"]
    text = (tmp_path / "compare.html").read_text(encoding="utf-8")
    found = page(text)
    assert said in found.text
    assert "folder bars first 1.0000 " in found.text
    assert " bars/first bars second 0.7826 " in found.text
    heads = "Different key bars first bars second"
    assert f"{heads} seed 1 2 The same in all model mlp epochs 2" in found.text
    assert f"{heads} device.threads 1 2 The same" in found.text
    assert len(found.all("img")) == 10
    assert len(found.all("svg")) == 2
    plots = tmp_path / "compare-plots"
    assert sorted(path.name for path in plots.iterdir()) == ["accuracy.png", "loss.png"]


def test_many_pairs_are_printed_only_if_asked_for(folders, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        folders.append(shutil.copytree(folders[0], folders[0].with_name(f"copy{number}")))
    assert main(["compare", *map(str, folders)]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "Two runs that share a letter do not differ significantly; two that share none do "
        "(McNemar's test, adjusted for 6 tests).",
        "each of the 6 pairs: --pairs prints it, the page has it",
        "comparison: compare.html",
    ]
    assert main(["compare", *map(str, folders), "--pairs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == "bars copy0 and bars copy1 are right and wrong on the same images."
    assert len(lines) == 2 + 5 + 1 + 1 + 6 + 1


def test_a_page_replaces_no_file_of_another_kind(folders, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.onnx").write_text("mine")
    assert main(["compare", *map(str, folders), "-o", "net.onnx"]) == 2
    assert capsys.readouterr().err == "error: net.onnx is no name of a page: write net.html\n"
    assert (tmp_path / "net.onnx").read_text() == "mine"


def test_without_matplotlib_runs_are_compared_without_charts(
    folders, mxdigits_process, no_matplotlib, tmp_path, page
):
    done = mxdigits_process("compare", *folders, "-o", "both.html", **no_matplotlib)
    missing = f"matplotlib is not installed: {install_command('report')}"
    assert (done.returncode, done.stderr) == (0, f"the page has no charts: {missing}\n")
    found = page((tmp_path / "both.html").read_text(encoding="utf-8"))
    assert f"No charts: {missing}, then compare again." in found.text
    assert found.all("svg") == []
    assert not (tmp_path / "both-plots").exists()


def test_a_run_that_is_there_twice_is_refused(folders, tmp_path):
    """Somebody who writes ``compare mlp mlp`` means two runs of that recipe."""
    link = tmp_path / "link"
    link.symlink_to(folders[0])
    for again in (folders[0], link):
        with pytest.raises(UsageError) as caught:
            compare_runs([folders[0], folders[1], again], tmp_path / "c.html", pytest.fail)
        assert str(caught.value) == (
            f"{folders[0]} is there twice; a recipe's name stands for its newest run: name others "
            "by their folders, which mxdigits runs lists"
        )
    assert not (tmp_path / "c.html").exists()


def test_runs_on_other_images_cannot_be_compared(folders, tmp_path, idx_folder, digits):
    other = shutil.copytree(idx_folder, tmp_path / "other")
    images, _ = digits["test"]
    write_idx(other / "t10k-images-idx3-ubyte", 255 - images)
    record = json.loads((folders[1] / "run.json").read_text())
    record["data"].update(options={"path": str(other)}, sha256={})
    (folders[1] / "run.json").write_text(json.dumps(record))
    with pytest.raises(DataError) as caught:
        compare_runs(folders, tmp_path / "c.html", lambda _: None)
    assert str(caught.value) == (
        f"{folders[0]} and {folders[1]} were not tested on the same images; "
        "measure both on the same ones: mxdigits score RUN --data NAME KEY=VALUE, or train both "
        "with the same data"
    )
    for folder in folders:
        text = folder.joinpath("recipe.yaml").read_text()
        (folder / "recipe.yaml").write_text(f"{text}data: {{name: fold, of: mnist, fold: 1}}\n")
    with pytest.raises(DataError) as caught:
        compare_runs(folders, tmp_path / "c.html", lambda _: None)
    assert str(caught.value) == (
        f"{folders[0]} and {folders[1]} were not tested on the same images; compare folds with "
        "those of another recipe that divide the same data, made with the same -k and "
        "--split-seed: mxdigits compare a-folds b-folds"
    )
    assert not (tmp_path / "c.html").exists()


def test_of_unfinished_runs_a_line_tells(folders, tmp_path):
    record = json.loads((folders[1] / "run.json").read_text())
    record |= {"state": "failed", "recipe": "bars", "started": "2026-01-02T03:04:05+00:00"}
    (folders[1] / "run.json").write_text(json.dumps(record))
    said: list[str] = []
    compare_runs(folders, tmp_path / "c.html", said.append)
    assert said == [
        f"{folders[1]}: failed, 2 of 2 epochs done; its numbers are those of the weights that it "
        "saved"
    ]


def test_runs_with_other_classes_cannot_be_compared(folders, tmp_path):
    record = json.loads((folders[1] / "run.json").read_text())
    record["data"]["options"]["classes"] = record["network"]["classes"] = list("abcd")
    (folders[1] / "run.json").write_text(json.dumps(record))
    with pytest.raises(DataError) as caught:
        compare_runs(folders, tmp_path / "c.html", lambda _: None)
    assert str(caught.value) == (
        f"{folders[0]} and {folders[1]} have different classes (0, 1, 2, 3, and a, b, c, d), so "
        "they cannot be compared"
    )


@pytest.mark.parametrize("count", [1, 101])
def test_too_few_or_many_runs_are_refused(tmp_path, count):
    with pytest.raises(UsageError) as caught:
        compare_runs([tmp_path] * count, tmp_path / "c.html", pytest.fail)
    assert str(caught.value) == f"compare takes 2 to 100 runs, got {count}"


def test_where_the_page_goes_is_checked_first(tmp_path):
    with pytest.raises(OutputError) as caught:
        compare_runs([tmp_path] * 2, tmp_path / "nowhere/c.html", pytest.fail)
    assert str(caught.value) == (
        f"cannot write {tmp_path}/nowhere/c.html: there is no folder {tmp_path}/nowhere"
    )


def test_what_an_ensemble_lacks_is_left_open(make_results):
    run = make_results([[5, 0], [0, 5]], [0, 1])
    object.__setattr__(run, "history", History())
    titles, row = overview(Comparison({"both": run}, []))
    assert list(zip(titles, row))[-3:] == [
        ("epochs", "–"),
        ("training seconds", "–"),
        ("samples/s, median", "–"),
    ]
