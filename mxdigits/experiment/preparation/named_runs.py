"""The runs that a recipe names: the one to start from (``init``), and the teacher."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from ...backends.network import GraphNetwork
from ...backends.settings import Teacher
from ...data.dataset import Dataset
from ...errors import RunFolderError, UsageError
from ...graph.network_files import read_network_files
from ...predict.networks import installed_network
from ...predict.opening import trained_preprocessing, with_weights
from ...recipe.schema import Recipe
from ...recipe.sections import TeacherOptions
from ...runs.folder import RunFolder
from ...runs.names import find_run
from ...storage.files import sha256_of
from ...wording import Say, some_of

_NAMED = 10  # most classes that a message names

TeacherRecord = Optional[dict[str, str]]  # the entry in a run's record


def with_runs_found(recipe: Recipe, say: Say, *, init: bool = True) -> Recipe:
    """The same recipe, in which ``init`` and ``teacher`` are the folders of single runs.

    Args:
        recipe: a recipe, in which they may be names that several runs share.
        say: told which run was taken.
        init: whether the run of ``init`` is needed.

    Raises:
        UsageError, RunFolderError: if there is no such run.

    Example:
        >>> recipe = Recipe.load("lenet", ["init=runs/lenet"])  # doctest: +SKIP
        >>> with_runs_found(recipe, print).init  # doctest: +SKIP
        'runs/lenet/20240131-120000'
    """
    updates: dict[str, object] = {}
    if init and recipe.init is not None:
        updates["init"] = _found("init", recipe.init, say)
    if recipe.teacher is not None:
        run = _found("teacher", recipe.teacher.run, say)
        updates["teacher"] = recipe.teacher.model_copy(update={"run": run})
    return recipe.model_copy(update=updates)


def _found(key: str, name: str, say: Say) -> str:
    """The folder of the run, or of the installed network, that a key of the recipe names."""
    name = os.path.expanduser(name)

    def tell(text: str) -> None:
        say(f"{key}: {text.removeprefix('run: ')}")

    try:
        installed = installed_network(name, tell)
        if installed is not None:
            return str(with_weights(installed))
        return str(find_run(Path(name), RunFolder.has_network, tell))
    except (UsageError, RunFolderError) as error:
        raise type(error)(f"{key}: {error}") from None


def starting_run(source: RunFolder, dataset: Dataset, say: Say) -> dict[str, object]:
    """Check that this run can start from another run's weights; returns the entry for the record.

    Args:
        source: the run that ``init`` names.
        dataset: the data set to learn.
        say: told of differences between both, which may be intended.

    Raises:
        UsageError: if that run has another number of classes.

    Example:
        >>> run = RunFolder(Path("runs/lenet/20240131-120000"))
        >>> list(starting_run(run, dataset, print))  # doctest: +SKIP
        ['run', 'sha256']
    """
    trained = source.read_trained()
    classes = trained.network.classes
    if len(classes) != len(dataset.classes):
        raise UsageError(
            f"init: the network of {source} has {len(classes)} classes "
            f"({some_of(classes, _NAMED)}); the data set has {len(dataset.classes)} "
            f"({some_of(dataset.classes, _NAMED)}); name a run with as many classes"
        )
    if classes != dataset.classes:
        say(
            f"init: {source} was trained on other classes ({some_of(classes, _NAMED)}) than these "
            f"({some_of(dataset.classes, _NAMED)}): its weights are only a start for them"
        )
    preprocessing = trained_preprocessing(trained).name
    if preprocessing != dataset.preprocessing:
        say(
            f"init: {source} was trained on images with preprocessing {preprocessing!r}, "
            f"these have {dataset.preprocessing!r}"
        )
    return {
        "run": str(source.path.resolve()),
        "sha256": sha256_of(source.parameters_file),
    }


def read_teacher(
    chosen: Optional[TeacherOptions], dataset: Dataset
) -> tuple[Optional[Teacher], TeacherRecord]:
    """The teacher that a recipe names, and its entry in the record; None for none.

    Raises:
        UsageError: if it has other classes, or takes images of another shape.
        RunFolderError: if the run cannot be used.

    >>> options = TeacherOptions(run="runs/strong/20261123T153755Z-62fd27")
    >>> read_teacher(options, load_dataset("mnist"))  # doctest: +SKIP
    """
    if chosen is None:
        return None, None
    run = RunFolder.open(Path(chosen.run))
    known = run.read_trained().network
    for what, theirs, ours in (
        ("has other classes", known.classes, dataset.classes),
        ("takes other images", known.image_shape, dataset.image_shape),
    ):
        if theirs != ours:
            raise UsageError(
                f"teacher: the network of {run} {what} than the data set has; name a run of the "
                "same classes and image size"
            )
    files = run.symbol_file, run.parameters_file
    graph, arrays = read_network_files(*files, known.sha256)
    teacher = Teacher(GraphNetwork(graph, arrays), chosen.temperature, chosen.share)
    return teacher, {"run": str(run.path.resolve()), "sha256": sha256_of(run.parameters_file)}
