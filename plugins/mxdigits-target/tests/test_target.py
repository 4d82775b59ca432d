from pathlib import Path

import pytest

from mxdigits import EpochRecord, Recipe, Stop
from mxdigits.errors import UsageError
from mxdigits.registry import CALLBACKS
from mxdigits.testing import check_plugin


def test_the_callback_keeps_the_contract():
    check_plugin(CALLBACKS, "target", {"accuracy": 0.5, "epochs": 2})


def test_it_stops_in_the_second_epoch():
    callback = CALLBACKS.make("target", {"accuracy": 0.9, "epochs": 2})
    record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.2, train_accuracy=0.95)
    assert callback.on_epoch_end(record) is None
    reason = "a training accuracy of 0.9500 is high enough"
    assert callback.on_epoch_end(record) == Stop(reason)


@pytest.mark.parametrize("options", [{"accuracy": 95}, {"accuracy": "high"}, {"epochs": 0}])
def test_wrong_options_are_refused(options):
    with pytest.raises(UsageError, match=f"option {next(iter(options))}: must be "):
        CALLBACKS.make("target", options)


def test_the_recipe_is_valid():
    (callback,) = Recipe.load(Path(__file__).parents[1] / "target.yaml").callbacks
    assert callback.name == "target"
