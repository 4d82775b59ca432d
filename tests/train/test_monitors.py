"""Early stopping, best weights and lower rates: what each says after each epoch, and to whom."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path

import pytest
from hostile_objects import Hostile, Odd

from mxdigits.errors import PluginError, RecipeError, UsageError
from mxdigits.plugins.registry import CALLBACKS
from mxdigits.recipe.schema import Recipe
from mxdigits.train.callbacks import (
    Callback,
    KeepWeights,
    ScaleLearningRate,
    Stop,
    WithoutValidation,
    actions_of,
)
from mxdigits.train.history import EpochRecord
from mxdigits.train.monitors import BestWeights, EarlyStopping, ReduceOnPlateau


def record(epoch, value, *, column="validation_loss", learning_rate=0.1):
    numbers = {"train_loss": 1.0, "train_accuracy": 0.5, column: value}
    return EpochRecord(epoch, learning_rate, 100, 1.0, 100.0, **numbers)


def heard(make, values, *, column="validation_loss"):
    """What a monitor says after each epoch; the same if it is left and taken up at each."""
    monitor, rate, answers, states = make(), 0.1, [], []
    records = []
    for epoch, value in enumerate(values):
        states.append(json.loads(json.dumps(monitor.state())))
        records.append(record(epoch, value, column=column, learning_rate=rate))
        answers.append(list(actions_of(monitor.on_epoch_end(records[-1]))))
        for action in answers[-1]:
            rate *= action.factor if isinstance(action, ScaleLearningRate) else 1
    for begin, state in enumerate(states):
        again = make()
        again.restore(state)
        found = [list(actions_of(again.on_epoch_end(each))) for each in records[begin:]]
        assert found == answers[begin:]
    return answers


def stop(best, patience, epoch, monitor="validation_loss"):
    epochs = "epoch" if patience == 1 else "epochs"
    return Stop(
        f"no better {monitor} than {best} for {patience} {epochs}, stopped after epoch {epoch}"
    )


KEEP = KeepWeights()


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        (
            {"patience": 2},
            [3, 2, 2, 1.5, 1.5, 1.6],
            [[KEEP], [KEEP], [], [KEEP], [], [stop("1.5", 2, 5)]],
        ),
        ({"patience": 1}, [3, 3], [[KEEP], [stop("3", 1, 1)]]),
        ({"patience": 1, "restore_best": False}, [3, 2, 3], [[], [], [stop("2", 1, 2)]]),
        # Only a gain of more than min_delta counts, from the best and not from the last.
        (
            {"patience": 3, "min_delta": 0.5},
            [3, 2.75, 2.5, 2.25, 1],
            [[KEEP], [], [], [KEEP], [KEEP]],
        ),
        (
            {"patience": 2},
            [math.inf, math.nan, 1.0, math.nan, math.nan],
            [[], [stop("a finite one", 2, 1)], [KEEP], [], [stop("1", 2, 4)]],
        ),
        ({"patience": 2}, [-1.0, -2.0, 0.0], [[KEEP], [KEEP], []]),
    ],
)
def test_early_stopping(options, values, expected):
    assert heard(lambda: EarlyStopping(**options), values) == expected


def test_more_accuracy_is_better():
    answers = heard(
        lambda: EarlyStopping(monitor="validation_accuracy", patience=2),
        [0.1, 0.3, 0.2, 0.3],
        column="validation_accuracy",
    )
    assert answers == [[KEEP], [KEEP], [], [stop("0.3", 2, 3, "validation_accuracy")]]


def test_best_weights():
    assert heard(BestWeights, [3, 2, 2, 1, 5]) == [[KEEP], [KEEP], [], [KEEP], []]
    assert heard(lambda: BestWeights(min_delta=1), [3, 2, 1, 0]) == [[KEEP], [], [KEEP], []]


def test_reduce_on_plateau_counts_anew_each_time():
    halve = ScaleLearningRate(0.5)
    answers = heard(lambda: ReduceOnPlateau(patience=2), [3, 3, 3, 3, 3, 2, 2, 2])
    assert answers == [[], [], [halve], [], [halve], [], [], [halve]]


def test_reduce_on_plateau_does_not_go_below_the_least_rate():
    answers = heard(lambda: ReduceOnPlateau(patience=1, factor=0.1, min_lr=0.005), [1, 1, 1, 1])
    assert answers == [[], [ScaleLearningRate(0.1)], [], []]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: EarlyStopping(monitor="loss"),
            "monitor: must be one of train_loss, train_accuracy, validation_loss, "
            "validation_accuracy, validation_ema_loss, validation_ema_accuracy, got 'loss'",
        ),
        (
            lambda: EarlyStopping(monitor=["train_loss"]),
            "monitor: must be one of train_loss, train_accuracy, validation_loss, "
            "validation_accuracy, validation_ema_loss, validation_ema_accuracy, got ['train_loss']",
        ),
        (
            lambda: EarlyStopping(patience=0),
            "patience: must be a whole number of at least 1, got 0",
        ),
        (
            lambda: ReduceOnPlateau(patience=True),
            "patience: must be a whole number of at least 1, got true",
        ),
        (
            lambda: EarlyStopping(restore_best=1),
            "restore_best: must be true or false, got 1",
        ),
        (
            lambda: BestWeights(min_delta=-0.1),
            "min_delta: must be a number of at least 0, got -0.1",
        ),
        (
            lambda: BestWeights(min_delta=math.nan),
            "min_delta: must be a number of at least 0, got nan",
        ),
        (
            lambda: BestWeights(min_delta="1"),
            "min_delta: must be a number of at least 0, got '1'",
        ),
        (
            lambda: ReduceOnPlateau(factor=1),
            "factor: must be a number of at least 0 and less than 1, got 1",
        ),
        (
            lambda: ReduceOnPlateau(factor=0),
            "factor: must be above 0: a rate of 0 never learns again",
        ),
        (
            lambda: ReduceOnPlateau(min_lr=math.inf),
            "min_lr: must be a number of at least 0, got inf",
        ),
    ],
)
def test_an_option_that_makes_no_sense_is_named(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_the_recipe_finds_them_by_name():
    made = CALLBACKS.make("early_stopping", {"patience": 7})
    assert isinstance(made, EarlyStopping)
    with pytest.raises(UsageError) as caught:
        CALLBACKS.make("reduce_on_plateau", {"factor": 2})
    assert str(caught.value) == (
        "callback 'reduce_on_plateau': factor: must be a number of at least 0 and less than 1, "
        "got 2"
    )


# Never the test set


def test_without_held_out_images_there_is_nothing_to_see():
    """The validation columns of such a run are the test set's."""
    with pytest.raises(UsageError) as caught:
        WithoutValidation(EarlyStopping()).on_epoch_end(record(0, 0.5))
    assert str(caught.value) == (
        "EarlyStopping watches validation_loss, and no images are held out for it: write "
        "validation: 0.1 in the recipe"
    )
    train = WithoutValidation(EarlyStopping(monitor="train_loss", patience=1))
    assert actions_of(train.on_epoch_end(record(0, 0.5))) == [KEEP]
    assert train.name == "EarlyStopping"
    assert train.state() == {"best": 1.0, "epochs_since": 0}


def test_a_plugin_is_not_shown_the_test_set_either():
    class Curious(Callback):
        def on_epoch_end(self, record):
            self.seen = record

    curious = Curious()
    WithoutValidation(curious).on_epoch_end(record(3, 0.5))
    assert curious.seen == record(3, None)


RECIPE = """\
model: mlp
data: {{name: idx, path: {path}, batch_size: 20}}
epochs: 4
"""


@pytest.mark.parametrize(
    ("callbacks", "problems"),
    [
        (
            "callbacks: early_stopping\n",
            [
                "bars.yaml:4:1: callbacks: watches validation_loss, and no images are held "
                "out for it; write validation: 0.1"
            ],
        ),
        (
            "callbacks:\n  - {name: best_weights, monitor: train_loss}\n"
            "  - {name: reduce_on_plateau, monitor: validation_accuracy}\n",
            [
                "bars.yaml:6:6: callbacks.1.name: watches validation_accuracy, and no images "
                "are held out for it; write validation: 0.1"
            ],
        ),
        ("callbacks: early_stopping\nvalidation: 0.1\n", []),
        ("callbacks: {name: early_stopping, monitor: train_loss}\n", []),
    ],
)
def test_the_recipe_must_hold_out_what_is_watched(tmp_path, monkeypatch, callbacks, problems):
    monkeypatch.chdir(tmp_path)
    Path("bars.yaml").write_text(RECIPE.format(path="x") + callbacks)
    found = []
    try:
        Recipe.load("bars.yaml")
    except RecipeError as error:
        found = error.lines
    assert found == problems


# Callbacks of others, in runs


class Raises(Callback):
    def on_epoch_end(self, record):
        if record.epoch == 2:
            raise BrokenPipeError("nobody listens")


class Nonsense(Callback):
    def __init__(self, answer):
        self.answer = answer

    def on_epoch_end(self, record):
        return self.answer if record.epoch == 2 else None


class Nameless(Raises):
    name = property(lambda self: 1 / 0)


class RaisesHostile(Callback):
    def on_epoch_end(self, record):
        if record.epoch == 2:
            raise Hostile


RETURNS = (
    "on_epoch_end must return None, Stop, ScaleLearningRate, KeepWeights or a list of them, not "
)


@pytest.mark.mxnet
@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (Raises(), "callback Raises: on_epoch_end failed: BrokenPipeError: nobody listens"),
        (Nameless(), "callback Nameless: on_epoch_end failed: BrokenPipeError: nobody listens"),
        (
            RaisesHostile(),
            "callback RaisesHostile: on_epoch_end failed: Hostile: Hostile, which cannot be shown",
        ),
        (Nonsense(Odd()), "callback Nonsense: Hostile, which cannot be shown"),
        (Nonsense("stop"), f"callback Nonsense: {RETURNS}'stop'"),
        (Nonsense([KEEP, 3]), f"callback Nonsense: {RETURNS}3"),
        (Nonsense(Stop), f"callback Nonsense: {RETURNS}{Stop!r}"),
        (Nonsense(Stop(3)), "callback Nonsense: the reason of a Stop must be a string, not 3"),
        *[
            (
                Nonsense(ScaleLearningRate(factor)),
                "callback Nonsense: the factor of a ScaleLearningRate must be a finite number "
                f"above 0, not {factor!r}",
            )
            for factor in (0, -1.0, math.nan, math.inf, "half", True)
        ],
    ],
    ids=range(14),  # pytest could not show all of them
)
def test_a_callback_that_fails_names_itself_and_loses_nothing(
    idx_folder, tmp_path, callback, message
):
    from mxdigits.experiment.run import run
    from mxdigits.runs.checkpoints import Checkpoints
    from mxdigits.runs.folder import RunFolder

    recipe = Recipe.parse(RECIPE.format(path=idx_folder), name="bars")
    with pytest.raises(PluginError) as caught:
        run(recipe, output=tmp_path, callbacks=[callback])
    assert str(caught.value) == message
    (path,) = tmp_path.glob("bars/*")
    folder = RunFolder(path)
    said = json.loads(folder.record_file.read_text())
    assert (said["state"], said["error"]) == ("failed", message)
    assert Checkpoints(folder.checkpoints_folder).newest(pytest.fail).state.epoch == 2
    assert folder.parameters_file.is_file()
    assert folder.symbol_file.is_file()


PLUGIN = """\
from mxdigits.train.callbacks import Callback

class Telegraph(Callback):
    def __init__(self, *, epoch=2):
        self.epoch = epoch

    def on_epoch_end(self, record):
        if record.epoch == self.epoch:
            raise ConnectionResetError("the line is dead")
"""


@pytest.mark.mxnet
def test_a_plugin_that_fails_exits_3_and_its_run_can_be_resumed(
    mxdigits_process, idx_folder, tmp_path
):
    (tmp_path / "telegraph.py").write_text(PLUGIN)
    info = tmp_path / "telegraph-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: telegraph\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mxdigits.callbacks]\nwire = telegraph:Telegraph\n")
    (tmp_path / "bars.yaml").write_text(RECIPE.format(path=idx_folder) + "callbacks: wire\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    process = mxdigits_process("run", "bars.yaml", "--no-report", PYTHONPATH=path)
    assert process.stderr == (
        "error: callback Telegraph: on_epoch_end failed: ConnectionResetError: the line is dead\n"
    )
    assert process.returncode == 3
    (folder,) = tmp_path.glob("runs/bars/*")
    assert mxdigits_process("score", folder).returncode == 0
    (tmp_path / "telegraph.py").write_text(PLUGIN.replace("== self.epoch", "== 99"))
    process = mxdigits_process("resume", folder, "--no-report", PYTHONPATH=path)
    assert process.stderr == ""
    assert process.returncode == 0
    assert process.stdout.startswith(f"resuming {folder} from epoch-0002-batch-000000\n")
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"
