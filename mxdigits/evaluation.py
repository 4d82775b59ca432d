"""A run used again, later and elsewhere: its folder is all that is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .context import ContextSpec, choose_contexts
from .data.dataset import Dataset, Split
from .errors import DataError
from .experiment import TOP_K, Say, load_dataset
from .files import check_writable
from .metrics import Scores
from .predictions import check_format, write_predictions
from .run_folder import RunFolder


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
    recipe, record = folder.read_recipe(), folder.read_record()
    choice = choose_contexts(wanted.context)
    for reason in choice.passed_over:
        say(reason)
    if wanted.data is None:
        dataset = load_dataset(recipe.data.name, recipe.data.options)
    elif Path(wanted.data).is_dir():
        dataset = load_dataset("idx", {"path": wanted.data})
    else:
        dataset = load_dataset(wanted.data, {})
    classes = _check(record, dataset, path)

    from .trainer import Trainer  # imports MXNet

    network = folder.load_network(choice.contexts[:1])
    trainer = Trainer(
        network,
        contexts=choice.contexts[:1],
        label_smoothing=recipe.loss.label_smoothing,
    )
    split = dataset.train if wanted.split == "train" else dataset.test
    return trainer, split, classes


def _check(record: dict[str, Any], dataset: Dataset, path: Path) -> tuple[str, ...]:
    """The run's classes, if its network can look at this data set at all."""
    try:
        shape = tuple(record["network"]["image_shape"])
        classes = tuple(record["network"]["classes"])
    except (KeyError, TypeError):
        raise DataError(f"{path}/run.json does not describe the network") from None
    if shape != dataset.image_shape:
        raise DataError(
            f"the network of {path} takes images of shape {shape}; "
            f"those of {dataset.name} are {dataset.image_shape}"
        )
    return classes
