"""``mxdigits check`` imports the plugins that a recipe names, and says what is wrong with them."""

from __future__ import annotations

import pytest

from mxdigits.cli.app import main
from mxdigits.errors import MXNetMissing
from mxdigits.plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS

KEYS = {
    "model": MODELS,
    "data": DATASETS,
    "augmentation": AUGMENTATIONS,
    "callbacks": CALLBACKS,
    "predictions": EXPORTERS,
}


@pytest.fixture
def offer(install, write, monkeypatch):
    """Install a plugin ``poor`` for a key of recipes."""

    def offer(key: str, source: str) -> None:
        monkeypatch.setattr(KEYS[key], "_offered", None)
        write("reg_poor", source)
        install("reg-poor", group=KEYS[key].group, poor="reg_poor:Poor")

    return offer


@pytest.mark.parametrize("key", KEYS)
def test_a_plugin_that_cannot_be_imported_is_told_of(offer, capsys, key):
    offer(key, "import nothing_like_it\nclass Poor: pass\n")
    assert main(["check", "mlp", f"{key}=poor"]) == 3
    what = f"{KEYS[key].noun} 'poor' (reg_poor:Poor from reg-poor 1.0)"
    why = "ModuleNotFoundError: No module named 'nothing_like_it'"
    assert capsys.readouterr() == ("", f"error: {what} cannot be loaded: {why}\n")


def test_a_syntax_error_is_told_of_with_layers_too(offer, capsys):
    offer("model", "def Poor(:\n")
    for command in (["check", "mlp"], ["check", "mlp", "--layers"]):
        assert main([*command, "model=poor"]) == 3
        told = capsys.readouterr().err
        assert told.startswith(
            "error: model 'poor' (reg_poor:Poor from reg-poor 1.0) cannot be loaded: SyntaxError: "
        )


def test_why_layers_are_not_listed(offer, capsys):
    offer("model", "class Poor:\n    def __init__(self, *, classes): raise KeyError('units')\n")
    assert main(["check", "mlp", "model=poor"]) == 0  # it is imported, and not called
    capsys.readouterr()
    assert main(["check", "mlp", "model=poor", "--layers"]) == 2
    assert capsys.readouterr().err == (
        "error: the model 'poor' cannot be built here: model 'poor' (reg_poor:Poor from reg-poor "
        "1.0) cannot be built: KeyError: 'units'\n"
    )
    assert main(["check", "mlp", "model=poor", "freeze=x"]) == 0
    assert capsys.readouterr().err.startswith(
        "freeze, lr_mult: not checked: the model 'poor' cannot be built here: model 'poor' ("
    )


def test_a_plugin_that_needs_mxnet_may_be_checked_elsewhere(offer, monkeypatch, capsys):
    def missing(name):
        raise MXNetMissing("model 'poor' needs MXNet. MXNet is not installed")

    offer("model", "class Poor: pass\n")
    monkeypatch.setattr(MODELS, "get", missing)
    assert main(["check", "mlp", "model=poor"]) == 0
    told = capsys.readouterr()
    assert told.err == "not checked: model 'poor' needs MXNet. MXNet is not installed\n"
    assert "\nmodel: poor\n" in told.out
