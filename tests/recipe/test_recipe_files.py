"""A recipe in a file, and the recipes that are shipped: found by their names, and read."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe_texts import recipe

from mxdigits.errors import RecipeError, UsageError
from mxdigits.plugins.entry import Entry
from mxdigits.plugins.registry import CALLBACKS, MODELS
from mxdigits.recipe.files import find_recipe, shipped_recipes
from mxdigits.recipe.schema import Recipe, as_recipe


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my recipe.yaml", "my-recipe"),
        (".x.yaml", "x"),
        ("Ärzte é.yaml", "Arzte-e"),
        ("A\u0308rzte.yaml", "Arzte"),  # the same Ä in two characters
        ("mlp 😀.yaml", "mlp"),
        ("--.yaml", "run"),
    ],
)
def test_a_run_is_named_after_its_file_as_far_as_that_can_be(tmp_path, file, name):
    (tmp_path / file).write_text("model: lenet\n")
    assert Recipe.load(tmp_path / file).name == name


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
        (
            "mine.parquet",
            "mine.parquet",
            "a table of pixels is read as an NPZ file: write numpy.savez('mine.npz', x_train=..., "
            "y_train=..., x_test=..., y_test=...)",
        ),
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
    assert refusal("folder") == "cannot read the recipe folder: it is a folder"
    (tmp_path / "folder" / "recipe.yaml").touch()
    assert refusal("folder") == (
        "cannot read the recipe folder: it is a folder; did you mean 'folder/recipe.yaml'?"
    )
    assert refusal("nope.yaml") == f"there is no file nope.yaml, {missing} {shipped}"
    assert refusal("lenett") == f"there is no file lenett, {missing} did you mean 'lenet'?"
    assert refusal("a/mpl.yaml") == f"there is no file a/mpl.yaml, {missing} did you mean 'mlp'?"
    (tmp_path / "a").mkdir(exist_ok=True)
    (tmp_path / "a" / "mine.yaml").write_text("model: mlp")
    for name in ("a/mnie.yaml", "a/mine.yml", "a/mine"):
        assert refusal(name) == f"there is no file {name}, {missing} did you mean 'a/mine.yaml'?"
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


@pytest.mark.parametrize("recipe", ["mlp", Recipe.load("mlp"), shipped_recipes()["mlp"]])
def test_a_recipe_by_its_name_its_file_or_itself(recipe):
    assert as_recipe(recipe) == Recipe.load("mlp")
    chosen = as_recipe(recipe, ["epochs=3", "data.batch_size=50"])
    assert (chosen.name, chosen.epochs, chosen.data.batch_size) == ("mlp", 3, 50)
    with pytest.raises(RecipeError) as caught:
        as_recipe(recipe, ["epoch=3"])
    assert str(caught.value) == "override epoch=3: epoch: unknown key; did you mean 'epochs'?"
