"""Ensembles, several seeds, teachers and sheets, as users make them; with every backend."""

from __future__ import annotations

import json
import re
from pathlib import Path
from signal import SIGTERM, raise_signal

import numpy as np
import pytest
from backends.training import TRAINING
from PIL import Image

from mxdigits.cli import main
from mxdigits.errors import MxdigitsError, OutputError, RunFolderError, UsageError
from mxdigits.experiment.display.live import speedometer
from mxdigits.experiment.previews.augmented import augmented
from mxdigits.experiment.reproduction import reproduce
from mxdigits.experiment.run import resume, run
from mxdigits.experiment.several.ensemble import Evaluation, ensemble
from mxdigits.experiment.several.seeds import run_seeds
from mxdigits.experiment.verification import verify
from mxdigits.recipe.schema import Recipe
from mxdigits.report.student import mean_interval
from mxdigits.runs.groups import runs_of
from mxdigits.runs.listing import read_run

pytest.importorskip("jax")


@pytest.fixture
def recipe(idx_folder):
    def make(backend="xla", **keys):
        chosen = {
            "model": {"name": "deep", "channels": [4], "depth": [1], "hidden": 8},
            "data": {"name": "idx", "path": str(idx_folder), "batch_size": 20},
            "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            "epochs": 2,
            "predictions": ["npz"],
            "backend": backend,
            **keys,
        }
        return Recipe.make(**chosen)

    return make


@pytest.fixture
def trained(recipe, tmp_path):
    def train(**keys):
        return run(recipe(**keys), output=tmp_path / "runs", report=False)

    return train


def prob(folder):
    return np.load(folder.predictions_file("npz"))["prob"]


def test_an_ensemble_gives_the_mean_of_its_members(trained, tmp_path):
    members = [trained(seed=1), trained(seed=2), trained(seed=3, loss={"label_smoothing": 0.1})]
    paths = [member.folder.path for member in members]
    done = ensemble(paths, output=tmp_path / "all", where=Evaluation(backend="xla"))
    expected = np.mean([prob(member.folder) for member in members], axis=0)
    np.testing.assert_allclose(prob(done.folder), expected, atol=1e-6)
    record = json.loads(done.folder.record_file.read_text())
    assert [each["run"] for each in record["members"]] == [str(path) for path in paths]
    assert record["state"] == "finished"
    assert record["recipe"] == "ensemble"
    assert (
        record["network"]["parameters"]
        == 3 * json.loads(members[0].folder.record_file.read_text())["network"]["parameters"]
    )
    assert done.report is not None


@pytest.mark.mxnet
def test_every_backend_says_the_same_of_an_ensemble(trained, tmp_path, capsys):
    paths = [trained(seed=seed).folder.path for seed in (1, 2)]
    both = tmp_path / "both"
    assert main(["ensemble", *map(str, paths), "-o", str(both), "--no-report"]) == 0
    found = []
    for backend in ("mxnet", "xla"):
        file = tmp_path / f"{backend}.npz"
        assert main(["predict", str(both), "-o", str(file), "--backend", backend]) == 0
        found.append(np.load(file)["prob"])
    np.testing.assert_allclose(*found, atol=1e-5)


def test_what_cannot_be_an_ensemble(trained, tmp_path):
    (path,) = (trained().folder.path,)
    with pytest.raises(UsageError) as caught:
        ensemble([path], output=tmp_path / "all")
    assert str(caught.value) == "an ensemble needs at least two runs; name more"
    record = json.loads((path / "run.json").read_text())
    other = trained(seed=9).folder.path
    record["network"]["classes"] = ["a", "b", "c", "d"]
    (other / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError) as caught:
        ensemble([path, other], output=tmp_path / "all")
    assert str(caught.value) == (
        f"{other} and {path} cannot be one network: their classes differ (a, b, c, d, and "
        "0, 1, 2, 3)"
    )
    with pytest.raises(UsageError) as caught:
        ensemble([path, trained(seed=8).folder.path], output=path)
    assert str(caught.value) == f"{path} is there already; nothing was written"
    with pytest.raises(UsageError) as caught:
        ensemble([path, path], output=tmp_path / "all")
    assert str(caught.value) == (
        f"{path} is there twice; a recipe's name stands for its newest run: name others by their "
        "folders, which mxdigits runs lists"
    )
    assert not (tmp_path / "all").exists()


def test_of_an_ensemble_that_cannot_be_finished_nothing_is_left(trained, tmp_path, monkeypatch):
    paths = [trained(seed=seed).folder.path for seed in (1, 2)]
    both, where = tmp_path / "both", Evaluation(backend="xla")

    def full(file, *_):
        raise OutputError(f"cannot write {file}: No space left on device")

    def stopped(file, *_):
        raise_signal(SIGTERM)

    for write, error in (
        (full, f"cannot write {both}/predictions.npz: No space left on device"),
        (stopped, f"terminated before the ensemble {both} was written"),
    ):
        monkeypatch.setattr("mxdigits.experiment.several.ensemble.write_predictions", write)
        with pytest.raises(MxdigitsError) as caught:
            ensemble(paths, output=both, where=where, report=False)
        assert str(caught.value) == error
        assert not both.exists()
    monkeypatch.undo()
    ensemble(paths, output=both, where=where, report=False)


def test_an_ensemble_is_neither_trained_on_nor_reproduced(trained, tmp_path):
    path, other = trained().folder.path, trained(seed=8).folder.path
    both = ensemble([path, other], output=tmp_path / "both", report=False).folder.path
    with pytest.raises(UsageError) as caught:
        reproduce(both, output=tmp_path)
    assert str(caught.value) == (
        f"{both} is an ensemble, which nothing trains: reproduce its runs, {path}, {other}"
    )
    with pytest.raises(UsageError) as caught:
        resume(both, ["epochs=9"])
    assert str(caught.value) == (
        f"{both} is an ensemble, which nothing trains: train its runs further, and make another of "
        "them"
    )
    listed = read_run(both)
    assert (listed.state, listed.epochs_done, listed.epochs) == ("finished", None, None)


def test_several_seeds(recipe, tmp_path):
    def begin(seed):
        return speedometer(plain=True)

    done = run_seeds(recipe(epochs=1, seed=7), 3, begin, output=tmp_path, report=False)
    assert list(done.seeds) == [7, 8, 9]
    found = [each.read_status().scores["test"].accuracy for each in done.runs]
    assert done.accuracies.mean == pytest.approx(np.mean(found))
    assert done.accuracies.deviation == pytest.approx(np.std(found, ddof=1))
    assert done.accuracies.interval == mean_interval(found, 1 / 3)
    assert [row[0] for row in done.rows()] == ["7", "8", "9", "mean", "deviation"]
    seeds = [json.loads(each.record_file.read_text())["seed"] for each in done.runs]
    assert seeds == [7, 8, 9]
    assert done.earlier is None


def test_an_earlier_group_of_seeds_is_kept(recipe, tmp_path):
    def grouped():
        made = recipe(epochs=1, name="mine")
        return run_seeds(made, 2, lambda _: speedometer(plain=True), output=tmp_path, report=False)

    all_done = [grouped() for _ in range(3)]
    assert {done.group for done in all_done} == {tmp_path / "mine" / "seeds.json"}
    kept = [tmp_path / "mine" / f"seeds-{number}.json" for number in (1, 2)]
    assert [done.earlier for done in all_done] == [None, *kept]
    for done, file in zip(all_done, [*kept, all_done[-1].group]):
        assert runs_of(file) == [each.path for each in done.runs]


def test_several_seeds_on_the_command_line(recipe, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(recipe(epochs=1, name="mine").dump())
    line = ["run", "mine.yaml", "--seeds", "2", "--plain", "--no-report", "--min-accuracy", "1.0"]
    code = main(line)
    out = capsys.readouterr().out
    assert code in (0, 4)
    *rows, shown, group = out.splitlines()
    assert [row.split()[0] for row in rows[-5:]] == ["seed", "42", "43", "mean", "deviation"]
    assert re.fullmatch(r"mean accuracy [01]\.\d{4}, 95 % interval -?\d\.\d{4} to \d\.\d{4}", shown)
    file = Path(group.removeprefix("group: "))
    found = [json.loads((run / "run.json").read_text())["seed"] for run in runs_of(file)]
    assert (str(file), found) == ("runs/mine/seeds.json", [42, 43])


@pytest.mark.parametrize("backend", TRAINING)
def test_everything_together_goes_on_to_the_same_bits(trained, backend):
    """A chain of augmentations, a rate by batch, an average of the weights and a teacher."""
    teacher = trained().folder.path
    done = trained(
        backend=backend,
        epochs=3,
        augmentation=["affine", "elastic", "thickness", "erasing", "noise"],
        schedule="one_cycle",
        ema=0.9,
        teacher={"run": str(teacher), "temperature": 2},
        checkpoint={"keep": 9},
    )
    assert "the same bits" in verify(done.folder.path, say=lambda text: None)
    record = json.loads(done.folder.record_file.read_text())
    assert record["teacher"]["run"] == str(teacher)
    assert [each["name"] for each in record["plugins"]["augmentation"]] == [
        *("affine", "elastic", "thickness", "erasing", "noise")
    ]
    history = done.folder.read_history()
    assert history[-1].validation_ema_loss is not None
    assert done.scores.loss == pytest.approx(history[-1].validation_ema_loss)


def test_a_teacher_must_suit_the_data(trained, recipe, tmp_path):
    path = trained().folder.path
    record = json.loads((path / "run.json").read_text())
    record["network"]["classes"] = ["a", "b", "c", "d"]
    (path / "run.json").write_text(json.dumps(record))
    with pytest.raises(UsageError) as caught:
        run(recipe(teacher=str(path)), output=tmp_path)
    assert str(caught.value) == (
        f"teacher: the network of {path} has other classes than the data set has; "
        "name a run of the same classes and image size"
    )
    with pytest.raises(RunFolderError, match="teacher: there is no run"):
        run(recipe(teacher=str(tmp_path / "none")), output=tmp_path)


def test_a_run_whose_teacher_has_changed_is_not_resumed(trained):
    first, second = trained(seed=1).folder, trained(seed=2).folder
    done = trained(teacher=str(first.path))
    for name in ("run.json", "model-symbol.json", "model-0000.params"):
        (first.path / name).write_bytes((second.path / name).read_bytes())
    with pytest.raises(UsageError) as caught:
        resume(done.folder.path, ["epochs=3"])
    assert f"{done.folder} was made with other versions, data or keys: teacher is " in str(
        caught.value
    )


def test_a_sheet_shows_what_an_augmentation_makes_of_images(recipe, digits):
    shown = augmented(recipe(augmentation=["affine", "noise"]), lambda text: None, per_class=4)
    assert shown.train.images.shape == (16, 1, 16, 16)
    assert shown.train.labels.tolist() == [label for label in range(4) for _ in range(4)]
    assert (shown.train.images[::4, 0] == digits["train"][0][:4]).all()
    assert len({image.tobytes() for image in shown.train.images}) == 16


def test_a_sheet_on_the_command_line(recipe, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(recipe(augmentation="affine").dump())
    assert main(["datasets", "show", "--augmented", "mine.yaml", "-o", "sheet.png"]) == 0
    assert capsys.readouterr().out == "samples: sheet.png\n"
    with Image.open("sheet.png") as sheet:
        assert sheet.size[0] > 10 * 32
    (tmp_path / "plain.yaml").write_text(recipe().dump())
    for line, message in (
        (["--augmented", "mine.yaml"], "where shall the sheet go? write -o sheet.png"),
        ([], "which data set? mxdigits datasets lists them"),
        (
            ["--augmented", "plain.yaml", "-o", "x.png"],
            "run has no augmentation; write augmentation: affine",
        ),
    ):
        assert main(["datasets", "show", *line]) == 2
        assert capsys.readouterr().err.endswith(f"error: {message}\n")
