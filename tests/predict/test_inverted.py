"""Images that are dark on light, for a network that learnt from light on dark: what is said."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from read_once import mnist_once

from mxdigits.cli import main
from mxdigits.data.idx import write_idx

pytestmark = pytest.mark.mxnet

TEST = mnist_once().test[:40]
IMAGES, LABELS = TEST.images[:, 0], TEST.labels.astype(np.uint8)
NOTE = (
    "the images are dark on light, and the network learnt from light on dark; invert them, as "
    "255 - images\n"
)


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """What a command prints to stderr; ``upright`` lies beside the same data inverted."""
    monkeypatch.chdir(tmp_path)
    for name, images in (("upright", IMAGES), ("inverted", 255 - IMAGES)):
        (tmp_path / name).mkdir()
        for part in ("train", "t10k"):
            write_idx(tmp_path / name / f"{part}-images-idx3-ubyte", images)
            write_idx(tmp_path / name / f"{part}-labels-idx1-ubyte", LABELS)
        pair = {"x_train": images, "y_train": LABELS, "x_test": images, "y_test": LABELS}
        np.savez(tmp_path / f"{name}.npz", **pair)

    def said(*arguments):
        assert main([*map(str, arguments)]) == 0
        return capsys.readouterr().err

    return said


INVERTED = [
    ("predict", "digits", "inverted.npz", "-o", "a.csv"),
    ("predict", "digits", "inverted/t10k-images-idx3-ubyte", "-o", "a.csv"),
    ("predict", "digits", "inverted", "-o", "a.csv"),
    ("predict", "digits", "--data", "inverted", "-o", "a.csv"),
    ("score", "digits", "--data", "inverted"),
    ("score", "digits", "--data", "inverted.npz"),
    ("explain", "digits", "--data", "inverted.npz", "--image", "3", "-o", "a.png"),
]


@pytest.mark.parametrize("command", INVERTED, ids=" ".join)
def test_it_is_said_once(said, command):
    assert said(*command).count(NOTE) == 1


@pytest.mark.parametrize("command", INVERTED, ids=" ".join)
def test_it_is_not_said_of_images_as_the_network_learnt_them(said, command):
    assert "dark on light" not in said(*(word.replace("inverted", "upright") for word in command))


def test_it_is_said_in_one_way_where_the_data_set_tells_it_too(said):
    told = said("score", "digits", "--data", "npz", "path=inverted.npz", "preprocessing=mnist")
    assert told.count("dark on light") == 1
    assert "MNIST's form is light on dark" in told


def test_a_network_without_preprocessing_is_told_what_it_did_not_learn_from(said, tmp_path):
    """What it learnt from stands in its record; of runs from before that nothing is known."""
    run = ("run", "mlp", "data.name=npz", "data.path=inverted.npz", "data.batch_size=20")
    assert "dark on light" not in said(*run, "epochs=1", "predictions=[]", "--no-report")
    assert "dark on light" not in said("predict", "mlp", "inverted.npz", "-o", "a.csv")
    other = (
        "the images are light on dark, and the network learnt from dark on light; invert them, as "
        "255 - images\n"
    )
    for command in (
        ("predict", "mlp", "upright.npz", "-o", "a.csv"),
        ("score", "mlp", "--data", "upright.npz"),
    ):
        assert said(*command).count(other) == 1
    Image.fromarray(IMAGES[0]).save("seven.png")
    Image.fromarray(255 - IMAGES[0]).save("dark.png")
    told = said("predict", "mlp", "seven.png", "seven.png", "dark.png")
    assert told.count("dark on light") == 1
    assert (
        "seven.png: the picture is light on dark, and the network learnt from dark on light; "
        "invert such pictures, or have them digitized by --preprocessing mnist\n"
    ) in told
    assert "dark on light" not in said("predict", "mlp", "seven.png", "--preprocessing", "mnist")
    (record,) = tmp_path.glob("runs/mlp/*/run.json")
    record.write_text(record.read_text().replace('"dark_on_light"', '"unknown"'))
    assert "dark on light" not in said("predict", "mlp", "upright.npz", "-o", "a.csv")
