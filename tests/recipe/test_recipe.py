"""What a recipe says: every key, its default and the ways to write it."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError
from recipe_texts import recipe

from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.errors import RecipeError
from mxdigits.recipe.schema import (
    CheckpointPolicy,
    DataOptions,
    Loss,
    NamedOptions,
    OptimizerOptions,
    Recipe,
)
from mxdigits.recipe.sections import TeacherOptions


def test_the_shortest_recipe_and_every_default():
    found = recipe("model: lenet")
    assert found == Recipe(
        name="run",
        model=NamedOptions(name="lenet"),
        data=DataOptions(name="mnist", batch_size=100),
        optimizer=OptimizerOptions(name="sgd", learning_rate=0.1),
        schedule=NamedOptions(name="constant"),
        initializer=NamedOptions(name="xavier"),
        init=None,
        loss=Loss(label_smoothing=0.0),
        epochs=10,
        validation=None,
        callbacks=(),
        clip_global_norm=None,
        checkpoint=CheckpointPolicy(epochs=1, batches=None, minutes=10.0, keep=2),
        context="cpu",
        threads=None,
        seed=42,
        predictions=("csv",),
    )
    assert found.dump() == (
        "name: run\n"
        "model: lenet\n"
        "data: {name: mnist, batch_size: 100, sampler: null, shard: false}\n"
        "augmentation: null\n"
        "optimizer: {name: sgd, learning_rate: 0.1}\n"
        "schedule: constant\n"
        "initializer: xavier\n"
        "init: null\n"
        "loss: {label_smoothing: 0.0, class_weights: null, focal: 0.0}\n"
        "epochs: 10\n"
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
        "seed: 42\n"
        "predictions: [csv]\n"
    )


FULL = """\
name: größtes.Netz-1
model:
  name: mlp
  hidden: [512, 256]
  dropout: 0.2
data: {name: idx, path: ~/emnist, transpose: true, batch_size: 64}
optimizer: {name: adam, learning_rate: 1e-3, beta1: 0.95, clip_gradient: null}
schedule: {name: cosine, warmup_epochs: 2, final_lr: 1e-5}
initializer: {name: xavier, magnitude: 2.24, rnd_type: gaussian}
loss: {label_smoothing: 0.1}
epochs: 30
validation: 0.1
context: [gpu(1), auto]
threads: 4
seed: 0
predictions: [npz, csv, npz]
"""


def test_every_key_said():
    found = recipe(FULL)
    assert found.name == "größtes.Netz-1"
    assert found.model.name == "mlp"
    assert found.model.options == {"hidden": [512, 256], "dropout": 0.2}
    assert found.data.name == "idx"
    assert found.data.batch_size == 64
    assert found.data.options == {"path": "~/emnist", "transpose": True}
    assert found.optimizer.options == {
        "learning_rate": 0.001,
        "beta1": 0.95,
        "clip_gradient": None,
    }
    assert found.schedule.options == {"warmup_epochs": 2, "final_lr": 1e-05}
    assert found.initializer.options == {"magnitude": 2.24, "rnd_type": "gaussian"}
    assert found.loss.label_smoothing == 0.1
    assert (found.epochs, found.threads, found.seed) == (30, 4, 0)
    assert found.validation == 0.1
    assert found.context == ("gpu(1)", "auto")
    assert found.predictions == ("npz", "csv")
    assert recipe(found.dump()) == found


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_the_rate_of_mxnet_unless_one_is_given(name):
    rate = OPTIMIZERS[name]["learning_rate"]
    found = recipe(f"model: lenet\noptimizer: {name}")
    assert found.optimizer.learning_rate == rate
    assert found == recipe(f"model: lenet\noptimizer: {{name: {name}}}")
    assert f"optimizer: {{name: {name}, learning_rate: {rate}}}\n" in found.dump()
    given = recipe(f"model: lenet\noptimizer: {{name: {name}, learning_rate: 3}}")
    assert given.optimizer.learning_rate == 3.0
    assert type(given.optimizer.learning_rate) is float


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("validation: 1000", "validation", 1000),
        ("validation: 1", "validation", 1),
        ("validation: 0.1", "validation", 0.1),
        ("validation: 1e-3", "validation", 0.001),
        ("validation: 100.0", "validation", 100.0),
        ("validation: null", "validation", None),
        ("validation:", "validation", None),
        ("seed: 0", "seed", 0),
        ("seed: 2147483647", "seed", 2**31 - 1),
        ("seed: 0x10", "seed", 16),
        ("epochs: 1", "epochs", 1),
        ("epochs: 010", "epochs", 10),
        ("threads: 1024", "threads", 1024),
        ("context: auto", "context", "auto"),
        ("context: gpu(0, 1)", "context", "gpu(0, 1)"),
        ("context: [gpu, cpu]", "context", ("gpu", "cpu")),
        ("precision: bfloat16", "precision", "bfloat16"),
        ("precision: tf32\nbackend: [mxnet, xla]", "precision", "tf32"),
        ("precision: float32\nbackend: mxnet", "precision", "float32"),
        ("predictions: csv", "predictions", ("csv",)),
        ("predictions: []", "predictions", ()),
        ("predictions: [jsonl, csv, jsonl]", "predictions", ("jsonl", "csv")),
        ("ema: 0.999", "ema", 0.999),
        ("ema: null", "ema", None),
        ("teacher: null", "teacher", None),
        ("teacher: strong", "teacher", TeacherOptions(run="strong")),
        (
            "teacher: {run: strong, temperature: 2, share: 1}",
            "teacher",
            TeacherOptions(run="strong", temperature=2.0, share=1.0),
        ),
        ("name: a", "name", "a"),
        ("name: 3.x_y-z", "name", "3.x_y-z"),
        ("name: " + "n" * 100, "name", "n" * 100),
        ("loss: {}", "loss", Loss()),
        ("augmentation: null", "augmentation", ()),
        ("augmentation: affine", "augmentation", (NamedOptions(name="affine"),)),
        (
            "augmentation: {name: affine, shift: 3}",
            "augmentation",
            (NamedOptions(name="affine", shift=3),),
        ),
        (
            "augmentation: [affine, {name: elastic, sigma: 5}]",
            "augmentation",
            (NamedOptions(name="affine"), NamedOptions(name="elastic", sigma=5)),
        ),
        ("loss: {label_smoothing: 0}", "loss", Loss(label_smoothing=0)),
        ("loss: {class_weights: balanced}", "loss", Loss(class_weights="balanced")),
        ("loss: {class_weights: [1, 2.5]}", "loss", Loss(class_weights=(1.0, 2.5))),
        ("loss: {class_weights: {7: 2}}", "loss", Loss(class_weights={"7": 2.0})),
        ("loss: {focal: 2}", "loss", Loss(focal=2)),
        ("freeze: 'features.*'", "freeze", ("features.*",)),
        ("freeze: ['a.*', b]", "freeze", ("a.*", "b")),
        ("freeze: null", "freeze", ()),
        ("lr_mult: {'a.*': 2}", "lr_mult", {"a.*": 2.0}),
        (
            "data: {name: mnist, sampler: balanced}",
            "data",
            DataOptions(name="mnist", sampler="balanced"),
        ),
    ],
)
def test_values(text, key, value):
    found = getattr(recipe(f"model: lenet\n{text}"), key)
    assert found == value
    assert type(found) is type(value)


def test_a_recipe_is_frozen():
    found = recipe("model: {name: mlp, dropout: 0.5}")
    with pytest.raises(ValidationError):
        found.epochs = 3
    with pytest.raises(ValidationError):
        found.model.name = "lenet"
    with pytest.raises(ValidationError):
        found.model.dropout = 0.1
    with pytest.raises(ValidationError):
        found.loss.label_smoothing = 0.1
    found.model.options["dropout"] = 0.1
    assert found.model.options == {"dropout": 0.5}
    assert found == recipe("model: {name: mlp, dropout: 0.5}")


def test_make_a_recipe_from_python():
    made = Recipe.make(
        model={"name": "mlp", "hidden": [3]}, optimizer="adam", context=("gpu", "cpu")
    )
    text = "model: {name: mlp, hidden: [3]}\noptimizer: adam\ncontext: [gpu, cpu]"
    assert made == recipe(text)
    with pytest.raises(RecipeError) as caught:
        Recipe.make(epochs=0, lr=1)
    assert caught.value.lines == [
        "model: is required",
        "epochs: must be at least 1, got 0",
        "lr: unknown key; write optimizer.learning_rate",
    ]


def test_nothing_here_needs_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe(FULL).dump()
    assert os.listdir(tmp_path) == []
