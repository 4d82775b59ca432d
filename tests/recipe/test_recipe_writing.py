"""Whatever is loaded as a recipe is written again as the same recipe."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from recipe_texts import KEYS, problems, recipe

from mxdigits.backends.mxnet.names import INITIALIZERS, OPTIMIZERS
from mxdigits.errors import RecipeError
from mxdigits.recipe.schema import Recipe
from mxdigits.recipe.synonyms import SYNONYMS
from mxdigits.train.history import MOST_EPOCHS
from mxdigits.train.schedule_shapes import SCHEDULES

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
