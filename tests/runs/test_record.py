"""What run.json says, and that it is never longer than its reader takes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mxdigits.cli import main
from mxdigits.errors import DataError
from mxdigits.experiment import run as experiment
from mxdigits.experiment.records.record import (
    MOST_CONFUSIONS,
    MOST_MATRIX,
    check_size,
    scores_record,
)
from mxdigits.recipe.schema import Recipe
from mxdigits.storage.files import MOST_BYTES
from mxdigits.storage.json_text import json_text
from mxdigits.train.metrics import Scores


def scores(classes: int) -> Scores:
    """Of a network that takes every class for the next one, once more for each."""
    confusion = np.roll(np.diag(np.arange(1, classes + 1)), 1, axis=1)
    return Scores(1.0, confusion, {5: 0.0})


def names(classes: int) -> tuple[str, ...]:
    return tuple(map(str, range(classes)))


def test_few_classes_have_their_matrix():
    found = scores_record(scores(3), names(3))
    assert found["confusion"] == [[0, 1, 0], [0, 0, 2], [3, 0, 0]]
    assert "confusions" not in found


def test_many_classes_have_their_most_frequent_confusions():
    count = MOST_MATRIX + 1
    found = scores_record(scores(count), names(count))
    assert "confusion" not in found
    assert found["confusions"][:2] == [[str(count - 1), "0", count], [str(count - 2), "512", 512]]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("classes", [10, MOST_MATRIX, 880, 5000])
def test_scores_of_any_number_of_classes_can_be_read_again(classes):
    network = {"network": {"classes": list(names(classes))}}
    check_size(network)
    found = scores_record(scores(classes), names(classes))
    assert len(found.get("confusions", ())) <= MOST_CONFUSIONS
    assert len(json_text({**network, "scores": {"test": found}})) < MOST_BYTES


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"seed": 42, "network": {"classes": ["x" * 60] * 60_000}},
            "the names of the classes take 3,840,017 bytes in run.json; at most 3,333,333 can be "
            "read again: use fewer or shorter ones",
        ),
        (
            {"data": {"sha256": {f"{i:06}.png": "0" * 64 for i in range(50_000)}}},
            "the options and hashes of the data take 4,300,020 bytes in run.json; at most "
            "3,333,333 can be read again: use fewer or shorter ones",
        ),
    ],
)
def test_what_would_be_too_long_is_refused_before_the_training(record, message):
    with pytest.raises(DataError) as caught:
        check_size(record)
    assert str(caught.value) == message


@pytest.mark.mxnet
def test_a_run_of_many_classes_is_used_again(idx_folder, tmp_path, capsys):
    """Of 900 classes a confusion matrix would be longer than what is read of run.json."""
    options = {"name": "idx", "path": str(idx_folder), "classes": 900, "batch_size": 50}
    recipe = Recipe.make(model="mlp", data=options, epochs=1, predictions=["csv", "npz"])
    run = experiment.run(recipe, output=tmp_path, report=False)
    path = run.folder.path
    record = json.loads((path / "run.json").read_text())
    assert record["scores"]["test"]["correct"] == run.scores.correct
    wrong = run.scores.samples - run.scores.correct
    assert sum(times for _, _, times in record["scores"]["test"]["confusions"]) == wrong
    for arguments in (["score", path], ["predict", path, "-o", tmp_path / "p.csv"], ["runs", path]):
        assert main([*map(str, arguments)]) == 0
    assert f"{run.scores.correct} of 46" in capsys.readouterr().out
