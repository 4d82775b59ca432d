"""Which data set lies in a folder, and the recipe to begin with."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.data.idx import write_idx
from mxdigits.data.recognition import Recognized, recognize
from mxdigits.errors import DataError
from mxdigits.recipe.schema import Recipe
from mxdigits.recipe.starter import starter_recipe

IMAGES = np.full((4, 12, 20), 200, np.uint8)
LABELS = np.array([1, 2, 1, 2], np.uint8)
ARRAYS = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def write_four(folder):
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte", IMAGES)
        write_idx(folder / f"{part}-labels-idx1-ubyte", LABELS)


def test_idx_files_go_before_all_else(here):
    write_four(here)
    np.savez(here / "other.npz", **ARRAYS)
    assert recognize(here.relative_to(here.parent)) == Recognized(
        "idx",
        "mine",
        {"train": 4, "test": 4},
        ("0", "1", "2"),
        12,
        ["mine: the labels are 1 to 2; if there is no class 0, write first_label: 1"],
    )


def test_an_npz_file_alone_or_in_a_folder(here):
    np.savez(here / "a.npz", **ARRAYS, x_val=IMAGES[:1], y_val=LABELS[:1])
    np.savez(here / "no-set.npz", images=IMAGES)
    found = recognize(here)
    assert found == recognize(here / "a.npz")
    assert (found.name, found.path) == ("npz", str(here / "a.npz"))
    assert found.samples == {"train": 4, "validation": 1, "test": 4}
    np.savez(here / "b.npz", **ARRAYS)
    with pytest.raises(DataError) as caught:
        recognize(here)
    assert str(caught.value) == (
        f"{here}: holds several data sets (a.npz, b.npz); name one, such as {here / 'a.npz'}"
    )


def test_pictures_are_counted_and_not_read(here):
    for name in ("train/10/a.png", "train/9/b.png", "Test/9/c.jpg", "test/notes.txt"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("no picture")
    (here / "test").rename(here / "other")
    found = recognize(here)
    assert found == Recognized(
        "folder",
        str(here),
        {"train": 2, "test": 1},
        ("9", "10"),
        28,
        (f"{here}: passed over 1 folder beside the parts (other)",),
    )


@pytest.mark.parametrize(
    ("found", "keys"),
    [
        (
            None,
            {
                "model": "lenet",
                "data": "mnist",
                "epochs": 10,
                "validation": 0.1,
            },
        ),
        (
            Recognized("idx", "a: b", {"train": 700, "test": 2}, ("0", "1"), 12),
            {
                "model": "mlp",
                "data": {"name": "idx", "path": "a: b", "batch_size": 70},
                "epochs": 29,
                "validation": 0.1,
            },
        ),
        (
            Recognized("npz", "${A}\n.npz", {"train": 9, "validation": 3, "test": 2}, ("a",), 28),
            {
                "model": "lenet",
                "data": {"name": "npz", "path": "$${A}\n.npz", "batch_size": 1},
                "epochs": 100,
            },
        ),
        (
            Recognized("folder", "mine", {"train": 49}, ("3", "7"), 28),
            {
                "model": "lenet",
                "data": {
                    "name": "folder",
                    "path": "mine",
                    "batch_size": 4,
                    "test_share": 0.2,
                    "digitize": True,
                },
                "epochs": 100,
            },
        ),
    ],
)
def test_the_recipe_fits_what_was_found(found, keys):
    always = {
        "augmentation": "affine",
        "optimizer": {"name": "sgd", "learning_rate": 0.04, "momentum": 0.9},
        "schedule": "cosine",
    }
    text = starter_recipe(found)
    assert Recipe.parse(text) == Recipe.make(**keys, **always)
    assert max(map(len, text.splitlines())) <= 100


def test_what_is_commented_out_is_a_recipe_too():
    text = starter_recipe(Recognized("folder", "mine", {"train": 400}, ("3", "7"), 28))
    lines = text.splitlines()
    start = lines.index("# data:")
    mixed = [line[2:] for line in lines[start : start + 6]]
    kept = [line for line in lines if not line.startswith("data:")]
    whole = "\n".join([*kept, *mixed]).replace("# callbacks", "callbacks")
    found = Recipe.parse(whole)
    assert found.data.name == "mix"
    assert found.data.options["parts"] == [
        "mnist",
        {"name": "folder", "path": "mine", "test_share": 0, "share": 0.3},
    ]
    assert found.callbacks[0].options == {"patience": 5}
