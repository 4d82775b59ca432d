"""A run whose backend is the fastest: its bits are those of that backend, named."""

from __future__ import annotations

import json

import pytest

from mxdigits.backends.race import race
from mxdigits.data.load import load_dataset
from mxdigits.experiment.preparation.fastest import fastest_backend
from mxdigits.experiment.preparation.parts import Parts
from mxdigits.recipe.schema import Recipe

pytestmark = pytest.mark.mxnet

pytest.importorskip("torch", reason="there is a race where MXNet has another beside it")

RECIPE = """\
model: {{name: mlp, hidden: [8], dropout: 0.2}}
data: {{name: idx, path: {path}, batch_size: 10}}
optimizer: {{name: sgd, learning_rate: 0.2, momentum: 0.9}}
augmentation: {{name: affine, rotation: 5}}
backend: fastest
epochs: 2
predictions: [npz]
"""


@pytest.fixture
def recipe(idx_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "bars.yaml"
    file.write_text(RECIPE.format(path=idx_folder))
    return file


def run_folder(tmp_path, output="runs"):
    (folder,) = (tmp_path / output / "bars").glob("2*")
    return folder


def weights(folder):
    (file,) = folder.glob("*.params")
    return file.read_bytes()


def test_the_bits_are_those_of_the_same_backend_named(mxdigits_process, recipe, tmp_path):
    process = mxdigits_process("run", recipe)
    assert process.returncode == 0, process.stderr
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    taken = record["backend"]
    assert process.stdout.splitlines()[0].startswith(f"backend: {taken} is used")
    assert record["fastest"]["taken"] == taken
    assert record["fastest"]["race_seconds"] is None  # so short a run is not worth a race
    assert record["fastest"]["no_race"] in process.stdout.splitlines()[0]
    process = mxdigits_process(
        "run", "--no-report", recipe, f"backend={taken}", "--output", "named"
    )
    assert process.returncode == 0, process.stderr
    named = run_folder(tmp_path, "named")
    assert weights(folder) == weights(named)
    assert "fastest" not in json.loads((named / "run.json").read_text())


def test_a_run_that_is_worth_a_race_has_one(recipe, monkeypatch):
    monkeypatch.setattr(race, "_WORTH", 0)
    chosen = Recipe.load(recipe)
    dataset = load_dataset(chosen.data.name, chosen.data.options)
    said: list[str] = []
    done = fastest_backend(chosen, Parts(dataset, dataset.train, dataset.test), said.append)
    assert done.took > 0
    assert done.figures.keys() <= {"mxnet", "xla", "torch"}
    assert said == [str(done)]


def test_a_run_goes_on_with_the_backend_that_it_began_with(mxdigits_process, recipe, tmp_path):
    assert mxdigits_process("run", "--no-report", recipe, "epochs=1").returncode == 0
    folder = run_folder(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    process = mxdigits_process("resume", folder, "--epochs", "2", "--no-report")
    assert process.returncode == 0, process.stderr
    assert "is used" not in process.stdout
    after = json.loads((folder / "run.json").read_text())
    assert (after["backend"], after["fastest"]) == (record["backend"], record["fastest"])
    assert "backend: fastest" in (folder / "recipe.yaml").read_text()
    taken = f"backend={record['backend']}"
    assert (
        mxdigits_process("run", "--no-report", recipe, taken, "--output", "whole").returncode == 0
    )
    assert weights(folder) == weights(run_folder(tmp_path, "whole"))
    assert mxdigits_process("resume", folder, "--verify").returncode == 0


def test_a_network_is_used_by_the_fastest(mxdigits_process, recipe, tmp_path):
    assert mxdigits_process("run", "--no-report", recipe, "backend=mxnet").returncode == 0
    for verb, *options in (["score"], ["predict", "-o", "out.npz"]):
        process = mxdigits_process(verb, run_folder(tmp_path), *options, "--backend", "fastest")
        assert process.returncode == 0, process.stderr
        assert process.stderr.startswith("backend: ")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["backend=[fastest, xla]"],
            "error: override backend=[fastest, xla]: backend: fastest cannot be in a list: it "
            "compares all backends\n",
        ),
        (
            ["backend=fast"],
            "error: override backend=fast: backend: 'fast' names no backend; write auto, fastest, "
            "mxnet, xla, torch, or a list in order of preference\n",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(mxdigits_process, recipe, overrides, message):
    process = mxdigits_process("run", "--no-report", recipe, *overrides)
    assert (process.returncode, process.stderr) == (2, message)


def test_what_must_be_decided_otherwise_says_so(mxdigits_process, recipe, tmp_path):
    assert (
        mxdigits_process("run", "--no-report", recipe, "backend=mxnet", "epochs=1").returncode == 0
    )
    process = mxdigits_process("export", run_folder(tmp_path), "--backend", "fastest")
    assert process.stderr == (
        "error: backend: fastest is decided by measurement, not here; write auto\n"
    )
