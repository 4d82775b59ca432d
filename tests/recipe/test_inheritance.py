"""Recipes that extend others: which key counts, and where a mistake is said to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mxdigits.errors import RecipeError
from mxdigits.recipe.environment import expand, expand_paths, protect, protect_paths
from mxdigits.recipe.inheritance import read_layers
from mxdigits.recipe.schema import Recipe, json_schema


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write recipes, {path: text}, into an empty folder, which becomes the current one."""
    monkeypatch.chdir(tmp_path)

    def write(**recipes):
        for name, text in recipes.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    return write


def problems(path, *overrides):
    with pytest.raises(RecipeError) as caught:
        Recipe.load(path, overrides)
    assert caught.value.exit_code == 2
    return caught.value.lines


def test_each_key_replaces_that_of_the_other_as_a_whole(write):
    write(
        base="model: {name: mlp, hidden: [9]}\noptimizer: {name: sgd, momentum: 0.9}\nepochs: 4\n"
        "augmentation: affine\n",
        mine="extends: base.yaml\noptimizer: {name: sgd, learning_rate: 0.3}\naugmentation: null\n",
    )
    found = Recipe.load("mine.yaml", ["model.dropout=0.5"])
    assert found == Recipe.make(
        name="mine",
        model={"name": "mlp", "hidden": [9], "dropout": 0.5},
        optimizer={"name": "sgd", "learning_rate": 0.3},
        epochs=4,
    )
    assert "extends" not in found.dump()
    assert Recipe.parse(found.dump()) == found


def test_a_shipped_recipe_by_name(write):
    write(mine="extends: mlp\nepochs: 1\n")
    shipped = Recipe.load("mlp")
    assert Recipe.load("mine.yaml") == shipped.model_copy(update={"name": "mine", "epochs": 1})
    assert Recipe.parse("extends: mlp", name="mlp") == shipped


def test_a_file_goes_before_a_shipped_recipe_of_that_name(write, tmp_path):
    write(mine="extends: mlp\n")
    (tmp_path / "mlp").write_text("model: lenet\nepochs: 2\n")
    assert Recipe.load("mine.yaml").model.name == "lenet"


def test_a_chain_each_path_meant_from_the_file_that_says_it(write):
    write(
        a="extends: below/b.yaml\nseed: 1\n",
        below__b="extends: ../c.yaml\nseed: 2\nepochs: 2\n",
        c="extends: mlp\nseed: 3\nepochs: 3\nname: ours\nvalidation: 0.5\n",
    )
    found = Recipe.load("a.yaml")
    assert (found.seed, found.epochs, found.validation) == (1, 2, 0.5)
    assert (found.name, found.threads) == ("ours", 1)


def test_mistakes_are_in_the_file_that_makes_them(write):
    write(
        base="model: lennet\nlr: 1\nepochs: 0\n",
        mine="# mine\nextends: base.yaml\nepochs: 3\noptimizer:\n  name: sgd\n  lr: 3\n",
    )
    assert problems("mine.yaml", "seed=-1") == [
        "override seed=-1: seed: must be at least 0, got -1",
        "mine.yaml:6:3: optimizer.lr: unknown key; write learning_rate",
        "base.yaml:1:1: model: unknown model 'lennet'; did you mean 'lenet'?",
        "base.yaml:2:1: lr: unknown key; write optimizer.learning_rate",
    ]


def test_what_is_wrong_as_yaml_is_told_with_the_rest(write):
    write(base="epochs: 1\nepochs: 2\n", mine="extends: base.yaml\nseed: 1\nseed: 2\n")
    assert problems("mine.yaml") == [
        "mine.yaml:3:1: seed: duplicate key; the first is in line 2",
        "base.yaml:2:1: epochs: duplicate key; the first is in line 1",
        "mine.yaml:1:1: model: is required",
    ]


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        (
            "bse.yaml",
            "there is no file bse.yaml, nor a shipped recipe of that name; did you mean "
            "'base.yaml'?",
        ),
        (
            "lennet",
            "there is no file lennet, nor a shipped recipe of that name; did you mean 'lenet'?",
        ),
        ("below", "below is not a file"),
        ("3", "must be a recipe's file, or a shipped recipe's name, got 3"),
        ("", "must be a recipe's file, or a shipped recipe's name, got nothing"),
        ("[a, b]", "must be a recipe's file, or a shipped recipe's name, got ['a', 'b']"),
        (
            "${NOT_SET}/base.yaml",
            "the environment variable NOT_SET is not set; set it, or write ${NOT_SET:default}",
        ),
        ("mine.yaml", "a recipe cannot extend itself: mine.yaml extends mine.yaml"),
        (
            "latin.yaml",
            "cannot read the recipe latin.yaml: it is not UTF-8 text; save it in an editor as "
            "UTF-8",
        ),
    ],
)
def test_recipes_that_cannot_be_extended(write, tmp_path, extends, problem):
    write(base="model: mlp\n", below__c="model: mlp\n", mine=f"seed: 1\nextends: {extends}\n")
    (tmp_path / "latin.yaml").write_bytes(b"model: \xe4")
    assert problems("mine.yaml") == [f"mine.yaml:2:1: extends: {problem}"]


def test_a_cycle_is_told_whole(write):
    write(a="extends: b.yaml\n", b="extends: c.yaml\n", c="seed: 1\nextends: ./b.yaml\n")
    assert problems("a.yaml") == [
        "c.yaml:2:1: extends: a recipe cannot extend itself: b.yaml extends c.yaml extends b.yaml"
    ]


def test_what_is_extended_must_be_a_recipe(write):
    write(base="[1, 2]\n", mine="extends: base.yaml\n", broken="extends: {\n")
    assert problems("mine.yaml") == [
        "base.yaml:1:1: a recipe is a mapping; begin with model: lenet"
    ]
    write(mine="extends: broken.yaml\n")
    assert problems("mine.yaml")[0].startswith("broken.yaml:2:1: not YAML: ")


def test_only_a_file_extends(write):
    write(mine="model: mlp\n")
    assert problems("mine.yaml", "extends=lenet") == [
        "override extends=lenet: extends is allowed only in a recipe's file"
    ]


def test_the_name_of_the_key_is_offered():
    with pytest.raises(RecipeError) as caught:
        Recipe.parse("extend: mlp\nmodel: mlp")
    assert caught.value.lines == ["recipe:1:1: extend: unknown key; did you mean 'extends'?"]


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"extends": "mlp"}, True),
        ({"model": "mlp"}, True),
        ({"extends": "lenet", "model": "mlp"}, True),
        ({"epochs": 3}, False),
        ({"extends": 3}, False),
    ],
)
def test_the_schema_for_editors_knows_it(value, valid):
    assert Draft202012Validator(json_schema()).is_valid(value) == valid


def test_layers_know_what_each_says():
    layers = read_layers("extends: mlp\nepochs: 3\n", "mine.yaml")
    assert [each.source for each in layers.documents] == ["mine.yaml", "mlp"]
    assert layers.mark(("epochs",)) == (0, 2, 1)
    assert layers.mark(("data", "batch_size")) == (1, 3, 21)
    assert layers.place(()) == "mine.yaml:1:1"
    assert (layers.holds(("threads",)), layers.holds(("seeds",))) == (True, False)


# Variables of the environment


def test_variables_stand_in_paths_alone(monkeypatch):
    monkeypatch.setenv("WHERE", "/data")
    monkeypatch.setenv("EMPTY", "")
    text = """\
model: {name: graph, path: '${WHERE}/a.json', parameters: '${EMPTY:b}.params'}
data: {name: mix, parts: [mnist, {name: folder, path: '${EMPTY:}~/${WHERE}'}]}
init: $${WHERE}
name: run
"""
    found = Recipe.parse(text)
    assert found.model.options == {"path": "/data/a.json", "parameters": "b.params"}
    assert found.data.options["parts"][1]["path"] == "~//data"
    assert found.init == "${WHERE}"
    assert Recipe.parse(found.dump()) == found
    assert Recipe.parse("model: mlp", overrides=["init=${WHERE}/run"]).init == "/data/run"


def test_what_is_wrong_with_variables_is_told_by_place(monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    monkeypatch.setenv("ODD", "a\nb")
    text = "model: mlp\ndata: {name: idx, path: '${NOT_SET}'}\ninit: ${1}\nname: ${NOT_SET}\n"
    with pytest.raises(RecipeError) as caught:
        Recipe.parse(text, source="r.yaml")
    assert caught.value.lines == [
        "r.yaml:2:19: data.path: the environment variable NOT_SET is not set; set it, or write "
        "${NOT_SET:default}",
        "r.yaml:3:1: init: a variable is written ${NAME} or ${NAME:default}; write $${ where ${ "
        "itself is meant",
        "r.yaml:4:1: name: must begin with a letter or digit and hold only letters, digits, '_', "
        "'.' and '-', 100 at most, got '${NOT_SET}'",
    ]
    with pytest.raises(RecipeError) as caught:
        Recipe.parse("model: mlp", source="r.yaml", overrides=["init=${ODD}"])
    assert caught.value.lines == [
        "override init=${ODD}: init: the environment variable ODD is no text: 'a\\nb'"
    ]


@given(st.text(alphabet="${}:A_x~/") | st.text())
def test_any_text_can_be_protected(text):
    assert expand(protect(text)) == text


@given(
    st.recursive(
        st.text("${}A:"), lambda each: st.dictionaries(st.sampled_from(["path", "b"]), each)
    )
)
def test_recipes_keep_what_is_protected(value):
    assert expand_paths(protect_paths({"data": value})) == ({"data": value}, [])
