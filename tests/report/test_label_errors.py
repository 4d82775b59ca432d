"""Labels that are probably wrong: found by confident learning, and told of a run's data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from mxdigits import load_dataset
from mxdigits.cli import main
from mxdigits.data.hold_out import hold_out
from mxdigits.data.idx import write_idx
from mxdigits.predict.networks import load, network_path
from mxdigits.predict.opening import EvaluationRequest
from mxdigits.predict.predictions import write_predictions
from mxdigits.report.confident_learning import find_label_errors
from mxdigits.report.label_errors import Suspect, Suspects, read_suspects


def plain(prob, labels):
    """The same image by image: (number, suggested class), the lowest margin first."""
    classes = prob.shape[1]
    thresholds = {
        j: np.mean([row[j] for row, label in zip(prob, labels) if label == j])
        for j in range(classes)
        if j in labels
    }
    found = []
    for i, (row, label) in enumerate(zip(prob, labels)):
        reached = [j for j in thresholds if row[j] >= thresholds[j] - 1e-6]
        if not reached:
            continue
        best = max(reached, key=lambda j: (row[j], -j))
        if best != label:
            margin = row[label] - max(each for j, each in enumerate(row) if j != label)
            found.append((margin, i, best))
    return [(i, best) for _, i, best in sorted(found)]


def test_an_example_by_hand():
    """The thresholds are 0.675 and 0.6: image 2 counts to 1, image 3 to 0, and 5 to neither."""
    prob = np.array(
        [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.7, 0.3], [0.1, 0.9], [0.4, 0.6]], np.float32
    )
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = find_label_errors(prob, labels)
    assert found.numbers.tolist() == [2, 3]
    assert found.suggested.tolist() == [1, 0]
    np.testing.assert_allclose(found.margin, [-0.4, -0.4], atol=1e-6)
    # Of label 0 one of three that can be told, of label 1 one of three.
    assert found.estimated == pytest.approx(2)


def test_those_that_cannot_be_told_count_in_the_estimate():
    prob = np.array([[0.9, 0.1], [0.2, 0.8], [0.55, 0.45], [0.02, 0.98]], np.float32)
    found = find_label_errors(prob, np.array([0, 0, 0, 1]))
    assert found.numbers.tolist() == []
    prob[1] = [0.01, 0.99]
    found = find_label_errors(prob, np.array([0, 0, 0, 1]))
    assert found.numbers.tolist() == [1]
    assert found.estimated == pytest.approx(1)  # image 2 reaches its own threshold


@given(
    arrays.arrays(np.float64, (12, 4), elements=st.floats(0.015625, 1)),
    arrays.arrays(np.int64, 12, elements=st.integers(0, 2)),  # no image of the last class
)
def test_it_finds_what_a_plain_loop_finds(weights, labels):
    prob = np.round(weights / weights.sum(axis=1, keepdims=True), 3)
    found = find_label_errors(prob, labels)
    pairs = list(zip(found.numbers.tolist(), found.suggested.tolist()))
    assert sorted(pairs) == sorted(plain(prob, labels))
    assert (np.diff(found.margin) >= 0).all()


def test_a_class_that_nothing_is_labelled_with_is_never_suggested():
    prob = np.array([[0.1, 0.9], [0.2, 0.8]], np.float32)
    assert not len(find_label_errors(prob, np.array([0, 0])).numbers)


# Of a run


@pytest.fixture
def changed(tmp_path) -> tuple[Path, np.ndarray]:
    """A folder of 500 digits of MNIST of which 25 have another label, and which they are."""
    test = load_dataset("mnist").test[:500]
    which = np.sort(np.random.default_rng(3).choice(500, 25, replace=False))
    labels = test.labels.astype(np.uint8)
    labels[which] = (labels[which] + 3) % 10
    (tmp_path / "mine").mkdir()
    for prefix in ("train", "t10k"):
        write_idx(tmp_path / f"mine/{prefix}-images-idx3-ubyte", test.images[:, 0])
        write_idx(tmp_path / f"mine/{prefix}-labels-idx1-ubyte", labels)
    return tmp_path / "mine", which


@pytest.mark.mxnet
def test_wrong_labels_are_found_listed_and_drawn(changed, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder, which = changed
    command = ["errors", "digits", "--data", str(folder), "-o", "sheet.png"]
    assert main([*command, "--most", "10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["image", "label", "its", "share", "probably", "share"]
    rows = [line.split() for line in lines[1:11]]
    assert {int(row[0]) for row in rows} <= set(which.tolist())
    assert all((int(row[3]) + 3) % 10 == int(row[1]) for row in rows)
    assert lines[11] == ""
    count = int(lines[12].split()[0])
    assert 22 <= count <= 25
    assert lines[12].startswith(f"{count} of 500 labels of idx (test) look wrong")
    assert lines[13:] == [
        f"these are the worst 10; --most {count} shows all",
        "pictures: sheet.png",
    ]
    with Image.open("sheet.png") as sheet:
        assert sheet.height > 2 * 112  # ten digits are two rows
    assert main([*command[:4], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == count
    assert set(found[0]) == {"number", "label", "suggested", "share", "suggested_share"}


@pytest.mark.mxnet
def test_predictions_of_others_are_taken(changed, tmp_path, capsys):
    """As those of networks that have not learnt from the images, out of fold."""
    folder, which = changed
    test = load_dataset("mnist").test[:500]
    labels = test.labels.copy()
    labels[which] = (labels[which] + 3) % 10
    prob = np.full((500, 10), 0.01, np.float32)
    prob[np.arange(500), test.labels] = 0.91
    classes = tuple("0123456789")
    write_predictions(tmp_path / "others.npz", prob, labels, classes)
    request = EvaluationRequest(str(folder), "train")
    found = read_suspects(network_path("digits"), request, print, tmp_path / "others.npz")
    assert sorted(each.number for each in found.suspects) == which.tolist()
    assert {(int(each.suggested) + 3) % 10 - int(each.label) for each in found.suspects} == {0}
    np.testing.assert_array_equal(
        found.image(found.suspects[0]), test.images[found.suspects[0].number]
    )
    write_predictions(tmp_path / "others.npz", prob, test.labels, classes)
    others = str(tmp_path / "others.npz")
    assert main(["errors", "digits", "--data", str(folder), "--predictions", others]) == 3
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: {others} holds no predictions of these 500 images, with their labels and the "
        "classes of the network, as mxdigits predict -o FILE.npz writes them"
    )


@pytest.mark.mxnet
def test_what_a_run_held_out_is_looked_at_by_its_numbers_in_the_training_set(
    changed, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    folder, _ = changed
    recipe = (
        f"model: mlp\ndata: {{name: idx, path: {folder}}}\nvalidation: 100\nepochs: 1\nseed: 5\n"
    )
    Path("few.yaml").write_text(recipe)
    assert main(["run", "few.yaml", "--plain", "--no-report"]) == 0
    (run,) = Path("runs/few").iterdir()
    found = read_suspects(run, EvaluationRequest(split="validation"), pytest.fail)
    _, held = hold_out(500, 100, 5)
    assert found.part == "idx (train, held out)"
    np.testing.assert_array_equal(found.numbers, held)
    prob = load(run).predict(load_dataset("mnist").test.images[held])
    for each in found.suspects:
        place = held.tolist().index(each.number)
        assert each.share == pytest.approx(prob[place, int(each.label)], abs=1e-6)
    said: list[str] = []
    read_suspects(run, EvaluationRequest(split="train"), said.append)
    assert said == [
        "the network has learnt from these images: wrong labels that it learnt by heart do not "
        "show; give predictions of networks that have not learnt from them by --predictions"
    ]


@pytest.mark.mxnet
def test_of_folds_all_images_are_looked_at_by_networks_that_have_not_seen_them(
    changed, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    folder, _ = changed
    recipe = f"model: mlp\ndata: {{name: idx, path: {folder}}}\nepochs: 1\npredictions: [npz]\n"
    Path("few.yaml").write_text(recipe)
    assert main(["folds", "few.yaml", "-k", "2", "--no-report"]) == 0
    runs = sorted(Path("runs/few-folds").glob("2*"))
    said: list[str] = []
    found = read_suspects(runs[0], EvaluationRequest(), said.append)
    assert said == [
        "the out-of-fold predictions of the 2 runs in runs/few-folds are taken, of 500 training "
        "images"
    ]
    assert found.part == "idx (train, out of fold)"
    with np.load("runs/few-folds/predictions.npz") as together:
        expected = find_label_errors(together["prob"], together["label"])
    assert [each.number for each in found.suspects] == expected.numbers.tolist()
    (runs[1] / "predictions.npz").unlink()
    alone = read_suspects(runs[0], EvaluationRequest(), pytest.fail)
    assert (alone.part, len(alone.images)) == ("fold (test)", 250)


@pytest.mark.parametrize(
    ("suspects", "estimated", "sentence"),
    [
        (0, 0.0, "no label of mnist (test) looks wrong (4 images)"),
        (1, 1.2, "1 of 4 labels of mnist (test) looks wrong"),
        (
            2,
            2.6,
            "2 of 4 labels of mnist (test) look wrong, about 3 with images of which the network "
            "is unsure",
        ),
    ],
)
def test_the_sentence(suspects, estimated, sentence):
    each = Suspect(0, "1", "7", 0.1, 0.9)
    images = np.zeros((4, 1, 28, 28), np.uint8)
    found = Suspects("mnist (test)", images, np.arange(4), [each] * suspects, estimated)
    assert found.sentence == sentence
