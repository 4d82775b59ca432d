"""Other data for a run: read as its own were, and scored by the names of the classes."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from read_once import mnist_once

from mxdigits.cli import main
from mxdigits.data.idx import write_idx
from mxdigits.errors import DataError, UsageError
from mxdigits.experiment import run as experiment
from mxdigits.recipe.schema import Recipe

pytestmark = pytest.mark.mxnet

SOME = np.flatnonzero(mnist_once().test.labels < 4)[:60]
IMAGES, LABELS = mnist_once().test.images[SOME, 0], mnist_once().test.labels[SOME]
LETTERS = ["a", "b", "c", "d"]


def write_data(folder, images, labels):
    folder.mkdir(parents=True)
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte", np.ascontiguousarray(images))
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels.astype(np.uint8))


def write_pictures(folder, names, count=60):
    for i, (image, label) in enumerate(zip(IMAGES[:count], LABELS)):
        path = folder / names[label] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - image).save(path)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Data of several kinds, and two runs that know the images by heart.

    ``turned`` was trained on images on their side, ``letters`` on labels that count from 1.
    """
    home = tmp_path_factory.mktemp("home")
    write_data(home / "on-their-side", IMAGES.swapaxes(1, 2), LABELS)
    write_data(home / "from-one", IMAGES, LABELS + 1)
    write_data(home / "from-zero", IMAGES, LABELS)
    write_data(home / "up-to-nine", IMAGES, LABELS + 6)
    write_pictures(home / "digits", "0123")
    write_pictures(home / "abcd", LETTERS)
    write_pictures(home / "others", "0x23")
    for part in ("train", "val"):
        write_pictures(home / "parts" / part, "0123")
    runs = {
        "turned": {"path": str(home / "on-their-side"), "transpose": True},
        "letters": {"path": str(home / "from-one"), "first_label": 1, "classes": LETTERS},
    }
    for name, options in runs.items():
        recipe = Recipe.make(
            model="mlp",
            data={"name": "idx", "batch_size": 20, **options},
            epochs=12,
            predictions=(),
        )
        done = experiment.run(recipe, output=home / "runs", report=False)
        assert done.scores.accuracy == 1
        (home / name).symlink_to(done.folder.path)
    return home


@pytest.fixture
def call(home, monkeypatch, capsys):
    """The command line beside the data: (exit code, first line of output, error)."""
    monkeypatch.chdir(home)

    def call(*arguments):
        code = main([*map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out.partition("\n")[0], said.err

    return call


ALL = "accuracy  1.0000  (95 % interval 0.9398 to 1.0000; 60 of 60)"
AS_TRAINED = "on-their-side is read with the options of the run's data: transpose=true\n"


@pytest.mark.parametrize(
    ("run", "arguments", "said"),
    [
        ("turned", [], ""),
        ("turned", ["--data", "on-their-side"], AS_TRAINED),
        ("turned", ["--data", "idx", "path=on-their-side"], AS_TRAINED),
        ("turned", ["--data", "idx", "path=on-their-side", "transpose=true"], ""),
        ("turned", ["--data", "from-zero", "transpose=false"], ""),
        ("turned", ["path=from-zero", "transpose=false"], ""),
        (
            "letters",
            ["--data", "from-one"],
            "from-one is read with the options of the run's data: "
            'first_label=1 classes=["a", "b", "c", "d"]\n',
        ),
        (
            "letters",
            ["--data", "from-zero", "first_label=0", "classes=4"],
            "idx has no names for its classes: label 0 counts as a, and so on\n",
        ),
    ],
)
def test_options_come_from_the_run_or_the_user(call, run, arguments, said):
    assert call("score", run, *arguments) == (0, ALL, said)


@pytest.mark.parametrize("data", [["--data", "digits"], ["--data", "folder", "path=digits"]])
def test_a_folder_of_labelled_pictures_is_scored(call, data):
    code, line, err = call("score", "turned", *data, "--split", "all")
    assert (code, line) == (0, ALL)
    assert err.startswith("digits has no folder test: ")
    assert call("score", "letters", "--data", "abcd", "--split", "all")[:2] == (0, ALL)


@pytest.mark.parametrize("data", [["mine.npz"], ["npz", "path=mine.npz"]])
def test_an_npz_file_is_scored(call, home, data):
    parts = {
        f"{role}_{part}": each
        for part in ("train", "test")
        for role, each in (("x", IMAGES), ("y", LABELS))
    }
    np.savez(home / "mine.npz", **parts)
    code, line, err = call("score", "letters", "--data", *data)
    assert (code, line) == (0, ALL)
    assert "no names for its classes: label 0 counts as a, and so on" in err


def test_the_validation_part_is_scored(call):
    code, line, _ = call("score", "turned", "--data", "parts", "--split", "validation")
    assert (code, line) == (0, ALL)
    assert call("score", "turned", "--split", "validation") == (
        3,
        "",
        "error: idx has no part 'validation'; it has train, test\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            ["--data", "nope"],
            2,
            "--data: there is no folder nope, nor a data set of that name; "
            "mxdigits datasets lists those",
        ),
        (
            ["--data", "from-one/train-labels-idx1-ubyte"],
            2,
            "--data: from-one/train-labels-idx1-ubyte is a file, and no NPZ file; "
            "name a folder or an NPZ file",
        ),
        (
            ["--data", "mine.csv"],
            2,
            "--data: mine.csv is a file, and no NPZ file; a table of pixels is read as an NPZ "
            "file: write numpy.savez('mine.npz', x_train=..., y_train=..., x_test=..., y_test=...)",
        ),
        (
            ["--data", "/dev/null"],
            2,
            "--data: /dev/null is a pipe or a device, which is not opened; "
            "write it to a file first",
        ),
        (
            ["--data", "{name: idx, path: mine}"],
            2,
            "--data: options come after the name: write --data idx path=FOLDER, "
            "not {name: idx, path: mine}",
        ),
        (
            ["--data", "up-to-nine", "first_label=0", "classes=10"],
            3,
            "idx: the labels are 6 to 9, and the network knows 4 classes; if 6 is a, write "
            "first_label=6",
        ),
        (
            ["--data", "from-zero", "first_label=0"],
            0,
            "",
        ),
        (
            ["digits"],
            2,
            "'digits' is no option of a data set; to use other data: --data digits",
        ),
        (
            ["--data", "idx", "path=from-one", "turn=true"],
            2,
            "data set 'idx': option 'turn': unknown; known: classes, first_label, path, "
            "preprocessing, transpose",
        ),
    ],
)
def test_what_does_not_fit_is_said(call, arguments, code, error):
    open("mine.csv", "w").close()
    got, _, err = call("score", "letters", *arguments)
    assert got == code
    assert [line for line in err.splitlines() if line.startswith("error")] == (
        [f"error: {error}"] if error else []
    )


def test_classes_that_the_network_does_not_know(call):
    ones = int((LABELS == 1).sum())
    code, _, err = call("score", "turned", "--data", "others", "--split", "all")
    assert code == 3
    assert err.splitlines()[-1] == (
        f"error: folder: {ones} of 60 images are of no class that the network knows; "
        "it knows 0, 1, 2, 3"
    )
    # Numbers that are names are no places: a network of letters knows no digit.
    code, _, err = call("score", "letters", "--data", "digits", "--split", "all")
    assert code == 3
    assert err.splitlines()[-1] == (
        "error: folder: 60 of 60 images are of no class that the network knows; it knows a, b, c, d"
    )


def test_labels_follow_the_names_and_not_the_order(call):
    """With the classes the other way round each label is another number."""
    arguments = ("--data", "folder", "path=digits", 'classes=["3","2","1","0"]', "--split", "all")
    assert call("score", "turned", *arguments)[:2] == (0, ALL)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        (["on-their-side"], AS_TRAINED),
        (
            ["on-their-side/t10k-images-idx3-ubyte"],
            AS_TRAINED.replace(" is", "/t10k-images-idx3-ubyte is"),
        ),
        (["--data", "on-their-side"], AS_TRAINED),
        (["--data", "idx", "path=on-their-side", "transpose=true"], ""),
    ],
)
def test_predictions_read_data_as_the_run_did(call, tmp_path, inputs, told):
    file = tmp_path / "p.csv"
    assert call("predict", "turned", *inputs, "-o", file) == (0, f"60 predictions: {file}", told)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [int(row["prediction"]) for row in rows] == LABELS.tolist()
    if "--data" not in inputs:
        assert {row["filename"] for row in rows} == {inputs[0]}


def test_labels_of_no_class_are_left_out_of_predictions(call, tmp_path):
    file = tmp_path / "p.csv"
    code, _, err = call("predict", "letters", "--data", "digits", "--split", "train", "-o", file)
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert code == 0
    assert [line for line in err.splitlines() if "labels" in line] == [
        f"folder: {len(rows)} labels are of classes that the network does not know; they are left "
        f"out"
    ]
    assert {row["label"] for row in rows} == {""}


# A validation part of a data set's own


def train(home, path, said, **keys):
    recipe = Recipe.make(
        model="mlp",
        data={"name": "folder", "path": str(home / path), "batch_size": 10},
        predictions=(),
        **{"epochs": 2, **keys},
    )
    return experiment.run(recipe, output=home / "out", say=said.append, report=False)


def test_a_run_is_validated_on_it(home):
    said: list[str] = []
    done = train(home, "parts", said, callbacks=["early_stopping"])
    assert "validation: 60 images, the data set's own part" in said
    record = json.loads((done.folder.path / "run.json").read_text())
    assert record["data"]["validation"] == 60
    assert set(record["data"]["sha256"]) == {"train", "validation", "test"}


def test_a_class_that_is_never_shown_is_told(home):
    write_pictures(home / "unshown/train", "0123")
    write_pictures(home / "unshown/val", "0129")
    write_pictures(home / "unshown/test", ["0", "1", "8", "3"])
    said: list[str] = []
    train(home, "unshown", said, epochs=1)
    told = "no image to train on shows 8, 9; the network cannot learn what it is not shown"
    assert told in said


@pytest.mark.parametrize(
    ("path", "keys", "message"),
    [
        (
            "parts",
            {"validation": 0.1},
            "validation: 0.1 would hold out training images, and folder has a validation part of "
            "its own; write validation: null to use that",
        ),
        (
            "digits",
            {"callbacks": ["best_weights"]},
            "callbacks.0: watches validation_loss, and no images are held out for it; "
            "write validation: 0.1",
        ),
    ],
)
def test_what_is_held_out_is_clear(home, path, keys, message):
    before = list(home.glob("out/*/*"))
    with pytest.raises(UsageError) as caught:
        train(home, path, [], **keys)
    assert str(caught.value) == message
    assert list(home.glob("out/*/*")) == before


@pytest.mark.parametrize(
    ("train_classes", "test_classes", "message"),
    [
        (
            ["images"] * 4,
            ["images"] * 4,
            "folder: all 60 images to train on are of the class images; "
            "a network learns to tell two classes or more apart",
        ),
        (
            ["0", "1"] * 2,
            ["digit 0", "digit 1"] * 2,
            "folder: the images to train on are of the classes 0, 1, and those to test with of "
            "others: digit 0, digit 1; call them alike",
        ),
    ],
)
def test_classes_that_teach_nothing(home, tmp_path, train_classes, test_classes, message):
    write_pictures(tmp_path / "odd/train", train_classes)
    write_pictures(tmp_path / "odd/test", test_classes)
    with pytest.raises(DataError) as caught:
        train(home, tmp_path / "odd", [])
    assert str(caught.value) == message


def test_datasets_show_tells_the_same(call, capsys):
    assert main(["datasets", "show", "folder", "path=parts"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[2].split() == ["class", "train", "validation", "test"]
    assert err.startswith("parts has no folder test: ")
