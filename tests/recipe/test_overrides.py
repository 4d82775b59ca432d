"""Overrides of a recipe: key=value, as the command line has them."""

from __future__ import annotations

import pytest
from recipe_texts import NO_NAME, problems, recipe

import mxdigits
from mxdigits.errors import RecipeError, UsageError
from mxdigits.recipe.overrides import as_overrides, options_from
from mxdigits.recipe.schema import Recipe

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
            ["augmentation=[blur]", "augmentation.shift=3"],
            "override augmentation.shift=3: augmentation is a list; its values are augmentation.0",
        ),
        (
            ["augmentation=[blur, affine]", "augmentation.2.shift=3"],
            "override augmentation.2.shift=3: augmentation is a list; its values are "
            "augmentation.0 to augmentation.1",
        ),
        (
            ["callbacks=[]", "callbacks.0.patience=3"],
            "override callbacks.0.patience=3: callbacks is an empty list; write callbacks=[...]",
        ),
        (
            ["callbacks.0.patience=3"],
            "override callbacks.0.patience=3: callbacks is an empty list; write callbacks=[...]",
        ),
        (
            ["augmentation=blur", "augmentation.1.sigma=3"],
            "override augmentation.1.sigma=3: augmentation is a list; its values are "
            "augmentation.0",
        ),
        (
            ["augmentation=[blur, affine]", "augmentation.1.shft=3"],
            "override augmentation.1.shft=3: augmentation.1.shft: unknown key; did you mean "
            "'shift'?",
        ),
        (
            ["epochs=[1"],
            "override epochs=[1:1:3: not YAML: a bracket is never closed; ] is missing",
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


def test_another_name_leaves_the_options_of_the_default_behind():
    assert recipe("model: lenet", "optimizer.name=adam").optimizer.learning_rate == 0.001


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


@pytest.mark.parametrize("written", ["early_stopping", "{name: early_stopping, min_delta: 0.1}"])
def test_one_value_without_a_list_is_its_first(written):
    text = f"model: mlp\nvalidation: 0.1\ncallbacks: {written}"
    (found,) = recipe(text, "callbacks.0.patience=5").callbacks
    assert (found.name, found.options["patience"]) == ("early_stopping", 5)


def test_a_number_in_a_key_means_a_value_of_a_list():
    found = recipe(
        "model: mlp\naugmentation: [blur, {name: affine, scale: 0}]\nvalidation: 0.1",
        "augmentation.1.shift=3",
        "augmentation.0.sigma=2",
        "callbacks=[early_stopping]",
        "callbacks.0=best_weights",
        "callbacks.0.monitor=train_loss",
        "loss.class_weights.7=2",
    )
    assert [each.model_dump() for each in found.augmentation] == [
        {"name": "blur", "sigma": 2},
        {"name": "affine", "scale": 0, "shift": 3},
    ]
    assert [each.model_dump() for each in found.callbacks] == [
        {"name": "best_weights", "monitor": "train_loss"}
    ]
    assert found.loss.class_weights == {"7": 2}
