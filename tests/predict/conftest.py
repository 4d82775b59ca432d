"""A run that knows a few pictures by heart, and the command that predicts with it."""

from __future__ import annotations

import pytest
from PIL import Image
from predicted import TEST

from mxdigits.cli import main
from mxdigits.experiment import run as experiment
from mxdigits.recipe.schema import Recipe


@pytest.fixture(autouse=True)
def _pictures_are_read_in_one_process(one_picture_reader):
    """Most of these tests read some."""


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder of pictures, and a run that was trained on them and knows them by heart."""
    home = tmp_path_factory.mktemp("home")
    for part in ("train", "test"):
        for i, (image, label) in enumerate(zip(TEST.images[:, 0], TEST.labels)):
            path = home / "own" / part / str(label) / f"{i:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(255 - image).save(path)
    recipe = Recipe.make(
        model="mlp",
        data={"name": "folder", "path": str(home / "own"), "batch_size": 20},
        epochs=30,
        predictions=(),
    )
    done = experiment.run(recipe, output=home / "runs", report=False)
    assert done.scores.accuracy == 1
    (home / "run").symlink_to(done.folder.path)
    return home


@pytest.fixture
def call(home, tmp_path, monkeypatch, capsys):
    """The command line in an empty folder with ``run`` and ``own`` in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("run", "own"):
        (tmp_path / name).symlink_to(home / name)

    def predict(*arguments):
        code = main(["predict", "run", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return predict
