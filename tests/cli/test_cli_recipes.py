"""The verbs that check, write and list recipes; none needs MXNet."""

from __future__ import annotations

import json

import pytest

from mxdigits.recipe.files import shipped_recipes
from mxdigits.recipe.schema import Recipe, json_schema


def test_check_prints_the_recipe_with_every_default(call, tmp_path):
    (tmp_path / "mine.yaml").write_text("model: mlp\n")
    code, out, err = call("check", "mine.yaml", "epochs=3", "--set", "seed=7")
    assert (code, err) == (0, "")
    assert out == (
        "name: mine\n"
        "model: mlp\n"
        "data: {name: mnist, batch_size: 100, sampler: null, shard: false}\n"
        "augmentation: null\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\n"
        "schedule: constant\n"
        "initializer: xavier\n"
        "init: null\n"
        "loss: {label_smoothing: 0.0, class_weights: null, focal: 0.0}\n"
        "epochs: 3\n"
        "validation: null\n"
        "callbacks: []\n"
        "accumulate: 1\n"
        "clip_global_norm: null\n"
        "teacher: null\n"
        "ema: null\n"
        "swa: null\n"
        "freeze: []\n"
        "lr_mult: {}\n"
        "checkpoint: {epochs: 1, batches: null, minutes: 10.0, keep: 2}\n"
        "context: cpu\n"
        "backend: auto\n"
        "precision: float32\n"
        "threads: null\n"
        "seed: 7\n"
        "predictions: [csv]\n"
    )
    (tmp_path / "again.yaml").write_text(out)
    assert call("check", "again.yaml") == (0, out, "")


BAD = "modle: lenet\nepochs: 0\nepochs: 1\nlr: 0.1\n"
BAD_TOO = "modle: lenet\nepochs: 0\nlr: 0.1\noptimizer: {name: sgd, nesterov: true}\n"


@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_bad_recipe_is_one_line_a_problem(call, tmp_path, verb):
    (tmp_path / "bad.yaml").write_text(BAD)
    assert call(verb, "bad.yaml") == (
        2,
        "",
        "error: bad.yaml:3:1: epochs: duplicate key; the first is in line 2\n"
        "error: bad.yaml:1:1: model: is required\n"
        "error: bad.yaml:1:1: modle: unknown key; did you mean 'model'?\n"
        "error: bad.yaml:2:1: epochs: must be at least 1, got 0\n"
        "error: bad.yaml:4:1: lr: unknown key; write optimizer.learning_rate\n",
    )
    (tmp_path / "bad.yaml").write_text(BAD_TOO)
    assert call(verb, "bad.yaml", "seed=-1") == (
        2,
        "",
        "error: bad.yaml:1:1: model: is required\n"
        "error: override seed=-1: seed: must be at least 0, got -1\n"
        "error: bad.yaml:1:1: modle: unknown key; did you mean 'model'?\n"
        "error: bad.yaml:2:1: epochs: must be at least 1, got 0\n"
        "error: bad.yaml:3:1: lr: unknown key; write optimizer.learning_rate\n"
        "error: bad.yaml:4:24: optimizer.nesterov: unknown key; known: clip_gradient, "
        "lazy_update, learning_rate, momentum, wd\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_check_diff_prints_what_a_recipe_changes_of_another(call, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "extends: mlp\nmodel: {name: mlp, hidden: [9]}\npredictions: [csv]\n"
    )
    assert call("check", "--diff", "mlp", "mine.yaml", "epochs=3") == (
        0,
        "key           mlp             mine.yaml\n"
        "name          mlp             mine\n"
        "model.hidden  not there       [9]\n"
        "epochs        10              3\n"
        "predictions   ['csv', 'npz']  ['csv']\n",
        "",
    )
    assert call("check", "mlp", "--diff", "mlp") == (0, "mlp and mlp say the same\n", "")
    assert call("check", "mlp", "--diff", "mlpp")[0] == 2


def test_init_writes_a_recipe_and_replaces_none(call, tmp_path):
    told = (
        "mnist.yaml: Learns MNIST: 60,000 images to train on, 10,000 to test with; 10 classes: "
        "0, 1, 2, 3, 4, ...\nnext: mxdigits check mnist.yaml, mxdigits run mnist.yaml\n"
    )
    assert call("init") == (0, told, "")
    text = (tmp_path / "mnist.yaml").read_text()
    assert Recipe.load("mnist.yaml").data.name == "mnist"
    exists = "error: mnist.yaml exists already; name another file, or write --force\n"
    assert call("init") == (2, "", exists)
    assert call("init", "mnist.yaml", "--force") == (0, told, "")
    assert (tmp_path / "mnist.yaml").read_text() == text


def test_init_of_pictures_tells_what_was_passed_over(call, tmp_path):
    for name in ("my digits/3/a.png", "my digits/7/b.png", "my digits/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert call("init", "--data", "my digits") == (
        0,
        "my-digits.yaml: Learns my digits: 2 images to train on; 10 classes: 0, 1, 2, 3, 4, ...\n"
        "next: mxdigits check my-digits.yaml, mxdigits run my-digits.yaml\n",
        "my digits: passed over 1 other file (notes.txt)\n",
    )
    assert Recipe.load("my-digits.yaml").data.options["path"] == "my digits"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("nope", "nope: no such folder in {here}"),
        ("file", "file: not a folder"),
        (
            "table.CSV.gz",
            "table.CSV.gz: not a folder; a table of pixels is read as an NPZ file: write "
            "numpy.savez('table.npz', x_train=..., y_train=..., x_test=..., y_test=...)",
        ),
        (
            "empty",
            "empty: holds no pictures; put them into folders such as empty/3; IDX files are called "
            "train-images-idx3-ubyte and so on, the arrays of an NPZ file x_train, y_train, "
            "x_test, y_test",
        ),
    ],
)
def test_init_of_no_data(call, tmp_path, data, error):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "table.CSV.gz").touch()
    told = error.format(here=tmp_path)
    assert call("init", "--data", data) == (3, "", f"error: {told}\n")
    assert not list(tmp_path.glob("*.yaml"))


def test_check_schema_is_json(call):
    code, out, err = call("check", "--schema")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(json.dumps(json_schema()))


def test_the_shipped_recipes_are_listed_with_their_first_comment(call):
    code, out, err = call("recipes")
    assert (code, err) == (0, "")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert lines[0] == ["recipe", "what it does"]
    assert [name for name, _ in lines[1:]] == list(shipped_recipes())
    assert ["lenet", "The tutorial's LeNet on the CPU: above 0.988 test accuracy."] in lines


def test_a_recipe_is_printed_as_it_can_be_read_again(call, tmp_path):
    (tmp_path / "r.yaml").write_text('model: mlp\ninit: "\\u202eabc\\xa0d"\n')
    _, out, _ = call("check", "r.yaml")
    assert "\u202e" not in out
    assert Recipe.parse(out).init == "\u202eabc\xa0d"
