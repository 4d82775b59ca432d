"""The benchmark's own arithmetic, files and tables, and one small run of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Optional

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import contenders, curves, idx, own_run, report, scaling, training
from benchmarks.arguments import count
from benchmarks.contenders import Contender, task
from benchmarks.measure import Failed, Line, Measured, _resident_mib, environment, measure
from benchmarks.session import Entrant, Session
from mxdigits.data.idx_folder import idx as idx_dataset

ROOT = Path(__file__).parents[2]

# Ratios and tables


@dataclass(frozen=True)
class Run:
    speed: float
    seconds: float
    reached: Optional[float] = None


COLUMNS = [
    report.Column("images/s", lambda run: run.speed, "{:.0f}".format, True),
    report.Column("seconds", lambda run: run.seconds, "{:.1f}".format, False),
    report.Column("threads", lambda run: 2, "{:.0f}".format),
]


def test_a_table_has_medians_and_the_ratios_of_pairs():
    rounds = {
        "mxdigits": [Run(100, 2), Run(200, 4), Run(300, 6)],
        "slower": [Run(50, 4), Run(50, 4), Run(100, 30)],
    }
    assert report.section("Title", COLUMNS, rounds, ["A note."]) == (
        "### Title\n"
        "\n"
        "| contender | images/s | ratio | seconds | ratio | threads |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
        "| mxdigits | 200 | 1 | 4.0 | 1 | 2 |\n"
        "| slower | 50 | 3.00 (2.00 to 4.00) | 4.0 | 2.00 (1.00 to 5.00) | 2 |\n"
        "\n"
        "A note.\n"
    )


def test_a_table_of_one_round_has_no_ranges():
    rounds = {"mxdigits": [Run(100, 2)], "faster": [Run(200, 1)]}
    assert report.section("T", COLUMNS[:1], rounds).splitlines()[-1] == "| faster | 200 | 0.50 |"


def test_who_got_there_only_sometimes_has_no_median_and_no_ratio():
    column = report.Column("to 98%", lambda run: run.reached, "{:.1f}".format, False)
    rounds = {
        "mxdigits": [Run(1, 1, 5.0), Run(1, 1, 6.0)],
        "sometimes": [Run(1, 1, 9.0), Run(1, 1)],
        "always": [Run(1, 1, 10.0), Run(1, 1, 9.0)],
    }
    assert report.section("T", [column], rounds).splitlines()[-3:] == [
        "| mxdigits | 5.5 | 1 |",
        "| sometimes | not reached |  |",
        "| always | 9.5 | 1.75 (1.50 to 2.00) |",
    ]


def test_without_mxdigits_there_is_no_ratio():
    assert report.section("T", COLUMNS[:1], {"alone": [Run(7, 1)]}).splitlines()[-1] == (
        "| alone | 7 |  |"
    )


def test_ratios_compare_with_whoever_is_the_base():
    rounds = {"mxdigits": [Run(100, 2)], "faster": [Run(200, 1)]}
    assert report.section("T", COLUMNS[:1], rounds, base="faster").splitlines()[-2:] == [
        "| mxdigits | 100 | 2.00 |",
        "| faster | 200 | 1 |",
    ]


@pytest.mark.parametrize(
    ("column", "others", "expected"),
    [
        (0, ["slow", "quick"], "images/s: ratio of `own` to the best of the others, `quick`: 0.80"),
        (1, ["slow", "quick"], "seconds: ratio of `own` to the best of the others, `slow`: 1.50"),
        (0, ["gone"], ""),
        (0, [], ""),
    ],
)
def test_the_best_of_the_others_is_named(column, others, expected):
    rounds = {
        "own": [Run(30, 1), Run(40, 2), Run(90, 3)],
        "slow": [Run(10, 3)],
        "quick": [Run(50, 9)],
    }
    assert report.best(COLUMNS[column], rounds, "own", others) == expected


def test_without_the_base_or_where_it_never_got_there_nobody_is_the_best():
    column = report.Column("to 98%", lambda run: run.reached, "{:.1f}".format, False)
    assert report.best(column, {"other": [Run(1, 1, 2.0)]}, "own", ["other"]) == ""
    rounds = {"own": [Run(1, 1)], "other": [Run(1, 1, 2.0)]}
    assert report.best(column, rounds, "own", ["other"]) == ""


def test_a_contender_that_forgets_has_a_cache_of_its_own_each_time(tmp_path, monkeypatch):
    homes = []

    def run(recipe, overrides, *, data, output, work):
        homes.append(work)
        np.savez(output / "predictions.npz", prob=np.eye(10)[np.zeros(10_000, int)])
        return SimpleNamespace(seconds=1.0, peak_mib=1.0), []

    monkeypatch.setattr(own_run, "run", run)
    job = training.Job("mlp", own_run.MNIST, 0, 1)
    who = [Contender("a", "", (), forgets=forgets) for forgets in (False, True, True)]
    for each in who:
        training.train(each, sys.executable, job, tmp_path)
    assert homes[0] == tmp_path
    assert len({*homes}) == 3


def test_results_are_kept_the_newest_first(tmp_path):
    path = tmp_path / "RESULTS.md"
    report.add(path, "## one\n")
    report.add(path, "## two\n")
    assert path.read_text() == f"{report.HEADER}\n## two\n\n## one\n"


def test_a_text_is_put_between_its_markers(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- a -->\nold\n<!-- /a -->\nafter\n")
    report.put(path, "a", "new\n")
    assert path.read_text() == "before\n<!-- a -->\nnew\n<!-- /a -->\nafter\n"
    report.put(path, "b", "other\n")
    assert path.read_text().endswith("after\n<!-- b -->\nother\n<!-- /b -->\n")


def test_a_text_is_put_nowhere_if_the_second_marker_is_missing(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("<!-- a -->\nold\n")
    with pytest.raises(ValueError, match=r"page.md: <!-- a --> is not followed by <!-- /a -->$"):
        report.put(path, "a", "new\n")
    assert path.read_text() == "<!-- a -->\nold\n"


# Data sets of any size


@given(train=st.integers(1, 500), test=st.integers(1, 100))
def test_any_number_of_images(idx_folder, digits, tmp_path_factory, train, test):
    target = tmp_path_factory.mktemp("shifted") / "data"
    made = idx_dataset(path=idx.shifted(idx_folder, target, train=train, test=test))
    for part, wanted, (images, labels) in (
        (made.train, train, digits["train"]),
        (made.test, test, digits["test"]),
    ):
        assert part.images.shape == (wanted, 1, 16, 16)
        assert np.array_equal(part.images[: len(images), 0], images[:wanted])
        assert np.array_equal(part.labels, np.resize(labels[:wanted], wanted))


def test_each_pass_is_another_shift(idx_folder, digits, tmp_path):
    images = idx_dataset(path=idx.shifted(idx_folder, tmp_path / "a", train=400, test=1)).train
    own, left, up = (images.images[begin : begin + 130, 0] for begin in (0, 130, 260))
    assert np.array_equal(own, digits["train"][0])
    assert np.array_equal(left, np.roll(own, (-1, 0), axis=(1, 2)))
    assert np.array_equal(up, np.roll(own, (0, -1), axis=(1, 2)))


# Processes


def python(code: str, work: Path) -> Measured:
    return measure([sys.executable, "-c", code], environment(work))


def test_a_process_is_measured(tmp_path):
    code = "held = bytearray(b'x') * (64 << 20); print('one'); print('two ')"
    found = python(code, tmp_path)
    assert [line.text for line in found.lines] == ["one", "two"]
    assert 0 < found.lines[0].at <= found.lines[1].at <= found.seconds
    assert found.peak_mib > 64


def test_memory_is_that_of_the_moment():
    before = _resident_mib(os.getpid())
    held = bytearray(b"x") * (64 << 20)
    assert 60 < _resident_mib(os.getpid()) - before < 70
    del held


def test_a_failure_is_told_by_its_last_line(tmp_path):
    with pytest.raises(Failed) as caught:
        python("raise SystemExit('first\\nlast')", tmp_path)
    assert str(caught.value) == "exit code 1: last"
    with pytest.raises(Failed) as caught:
        python("raise SystemExit(3)", tmp_path)
    assert str(caught.value) == "exit code 3: nothing on stderr"


def test_tuning_is_kept_out_of_the_environment(tmp_path, monkeypatch):
    for name in ("OMP_NUM_THREADS", "MXNET_ENGINE_TYPE", "GOMP_SPINCOUNT", "TORCH_LOGS"):
        monkeypatch.setenv(name, "7")
    monkeypatch.setenv("KEPT", "yes")
    alone = environment(tmp_path)
    assert alone["KEPT"] == "yes"
    assert "7" not in alone.values()
    assert environment(tmp_path, 2)["OMP_NUM_THREADS"] == "2"


# Contenders and turns


def test_contenders_are_named_once_and_have_their_file():
    for group in (contenders.TRAINING, contenders.PREDICTION):
        names = [contender.name for contender in group]
        assert len(set(names)) == len(names)
        assert names[0] == report.BASE
        for contender in group:
            if contender.script:
                assert (ROOT / "benchmarks/contenders" / f"{contender.script}.py").is_file()


def test_the_peers_are_what_their_file_installs():
    lines = (ROOT / "benchmarks/peers.txt").read_text().splitlines()
    listed = {line.partition("==")[0] for line in lines if not line.startswith(("#", "-"))}
    group = (*contenders.TRAINING, *contenders.PREDICTION)
    assert listed == {module for who in group if who.peer for module in who.needs}


@pytest.mark.parametrize("network", task.NETWORKS)
def test_mxdigits_trains_what_everyone_else_trains(network):
    recipe = yaml.safe_load((ROOT / own_run.recipe_file(network)).read_text(encoding="utf-8"))
    assert recipe["data"] == {"name": "mnist", "batch_size": task.BATCH}
    assert recipe["optimizer"] == {"name": "sgd", "learning_rate": task.LEARNING_RATE}
    assert not recipe.keys() & {"augmentation", "schedule", "extends"}


def test_the_quick_recipe_is_for_lenet_alone():
    (quick,) = (who for who in contenders.TRAINING if who.name == "mxdigits_quick")
    assert [quick.trains(network) for network in ("mlp", "lenet", "resnet20")] == [
        False,
        True,
        False,
    ]
    assert all(who.trains("resnet20") for who in contenders.TRAINING if who is not quick)


def session(tmp_path: Path, **settings: object) -> Session:
    given = {"contenders": None, "rounds": 2, "peers_python": sys.executable, **settings}
    return Session(SimpleNamespace(**given), tmp_path)


def test_who_cannot_be_imported_is_skipped_by_name(tmp_path):
    ours = session(tmp_path)
    known, unknown = Contender("known", "here", ("json",)), Contender("gone", "not", ("no_such",))
    assert [who.name for who, _ in ours.entrants([known, unknown])] == ["known"]
    assert ours.skipped == {
        "gone": "exit code 1: ModuleNotFoundError: No module named 'no_such'",
    }


def test_only_who_was_asked_for_takes_part(tmp_path):
    ours = session(tmp_path, contenders=["two"])
    both = [Contender(name, "", ("json",)) for name in ("one", "two")]
    assert [who.name for who, _ in ours.entrants(both)] == ["two"]


def test_all_take_turns_and_who_fails_is_out(tmp_path):
    ours, order = session(tmp_path), []

    def measured(contender, interpreter):
        order.append(contender.name)
        if order == ["one", "two"]:
            raise Failed("it broke")
        return len(order)

    entrants = [Entrant(Contender(name, "", ()), "python") for name in ("one", "two", "three")]
    assert ours.in_turn("T", entrants, measured) == {"one": [1, 4], "three": [3, 5]}
    assert order == ["one", "two", "three", "one", "three"]
    assert ours.skipped == {"two (T)": "it broke"}


# Trainings


def test_epochs_are_read_from_what_a_contender_prints():
    said = {"seconds": 2.0, "train_accuracy": 0.5, "test_accuracy": 0.75}
    lines = [Line(1.0, 10.0, "a warning"), Line(3.5, 20.0, json.dumps(said))]
    assert training._printed_epochs(lines) == [own_run.Epoch(3.5, 20.0, 2.0, 0.5, 0.75)]


def test_epochs_are_read_from_the_history_of_a_run(tmp_path):
    folder = tmp_path / "mlp" / "20260101T000000Z-000000"
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text(
        "epoch,seconds,train_accuracy,validation_accuracy\n0,2.5,0.5,0.75\n1,1.5,0.625,0.875\n"
    )
    lines = [
        Line(1.0, 10.0, "context: cpu(0)"),
        Line(4.0, 20.0, "Epoch[0] Validation-accuracy=0.750000"),
        Line(6.0, 30.0, "Epoch[1] Validation-accuracy=0.875000"),
    ]
    assert own_run._epochs(Measured(7.0, 40.0, lines), tmp_path) == [
        own_run.Epoch(4.0, 20.0, 2.5, 0.5, 0.75),
        own_run.Epoch(6.0, 30.0, 1.5, 0.625, 0.875),
    ]


def test_a_recipe_that_is_not_there(tmp_path):
    with pytest.raises(Failed) as caught:
        own_run.run("no_such", [], data=own_run.MNIST, output=tmp_path, work=tmp_path)
    assert str(caught.value) == "there is no recipes/no_such.yaml"


def test_speed_is_that_of_the_median_epoch():
    epochs = [
        own_run.Epoch(at, 0.0, seconds, 0.0, accuracy)
        for at, seconds, accuracy in ((6.0, 4.0, 0.9), (8.0, 1.0, 0.98), (10.0, 2.0, 0.97))
    ]
    done = training.Training(12.0, 300.0, 0.97, 1000, epochs)
    assert done.throughput == 500
    assert done.seconds_to(0.98) == 8.0
    assert done.seconds_to(0.99) is None
    assert str(done) == "500 images/s, 12.00 s, 300 MiB, accuracy 0.9700"


# Scaling


@given(
    networks=st.lists(st.sampled_from(sorted(scaling.LOADS)), min_size=1, unique=True),
    threads=st.lists(st.integers(1, 64), min_size=1, max_size=3, unique=True),
    limit=st.integers(1000, 2_000_000),
)
def test_a_plan_keeps_to_its_limits(networks, threads, limit):
    made = scaling.plan(networks, threads, limit)
    every = list(made)
    assert len(every) == len(set(every))
    assert set(every) == {*made.by_batch, *made.by_size, *made.long}
    assert {point.threads for point in made.by_batch} == set(threads)
    for point in every:
        assert point.batch <= point.images <= limit
        assert scaling.LEAST_EPOCHS <= point.epochs <= scaling.MOST_EPOCHS
        assert point.images <= scaling.LOADS[point.network].most_images


def test_a_plan_holds_all_sizes_that_are_promised():
    made = scaling.plan(["mlp", "lenet"], [1, 2], 1_000_000)
    mlp = [p for p in made.by_size if (p.network, p.threads) == ("mlp", 1)]
    assert [point.images for point in mlp] == [1000, 10_000, 100_000, 1_000_000]
    lenet = [p for p in made.by_batch if (p.network, p.threads) == ("lenet", 2)]
    assert [point.batch for point in lenet] == [10, 32, 100, 320, 1000, 3200, 10_000]


def curves_of(failing: int) -> curves.Scaling:
    plan = scaling.plan(["mlp"], [2], 1000)
    found = {
        point: scaling.Found(1000.0 * point.batch, 200.0, (150.0,) * point.epochs)
        for point in plan
        if point.batch != failing
    }
    return scaling.gathered(plan, found)


def test_what_failed_has_no_place_in_the_curves():
    assert curves_of(failing=320).speed_by_batch == {
        "MLP, 2 threads": {10: 10_000.0, 32: 32_000.0, 100: 100_000.0, 1000: 1_000_000.0}
    }


def test_the_scaling_tables():
    made = curves.Scaling(
        speed_by_batch={"a": {10: 1.4, 100: 12345.0}, "b": {100: 7.0}},
        speed_by_size={"a": {1000: 5.0}},
        peak_by_size={"a": {1000: 200.0}, "b": {1_000_000: 950.0}},
        resident_by_epoch={"a": {epoch: 100.0 + epoch for epoch in range(1, 7)}},
    )
    assert curves.tables(made, ["a fact"], "s.svg") == (
        "\n"
        "- a fact\n"
        "\n"
        "![Speed by batch size and by data size, memory by data size and by epoch](s.svg)\n"
        "\n"
        "Images/s inside an epoch, by batch size:\n"
        "\n"
        "| batch size | a | b |\n"
        "| --- | ---: | ---: |\n"
        "| 10 | 1 |  |\n"
        "| 100 | 12,345 | 7 |\n"
        "\n"
        "Images/s inside an epoch, by the number of training images, batches of 100:\n"
        "\n"
        "| images | a |\n"
        "| --- | ---: |\n"
        "| 1,000 | 5 |\n"
        "\n"
        "Peak memory of the process in the same runs, MiB:\n"
        "\n"
        "| images | uint8 images alone | a | b |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| 1,000 | 1 | 200 |  |\n"
        "| 1,000,000 | 748 |  | 950 |\n"
        "\n"
        "Resident memory after each epoch, MiB:\n"
        "\n"
        "| epoch | a |\n"
        "| --- | ---: |\n"
        "| 1 | 101 |\n"
        "| 2 | 102 |\n"
        "| 5 | 105 |\n"
        "\n"
    )


def test_the_plot_is_the_same_bytes_again(tmp_path):
    pytest.importorskip("matplotlib")
    from benchmarks import plot

    for name in ("one.svg", "two.svg"):
        plot.draw(curves_of(failing=0), tmp_path / name)
    drawn = (tmp_path / "one.svg").read_bytes()
    assert drawn == (tmp_path / "two.svg").read_bytes()
    for text in ("Speed by batch size", "MLP, 2 threads", "uint8 images alone", "Memory after"):
        assert text.encode() in drawn


# The command line


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many"])
def test_no_number(text):
    with pytest.raises(Exception, match=f"^{text} is no number from 1 on$"):
        count(text)


@pytest.mark.mxnet
def test_a_small_benchmark_from_its_start_to_its_table(tmp_path):
    output = tmp_path / "RESULTS.md"
    options = ["--tables", "training", "--networks", "mlp", "--contenders", "mxdigits", "gluon"]
    options += ["--rounds", "1", "--epochs", "2", "--limit", "200", "--threads", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *options, "--output", str(output)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    text = output.read_text()
    assert "### Training mlp, 2 epochs of 200 images\n" in text
    assert "skipped" not in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows] == ["| contender", "| ---", "| mxdigits", "| gluon"]
    assert {len(row) for row in rows} == {8}
