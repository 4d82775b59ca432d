"""What the shell offers when a word is completed, and that it need not wait for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import pytest

from mxdigits.cli import main, recipe_completion
from mxdigits.recipe.schema import Recipe
from mxdigits.recipe.sections import CheckpointPolicy, DataOptions, Loss


@pytest.fixture
def home(tmp_path):
    """A folder with a recipe and runs."""
    (tmp_path / "mine.yaml").write_text(
        "extends: mlp\nmodel: {name: mlp, hidden: [3]}\nepochs: 4\n"
    )
    (tmp_path / "notes.txt").touch()
    for name in ("mlp/20260102T000000Z-aaaaaa", "mlp/20260101T000000Z-bbbbbb", "bars/1"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "recipe.yaml").write_text("model: lenet\nschedule: step\n")
    (tmp_path / "runs" / "empty" / "folder").mkdir(parents=True)
    (tmp_path / "runs" / "bars" / "seeds.json").touch()
    return tmp_path


def asked(line):
    """How bash asks for the last of some words."""
    words = ["mxdigits", *line.split(" ")]
    return {
        "MXDIGITS_PLUGINS": "",
        "_MXDIGITS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }


@pytest.fixture
def complete(home):
    """Complete a line as bash does: (what is offered, what was imported)."""

    def complete(line):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "mxdigits"],
            cwd=home,
            env={**os.environ, **asked(line)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        return done.stdout.split(), imported

    return complete


@pytest.fixture
def complete_here(home, monkeypatch, capsys):
    """The same without a process of its own: what is offered."""

    def complete(line):
        monkeypatch.chdir(home)
        for name, value in asked(line).items():
            monkeypatch.setenv(name, value)
        with contextlib.suppress(SystemExit):
            main([])
        return capsys.readouterr().out.split()

    return complete


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ru", ["run", "runs"]),
        ("run m", ["mlp", "mine.yaml"]),
        ("check --diff m", ["mlp", "mine.yaml"]),
        ("run lenet_", ["lenet_gpu", "lenet_quick"]),
        ("run lenet epo", ["epochs=10"]),
        ("run mine.yaml epo", ["epochs=4"]),
        ("run lenet pre", ["precision=", "predictions="]),
        ("run lenet --set see", ["seed=42"]),
        (
            "run lenet optimizer=ad",
            ["optimizer=" + n for n in ["adagrad", "adadelta", "adam", "adamax"]],
        ),
        ("run lenet optimizer = adam", ["adam", "adamax"]),
        ("run lenet optimizer.le", ["optimizer.learning_rate=0.1"]),
        ("check mine.yaml model.hid", ["model.hidden=[3]"]),
        ("run lenet model.dr", ["model.dropout=0.0"]),
        ("run lenet model.classes", []),
        ("resume runs/bars/1 schedule.fa", ["schedule.factor=0.1"]),
        ("run nope epo", ["epochs=10"]),
        ("run lenet --format j", ["jsonl"]),
        ("score ", ["bars", "mlp", "digits"]),
        ("report m", ["mlp"]),
        (
            "compare runs/m",
            ["runs/mlp/20260101T000000Z-bbbbbb", "runs/mlp/20260102T000000Z-aaaaaa"],
        ),
        ("compare runs/b", ["runs/bars/1", "runs/bars/seeds.json"]),
        ("compare runs/bars/s", ["runs/bars/seeds.json"]),
        ("runs rm runs/b", ["runs/bars/1"]),
        ("runs show runs/mlp/20260102", ["runs/mlp/20260102T000000Z-aaaaaa"]),
        ("score mlp --backend o", ["onnx"]),
        ("predict mlp --data i", ["idx"]),
        ("models show le", ["lenet"]),
        ("models show lenet dr", ["dropout=0.0"]),
        ("datasets show id", ["idx"]),
        ("networks show d", ["digits"]),
        ("export mlp --format to", ["torch"]),
        ("sweep lenet_", ["lenet_gpu", "lenet_quick"]),
        ("sweep lenet optimizer.le", ["optimizer.learning_rate=0.1"]),
        ("sweep lenet epochs=1..3 see", ["seed=42"]),
        ("sweep lenet --set see", ["seed=42"]),
        ("sweep lenet --sampler g", ["grid"]),
        ("sweep lenet --pruner a", ["asha"]),
        ("lr lenet_", ["lenet_gpu", "lenet_quick"]),
        ("lr lenet epo", ["epochs=10"]),
        ("folds lenet_", ["lenet_gpu", "lenet_quick"]),
        ("folds lenet epo", ["epochs=10"]),
        ("profile lenet_", ["lenet_gpu", "lenet_quick"]),
        ("profile lenet epo", ["epochs=10"]),
    ],
)
def test_what_is_offered(complete_here, line, offered):
    assert sorted(complete_here(line)) == sorted(offered)


@pytest.mark.parametrize("line", ["run lenet optimizer =", "run lenet optimizer="])
def test_the_values_behind_an_equals_sign(complete, line):
    offered, _ = complete(line)
    assert "sgd" in [each.rpartition("=")[2] for each in offered]
    assert len(offered) > 10


@pytest.mark.parametrize("line", ["run ", "run lenet optimizer.", "score ", "models show "])
def test_nothing_slow_is_imported(complete, line):
    offered, imported = complete(line)
    assert offered
    assert "mxdigits.cli.completion" in imported
    assert not imported & {"numpy", "mxnet", "mxdigits.recipe.schema"}


def test_the_keys_are_those_of_a_recipe():
    assert recipe_completion.keys_of("Recipe") == list(Recipe.model_fields)
    for section in (CheckpointPolicy, DataOptions, Loss):
        own = [key for key in section.model_fields if key != "name"]
        assert recipe_completion.keys_of(section.__name__) == own


@pytest.mark.mxnet
def test_the_names_of_parameters_are_offered_to_freeze(complete):
    layer = [f"freeze=layers.0.{each}" for each in ("*", "weight", "bias")]
    assert complete("run mine.yaml freeze=layers.0")[0] == layer
    assert complete("run mine.yaml freeze=x")[0] == []
