"""Learning from corrections: what the new run is made from, what is measured, and how."""

from __future__ import annotations

import inspect
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mxdigits.cli.commands import learn as cli_learn
from mxdigits.data.hold_out import hold_out
from mxdigits.errors import DataError, RecipeError, UsageError
from mxdigits.experiment.learning import LearningRequest
from mxdigits.experiment.learning import learn as learn_from
from mxdigits.experiment.preparation.named_runs import with_runs_found
from mxdigits.experiment.preparation.prepare import prepare
from mxdigits.predict.networks import network_path
from mxdigits.predict.run_data import RunData
from mxdigits.recipe.schema import Recipe
from mxdigits.report.outcome import LeftOut, Outcome
from mxdigits.report.significance import McNemar, mcnemar

pytestmark = pytest.mark.mxnet


# What a mix means to a run


def test_held_out_images_are_of_the_first_part(idx_folder):
    own = {"name": "idx", "path": str(idx_folder)}
    data = {"name": "mix", "batch_size": 10, "parts": [own, {**own, "repeat": 3}]}
    recipe = Recipe.make(model="mlp", data=data, validation=30)
    prepared = prepare(recipe, (), lambda text: None)
    learn, held = hold_out(130, 30, recipe.seed)
    assert np.array_equal(prepared.validation.images, prepared.dataset.train.images[held])
    assert np.array_equal(prepared.train.images[:100], prepared.dataset.train.images[learn])
    assert len(prepared.train) == 100 + 3 * 130


def test_other_data_are_read_as_the_first_part_of_a_mix(tmp_path):
    inner = {"name": "mix", "parts": [{"name": "idx", "path": "/a", "transpose": True}, "mnist"]}
    said = []
    data = RunData("mix", {"parts": [inner, {"name": "folder", "path": "/b"}]}, (), said.append)
    assert data.transposed
    (tmp_path / "train-images-idx3-ubyte").touch()
    with pytest.raises(DataError):
        data.load(str(tmp_path))
    assert said == [f"{tmp_path} is read with the options of the run's data: transpose=true"]


def test_the_paths_of_parts_are_written_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    mine = {"name": "folder", "path": "mine"}
    parts = ["mnist", mine, {"name": "mix", "parts": [mine, {**mine, "path": "nowhere"}]}]
    recipe = Recipe.make(model="mlp", data={"name": "mix", "parts": parts}).with_full_paths()
    full = {**mine, "path": str(tmp_path / "mine")}
    inner = {"name": "mix", "parts": [full, {**mine, "path": "nowhere"}]}
    assert recipe.data.options["parts"] == ["mnist", full, inner]
    assert recipe.with_full_paths() == recipe == Recipe.parse(recipe.dump())


def test_a_mix_has_images_to_watch_where_its_first_part_has():
    def made(*parts):
        data = {"name": "mix", "parts": list(parts)}
        return Recipe.make(model="mlp", data=data, callbacks=["early_stopping"])

    mine = {"name": "folder", "path": "mine"}
    made(mine, "mnist")  # whether it has a part val is seen when it is read
    with pytest.raises(RecipeError) as caught:
        made("mnist", mine)
    assert str(caught.value) == (
        "callbacks.0: watches validation_loss, and no images are held out for it; "
        "write validation: 0.1"
    )


# What it came to


def outcome(only_first=3, only_second=5, left_out=None, images=10_000) -> Outcome:
    first, second = (np.ones(images, bool) for _ in range(2))
    second[:only_first] = False
    first[only_first : only_first + only_second] = False
    return Outcome(mcnemar(first, second), 28, 2, 27, left_out)


def of_others(without: int, after: int, p: float) -> LeftOut:
    return LeftOut(25, 1, without, after, McNemar(0, 0, 0, 0, p, True))


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (None, "Whether similar digits are read better was not measured."),
        (
            of_others(4, 17, 0.0123),
            "Similar digits are read better: of 25 corrections that were left out, 17 were read "
            "right after learning from the others, and 4 after learning from none "
            "(McNemar's test, exact: p = 0.012).",
        ),
        (
            of_others(4, 6, 0.5),
            "Whether similar digits are read better is not clear: of 25 corrections that were "
            "left out, 6 were read right after learning from the others, and 4 after learning "
            "from none (McNemar's test, exact: p = 0.500).",
        ),
        (
            of_others(17, 4, 0.0001),
            "Similar digits are read worse: of 25 corrections that were left out, 4 were read "
            "right after learning from the others, and 17 after learning from none "
            "(McNemar's test, exact: p < 0.001).",
        ),
    ],
)
def test_what_is_said_of_other_digits(left_out, said):
    assert list(outcome(left_out=left_out).sentences()) == [
        "Corrections learnt: 27 of 28; right before: 2.",
        said,
        "The network kept what it knew: on the run's 10000 test images the accuracy was 0.9995 "
        "and is "
        "0.9997 (McNemar's test, exact: p = 0.727).",
    ]


@pytest.mark.parametrize(
    ("only_first", "only_second", "images", "harm"),
    [
        (0, 0, 10_000, False),
        (30, 20, 10_000, False),
        (31, 20, 10_000, True),  # more than a thousandth
        (6, 0, 10_000, True),  # significant
        (0, 6, 10_000, False),
        (1, 0, 46, False),
        (2, 0, 46, True),
    ],
)
def test_harm_is_said(only_first, only_second, images, harm):
    found = outcome(only_first, only_second, images=images)
    assert found.harm == harm
    *_, last = found.sentences()
    assert last.startswith(
        "The network forgot some of what it knew: " if harm else "The network kept what it knew"
    )
    assert last.endswith(" --share or optimizer.learning_rate.") == harm


def test_the_table():
    assert outcome(left_out=of_others(4, 17, 0.01)).rows() == [
        ["test images of the run", "10000", "0.9995", "-", "0.9997"],
        ["corrections learnt from", "28", "0.0714", "-", "0.9643"],
        ["corrections left out", "25", "0.0400", "0.1600", "0.6800"],
    ]


# From the command line


@pytest.fixture(scope="module")
def bars(idx_folder, tmp_path_factory):
    """A run that knows level bars, and upright ones as corrections, which it has wrong."""
    from mxdigits.experiment.run import run

    home = tmp_path_factory.mktemp("bars")
    data = {"name": "idx", "path": str(idx_folder), "batch_size": 10}
    optimizer = {"name": "sgd", "learning_rate": 0.1}
    recipe = Recipe.make(name="bars", model="mlp", data=data, optimizer=optimizer, epochs=6)
    folder = run(recipe, output=home, report=False).folder.path
    return folder, home


def upright(home: Path, counts: dict[int, int]) -> Path:
    """Pictures, light on dark, of an upright bar at a place a class, as ``serve`` keeps them."""
    random = np.random.default_rng(3)
    for label in range(4):
        (home / "train" / str(label)).mkdir(parents=True)
        for i in range(counts.get(label, 0)):
            image = random.integers(0, 60, (16, 16)).astype(np.uint8)
            image[2:14, 4 * label : 4 * label + 3] = 230
            Image.fromarray(255 - image).save(home / "train" / str(label) / f"{i}.png")
    return home


def learn(mxdigits, run, corrections, *more):
    """The lines of a run of the verb; the overrides are what such few images need."""
    strong = ("optimizer.learning_rate=0.1", "epochs=12", "--share", "0.3", "--no-report")
    done = mxdigits("learn", run, corrections, *strong, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def the_run(tmp_path) -> Path:
    (found,) = (tmp_path / "runs" / "bars").iterdir()
    return found


def test_a_run_learns_and_keeps_what_it_knew(bars, mxdigits, tmp_path):
    run, _ = bars
    lines = learn(mxdigits, run, upright(tmp_path / "mine", {0: 6, 1: 6, 2: 1, 3: 5}))
    new = the_run(tmp_path)
    assert lines[0] == (
        "there is only one picture of 2: it is learnt from, and not left out to measure what "
        "corrections gain"
    )
    assert lines[1:7] == [
        "measuring what corrections gain: training 1 of 6, without corrections",
        *(
            f"training {i} of 6: {4 if i < 4 else 3} of 17 corrections left out"
            for i in range(2, 7)
        ),
    ]
    rows = [line.split() for line in lines[-9:-5]]
    assert rows[0] == ["accuracy", "on", "images", "before", "without", "after"]
    assert rows[1][-4:-3] == ["46"]
    assert float(rows[1][-1]) >= float(rows[1][-3]) - 0.03
    assert (rows[2][-4], rows[2][-1]) == ("18", "1.0000")
    assert rows[3][-4] == "17"
    assert float(rows[3][-1]) > float(rows[3][-2])
    assert lines[-4].startswith("Corrections learnt: 18 of 18; ")
    assert lines[-3].startswith("Similar digits are read better: ")
    assert " of 17 corrections that were left out, " in lines[-3]
    assert lines[-1] == f"run: runs/bars/{new.name}"

    record = json.loads((new / "run.json").read_text())
    assert record["init"]["run"] == str(run.resolve())
    assert record["data"]["parts"] == [
        {"name": "idx", "images": 130, "taken": 130},
        {"name": "folder", "images": 18, "taken": 56},
    ]
    assert len(record["data"]["sha256"]) == 5  # of the corrections only what is learnt from
    assert [each["name"] for each in record["plugins"]["parts"]] == ["idx", "folder"]
    assert record["learning"]["part"]["path"] == str(tmp_path / "mine")
    assert record["learning"]["learnt"] == 18
    assert record["learning"]["left_out"]["images"] == 17

    # A run like any other
    assert mxdigits("run", new / "recipe.yaml", "--no-report", "-o", "again").returncode == 0
    (again,) = (tmp_path / "again" / "bars").iterdir()
    assert (again / "predictions.csv").read_bytes() == (new / "predictions.csv").read_bytes()
    longer = mxdigits("resume", new, "--epochs", 13, "--no-report")
    assert longer.returncode == 0, longer.stderr
    assert json.loads((new / "run.json").read_text())["learning"]["learnt"] == 18

    # Its test images are those of the first run, whatever becomes of the corrections.
    shutil.rmtree(tmp_path / "mine")
    for arguments in (("score", new), ("report", new), ("compare", run, new)):
        done = mxdigits(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert "corrections learnt from" in (new / "report.html").read_text()
    gone = mxdigits("score", new, "--split", "train")
    assert (gone.returncode, gone.stderr) == (
        3,
        f"error: the data of {new} are no longer at {tmp_path}/mine; put them or a link to them "
        "there (score, predict, errors and explain take --data too)\n",
    )


def test_what_is_noted_of_corrections_is_said_once_and_before_all_else(bars, mxdigits, tmp_path):
    mine = upright(tmp_path / "mine", {0: 3, 1: 3})
    (mine / "train" / "0" / "notes.txt").write_text("mine")
    lines = learn(mxdigits, bars[0], mine)
    (noted,) = [i for i, line in enumerate(lines) if "passed over" in line]
    assert noted < lines.index("training 2 of 6: 2 of 6 corrections left out")


def test_corrections_of_other_classes(bars, mxdigits, tmp_path):
    mine = upright(tmp_path / "mine", {0: 3, 1: 3})
    (mine / "train" / "0").rename(mine / "train" / "a")
    done = mxdigits("learn", bars[0], mine)
    assert (done.returncode, done.stderr) == (
        3,
        "error: corrections (folder): 'a' is none of the classes 0, 1, 2, 3\n",
    )


def test_where_no_run_can_be_made_nothing_is_measured(bars, mxdigits, tmp_path):
    mine = upright(tmp_path / "mine", {0: 3, 1: 3})
    (tmp_path / "runs").write_text("a file")
    done = mxdigits("learn", bars[0], mine)
    assert done.returncode == 3
    assert "measuring" not in done.stdout
    assert done.stderr.startswith("error: cannot make the run folder runs/bars/")


def test_one_correction_is_enough(bars, mxdigits, tmp_path):
    lines = learn(mxdigits, bars[0], upright(tmp_path / "mine", {1: 1}))
    assert lines[0].endswith(": passed over 3 folders without pictures (train/0, train/2, train/3)")
    assert lines[1].startswith("there is only one picture of 1: ")
    assert not any(line.startswith("measuring") for line in lines)
    assert lines[-4].startswith("Corrections learnt: 1 of 1; ")
    assert lines[-3] == "Whether similar digits are read better was not measured."


def test_pictures_to_test_with_are_never_learnt_from(bars, mxdigits, tmp_path):
    mine = upright(tmp_path / "mine", {0: 6, 1: 6})
    shutil.copytree(upright(tmp_path / "test", {0: 9, 1: 8, 2: 0}) / "train", mine / "test")
    lines = learn(mxdigits, bars[0], mine)
    assert "training 2 of 2: 17 of 17 corrections left out" in lines
    assert lines[-6].split()[:4] == ["corrections", "left", "out", "17"]
    record = json.loads((the_run(tmp_path) / "run.json").read_text())
    assert record["data"]["parts"][1]["images"] == 12


def test_what_has_learnt_starts_again_from_the_first(bars, mxdigits, tmp_path):
    run, _ = bars
    mine = upright(tmp_path / "mine", {0: 2, 1: 2})
    learn(mxdigits, run, mine, "--folds", 0)
    new = the_run(tmp_path)
    lines = learn(mxdigits, new, mine, "-o", "again")
    assert lines[0] == (
        f"{new} has learnt from these corrections: starting from {run.resolve()}, as it did"
    )
    (again,) = (tmp_path / "again" / "bars").iterdir()
    assert (again / "predictions.csv").read_bytes() == (new / "predictions.csv").read_bytes()


def test_the_data_of_a_run_are_no_corrections_of_it(bars, mxdigits, tmp_path):
    run, _ = bars
    record = json.loads((run / "run.json").read_text())
    path = record["data"]["options"]["path"]
    done = mxdigits("learn", run, path)
    assert (done.returncode, done.stderr) == (
        2,
        f"error: corrections: {path} is what {run} was trained on; name pictures that it has not "
        f"learnt from, or train it further by mxdigits resume {run} --epochs 9\n",
    )


def test_data_whose_classes_are_now_in_another_order(bars, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(bars[0], run)
    record = json.loads((run / "run.json").read_text())
    record["network"]["classes"].reverse()
    (run / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError) as caught:
        learn_from(
            run, LearningRequest(str(upright(tmp_path / "mine", {1: 1}))), output=tmp_path / "runs"
        )
    assert str(caught.value) == (
        f"the classes of the data that {run} was trained on are now 0, 1, 2, 3; "
        "its network knows 3, 2, 1, 0, in that order"
    )
    assert not (tmp_path / "runs").exists()


def test_the_command_line_has_the_defaults_of_the_library():
    """It names them again, so that ``--help`` shows them and need not import what has them."""
    given = inspect.signature(cli_learn.learn).parameters
    request = LearningRequest("mine")
    assert (given["share"].default, given["folds"].default) == (request.share, request.folds)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--share", 1), "share: must be a number between 0 and 1, got 1.0"),
        (("--folds", 1), "folds: must be 0, or at least 2, got 1"),
    ],
)
def test_options_that_are_wrong(bars, mxdigits, tmp_path, arguments, message):
    done = mxdigits("learn", bars[0], upright(tmp_path / "mine", {1: 1}), *arguments)
    assert (done.returncode, done.stderr) == (2, f"error: {message}\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("command", "where"), [(["learn", "sent", "mine"], ""), (["run", "mlp", "init=sent"], "init: ")]
)
def test_a_network_in_one_file_is_not_trained_further(command, where, mxdigits_process, tmp_path):
    site, path = tmp_path / "site", tmp_path / "sent.onnx"
    path.touch()
    (site / "sent-1.dist-info").mkdir(parents=True)
    (site / "sent-1.dist-info" / "METADATA").write_text("Name: sent\nVersion: 1\n")
    (site / "sent-1.dist-info" / "entry_points.txt").write_text(
        "[mxdigits.networks]\nsent = sent:network\n"
    )
    (site / "sent.py").write_text(f"def network(): return {str(path)!r}")
    done = mxdigits_process(*command, PYTHONPATH=str(site))
    message = f"error: {where}{path} only predicts; name a run to train on from\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_the_network_on_board_learns_like_a_run(mxdigits, tmp_path):
    """To its first message alone: with its own recipe it takes minutes."""
    done = mxdigits("learn", "digits", "mine")
    assert done.stderr.startswith("error: there is no folder mine; write a folder of pictures")
    recipe = Recipe.make(model="mlp", init="digits")
    found = with_runs_found(recipe, print).init
    assert Path(found).name == "digits"


@pytest.mark.parametrize("keys", [{"init": "~/mine"}, {"teacher": "~/mine"}], ids=list)
def test_the_runs_that_a_recipe_names_may_lie_below_the_home(tmp_path, monkeypatch, keys):
    (tmp_path / "mine").symlink_to(network_path("digits"))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = with_runs_found(Recipe.make(model="mlp", **keys), print)
    assert (found.init or found.teacher.run) == str(tmp_path / "mine")
