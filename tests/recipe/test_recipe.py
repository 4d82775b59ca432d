"""Recipes: what they say, what they refuse and in which words, and that nothing is lost on the way.

Messages are compared whole: they are what a user has in hand when something is wrong.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import mxdigits
from mxdigits.backends.mxnet.names import INITIALIZERS, OPTIMIZERS
from mxdigits.errors import RecipeError, UsageError
from mxdigits.plugins.entry import Entry
from mxdigits.plugins.registry import CALLBACKS, MODELS
from mxdigits.recipe.files import find_recipe, shipped_recipes
from mxdigits.recipe.overrides import as_overrides, options_from
from mxdigits.recipe.schema import (
    CheckpointPolicy,
    DataOptions,
    Loss,
    NamedOptions,
    OptimizerOptions,
    Recipe,
    as_recipe,
    json_schema,
)
from mxdigits.recipe.sections import TeacherOptions
from mxdigits.recipe.synonyms import SYNONYMS
from mxdigits.storage.strict_yaml import parse
from mxdigits.train.history import MOST_EPOCHS
from mxdigits.train.schedule import SCHEDULES

KEYS = tuple(Recipe.model_fields)
KNOWN = ", ".join(sorted([*KEYS, "extends"]))
NO_DEVICE = (
    "names no device; write cpu, gpu, gpu(1), gpu(0,1), auto, or a list in order of preference"
)
NO_NAME = (
    "must begin with a letter or digit and hold only letters, digits, '_', '.' and '-', "
    "100 at most, got"
)
NO_SHARE = "must be a number of images or a share between 0 and 1, got"
NO_PATTERN = "must be a pattern of names such as 'features.*', or a list, got"
NO_MULTIPLIERS = (
    "must be a mapping from patterns of names to numbers above 0, such as {'features.*': 0.1}, got"
)
NO_WEIGHTS = (
    "must be balanced, a list of numbers above 0, one for each class, or a mapping such as "
    "{7: 2.0}, got"
)
NO_CHOICE = "must be a name, or a mapping with name and options, got"


def recipe(text: str, *overrides: str) -> Recipe:
    return Recipe.parse(text, source="r.yaml", overrides=overrides)


def problems(text: str, *overrides: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        recipe(text, *overrides)
    assert caught.value.exit_code == 2
    return caught.value.lines


# What a recipe says


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


# What a recipe refuses


def test_every_mistake_at_once_each_with_its_place_in_the_order_of_the_file():
    text = """\
# my recipe
epoch: 10
optimizer:
  lr: 0.1
  momentum: fast
  name: sgd
seed: 1e3
model: {name: mlp, hiden: [3],
        classes: 5}
data: {name: mnst, batch_size: 0}
schedule: cosin
context: tpu
validation: 0
predictions: [csv, xml]
loss: {smooth: 0.1, label_smoothing: 1}
initializer: {name: xavier, magnitude: high}
batch_size: 5
name: a/b
"""
    assert problems(text) == [
        "r.yaml:2:1: epoch: unknown key; did you mean 'epochs'?",
        "r.yaml:4:3: optimizer.lr: unknown key; write learning_rate",
        "r.yaml:5:3: optimizer.momentum: must be a number, got 'fast'",
        "r.yaml:7:1: seed: must be a whole number, got 1000.0",
        "r.yaml:8:20: model.hiden: unknown key; did you mean 'hidden'?",
        "r.yaml:9:9: model.classes: comes from the data set; leave it out",
        "r.yaml:10:8: data.name: unknown data set 'mnst'; did you mean 'mnist'?",
        "r.yaml:10:20: data.batch_size: must be at least 1, got 0",
        "r.yaml:11:1: schedule: unknown schedule 'cosin'; did you mean 'cosine'?",
        f"r.yaml:12:1: context: 'tpu' {NO_DEVICE}",
        f"r.yaml:13:1: validation: {NO_SHARE} 0",
        "r.yaml:14:1: predictions: unknown format 'xml'; known: csv, jsonl, npz",
        "r.yaml:15:8: loss.smooth: unknown key; write label_smoothing",
        "r.yaml:15:21: loss.label_smoothing: must be less than 1.0, got 1",
        "r.yaml:16:29: initializer.magnitude: must be a number, got 'high'",
        "r.yaml:17:1: batch_size: unknown key; write data.batch_size",
        f"r.yaml:18:1: name: {NO_NAME} 'a/b'",
    ]


@pytest.mark.parametrize("key", SYNONYMS)
@pytest.mark.parametrize("spell", [str, str.upper])
def test_what_people_write_elsewhere_is_answered(key, spell):
    assert problems(f"model: lenet\n{spell(key)}: 1") == [
        f"r.yaml:2:1: {spell(key)}: unknown key; write {SYNONYMS[key]}"
    ]


OPTIONS = {
    "data": {"batch_size", "sampler", "shard"},
    "optimizer": {option for options in OPTIMIZERS.values() for option in options},
    "schedule": {option for shape in SCHEDULES.values() for option in shape.__dataclass_fields__},
    "loss": {"label_smoothing", "class_weights", "focal"},
    "teacher": {"run", "temperature", "share"},
}


@pytest.mark.parametrize("key", SYNONYMS)
def test_the_answers_are_keys_of_a_recipe(key):
    assert key not in KEYS
    section, _, option = SYNONYMS[key].partition(".")
    assert section in (*KEYS, "extends")
    assert not option or option in OPTIONS[section]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("optimizer: {name: sgd, lr: 1}", "2:24: optimizer.lr: unknown key; write learning_rate"),
        (
            "optimizer: {name: sgd, weight_decay: 1}",
            "2:24: optimizer.weight_decay: unknown key; write wd",
        ),
        ("optimizer: {name: adam, eps: 1}", "2:25: optimizer.eps: unknown key; write epsilon"),
        (
            "optimizer: {name: adagrad, epsilon: 1}",
            "2:28: optimizer.epsilon: unknown key; did you mean 'eps'?",
        ),
        (
            "optimizer: {name: adam, momentum: 0.9}",
            "2:25: optimizer.momentum: unknown key; known: beta1, beta2, clip_gradient, epsilon, "
            "lazy_update, learning_rate, wd",
        ),
        (
            "optimizer: {name: sgd, warmup: 3}",
            "2:24: optimizer.warmup: unknown key here; write schedule.warmup_epochs at the top "
            "level",
        ),
        (
            "optimizer: {name: sgd, scheduler: cosine}",
            "2:24: optimizer.scheduler: unknown key here; write schedule at the top level",
        ),
        ("data: {name: mnist, bs: 3}", "2:21: data.bs: unknown key; write batch_size"),
        (
            "data: {name: mnist, shuffle: true}",
            "2:21: data.shuffle: unknown key; known: batch_size, sampler, shard",
        ),
        (
            "schedule: {name: cosine, warmup: 3}",
            "2:26: schedule.warmup: unknown key; write warmup_epochs",
        ),
        (
            "schedule: {name: cosine, step: 3}",
            "2:26: schedule.step: unknown key; known: by, final_lr, warmup_begin_lr, warmup_epochs",
        ),
        (
            "initializer: {name: normal, sigmaa: 1}",
            "2:29: initializer.sigmaa: unknown key; did you mean 'sigma'?",
        ),
        ("initializer: {name: zero, x: 1}", "2:27: initializer.x: unknown key; none are known"),
        ("loss: {smoothing: 0.1}", "2:8: loss.smoothing: unknown key; write label_smoothing"),
        (
            "loss: {x: 0.1}",
            "2:8: loss.x: unknown key; known: class_weights, focal, label_smoothing",
        ),
        (
            "loss: {lr: 0.1}",
            "2:8: loss.lr: unknown key here; write optimizer.learning_rate at the top level",
        ),
        (
            "augmentation: {name: affine, rotate: 3}",
            "2:30: augmentation.rotate: unknown key; did you mean 'rotation'?",
        ),
        (
            "schedule: {name: cosine, warmup_epochs: 0.5}",
            "2:26: schedule.warmup_epochs: must be a whole number of at least 0, got 0.5; "
            "by: batch takes any share of an epoch",
        ),
        (
            "schedule: {name: cosine, by: step}",
            "2:26: schedule.by: must be epoch or batch, got 'step'",
        ),
        (
            "schedule: {name: one_cycle, warmup_epochs: 1}",
            "2:29: schedule.warmup_epochs: unknown key; known: begin, by, end, rise",
        ),
        ("ema: 1", "2:1: ema: must be less than 1.0, got 1"),
        ("ema_decay: 0.9", "2:1: ema_decay: unknown key; write ema"),
        (
            "teacher: {run: strong, temperature: 0}",
            "2:24: teacher.temperature: must be greater than 0.0, got 0",
        ),
        ("teacher: {run: strong, share: 2}", "2:24: teacher.share: must be at most 1.0, got 2"),
        (
            "teacher: 3",
            "2:1: teacher: must be a mapping; write teacher: {run: strong, temperature: 4}",
        ),
        (
            "augmentation: [affine, {name: elastic, sigm: 3}]",
            "2:40: augmentation.1.sigm: unknown key; did you mean 'sigma'?",
        ),
        (
            "precision: half",
            "2:1: precision: must be float32, tf32, bfloat16 or float16, got 'half'",
        ),
        (
            "precision: 16",
            "2:1: precision: must be float32, tf32, bfloat16 or float16, got 16",
        ),
        (
            "precision: bfloat16\nbackend: mxnet",
            "2:1: precision: the backend mxnet computes in float32 alone; for bfloat16 write "
            "backend: xla or torch",
        ),
        ("zebra: 1", f"2:1: zebra: unknown key; known: {KNOWN}"),
        ("Epochs: 1", "2:1: Epochs: unknown key; did you mean 'epochs'?"),
        (
            "<<: {epochs: 1}",
            "2:1: <<: unknown key; YAML 1.2 has no merges: write the keys out, or see extends",
        ),
        ("größe: 1", f"2:1: größe: unknown key; known: {KNOWN}"),
    ],
)
def test_unknown_keys(text, problem):
    assert problems(f"model: lenet\n{text}") == [f"r.yaml:{problem}"]


def test_options_that_the_framework_sets_are_not_offered():
    assert problems("model: {name: lenet, zebra: 1}") == [
        "r.yaml:1:22: model.zebra: unknown key; known: activation, channels, dropout, hidden"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model: lennet", "model: unknown model 'lennet'; did you mean 'lenet'?"),
        ("data: mnst", "data: unknown data set 'mnst'; did you mean 'mnist'?"),
        ("optimizer: sdg", "optimizer: unknown optimizer 'sdg'; did you mean 'sgd'?"),
        ("optimizer: SGD", "optimizer: unknown optimizer 'SGD'; did you mean 'sgd'?"),
        (
            "schedule: linear",
            "schedule: unknown schedule 'linear'; known: constant, cosine, cosine_restarts, "
            "exponential, one_cycle, poly, step",
        ),
        ("initializer: xavir", "initializer: unknown initializer 'xavir'; did you mean 'xavier'?"),
        (
            "augmentation: afine",
            "augmentation: unknown augmentation 'afine'; did you mean 'affine'?",
        ),
        ("model: ''", "model: unknown model ''; known: lenet, mlp"),
    ],
)
def test_unknown_names(text, problem):
    """Where one word was written the place and the path are those of the key itself."""
    if not text.startswith("model"):
        text = f"model: lenet\n{text}"
    line = text.count("\n") + 1
    found = problems(text)
    if "known: lenet" in problem:  # plugins may be installed
        assert found[0].startswith("r.yaml:1:1: model: unknown model ''; known: ")
    else:
        assert found == [f"r.yaml:{line}:1: {problem}"]
    section, name = text.splitlines()[-1].split(": ")
    found = problems(text.replace(f"{section}: {name}", f"{section}: {{name: {name}}}"))
    assert len(found) == 1
    assert found[0].startswith(f"r.yaml:{line}:{len(section) + 4}: {section}.name: unknown ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # Whole numbers
        ("epochs: 0", "2:1: epochs: must be at least 1, got 0"),
        ("epochs: -1", "2:1: epochs: must be at least 1, got -1"),
        ("epochs: 1.5", "2:1: epochs: must be a whole number, got 1.5"),
        ("epochs: 10.0", "2:1: epochs: must be a whole number, got 10.0"),
        ("epochs: '3'", "2:1: epochs: must be a whole number, got '3'"),
        ("epochs: ten", "2:1: epochs: must be a whole number, got 'ten'"),
        ("epochs: true", "2:1: epochs: must be a whole number, got true"),
        ("epochs:", "2:1: epochs: must be a whole number, got nothing"),
        ("epochs: [1]", "2:1: epochs: must be a whole number, got [1]"),
        ("epochs: .nan", "2:1: epochs: must be a whole number, got nan"),
        ("seed: -1", "2:1: seed: must be at least 0, got -1"),
        ("seed: 2147483648", "2:1: seed: must be less than 2147483648, got 2147483648"),
        ("seed: 1e3", "2:1: seed: must be a whole number, got 1000.0"),
        ("threads: 0", "2:1: threads: must be at least 1, got 0"),
        ("threads: 1025", "2:1: threads: must be at most 1024, got 1025"),
        ("threads: all", "2:1: threads: must be a whole number, got 'all'"),
        ("data: {name: mnist, batch_size: 0}", "2:21: data.batch_size: must be at least 1, got 0"),
        (
            "data: {name: mnist, batch_size: 1.5}",
            "2:21: data.batch_size: must be a whole number, got 1.5",
        ),
        # The learning rate
        *(
            (
                f"optimizer: {{name: sgd, learning_rate: {rate}}}",
                f"2:24: optimizer.learning_rate: {what}",
            )
            for rate, what in [
                (".nan", "must be a finite number, got nan"),
                (".inf", "must be a finite number, got inf"),
                ("-0.1", "must be greater than 0.0, got -0.1"),
                ("0", "must be greater than 0.0, got 0"),
                ("fast", "must be a number, got 'fast'"),
                ("true", "must be a number, got true"),
                ("null", "must be a number, got nothing"),
                ("'0.1'", "must be a number, got '0.1'"),
                ("1e999", "must be a finite number, got inf"),
            ]
        ),
        # Other options of an optimizer and of an initializer
        (
            "optimizer: {name: sgd, momentum: .inf}",
            "2:24: optimizer.momentum: must be a finite number, got inf",
        ),
        (
            "optimizer: {name: sgd, lazy_update: 1}",
            "2:24: optimizer.lazy_update: must be true or false, got 1",
        ),
        ("optimizer: {name: sgd, wd: true}", "2:24: optimizer.wd: must be a number, got true"),
        ("optimizer: {name: sgd, wd: null}", "2:24: optimizer.wd: must be a number, got nothing"),
        (
            "optimizer: {name: sgd, clip_gradient: .nan}",
            "2:24: optimizer.clip_gradient: must be a finite number, got nan",
        ),
        *(
            (
                f"optimizer: {{name: {name}, {option}: {got}}}",
                f"2:{21 + len(name)}: optimizer.{option}: must be a number from 0 to below 1, "
                f"got {got}",
            )
            for name, option, got in [
                ("adam", "beta1", 1),
                ("adam", "beta2", 2),
                ("adamax", "beta1", -1),
                ("ftml", "beta2", -1),
                ("sgd", "momentum", 1.5),
                ("rmsprop", "gamma1", 1),
                ("adadelta", "rho", 1.1),
            ]
        ),
        (
            "optimizer: {name: dcasgd, momentum: 0.9}",
            "2:27: optimizer.momentum: the optimizer dcasgd has no momentum: with it MXNet's own "
            "fails; take sgd",
        ),
        ("data: {name: mnist, shard: 1}", "2:21: data.shard: must be true or false, got 1"),
        (
            "initializer: {name: xavier, rnd_type: 3}",
            "2:29: initializer.rnd_type: must be a word, got 3",
        ),
        # Validation
        *(
            (f"validation: {text}", f"2:1: validation: {NO_SHARE} {got}")
            for text, got in [
                ("0", "0"),
                ("0.0", "0.0"),
                ("1.5", "1.5"),
                ("-1", "-1"),
                ("-0.1", "-0.1"),
                ("true", "true"),
                ("'5'", "'5'"),
                ("[1]", "[1]"),
                (".inf", "inf"),
                ("1e999", "inf"),
                (".nan", "nan"),
            ]
        ),
        # The context
        ("context: tpu", f"2:1: context: 'tpu' {NO_DEVICE}"),
        ("context: GPU", f"2:1: context: 'GPU' {NO_DEVICE}"),
        ("context: 1", f"2:1: context: 1 {NO_DEVICE}"),
        ("context: null", f"2:1: context: None {NO_DEVICE}"),
        ("context: {a: 1}", f"2:1: context: {{'a': 1}} {NO_DEVICE}"),
        ("context: [gpu, [cpu]]", f"2:1: context: ['cpu'] {NO_DEVICE}"),
        (
            "context: []",
            "2:1: context: is empty; write cpu, gpu, gpu(1), gpu(0,1), auto, "
            "or a list in order of preference",
        ),
        ("context: gpu(1,1)", "2:1: context: 'gpu(1,1)' names a device twice"),
        # Predictions
        ("predictions: NPZ", "2:1: predictions: unknown format 'NPZ'; did you mean 'npz'?"),
        ("predictions: [3]", "2:1: predictions: unknown format '3'; known: csv, jsonl, npz"),
        ("predictions: null", "2:1: predictions: must be a list of formats, got nothing"),
        ("predictions: {csv: 1}", "2:1: predictions: must be a list of formats, got {'csv': 1}"),
        # The name, which becomes a folder
        *(
            (f"name: {text}", f"2:1: name: {NO_NAME} {text}")
            for text in [
                "'a/b'",
                "'../x'",
                "'..'",
                "'.hidden'",
                "'/etc'",
                "'a b'",
                "''",
                "'-x'",
                "'a:b'",
                f"'{'n' * 101}'",
            ]
        ),
        ('name: "a\\n"', f"2:1: name: {NO_NAME} 'a\\n'"),
        (r"name: 'a\b'", rf"2:1: name: {NO_NAME} 'a\\b'"),
        ("name: 3", "2:1: name: must be a word, got 3"),
        ("name: null", "2:1: name: must be a word, got nothing"),
        # Sections that are not of the right form
        ("data: []", f"2:1: data: {NO_CHOICE} []"),
        ("data: null", f"2:1: data: {NO_CHOICE} nothing"),
        ("data: {batch_size: 3}", "2:1: data.name: is required"),
        ("data: {name: 3}", "2:8: data.name: must be a word, got 3"),
        ("data: idx", "2:1: data.path: is required"),
        ("optimizer: 0.1", f"2:1: optimizer: {NO_CHOICE} 0.1"),
        ("optimizer: {}", "2:1: optimizer.name: is required"),
        ("optimizer: {name: [sgd]}", "2:13: optimizer.name: must be a word, got ['sgd']"),
        ("optimizer: {name: {a: b}}", "2:13: optimizer.name: must be a word, got {'a': 'b'}"),
        ("schedule: [step]", f"2:1: schedule: {NO_CHOICE} ['step']"),
        ("schedule: {step: 3}", "2:1: schedule.name: is required"),
        ("initializer: 0", f"2:1: initializer: {NO_CHOICE} 0"),
        ("loss: 0.1", "2:1: loss: must be a mapping; write loss: {label_smoothing: 0.1}"),
        ("loss: null", "2:1: loss: must be a mapping; write loss: {label_smoothing: 0.1}"),
        (
            "loss: {label_smoothing: -0.1}",
            "2:8: loss.label_smoothing: must be at least 0.0, got -0.1",
        ),
        ("loss: {label_smoothing: 1}", "2:8: loss.label_smoothing: must be less than 1.0, got 1"),
        (
            "loss: {label_smoothing: .nan}",
            "2:8: loss.label_smoothing: must be a finite number, got nan",
        ),
        *(
            (
                f"loss: {{class_weights: {given}}}",
                f"2:8: loss.class_weights: {NO_WEIGHTS} {shown}",
            )
            for given, shown in (
                ("even", "'even'"),
                ("2", "2"),
                ("[]", "[]"),
                ("[1, 0]", "[1, 0]"),
                ("{}", "{}"),
                ("{7: -1}", "{'7': -1}"),
                ("{7: .inf}", "{'7': inf}"),
                ("{7: true}", "{'7': True}"),
            )
        ),
        (
            "freeze: 3",
            f"2:1: freeze: {NO_PATTERN} 3",
        ),
        ("freeze: ['']", f"2:1: freeze: {NO_PATTERN} ['']"),
        ("lr_mult: 0.1", f"2:1: lr_mult: {NO_MULTIPLIERS} 0.1"),
        ("lr_mult: {'a.*': 0}", f"2:1: lr_mult: {NO_MULTIPLIERS} {{'a.*': 0}}"),
        ("accumulate: 0", "2:1: accumulate: must be at least 1, got 0"),
        ("accumulate: 101", "2:1: accumulate: must be at most data.batch_size (100), got 101"),
        ("swa: 1", "2:1: swa: must be at least 2, got 1"),
        ("swa: 11", "2:1: swa: must be at most epochs (10), got 11"),
        (
            "swa: 2\nema: 0.9",
            "2:1: swa: does not go with ema: a run ends with one of the two; leave one out",
        ),
        (
            "swa: 2\nvalidation: 0.1\ncallbacks: [best_weights]",
            "4:13: callbacks.0: ends a run with the weights of one epoch, and swa with a mean; "
            "leave one of them out",
        ),
        (
            "swa: 2\nvalidation: 0.1\ncallbacks: early_stopping",
            "4:1: callbacks.0: ends a run with the weights of one epoch, and swa with a mean; "
            "write restore_best: false",
        ),
        ("loss: {focal: -1}", "2:8: loss.focal: must be at least 0.0, got -1"),
        (
            "data: {name: mnist, sampler: weighted}",
            "2:21: data.sampler: must be balanced or null, got 'weighted'",
        ),
        # Schedules
        (
            "schedule: {name: step, step: 0}",
            "2:24: schedule.step: must be a whole number of at least 1, got 0",
        ),
        (
            "schedule: {name: poly, pwr: true}",
            "2:24: schedule.pwr: must be a number of at least 0, got true",
        ),
        (
            "schedule: {name: cosine, final_lr: .inf}",
            "2:26: schedule.final_lr: must be a number of at least 0, got inf",
        ),
        (
            "schedule: {name: cosine, warmup_epochs: 10}",
            "2:26: schedule.warmup_epochs: must be less than epochs (10), got 10",
        ),
        (
            "schedule: {name: constant, warmup_epochs: 3}\nepochs: 2",
            "2:28: schedule.warmup_epochs: must be less than epochs (2), got 3",
        ),
    ],
)
def test_values_that_make_no_sense(text, problem):
    assert problems(f"model: lenet\n{text}") == [f"r.yaml:{problem}"]


def test_numbers_without_end():
    """Whole numbers have no limit in YAML nor in Python; a learning rate has one, and epochs."""
    many = "9" * 400
    assert problems(f"model: lenet\nepochs: {many}") == [
        f"r.yaml:2:1: epochs: must be at most 150000, got {many}"
    ]
    assert recipe(f"model: lenet\nvalidation: {many}").validation == int(many)
    assert problems(f"model: lenet\noptimizer: {{name: sgd, learning_rate: {many}}}") == [
        f"r.yaml:2:24: optimizer.learning_rate: must be a number, got {many}"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("epochs: 3", "1:1: model: is required"),
        ("\n# x\nepochs: 3", "3:1: model: is required"),
        ("{}", "1:1: model: is required"),
        ("model:", f"1:1: model: {NO_CHOICE} nothing"),
        ("model: [lenet]", f"1:1: model: {NO_CHOICE} ['lenet']"),
        ("model: [mlps]", f"1:1: model: {NO_CHOICE} ['mlps']"),
        ("model: {dropout: 0.5}", "1:1: model.name: is required"),
        ("model: {name: null}", "1:9: model.name: must be a word, got nothing"),
        (
            "model: {name: lenet, classes: 3}",
            "1:22: model.classes: comes from the data set; leave it out",
        ),
        ("", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("# nothing", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("lenet", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("- model: lenet", "1:1: a recipe is a mapping; begin with model: lenet"),
        ("3", "1:1: a recipe is a mapping; begin with model: lenet"),
    ],
)
def test_what_is_no_recipe(text, problem):
    assert problems(text) == [f"r.yaml:{problem}"]


def test_every_bad_option_of_a_schedule_is_said():
    assert problems("model: lenet\nschedule: {name: step, step: 0, nope: 1, factor: -1}") == [
        "r.yaml:2:24: schedule.step: must be a whole number of at least 1, got 0",
        "r.yaml:2:33: schedule.nope: unknown key; known: by, factor, step, warmup_begin_lr, "
        "warmup_epochs",
        "r.yaml:2:42: schedule.factor: must be a number of at least 0, got -1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("constant", "2:1: initializer.value: is required"),
        ("{name: constant, value: null}", "2:31: initializer.value: must be a number, got nothing"),
    ],
)
def test_an_option_without_default_is_required(text, problem):
    assert problems(f"model: lenet\ninitializer: {text}") == [f"r.yaml:{problem}"]


# Overrides

SHORT = "model: lenet\nepochs: 5\ndata: mnist\noptimizer: {name: sgd, momentum: 0.9}\n"


@pytest.mark.parametrize(
    ("overrides", "text"),
    [
        ([], SHORT),
        (["epochs=3"], SHORT.replace("5", "3")),
        (["epochs=3", "epochs=4"], SHORT.replace("5", "4")),
        ([" epochs = 3"], SHORT.replace("5", "3")),
        (["seed=7"], SHORT + "seed: 7"),
        (["optimizer.momentum=1e-1"], SHORT.replace("0.9", "0.1")),
        (["optimizer.learning_rate=2"], SHORT.replace("0.9", "0.9, learning_rate: 2")),
        (["data.batch_size=7"], SHORT.replace("mnist", "{name: mnist, batch_size: 7}")),
        (["model.dropout=0.5"], SHORT.replace("lenet", "{name: lenet, dropout: 0.5}")),
        (["model.dropout=0.5", "model=mlp"], SHORT.replace("lenet", "mlp")),
        (["model=mlp", "model.hidden=[3]"], SHORT.replace("lenet", "{name: mlp, hidden: [3]}")),
        (["model={name: mlp, hidden: [3]}"], SHORT.replace("lenet", "{name: mlp, hidden: [3]}")),
        (["model.name=mlp"], SHORT.replace("lenet", "mlp")),
        (["optimizer=adam"], SHORT.replace("{name: sgd, momentum: 0.9}", "adam")),
        (["context=[gpu, cpu]"], SHORT + "context: [gpu, cpu]"),
        (["context=gpu(0,1)"], SHORT + "context: gpu(0,1)"),
        (["loss.label_smoothing=0.1"], SHORT + "loss: {label_smoothing: 0.1}"),
        (
            ["schedule.name=cosine", "schedule.final_lr=0.1"],
            SHORT + "schedule: {name: cosine, final_lr: 0.1}",
        ),
        (["validation="], SHORT),
        (["data={name: idx, path: a=b}"], SHORT.replace("mnist", "{name: idx, path: a=b}")),
        (["name=other"], SHORT + "name: other"),
    ],
)
def test_overrides(overrides, text):
    assert recipe(SHORT, *overrides) == recipe(text)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["epochs"], "'epochs' is not an override; write key=value, as in epochs=3"),
        ([""], "'' is not an override; write key=value, as in epochs=3"),
        (["=3"], "'=3' is not an override; write key=value, as in epochs=3"),
        (["a..b=3"], "'a..b=3' is not an override; write key=value, as in epochs=3"),
        ([".a=3"], "'.a=3' is not an override; write key=value, as in epochs=3"),
        (["epochs.x=3"], "override epochs.x=3: epochs holds a value, not keys"),
        (
            ["epochs=[1"],
            "override epochs=[1:1:3: not YAML: expected ',' or ']', but got '<stream end>'",
        ),
        (["epochs=0"], "override epochs=0: epochs: must be at least 1, got 0"),
        (["epochs=3", "epochs=0"], "override epochs=0: epochs: must be at least 1, got 0"),
        (["epochs="], "override epochs=: epochs: must be a whole number, got nothing"),
        (["lr=1"], "override lr=1: lr: unknown key; write optimizer.learning_rate"),
        (
            ["optimizer.lr=1"],
            "override optimizer.lr=1: optimizer.lr: unknown key; write learning_rate",
        ),
        (
            ["model=lennet"],
            "override model=lennet: model: unknown model 'lennet'; did you mean 'lenet'?",
        ),
        (
            ["model.name=lennet"],
            "override model.name=lennet: model.name: unknown model 'lennet'; did you mean 'lenet'?",
        ),
        (
            ["optimizer={name: sgd, lr: 1}"],
            "override optimizer={name: sgd, lr: 1}: optimizer.lr: unknown key; write learning_rate",
        ),
        (["name=a/b"], f"override name=a/b: name: {NO_NAME} 'a/b'"),
    ],
)
def test_overrides_that_are_refused(overrides, expected):
    assert problems(SHORT, *overrides) == [expected]


@pytest.mark.parametrize("ask", [Recipe.load, mxdigits.run])
def test_a_text_is_no_list_of_overrides(ask):
    with pytest.raises(UsageError) as caught:
        ask("mlp", "epochs=1")
    assert str(caught.value) == "overrides are a list: write ['epochs=1']"


def test_mistakes_of_the_file_and_of_overrides_come_together():
    assert problems("model: lenet\nseed: x\nepochs: 0", "epochs=-1", "threads=0") == [
        "override threads=0: threads: must be at least 1, got 0",
        "r.yaml:2:1: seed: must be a whole number, got 'x'",
        "override epochs=-1: epochs: must be at least 1, got -1",
    ]


@pytest.mark.parametrize(
    ("override", "what"),
    [
        ("data.name.x=3", "data.name: must be a word, got {'name': 'mnist', 'x': 3}"),
        ("model.x.y=3", "model.x: unknown key; known: activation, channels, dropout, hidden"),
        (
            "schedule.final_lr=0.1",
            "schedule.final_lr: unknown key; known: by, warmup_begin_lr, warmup_epochs",
        ),
    ],
)
def test_an_override_is_named_for_whatever_it_brings_about(override, what):
    assert problems(SHORT, override) == [f"override {override}: {what}"]


def test_an_override_starts_from_the_default_of_its_section():
    found = recipe(
        "model: lenet", "data.batch_size=50", "optimizer.momentum=0.9", "schedule.name=cosine"
    )
    assert found.data.model_dump() == {
        "name": "mnist",
        "batch_size": 50,
        "sampler": None,
        "shard": False,
    }
    assert found.optimizer.options == {"learning_rate": 0.1, "momentum": 0.9}
    assert found.schedule.name == "cosine"


@pytest.mark.parametrize(
    ("file", "name"),
    [("my recipe.yaml", "my-recipe"), (".x.yaml", "x"), ("ärzte.yaml", "rzte"), ("--.yaml", "run")],
)
def test_a_run_is_named_after_its_file_as_far_as_that_can_be(tmp_path, file, name):
    (tmp_path / file).write_text("model: lenet\n")
    assert Recipe.load(tmp_path / file).name == name


def test_another_name_leaves_the_options_of_the_default_behind():
    assert recipe("model: lenet", "optimizer.name=adam").optimizer.learning_rate == 0.001


@pytest.mark.parametrize(
    ("key", "meant"),
    [("learningrate", "optimizer.learning_rate"), ("batch_szie", "data.batch_size")],
)
def test_a_misspelt_synonym_is_understood(key, meant):
    assert problems(f"model: lenet\n{key}: 1\n") == [
        f"r.yaml:2:1: {key}: unknown key; write {meant}"
    ]


def test_options_from_the_command_line():
    assert options_from([]) == {}
    assert options_from(["path=~/x", "classes=[a, b]", "transpose=true", "a.b=1e-3", "a.c=on"]) == {
        "path": "~/x",
        "classes": ["a", "b"],
        "transpose": True,
        "a": {"b": 0.001, "c": "on"},
    }
    with pytest.raises(RecipeError) as caught:
        options_from(["path"])
    assert str(caught.value) == "'path' is not an override; write key=value, as in epochs=3"


# Files


def refusal(path, *overrides) -> str:
    with pytest.raises(UsageError) as caught:
        Recipe.load(path, overrides)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "made", "what"),
    [
        ("./mine", "mine/3/", "to read that folder, write data: {name: folder, path: ./mine}"),
        ("mine", "mine/3/", "to read that folder, write data: {name: folder, path: mine}"),
        (
            "mine",
            "mine/train-images-idx3-ubyte",
            "to read that folder, write data: {name: idx, path: mine}",
        ),
        ("mine.npz", "mine.npz", "to read that file, write data: {name: npz, path: mine.npz}"),
    ],
)
def test_data_that_are_a_path_are_told_how_to_be_read(tmp_path, monkeypatch, name, made, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / made).mkdir() if made.endswith("/") else (tmp_path / made).touch()
    (tmp_path / "r.yaml").write_text(f"model: mlp\ndata: {name}\n")
    assert refusal("r.yaml") == f"r.yaml:2:1: data: unknown data set {name!r}; {what}"


def test_a_file_gives_the_run_its_name_unless_it_says_one(tmp_path):
    (tmp_path / "my_first.yaml").write_text("model: lenet")
    (tmp_path / "second.yml").write_text("model: lenet\nname: chosen")
    assert Recipe.load(tmp_path / "my_first.yaml") == recipe("model: lenet\nname: my_first")
    assert Recipe.load(str(tmp_path / "second.yml")).name == "chosen"
    assert Recipe.load(tmp_path / "my_first.yaml", ["name=other", "epochs=2"]) == recipe(
        "model: lenet\nname: other\nepochs: 2"
    )


def test_mistakes_in_a_file_bear_the_path_as_it_was_written(tmp_path, monkeypatch):
    (tmp_path / "r.yaml").write_text("model: lenet\nlr: 1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError) as caught:
        Recipe.load("./r.yaml")
    assert caught.value.lines == ["./r.yaml:2:1: lr: unknown key; write optimizer.learning_rate"]


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("latin.yaml").write_bytes("name: größe".encode("latin-1"))
    Path("folder").mkdir()
    shipped = (
        "known: best, digits, lenet, lenet_gpu, lenet_quick, mlp, quick, resnet20, "
        "resnet20_short, small, strong"
    )
    missing = "nor a shipped recipe of that name;"
    long = "x" * 5000
    assert refusal("latin.yaml") == (
        "cannot read the recipe latin.yaml: it is not UTF-8 text; save it in an editor as UTF-8"
    )
    assert refusal("folder") == "cannot read the recipe folder: Is a directory"
    assert refusal("nope.yaml") == f"there is no file nope.yaml, {missing} {shipped}"
    assert refusal("lenett") == f"there is no file lenett, {missing} did you mean 'lenet'?"
    assert refusal("a/mpl.yaml") == f"there is no file a/mpl.yaml, {missing} did you mean 'mlp'?"
    assert refusal("nul\0") == f"there is no file nul\0, {missing} {shipped}"
    assert refusal(long) == f"there is no file {long}, {missing} {shipped}"


def test_a_model_is_no_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        find_recipe("deep")
    assert str(caught.value) == (
        "there is no file deep, nor a shipped recipe of that name; a model of that name is there: "
        "write another recipe, and model=deep after it"
    )


def test_a_file_comes_before_a_shipped_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shipped = Recipe.load("lenet")
    assert shipped.name == "lenet"
    assert shipped.predictions == ("csv", "npz")
    Path("lenet").write_text("model: mlp")
    assert Recipe.load("lenet") == recipe("model: mlp\nname: lenet")
    assert find_recipe("mlp") == shipped_recipes()["mlp"]


def test_a_byte_order_mark_is_no_part_of_a_recipe(tmp_path):
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfmodel: lenet\r\nepochs: 3\r\n")
    assert Recipe.load(tmp_path / "bom.yaml") == recipe("model: lenet\nepochs: 3\nname: bom")


@pytest.fixture
def gluoncv(monkeypatch):
    """The plugin mxdigits-gluoncv, or what stands for it where it is not installed."""
    if "gluoncv" not in MODELS.names():
        entry = Entry("gluoncv", "", "", "", lambda *, classes=10, network="", size=None: None)
        monkeypatch.setitem(MODELS._registered, "gluoncv", entry)


def test_a_recipe_whose_plugin_is_not_installed_says_which(monkeypatch):
    monkeypatch.setattr(MODELS, "_registered", {})
    monkeypatch.setattr(MODELS, "_offered", {})
    with pytest.raises(RecipeError) as caught:
        Recipe.load("resnet20")
    what = (
        "unknown model 'gluoncv'; mxdigits-gluoncv offers it: "
        "pip install plugins/mxdigits-gluoncv in a clone of mxdigits"
    )
    assert caught.value.lines == [f"resnet20:2:9: model.name: {what}"]


@pytest.mark.parametrize("name", ["mlflow", "tensorboard", "wandb"])
def test_a_tracker_that_is_not_installed_says_where_it_lies(monkeypatch, name):
    monkeypatch.setattr(CALLBACKS, "_registered", {})
    monkeypatch.setattr(CALLBACKS, "_offered", {})
    with pytest.raises(RecipeError) as caught:
        Recipe.load("mlp", [f"callbacks=[{name}]"])
    assert caught.value.lines == [
        f"override callbacks=[{name}]: callbacks.0: unknown callback {name!r}; mxdigits-{name} "
        f"offers it: pip install plugins/mxdigits-{name} in a clone of mxdigits"
    ]


@pytest.mark.parametrize("name", shipped_recipes())
@pytest.mark.usefixtures("gluoncv")
def test_the_shipped_recipes(name):
    found = Recipe.load(name)
    assert found.name == name
    assert Recipe.parse(found.dump()) == found
    first = shipped_recipes()[name].read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# ")
    assert first.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        *("9", "1.5", "0x1F", "true", "null", "on", "2024-01-02", "1_000", "09", "1e3", "0o17"),
    ],
)
def test_a_recipe_file_may_be_called_like_a_number(tmp_path, name):
    """A run writes its recipe beside its results, and that file must load again."""
    (tmp_path / f"{name}.yaml").write_text("model: lenet")
    found = Recipe.load(tmp_path / f"{name}.yaml")
    assert found.name == name
    assert Recipe.parse(found.dump()) == found


# The schema for editors


def allowed_keys(schema: dict, section: str) -> set[str]:
    """The keys that the schema names for a section, behind references and alternatives."""
    found: set[str] = set()
    waiting = [schema["properties"][section]]
    while waiting:
        each = waiting.pop()
        if "$ref" in each:
            waiting.append(schema["$defs"][each["$ref"].rpartition("/")[2]])
        waiting += each.get("anyOf", [])
        found |= set(each.get("properties", {}))
    return found


def test_the_schema_names_every_key():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert tuple(schema["properties"]) == ("extends", *KEYS)
    assert schema["anyOf"] == [{"required": ["model"]}, {"required": ["extends"]}]
    assert schema["additionalProperties"] is False
    assert all(schema["properties"][key].get("description") for key in KEYS)
    assert allowed_keys(schema, "data") == {"name", "batch_size", "sampler", "shard"}
    assert allowed_keys(schema, "optimizer") == {"name", "learning_rate"}
    assert allowed_keys(schema, "loss") == {"label_smoothing", "class_weights", "focal"}
    for section in ("model", "schedule", "initializer"):
        assert allowed_keys(schema, section) == {"name"}
    assert schema["properties"]["epochs"]["minimum"] == 1
    assert schema["properties"]["seed"]["exclusiveMaximum"] == 2**31


@pytest.mark.parametrize("name", shipped_recipes())
def test_the_shipped_recipes_fit_the_schema(name):
    value = parse(shipped_recipes()[name].read_text(encoding="utf-8"), name).value
    schema = json_schema()
    assert set(value) <= set(schema["properties"])
    assert set(schema["required"]) <= set(value)
    for key, each in value.items():
        kinds = {kind.get("type") for kind in schema["properties"][key].get("anyOf", [])}
        kinds |= {schema["properties"][key].get("type")}
        kinds |= {"object"} if "$ref" in schema["properties"][key] else set()
        types = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
        shown = types[type(each)]
        assert shown in kinds


# Properties

# Without the one character that PyYAML does not bring back: it reads it as a new line.
words = st.text(max_size=12).filter(lambda word: "\x85" not in word)
rates = st.floats(min_value=1e-12, max_value=1e12)
shares = st.floats(min_value=0.001, max_value=0.999)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


recipes = st.fixed_dictionaries(
    {
        "model": st.just("lenet")
        | st.fixed_dictionaries(
            {"name": st.just("mlp")},
            optional={"hidden": values, "activation": values, "dropout": values},
        )
    },
    optional={
        "name": st.from_regex(r"[A-Za-z0-9][A-Za-zäß0-9_.-]{0,20}", fullmatch=True),
        "data": st.fixed_dictionaries(
            {"name": st.just("idx"), "path": values},
            optional={"classes": values, "batch_size": st.integers(1, 10**6)},
        ),
        "optimizer": st.sampled_from(sorted(OPTIMIZERS))
        | st.fixed_dictionaries(
            {"name": st.just("nag"), "learning_rate": rates},
            optional={
                "momentum": st.floats(0, 0.99),
                "wd": rates,
                "clip_gradient": st.none() | rates,
            },
        ),
        "schedule": st.sampled_from(sorted(SCHEDULES))
        | st.fixed_dictionaries({"name": st.just("poly"), "pwr": rates, "final_lr": rates}),
        "initializer": st.sampled_from(sorted({*INITIALIZERS} - {"constant"}))
        | st.fixed_dictionaries({"name": st.just("constant"), "value": rates}),
        "loss": st.fixed_dictionaries(
            {"label_smoothing": shares},
            optional={
                "focal": rates,
                "class_weights": st.none()
                | st.just("balanced")
                | st.lists(rates, min_size=1)
                | st.dictionaries(words, rates, min_size=1),
            },
        ),
        "freeze": st.lists(words.filter(bool), max_size=3),
        "lr_mult": st.dictionaries(words, rates, max_size=3),
        "accumulate": st.just(1),
        "epochs": st.integers(1, MOST_EPOCHS),
        "validation": st.none() | shares | st.integers(1, 10**6),
        "context": st.sampled_from(["cpu", "gpu", "auto", ["gpu(0,1)", "cpu"], ["cpu"]]),
        "threads": st.none() | st.integers(1, 1024),
        "seed": st.integers(0, 2**31 - 1),
        "predictions": st.lists(st.sampled_from(["csv", "jsonl", "npz"]), unique=True),
    },
)


@settings(deadline=None)
@given(recipes)
def test_what_is_dumped_loads_as_the_same_recipe(keys):
    found = Recipe.make(**keys)
    again = Recipe.parse(found.dump())
    assert again == found
    assert again.dump() == found.dump()


def test_options_that_are_not_finite_are_dumped():
    found = recipe("model: {name: mlp, dropout: .inf, hidden: [-.inf]}")
    assert found.model.options == {"dropout": math.inf, "hidden": [-math.inf]}
    assert recipe(found.dump()) == found


def test_whatever_loads_can_be_dumped():
    found = recipe("model: {name: mlp, hidden: " + "[" * 40 + "]" * 40 + "}")
    assert recipe(found.dump()) == found
    too_deep = "model: {name: mlp, hidden: " + "[" * 300 + "]" * 300 + "}"
    assert problems(too_deep) == ["r.yaml: nested too deeply"]


keys = st.sampled_from([*KEYS, *SYNONYMS, "name", "x", "model.name", "optimizer.momentum"])
scalars = st.sampled_from(
    [
        *("lenet", "sgd", "{name: sgd}", "{name: [x]}", "{name: {}}", "{name: step, step: x}"),
        *("[1]", "0", "-1", ".nan", ".inf", "1e999", "9" * 400, "~", "{}", "[]", "true", "''"),
        *("&a b", "step"),
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(keys, scalars | words), max_size=6), st.lists(st.tuples(keys, scalars)))
def test_whatever_is_written_is_a_recipe_or_refused_in_words(lines, overrides):
    text = "".join(f"{key}: {value}\n" for key, value in lines)
    refused = []
    try:
        Recipe.parse(text, overrides=[f"{key}={value}" for key, value in overrides]).dump()
    except RecipeError as error:
        refused = error.lines
        assert refused
    assert all(line.startswith(("recipe:", "override ")) for line in refused)


def test_nothing_here_needs_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe(FULL).dump()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("recipe", ["mlp", Recipe.load("mlp"), shipped_recipes()["mlp"]])
def test_a_recipe_by_its_name_its_file_or_itself(recipe):
    assert as_recipe(recipe) == Recipe.load("mlp")
    chosen = as_recipe(recipe, ["epochs=3", "data.batch_size=50"])
    assert (chosen.name, chosen.epochs, chosen.data.batch_size) == ("mlp", 3, 50)
    with pytest.raises(RecipeError) as caught:
        as_recipe(recipe, ["epoch=3"])
    assert str(caught.value) == "override epoch=3: epoch: unknown key; did you mean 'epochs'?"


@pytest.mark.parametrize(
    "value", [3, 1e-5, 1e20, True, None, "a: b\n#é\u202e", [1, "x"], {"name": "adam", "wd": 1e-4}]
)
def test_a_keyword_is_an_override(value):
    (override,) = as_overrides({"key": value})
    assert options_from([override]) == {"key": value}


def test_a_keyword_that_is_no_value_of_a_recipe():
    with pytest.raises(RecipeError) as caught:
        as_overrides({"epochs": {1}})
    assert str(caught.value) == "epochs: must be a number, text, list or mapping, got {1}"


# The parts of a mix


def test_the_parts_of_a_mix_are_checked_where_they_stand():
    text = """model: mlp
data:
  name: mix
  parts:
    - mnist
    - {name: flder, share: 2}
    - name: idx
      pathh: mine
    - name: mix
      parts: [{name: mnist, repeat: 2}, folder]
"""
    assert problems(text) == [
        "r.yaml:6:8: data.parts.1.name: unknown data set 'flder'; did you mean 'folder'?",
        "r.yaml:6:21: data.parts.1.share: must be a number between 0 and 1, got 2",
        "r.yaml:7:7: data.parts.2.path: is required",
        "r.yaml:8:7: data.parts.2.pathh: unknown key; did you mean 'path'?",
        "r.yaml:10:29: data.parts.3.parts.0.repeat: is for the parts after the first; the "
        "first is always taken whole",
        "r.yaml:10:41: data.parts.3.parts.1.path: is required",
    ]


def test_a_mix_needs_parts_and_its_own_options_stay_its_own():
    assert problems("model: mlp\ndata: mix") == ["r.yaml:2:1: data.parts: is required"]
    assert problems("model: mlp\ndata: {name: mix, parts: mnist}") == [
        "r.yaml:2:19: data.parts: must be a list of data sets, such as [mnist, {name: folder, "
        "path: mine, share: 0.1}], got 'mnist'"
    ]
    assert problems("model: mlp\ndata: {name: mnist, share: 0.1}") == [
        "r.yaml:2:21: data.share: unknown key; did you mean 'shard'?"
    ]


def test_a_mix_survives_its_own_writing():
    first = recipe("{model: mlp, data: {name: mix, parts: [mnist, {name: folder, path: m}]}}")
    assert Recipe.parse(first.dump()) == first
