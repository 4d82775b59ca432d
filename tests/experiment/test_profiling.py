"""``mxdigits profile``: which operators it finds on each backend, and what it says of them."""

from __future__ import annotations

import os

import pytest
from backends.training import TRAINING

from mxdigits.backends.profiling import Measured, OperatorTime, by_time
from mxdigits.cli.app import main
from mxdigits.experiment.previews.profiling import StepProfile, profile_recipe
from mxdigits.models.building import sketched
from mxdigits.recipe.schema import Recipe

# Operators that a step of two dense layers calls, and how often.
CALLS = {
    "mxnet": {"FullyConnected": 2, "_backward_FullyConnected": 2, "_backward_Activation": 1},
    "xla": {"FullyConnected": 2, "Activation": 1},
    "torch": {"aten::relu": 1},
}


@pytest.fixture
def recipe(idx_folder, tmp_path, monkeypatch):
    """A recipe of a network that every backend trains without MXNet."""
    monkeypatch.chdir(tmp_path)

    def make(**keys):
        given = {"data": {"name": "idx", "path": str(idx_folder), "batch_size": 10}, **keys}
        return Recipe.make(**{"model": {"name": "mlp", "hidden": [8]}, **given})

    return make


@pytest.mark.mxnet
@pytest.mark.parametrize("backend", TRAINING)
def test_every_operator_of_a_step_is_found(backend, recipe, tmp_path):
    found = profile_recipe(recipe(backend=backend), steps=12)
    calls = {each.name: each.calls for each in found.measured.operators}
    assert {name: calls[name] for name in CALLS[backend]} == CALLS[backend]
    seconds = [each.seconds for each in found.measured.operators]
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[0] > 0
    assert found.seconds > 0
    assert list(tmp_path.iterdir()) == []
    assert "MXNET_EXEC_BULK_EXEC_TRAIN" not in os.environ


@pytest.mark.parametrize("backend", TRAINING[1:])
def test_layers_with_statistics_and_with_chance(backend, recipe):
    """Batch normalization, which changes an input of its own, and dropout, which draws."""
    assert sketched("deep", {"dropout": 0.5}).operators >= {"BatchNorm", "Dropout"}
    model = {"name": "deep", "channels": [4], "depth": [1], "dropout": 0.5}
    found = profile_recipe(recipe(model=model, backend=backend), steps=2)
    names = " ".join(each.name.lower() for each in found.measured.operators)
    assert "batch" in names
    assert "conv" in names


def measured(*milliseconds):
    times = [OperatorTime(f"op{i}", 2, ms / 1000) for i, ms in enumerate(milliseconds)]
    return StepProfile(0.02, 100, Measured(times, "by hand"))


def test_a_step_in_rows_and_in_words():
    found = measured(15, 4.9, 0.06, 0.04)
    assert found.rows() == [
        ["op0", "2", "15.000", "75.0 %"],
        ["op1", "2", "4.900", "24.5 %"],
        ["2 others", "4", "0.100", "0.5 %"],
    ]
    assert found.sentences() == [
        "a step of 100 images takes 20.000 ms in a training (5,000 images/s); its operators take "
        "20.000 ms as they were measured",
        "how the operators were measured: by hand",
    ]
    assert measured(15, 0.06).rows()[1] == ["op1", "2", "0.060", "0.4 %"]
    assert measured(0.0).rows() == [["op0", "2", "0.000", "-"]]
    assert measured().rows() == []


def test_operators_of_one_name_are_together():
    times = [OperatorTime("a", 1, 0.1), OperatorTime("b", 1, 0.15), OperatorTime("a", 2, 0.2)]
    assert [(each.name, each.calls) for each in by_time(times)] == [("a", 3), ("b", 1)]


@pytest.mark.mxnet
def test_on_the_command_line(recipe, tmp_path, capsys):
    (tmp_path / "bars.yaml").write_text(recipe().dump())
    assert main(["profile", "bars.yaml", "--steps", "5"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split() == ["operator", "calls", "a", "step", "ms", "a", "step", "share"]
    assert lines[-3] == ""
    assert lines[-2].startswith("a step of 10 images takes ")
    assert lines[-1].startswith("how the operators were measured: by MXNet's profiler, each ")
    assert err.startswith("context: cpu(0)")
    assert [each.name for each in tmp_path.iterdir()] == ["bars.yaml"]
    assert main(["profile", "bars.yaml", "--steps", "14"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "error: --steps 14: the 130 images to train on make only 13 full batches of 10"
    )
