"""Wrong choices are told of by ``mxdigits check``, and by a run before data are read."""

from __future__ import annotations

import pytest

from mxdigits.cli.app import main
from mxdigits.experiment.preparation.choices import check_choices
from mxdigits.plugins.registry import MODELS
from mxdigits.recipe.schema import Recipe

NO_DATA = "data={name: folder, path: nowhere}"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "model={name: mlp, dropout: 1.5}",
            "model 'mlp': dropout: must be a number from 0 to below 1, got 1.5",
        ),
        (
            "model={name: lenet, dropout: }",
            "model 'lenet': dropout: must be a number from 0 to below 1, got nothing",
        ),
        (
            "augmentation={name: affine, rotation: 10deg}",
            "augmentation 'affine': rotation: must be a number from 0 to 180, got '10deg'",
        ),
        (
            "callbacks={name: early_stopping, monitor: train_loss, patience: true}",
            "callback 'early_stopping': patience: must be a whole number of at least 1, got true",
        ),
    ],
)
def test_a_wrong_value_is_told_before_data(tmp_path, monkeypatch, capsys, override, message):
    monkeypatch.chdir(tmp_path)
    for command in ("check", "run"):
        assert main([command, "mlp", NO_DATA, override]) == 2
        assert capsys.readouterr() == ("", f"error: {message}\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("backend", ["xla", "torch"])
def test_an_optimizer_that_the_backend_lacks_is_told_before_data(
    tmp_path, monkeypatch, capsys, backend
):
    """Whether that backend is installed or not."""
    monkeypatch.chdir(tmp_path)
    for command in ("check", "run"):
        overrides = [NO_DATA, f"backend={backend}", "optimizer=sgld"]
        assert main([command, "mlp", *overrides]) == 2
        told = f"error: the backend {backend} has no optimizer sgld; take sgd, or backend: mxnet\n"
        assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize("name", ["mlp", "lenet", "deep"])
def test_right_values_pass(name):
    check_choices(Recipe.make(model=name, augmentation=["affine", "mixup"], callbacks=[]))


def test_a_plugin_is_not_called(monkeypatch):
    def never(*, classes):
        raise AssertionError("called")

    MODELS.register("never_called")(never)
    check_choices(Recipe.make(model="never_called"))
