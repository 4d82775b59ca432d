"""The recipe of a run whose plugins have gone since."""

from __future__ import annotations

import pytest

from mxdigits.errors import PluginError, RecipeError
from mxdigits.experiment.records.own_recipe import own_recipe
from mxdigits.runs.folder import RunFolder

WHICH = {"distribution": "mxdigits-gone", "version": "0.1"}
GONE = "is from mxdigits-gone 0.1, which is not installed: pip install mxdigits-gone==0.1"


def read(tmp_path, text, plugins, *overrides):
    (tmp_path / "recipe.yaml").write_text(text)
    return own_recipe(RunFolder(tmp_path), plugins, overrides)


@pytest.mark.parametrize(
    ("text", "section", "what"),
    [
        ("model: gone", {"model": {"name": "gone", **WHICH}}, "model"),
        ("model: mlp\ndata: gone", {"data": {"name": "gone", **WHICH}}, "data set"),
        (
            "model: mlp\naugmentation: gone",
            {"augmentation": {"name": "gone", **WHICH}},
            "augmentation",
        ),
        (
            "model: mlp\ncallbacks: [best_weights, gone]\nvalidation: 0.1",
            {"callbacks": [{"name": "best_weights"}, {"name": "gone", **WHICH}]},
            "callback",
        ),
        (
            "model: mlp\npredictions: [gone]",
            {"predictions": [{"name": "gone", **WHICH}]},
            "format",
        ),
    ],
)
def test_a_plugin_that_has_gone_is_named(tmp_path, text, section, what):
    with pytest.raises(PluginError) as caught:
        read(tmp_path, text, section)
    assert str(caught.value) == f"{tmp_path}: its {what} 'gone' {GONE}"


def test_one_that_another_takes_the_place_of_is_not_missed(tmp_path):
    plugins = {"data": {"name": "gone", **WHICH}}
    assert read(tmp_path, "model: mlp\ndata: gone", plugins, "data=mnist").data.name == "mnist"
    with pytest.raises(RecipeError, match="epoch: unknown key"):
        read(tmp_path, "model: mlp\ndata: gone", plugins, "data=mnist", "epoch=3")


def test_a_plugin_of_a_clone_is_installed_from_there(tmp_path):
    here = {"name": "gluoncv", "distribution": "mxdigits-gluoncv", "version": "0.1"}
    with pytest.raises(RecipeError, match="pip install plugins/mxdigits-gluoncv in a clone"):
        read(tmp_path, "model: gluoncv", {"model": here})


@pytest.mark.parametrize("plugins", [{}, {"data": None}, {"data": ["gone"]}, {"data": {}}])
def test_a_record_that_says_nothing(tmp_path, plugins):
    with pytest.raises(RecipeError, match="unknown data set 'gone'"):
        read(tmp_path, "model: mlp\ndata: gone", plugins)
