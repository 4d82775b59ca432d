"""A run repeated: what is equal, what differs and why, and what was installed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from refusals import refusal

from mxdigits.errors import NotReproduced, UsageError
from mxdigits.experiment.records.requirements import requirements_of
from mxdigits.experiment.reproduction import Reproduction, Row, reproduce
from mxdigits.experiment.run import run
from mxdigits.recipe.schema import Recipe
from mxdigits.report.significance import McNemar

pytestmark = pytest.mark.mxnet


@pytest.fixture(scope="module")
def finished(idx_folder, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "bars.yaml"
    recipe.write_text(
        f"model: mlp\ndata: {{name: idx, path: {idx_folder}, batch_size: 10}}\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\nepochs: 4\npredictions: [csv, npz]\n"
    )
    return run(Recipe.load(str(recipe)), output=folder, report=False).folder.path


@pytest.fixture
def copied(finished, tmp_path) -> Path:
    """A copy of the run, to be changed."""
    return Path(shutil.copytree(finished, tmp_path / "bars" / finished.name))


def change(path: Path, **keys) -> None:
    file = path / "run.json"
    record = json.loads(file.read_text())
    for key, value in keys.items():
        record.pop(key) if value is None else record.update({key: value})
    file.write_text(json.dumps(record))


@pytest.fixture(scope="module")
def repeated(finished, tmp_path_factory) -> Reproduction:
    return reproduce(finished, output=tmp_path_factory.mktemp("again"), report=False)


def test_the_same_environment_gives_the_same_bits(repeated):
    assert repeated.same_bits
    assert [row.cells() for row in repeated.results[:2]] == [
        ("weights", "6 arrays", "the same bits", "yes"),
        ("epochs, by loss and accuracy", "4", "4 the same", "yes"),
    ]
    files = {row.what: row.equal for row in repeated.files}
    assert files.pop("recipe.yaml") is True
    assert set(files) == {
        "model-0000.params",
        "model-symbol.json",
        "predictions.csv",
        "predictions.npz",
    }
    assert files["predictions.csv"]
    assert files["predictions.npz"]
    assert {"mxnet", "numpy", "threads", "processor", "backend"} <= {
        row.what for row in repeated.environment if row.equal
    }
    assert next(repeated.sentences()) == "The same bits came out."
    repeated.check()


def test_what_differs_is_said(copied, tmp_path):
    record = json.loads((copied / "run.json").read_text())
    versions = {**record["versions"], "numpy": "1.0"}
    installed = {**record["installed"]["distributions"], "numpy": "1.0", "gone": "2"}
    change(copied, versions=versions, installed={"distributions": installed})
    done = reproduce(copied, output=tmp_path / "again", report=False)
    differing = [row for row in done.environment if not row.equal]
    assert [row.what for row in differing] == ["numpy", "gone"]
    assert (differing[0].then, differing[1].now) == ("1.0", "–")
    assert next(done.sentences()).startswith(
        "The same bits came out, although these differ: numpy (1.0, now "
    )


def test_another_recipe_gives_other_bits(finished, tmp_path):
    done = reproduce(
        finished, ["epochs=1", "optimizer.learning_rate=0.0001"], output=tmp_path, report=False
    )
    assert not done.same_bits
    assert next(done.sentences()) == (
        "Other bits came out of another recipe: recipe.epochs (4, now 1); "
        "recipe.optimizer.learning_rate (0.1, now 0.0001)."
    )
    told = refusal(NotReproduced, done.check)
    assert told.startswith(f"the accuracy was 1.0000 and is {done.accuracies[1]:.4f} here, a ")
    assert NotReproduced.exit_code == 4


def test_words_for_every_outcome(repeated):
    odd = Row("threads", "2", "1", False)
    bits = (Row("weights", "6 arrays", "0 the same bits", False),)
    file = (Row("recipe.yaml", "a", "b", False),)
    cases = [
        (
            {"files": file},
            [
                "The same bits came out.",
                "These files have the same content in another form: recipe.yaml.",
            ],
        ),
        (
            {"results": bits, "environment": (odd,)},
            [
                "Other bits came out. What differs may be why: threads (2, now 1). Each of these "
                "can change the order in which numbers are added, and so their last digits."
            ],
        ),
        (
            {"results": bits, "environment": ()},
            [
                "Other bits came out, and nothing that is recorded differs: a GPU, or a plugin, "
                "may add or draw in another order each time."
            ],
        ),
    ]
    for changes, told in cases:
        assert list(replace(repeated, **changes).sentences())[: len(told)] == told


def test_a_small_difference_is_no_failure(repeated):
    replace(repeated, test=McNemar(40, 3, 1, 2, 0.6, True)).check()


def test_a_run_that_does_not_say_what_was_installed(copied, tmp_path):
    change(copied, installed=None, resumed=[{"at": "x", "from": "y"}])
    done = reproduce(copied, output=tmp_path / "again", report=False)
    assert done.notes == (
        "What else was installed then is not known: run.json does not say.",
        "The run was resumed once; its repetition was not interrupted.",
    )
    assert refusal(UsageError, requirements_of, copied).startswith(
        f"{copied} does not say what was installed: the mxdigits that made it did not record it; "
        f"it only says: mxdigits "
    )


def test_only_a_finished_run_is_repeated(copied):
    change(copied, state="interrupted")
    told = refusal(UsageError, reproduce, copied)
    assert told == f"{copied} is interrupted: only a finished run can be reproduced"


def test_the_requirements(copied):
    distributions = {"numpy": "1.26.4", "mxdigits": "0.1.0", "odd": "1\n-r x", "-e x": "1"}
    installed = {"distributions": distributions, "from_files": ["mxdigits"], "left_out": 3}
    record = json.loads((copied / "run.json").read_text())
    change(copied, installed=installed)
    assert requirements_of(copied).splitlines() == [
        f"# What was installed when the run bars/{copied.name} began.",
        f"# Python {record['versions']['python']}, {record['device']['platform']}",
        "# mxdigits 0.1.0 came from a folder or a file; install it from there.",
        "# 3 more were installed and not recorded.",
        "numpy==1.26.4",
    ]


def test_the_command_line(finished, mxdigits, tmp_path):
    done = mxdigits("reproduce", finished, "--no-report", "-o", "again")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert ["weights", "6", "arrays", "the", "same", "bits", "yes"] in [s.split() for s in lines]
    assert "The same bits came out." in lines
    assert lines[-1].startswith("run: again/bars/")
    other = mxdigits(
        *("reproduce", finished, "epochs=1", "optimizer.learning_rate=0.0001", "--no-report")
    )
    assert other.returncode == 4
    assert other.stderr.splitlines()[-1].startswith("error: the accuracy was 1.0000 and is ")
    written = mxdigits("reproduce", finished, "--environment", "lock.txt")
    assert written.stdout == "environment: lock.txt\n"
    assert "\nnumpy==" in (tmp_path / "lock.txt").read_text()
    again = mxdigits("reproduce", finished, "--environment", "lock.txt")
    assert (again.returncode, again.stderr) == (
        3,
        "error: lock.txt is there already; --force replaces it\n",
    )
