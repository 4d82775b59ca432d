"""A run used again, later and elsewhere: its folder is all that is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Optional

from ..backends.choose import choose_devices
from ..backends.context import BackendSpec, ContextSpec
from ..data.dataset import Dataset, Split
from ..errors import DataError, PluginError
from ..plugins.installed import LIMIT, counts, installed_version
from ..plugins.registry import DATASETS, IN_PROCESS
from ..report.report import write_report
from ..report.results import Results
from ..runs.folder import RunFolder
from ..runs.record import Trained
from ..signals import stoppable
from ..storage.lock import hold
from ..train.metrics import TOP_K, Scores
from ..train.trainer import Trainer
from .predictions import read_predictions
from .run_data import RunData

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What to evaluate a run on.

    ``data`` is a registered data set or a folder of IDX files or pictures, and None the run's own;
    ``split`` is ``test``, ``train``, ``validation`` or ``all``; ``options`` are the data set's.
    """

    data: Optional[str] = None
    split: str = "test"
    context: ContextSpec = "cpu"
    options: Mapping[str, Any] = field(default_factory=dict)
    backend: BackendSpec = "auto"


def score_run(path: Path, wanted: Wanted, say: Say) -> tuple[Scores, tuple[str, ...]]:
    """Score a run's network.

    Returns:
        The scores, and the names of the classes.

    Raises:
        MxdigitsError: if the folder, the data or the device will not do.
    """
    trainer, split, classes = _open(path, wanted, say)
    return trainer.score(split, top_k=TOP_K), classes


def _open(path: Path, wanted: Wanted, say: Say) -> tuple[Trainer, Split, tuple[str, ...]]:
    trained = RunFolder.open(path).read_record(Trained)
    dataset = own_data(path, wanted, trained, say)
    split = dataset.part(wanted.split)
    run_data(trained, say).check_known(dataset.name, split)
    return open_trainer(path, wanted, say), split, trained.network.classes


def report_run(path: Path, say: Say, context: ContextSpec = "cpu") -> Path:
    """Write a run's report anew; returns the page.

    Raises:
        Interrupted: after SIGINT, SIGTERM or SIGHUP; nothing half-written is left.
        FolderInUse: if the run is going on, or its report is being written.
        MxdigitsError: if the folder, the data or the device will not do.
    """
    folder = RunFolder.open(path)
    with stoppable() as stopper, hold(path, say):
        stopper.meanwhile = "before the report was written"
        folder.sweep()
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
    dataset = own_data(path, wanted, trained, say)
    test, classes = dataset.test, trained.network.classes
    run_data(trained, say).check_known(dataset.name, test)
    prob = read_predictions(folder.predictions_file("npz"), test.labels, classes)
    if prob is None:
        prob = open_trainer(path, wanted, say).predict(test.images)
    return Results(
        folder=folder,
        record=folder.read_whole_record(),
        recipe=folder.read_recipe(),
        history=folder.read_history(),
        test=test,
        prob=prob,
        classes=classes,
        label_smoothing=trained.network.label_smoothing,
    )


def own_data(path: Path, wanted: Wanted, trained: Trained, say: Say) -> Dataset:
    """The data set that is wanted for a run, or the run's own.

    Raises:
        MxdigitsError: if it will not do.
    """
    if wanted.data is None and wanted.split in ("test", "validation"):
        trained = trained.tested()  # what a mix was trained on besides may be gone
    if wanted.data is None:
        _check_plugin(trained)
    dataset = run_data(trained, say).load(wanted.data, wanted.options)
    own = wanted.data is None and not wanted.options
    if own and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    return dataset


def open_trainer(path: Path, wanted: Wanted, say: Say) -> Trainer:
    """A Trainer with a run's network on the device that is wanted.

    Raises:
        MxdigitsError: if the folder or the device will not do.
    """
    folder = RunFolder.open(path)
    trained = folder.read_record(Trained)
    choice = choose_devices(wanted.context, wanted.backend, say)
    return Trainer(
        folder.load_network(choice.contexts[:1], choice.backend),
        contexts=choice.contexts[:1],
        backend=choice.backend,
        label_smoothing=trained.network.label_smoothing,
    )


def run_data(trained: Trained, say: Say) -> RunData:
    """What a run was trained on, for reading other data in the same way."""
    return RunData(trained.data.name, trained.data.options, trained.network.classes, say)


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
