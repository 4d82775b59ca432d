"""A run used again, later and elsewhere: its folder is all that is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

from .context import ContextSpec, choose_contexts
from .data.dataset import Dataset, Split
from .data.load import load_dataset
from .errors import DataError, PluginError
from .files import check_writable
from .installed import LIMIT, counts, installed_version
from .metrics import TOP_K, Scores
from .predictions import check_format, write_predictions
from .record import Trained
from .registry import DATASETS, IN_PROCESS
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


def predict_run(path: Path, wanted: Wanted, say: Say, output: Path) -> int:
    """Write a run's predictions to a file; returns their number.

    Raises:
        MxdigitsError: if the folder, the data, the device or the file will not do.
    """
    check_format(output)
    check_writable(output)
    trainer, split, _ = _open(path, wanted, say)
    write_predictions(output, trainer.predict(split.images), split.labels)
    return len(split)


def _open(path: Path, wanted: Wanted, say: Say) -> tuple[Any, Split, tuple[str, ...]]:
    folder = RunFolder.open(path)
    trained = folder.read_record(Trained)
    choice = choose_contexts(wanted.context, say)
    dataset = _data(wanted.data, trained)
    if wanted.data is None and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )

    from .trainer import Trainer  # imports MXNet

    trainer = Trainer(
        folder.load_network(choice.contexts[:1]),
        contexts=choice.contexts[:1],
        label_smoothing=trained.network.label_smoothing,
    )
    split = dataset.train if wanted.split == "train" else dataset.test
    return trainer, split, trained.network.classes


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
