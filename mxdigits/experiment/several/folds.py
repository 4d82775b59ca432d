"""Cross-validation of a recipe: every image is predicted by a network that never saw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional, Union

import numpy as np

from ...arrays import Integers, Labels, Probabilities
from ...data.dataset import Dataset
from ...data.folds import divided, load_fold_source
from ...data.folds import fold as fold_of
from ...data.parts import FOLD
from ...errors import RecipeError, RunFolderError, UsageError
from ...predict.predictions import Layout, Piece, predictions_file, read_predictions
from ...recipe.schema import Recipe
from ...report.accuracies import Accuracies
from ...runs.folder import RunFolder
from ...runs.group_files import GROUP
from ...runs.groups import Group, read_group, relative_runs, write_group
from ...runs.names import newest_first
from ...storage.files import make_folder
from ...storage.lock import hold
from ...wording import Say, say_nothing
from ..display.plain import Speedometer
from .going_on import in_run, run_or_go_on


@dataclass(frozen=True)
class Division:
    """The number of folds and the seed of their division; equal for recipes to be compared.

    >>> Division(folds=10).seed
    0
    """

    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise UsageError(f"-k {self.folds}: there must be at least 2 folds")
        if self.seed < 0:
            raise UsageError(f"--split-seed {self.seed}: must be a whole number from 0 on")

    def options(self, fold: int) -> dict[str, int]:
        """The options of one fold's data set."""
        return {"fold": fold, "folds": self.folds, "seed": self.seed}


@dataclass(frozen=True)
class FoldedRuns:
    """The runs of all folds, in order, and the files with all their predictions.

    ``counts`` are (right, images) of each fold; ``unasked`` is the number of images in no fold.

    >>> done = run_folds(Recipe.load("mlp"), Division(), begin)  # doctest: +SKIP
    >>> done.accuracies.mean, done.accuracies.interval  # doctest: +SKIP
    """

    folder: Path
    runs: Sequence[RunFolder]
    counts: Sequence[tuple[int, int]]
    predictions: Sequence[Path]
    unasked: int = 0

    @property
    def accuracies(self) -> Accuracies:
        """The accuracy of each fold."""
        return Accuracies([right / images for right, images in self.counts], "folds")

    def rows(self) -> list[list[str]]:
        """A table: accuracy, wrong images and folder of each fold; then mean and deviation."""
        rows = [
            [str(fold), f"{accuracy:.4f}", f"{images - right:,}", f"{images:,}", str(folder)]
            for fold, (accuracy, (right, images), folder) in enumerate(
                zip(self.accuracies.values, self.counts, self.runs)
            )
        ]
        wrong = sum(images - right for right, images in self.counts)
        images = sum(images for _, images in self.counts)
        return [
            *rows,
            ["mean", f"{self.accuracies.mean:.5f}", f"{wrong:,}", f"{images:,}", ""],
            ["deviation", f"{self.accuracies.deviation:.5f}", "", "", ""],
        ]


Begin = Callable[[int], Speedometer]


def run_folds(
    recipe: Recipe,
    division: Division,
    begin: Begin,
    *,
    name: Optional[str] = None,
    output: Union[str, Path] = "runs",
    report: bool = True,
    say: Say = say_nothing,
) -> FoldedRuns:
    """Train a recipe once for each fold of its training images, or continue that.

    The network of each run learns from all folds but one, and is tested on that one. The test
    images of the data set are not used.

    Args:
        recipe: what to train.
        division: the folds.
        begin: called with each fold before its run; returns the display of the run.
        name: the name of the folder of all runs; by default the recipe's name with ``-folds``.
        output: the folder that holds that folder.
        report: whether each run ends with a report.
        say: told which images are in no fold, and what may make the results too good.

    Raises:
        UsageError: if the folder was begun with another recipe or another division.
        DataError: if there are fewer images than folds.
        Interrupted: after a signal; the same call continues.
        MxdigitsError: as from :func:`~mxdigits.experiment.run.run`.

    >>> from mxdigits.experiment.display.live import speedometer
    >>> recipe = Recipe.make(model="mlp", epochs=1)
    >>> done = run_folds(recipe, Division(3), lambda fold: speedometer())  # doctest: +SKIP
    >>> done.predictions  # doctest: +SKIP
    """
    if recipe.data.name == FOLD:
        raise UsageError("data: is a fold already; name the data set that is to be divided")
    name = _checked_name(name or f"{recipe.name}-folds")
    # The last fold is empty if any is; without this check its run would say so after all others.
    fold_of(of=_source(recipe), **division.options(division.folds - 1))
    folder = Path(output) / name
    make_folder(folder)
    recipe = recipe.with_full_paths()
    for key, named in (("init", recipe.init), ("teacher", recipe.teacher)):
        if named is not None:
            say(f"{key}: if that run has learnt from these images, no fold is new to its network")
    with hold(folder, say):
        group = _begun(folder / GROUP, recipe, division)
        runs = []
        for fold in range(division.folds):
            chosen = _recipe_of(recipe, division, fold, name)
            with in_run(fold + 1, division.folds), begin(fold) as display:
                display.note(f"fold {fold} of {division.folds}")
                there = newest_first(folder)
                runs.append(
                    run_or_go_on(chosen, there, display, output=folder.parent, report=report)
                )
        done = _together(recipe, division, folder, runs, say)
        members = relative_runs(folder / GROUP, [each.path for each in runs])
        write_group(folder / GROUP, group.model_copy(update={"runs": members}))
    return done


def _checked_name(name: str) -> str:
    try:
        return Recipe.make(model="mlp", name=name).name
    except RecipeError as error:
        raise UsageError(f"--name {error.lines[0].removeprefix('name: ')}") from None


def _begun(file: Path, recipe: Recipe, division: Division) -> Group:
    """The group in the file, if it has this recipe and division; a new one if there is no file."""
    wanted = Group(kind="folds", recipe=recipe.dump(), folds=division.folds, seed=division.seed)
    if file.is_file():
        there = read_group(file)
        if there.model_copy(update={"runs": []}) != wanted:
            raise UsageError(
                f"{file.parent} was begun with {_difference(there, wanted)}; write the same, or "
                "begin others with --name NAME"
            )
        return there
    write_group(file, wanted)
    return wanted


def _difference(there: Group, wanted: Group) -> str:
    if (there.folds, there.seed) != (wanted.folds, wanted.seed):
        return f"-k {there.folds} --split-seed {there.seed}"
    then, now = (each.recipe.splitlines() for each in (there, wanted))
    other = next((line for line in then if line not in now), "another recipe")
    return f"{other.strip()} in the recipe"


def _recipe_of(recipe: Recipe, division: Division, fold: int, name: str) -> Recipe:
    """The recipe of a fold: an ordinary recipe whose data set is the fold."""
    options = {"of": _source(recipe), **division.options(fold)}
    keys = {
        **recipe.model_dump(mode="json"),
        "name": name,
        "data": {"name": FOLD, **recipe.data.apart, **options},
        "predictions": _forms(recipe),
    }
    return Recipe.make(**keys)


def _source(recipe: Recipe) -> Union[str, dict[str, object]]:
    """The data set that is divided, in the form of the option ``of``."""
    data = recipe.data
    return {"name": data.name, **data.options} if data.options else data.name


def _forms(recipe: Recipe) -> list[str]:
    """The formats of predictions; NPZ is always one, because it can be read again."""
    return [*dict.fromkeys([*recipe.predictions, "npz"])]


def _together(
    recipe: Recipe, division: Division, folder: Path, runs: Sequence[RunFolder], say: Say
) -> FoldedRuns:
    """Count each fold's right predictions; write all predictions in the order of the images."""
    source = load_fold_source(_source(recipe))
    parts = divided(source, division.folds, division.seed)
    labels = source.train.labels[: len(parts)]
    prob = np.zeros((len(parts), len(source.classes)), np.float32)
    counts = []
    for fold, run_folder in enumerate(runs):
        which = np.flatnonzero(parts == fold)
        prob[which] = _predicted(run_folder, labels[which], source.classes)
        right = int((prob[which].argmax(axis=1) == labels[which]).sum())
        counts.append((right, len(which)))
    files = [folder / f"predictions.{form}" for form in _forms(recipe)]
    asked = np.flatnonzero(parts >= 0)
    for file in files:
        _write(file, prob[asked], labels[asked], source, asked if len(asked) < len(parts) else None)
    if unasked := len(parts) - len(asked):
        say(
            "1 image is in no fold: it is the only one of its class, and is learnt from in every "
            "run"
            if unasked == 1
            else f"{unasked} images are in no fold: each is the only one of its class, and is "
            "learnt from in every run"
        )
    return FoldedRuns(folder, runs, counts, files, unasked)


def _predicted(folder: RunFolder, labels: Labels, classes: Sequence[str]) -> Probabilities:
    found = read_predictions(folder.predictions_file("npz"), labels, classes)
    if found is None:
        raise RunFolderError(
            f"{folder.predictions_file('npz')} is missing, or not of these images; remove the run "
            f"and go on: mxdigits runs rm {folder}"
        )
    return found


def _write(
    file: Path,
    prob: Probabilities,
    labels: Labels,
    source: Dataset,
    numbers: Optional[Integers],
) -> None:
    """Write predictions; if some images are left out, ``numbers`` are those of the others."""
    names = () if numbers is None else [str(number) for number in numbers]
    layout = Layout(classes=prob.shape[1], names=source.classes, files=numbers is not None)
    with predictions_file(file, layout) as writer:
        writer.write(Piece(prob, labels, files=names))
