"""What Weights & Biases is given, read back from the files that its offline mode writes."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import wandb
from wandb.proto.wandb_internal_pb2 import Record

import mxdigits
from mxdigits import Recipe
from mxdigits.registry import CALLBACKS
from mxdigits.testing import check_plugin

_HEADER, _BLOCK = 7, 32768  # of LevelDB's format of logs


def records(file):
    """Every record of a .wandb file."""
    content, at, whole = file.read_bytes(), _HEADER, b""
    while at + _HEADER <= len(content):
        if _BLOCK - at % _BLOCK < _HEADER:
            at += _BLOCK - at % _BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + _HEADER])
        whole += content[at + _HEADER : at + _HEADER + length]
        at += _HEADER + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            yield Record.FromString(whole)
            whole = b""


def items(found):
    """The pairs of a record's items, as Python has them."""
    return {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in found}


@pytest.fixture
def bars(tmp_path, monkeypatch):
    """A recipe over a few images that teach nothing, so that there are mistakes."""
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))  # nobody is logged in here
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
    check_plugin(CALLBACKS, "wandb", {"mode": "offline"})


def test_the_recipe_is_valid():
    (callback,) = Recipe.load(Path(__file__).parents[1] / "wandb.yaml").callbacks
    assert callback.options == {"mode": "offline"}


def test_a_run_is_kept_to_be_sent_later(bars):
    done = mxdigits.run(Recipe.make(**bars, callbacks=[{"name": "wandb", "mode": "offline"}]))
    wandb.teardown()  # ends wandb's own process, which writes the file and goes on after finish()
    name = done.folder.path.name
    (folder,) = Path("wandb").glob(f"offline-run-*-{name}")
    found = list(records(folder / f"run-{name}.wandb"))
    (run,) = (each.run for each in found if each.WhichOneof("record_type") == "run")
    assert (run.run_id, run.project, run.run_group) == (name, "mxdigits", "bars")
    config = {each.key: json.loads(each.value_json) for each in run.config.update}
    assert config["model"] == {"name": "mlp", "hidden": [8]}
    history = [items(each.history.item) for each in found if each.HasField("history")]
    assert [row["test_accuracy"] for row in history] == [
        record.validation_accuracy for record in done.folder.read_history()
    ]
    summary = {}
    for each in found:
        summary.update(items(each.summary.update))
    assert summary["final_test_accuracy"] == done.scores.accuracy
    mistakes = done.scores.samples - done.scores.correct
    assert len(list(folder.glob("files/media/images/mistakes_*.png"))) == mistakes > 0
    (report,) = folder.glob("files/media/html/report_*.html")
    assert report.read_bytes() == done.report.read_bytes()
    exits = [each.exit.exit_code for each in found if each.WhichOneof("record_type") == "exit"]
    assert exits == [0]


def test_nobody_is_asked_for_a_key(bars):
    said = []
    done = mxdigits.run(Recipe.make(**bars, callbacks=["wandb"]), say=said.append)
    assert done.scores.samples == 20
    assert [line for line in said if line.startswith("wandb:")] == [
        "wandb: nobody is logged in: run wandb login, or write mode: offline in the recipe; "
        "the run goes on without this tracker"
    ]


def test_a_mode_that_there_is_not():
    with pytest.raises(ValueError, match=r"^mode must be online or offline, not 'off'$"):
        CALLBACKS.get("wandb")(mode="off")
