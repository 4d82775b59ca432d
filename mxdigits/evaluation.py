"""A run used again, later and elsewhere: its folder is all that is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional

from .context import ContextSpec, choose_contexts
from .data.dataset import Dataset, Split
from .data.load import load_dataset
from .errors import DataError
from .files import check_writable
from .metrics import TOP_K, Scores
from .predictions import check_format, read_predictions, write_predictions
from .record import Trained
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
    trained = folder.read_record()
    test = _dataset(path, None, trained, say).test
    shape = len(test), len(trained.network.classes)
    if test.labels.max() >= shape[1]:
        raise DataError(
            f"the network of {path} knows {shape[1]} classes; "
            f"{trained.data.name} has labels up to {test.labels.max()}"
        )
    prob = read_predictions(folder.predictions_file("npz"), test.labels, shape)
    if prob is None:
        contexts = choose_contexts(context, say).contexts
        prob = _trainer(folder, trained, contexts).predict(test.images)
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


def _open(path: Path, wanted: Wanted, say: Say) -> tuple[Any, Split, tuple[str, ...]]:
    folder = RunFolder.open(path)
    trained = folder.read_record()
    choice = choose_contexts(wanted.context, say)
    dataset = _dataset(path, wanted.data, trained, say)
    trainer = _trainer(folder, trained, choice.contexts)
    split = dataset.train if wanted.split == "train" else dataset.test
    return trainer, split, trained.network.classes


def _trainer(folder: RunFolder, trained: Trained, contexts: Sequence[Any]) -> Any:
    from .trainer import Trainer  # imports MXNet

    return Trainer(
        folder.load_network(contexts[:1]),
        contexts=contexts[:1],
        label_smoothing=trained.network.label_smoothing,
    )


def _dataset(path: Path, wanted: Optional[str], trained: Trained, say: Say) -> Dataset:
    """The data set, if its images are such as the network takes."""
    dataset = _data(wanted, trained)
    if wanted is None and dict(dataset.hashes) != trained.data.sha256:
        say(f"the files of {dataset.name} are not those that {path} was trained with")
    shape = trained.network.image_shape
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    return dataset


def _data(wanted: Optional[str], trained: Trained) -> Dataset:
    if wanted is None:
        return load_dataset(trained.data.name, trained.data.options)
    if Path(wanted).is_dir():
        return load_dataset("idx", {"path": wanted})
    return load_dataset(wanted, {})
