"""A run used again, later and elsewhere: its folder is all that is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

from .context import ContextSpec, choose_contexts
from .data.dataset import Dataset, Split
from .data.load import load_dataset
from .errors import DataError, PluginError
from .installed import LIMIT, counts, installed_version
from .metrics import TOP_K, Scores
from .predictions import read_predictions
from .record import Trained
from .registry import DATASETS, IN_PROCESS
from .report import write_report
from .results import Results
from .run_folder import RunFolder

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What to evaluate a run on.

    ``data`` is a registered data set or a directory of IDX files, and None the run's own;
    ``split`` is ``test`` or ``train``.
    """

    data: Optional[str] = None
    split: str = "test"
    context: ContextSpec = "cpu"


def score_run(path: Path, wanted: Wanted, say: Say) -> tuple[Scores, tuple[str, ...]]:
    """Score a run's network.

    Returns:
        The scores, and the names of the classes.

    Raises:
        MxdigitsError: if the folder, the data or the device will not do.
    """
    trainer, split, classes = _open(path, wanted, say)
    return trainer.score(split, top_k=TOP_K), classes


def _open(path: Path, wanted: Wanted, say: Say) -> tuple[Any, Split, tuple[str, ...]]:
    trained = RunFolder.open(path).read_record(Trained)
    dataset = own_data(path, wanted, trained, say)
    split = dataset.train if wanted.split == "train" else dataset.test
    return open_trainer(path, wanted, say), split, trained.network.classes


def report_run(path: Path, say: Say, context: ContextSpec = "cpu") -> Path:
    """Write a run's report anew; returns the page.

    Raises:
        MxdigitsError: if the folder, the data or the device will not do.
    """
    return write_report(read_results(path, say, context), say)


def read_results(path: Path, say: Say, context: ContextSpec = "cpu") -> Results:
    """A run with what its network says of the run's own test images.

    If the folder holds ``predictions.npz``, MXNet is not needed.

    Raises:
        MxdigitsError: if the folder, the data or the device will not do.
    """
    folder = RunFolder.open(path)
    trained = folder.read_record(Trained)
    wanted = Wanted(context=context)
    test = own_data(path, wanted, trained, say).test
    shape = len(test), len(trained.network.classes)
    if test.labels.max() >= shape[1]:
        raise DataError(
            f"the network of {path} knows {shape[1]} classes; "
            f"{trained.data.name} has labels up to {test.labels.max()}"
        )
    prob = read_predictions(folder.predictions_file("npz"), test.labels, shape)
    if prob is None:
        prob = open_trainer(path, wanted, say).predict(test.images)
    return Results(
        folder=folder,
        record=folder.read_whole_record(),
        recipe=folder.read_recipe(),
        history=folder.read_history(),
        test=test,
        prob=prob,
        classes=trained.network.classes,
        label_smoothing=trained.network.label_smoothing,
    )


def own_data(path: Path, wanted: Wanted, trained: Trained, say: Say) -> Dataset:
    """The data set that is wanted for a run, or the run's own.

    Raises:
        MxdigitsError: if it will not do.
    """
    if wanted.split == "test":  # what a mix was trained on besides may be gone
        trained = trained.tested()
    dataset = _data(wanted.data, trained)
    if wanted.data is None and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    return dataset


def open_trainer(path: Path, wanted: Wanted, say: Say) -> Any:
    """A Trainer with a run's network on the device that is wanted.

    Raises:
        MxdigitsError: if the folder or the device will not do.
    """
    folder = RunFolder.open(path)
    trained = folder.read_record(Trained)
    choice = choose_contexts(wanted.context, say)

    from .trainer import Trainer  # imports MXNet

    return Trainer(
        folder.load_network(choice.contexts[:1]),
        contexts=choice.contexts[:1],
        label_smoothing=trained.network.label_smoothing,
    )


def _data(wanted: Optional[str], trained: Trained) -> Dataset:
    if wanted is None:
        _check_plugin(trained)
        return load_dataset(trained.data.name, trained.data.options)
    if Path(wanted).is_dir():
        return load_dataset("idx", {"path": wanted})
    return load_dataset(wanted, {})


def _check_plugin(trained: Trained) -> None:
    """Say what to install where the plugin of a run's own data is not here."""
    origin = trained.plugins.get("data")
    if origin is None or DATASETS.entries(trained.data.name):
        return
    name, distribution, version = (origin[key] for key in ("name", "distribution", "version"))
    if distribution == IN_PROCESS:
        raise PluginError(
            f"the data set {name!r} was registered in the process that trained the run; "
            "name another by --data"
        )
    here = installed_version(distribution)
    if here is None:
        what = f"is not installed: pip install {distribution}=={version}"
    elif not counts(distribution):
        what = f"is left out by {LIMIT}"
    else:
        what = f"is {here} here and does not offer it"
    raise PluginError(f"the run's data set {name!r} is of {distribution} {version}, which {what}")
