"""What TensorBoard is given, read back from its files."""

from pathlib import Path

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import masked_crc32c

import mxdigits
from mxdigits import Recipe, RunEnd, RunStart
from mxdigits.errors import UsageError
from mxdigits.registry import CALLBACKS
from mxdigits.testing import check_plugin


def events(folder):
    """Every event in the files of a folder, oldest first; their checksums are checked."""
    for file in sorted(folder.glob("events*")):
        content, at = file.read_bytes(), 0
        while at < len(content):
            length = int.from_bytes(content[at : at + 8], "little")
            body = content[at + 12 : at + 12 + length]
            crc = int.from_bytes(content[at + 12 + length : at + 16 + length], "little")
            assert crc == masked_crc32c(body)
            yield Event.FromString(body)
            at += 16 + length


def values(folder):
    """(tag, step) -> what was written there last."""
    return {
        (value.tag, event.step): value for event in events(folder) for value in event.summary.value
    }


@pytest.fixture
def bars(tmp_path, monkeypatch):
    """A recipe over a few images that teach nothing, so that there are mistakes."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    sizes = {"train": 60, "test": 20}
    images = {f"x_{k}": random.integers(0, 256, (n, 16, 16)) for k, n in sizes.items()}
    labels = {f"y_{k}": np.arange(n) % 4 for k, n in sizes.items()}
    np.savez("bars.npz", **{k: each.astype(np.uint8) for k, each in {**images, **labels}.items()})
    return {
        "name": "bars",
        "model": {"name": "mlp", "hidden": [8]},
        "data": {"name": "npz", "path": "bars.npz", "batch_size": 10},
        "epochs": 3,
    }


def test_the_callback_keeps_the_contract():
    check_plugin(CALLBACKS, "tensorboard", {})


def test_a_path_that_is_none_is_refused():
    with pytest.raises(UsageError, match="option path: must be a folder, got 3"):
        CALLBACKS.make("tensorboard", {"path": 3})


def test_the_recipe_is_valid():
    (callback,) = Recipe.load(Path(__file__).parents[1] / "tensorboard.yaml").callbacks
    assert callback.name == "tensorboard"


def test_a_run_is_written_beside_its_other_files(bars):
    done = mxdigits.run(Recipe.make(**bars, callbacks=["tensorboard"]))
    found = values(done.folder.path / "tensorboard")
    for record in done.folder.read_history():
        for tag, value in (
            ("loss/train", record.train_loss),
            ("accuracy/train", record.train_accuracy),
            ("loss/test", record.validation_loss),
            ("accuracy/test", record.validation_accuracy),
            ("learning_rate", record.learning_rate),
        ):
            assert found[tag, record.epoch].simple_value == np.float32(value)
    assert found["accuracy/final_test", 2].simple_value == np.float32(done.scores.accuracy)
    recipe = found["recipe/text_summary", 0].tensor.string_val[0].decode()
    assert "| model.hidden | [8] |" in recipe
    report = found["report/text_summary", 2].tensor.string_val[0].decode()
    assert report == f"The run's report: {done.report.resolve()}"
    assert found["mistakes", 2].image.encoded_image_string[1:4] == b"PNG"
    assert found["mistakes", 2].image.width > 200


def test_a_resumed_run_takes_the_place_of_what_it_trains_again(bars, tmp_path):
    tracker = CALLBACKS.make("tensorboard", {"path": "all"})
    for first in (0, 2):
        start = RunStart("bars", tmp_path / "a", {}, "test", resumed=first > 0, first_epoch=first)
        tracker.begin(start)
        tracker.log(first, {"train_loss": 0.5 + first})
        tracker.end(RunEnd("interrupted"))
    starts = [
        event.step
        for event in events(Path("all/bars/a"))
        if event.WhichOneof("what") == "session_log"
    ]
    assert starts == [2]
    assert values(Path("all/bars/a"))["loss/train", 2].simple_value == 2.5
