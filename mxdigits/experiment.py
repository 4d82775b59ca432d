"""A run from its recipe to its files: the one place that wires the rooms together."""

from __future__ import annotations

import hashlib
import random
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Union

import numpy as np

from .callbacks import Callback
from .context import choose_contexts
from .data.batches import hold_out
from .data.dataset import Dataset, Split
from .data.load import load_dataset
from .errors import Diverged, Interrupted, UsageError
from .files import write_text
from .history import EpochRecord, History
from .metrics import TOP_K, Scores, score, softmax
from .network import build_network, make_initializer
from .predictions import write_predictions
from .progress import PlainSpeedometer
from .recipe import Recipe
from .record import Stopwatch, new_record, now, scores_record
from .run_folder import RunFolder
from .runtime import engine_threads, import_mxnet
from .schedule import make_schedule

Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """What a finished run leaves: its folder, and its scores on the test set."""

    folder: RunFolder
    scores: Scores


def run(
    recipe: Recipe,
    *,
    output: Union[str, Path] = "runs",
    callbacks: Sequence[Callback] = (),
    say: Say = lambda text: None,
) -> Run:
    """Train, score and predict as a recipe says, and keep everything in a run folder.

    Args:
        recipe: what to do.
        output: the folder that holds the run folders.
        callbacks: told what happens; a display is one.
        say: called with what a user should know at once, such as the device that is used.

    Raises:
        Interrupted: after Ctrl-C, with the weights as they were then saved.
        Diverged: if the loss or a weight was not finite, with the last good weights saved.
        MxdigitsError: for anything else that the user can mend.
    """
    mx = import_mxnet(recipe.threads)
    from .trainer import Trainer  # imports MXNet, whose threads must be settled first

    stopwatch = Stopwatch()
    source = None if recipe.init is None else RunFolder.open(Path(recipe.init))

    choice = choose_contexts(recipe.context, say)
    if recipe.threads not in (None, engine_threads()):
        say(f"threads: {recipe.threads} comes too late, MXNet has been imported in this process")
    say(f"context: {choice.devices}; CPU threads: {engine_threads()}")

    with stopwatch.time("data"):
        dataset = load_dataset(recipe.data.name, recipe.data.options)
        train, validation = _splits(recipe, dataset)

    with stopwatch.time("build"):
        _seed_everything(mx, recipe.seed)
        network = build_network(
            recipe.model.name,
            recipe.model.options,
            classes=len(dataset.classes),
            image_shape=dataset.image_shape,
            initializer=make_initializer(recipe.initializer.name, recipe.initializer.options),
            contexts=choice.contexts,
        )

        started = None if source is None else _start_from(source, network, dataset, say)

    folder = RunFolder.create(Path(output), recipe.name)
    say(f"run folder: {folder}")
    write_text(folder.recipe_file, recipe.dump())
    record = new_record(recipe, choice, dataset, network)
    record["init"] = started

    with _kept(record, folder, stopwatch), open(folder.log_file, "w", encoding="utf-8") as log:
        trainer = Trainer(
            network,
            recipe.optimizer.name,
            recipe.optimizer.options,
            contexts=choice.contexts,
            label_smoothing=recipe.loss.label_smoothing,
            callbacks=[*callbacks, PlainSpeedometer(log), _HistoryFile(folder)],
            seed=recipe.seed,
        )
        with stopwatch.time("fit"):
            _fit(trainer, recipe, train, validation, dataset.image_shape, folder)
        with stopwatch.time("score_and_predict"):
            scores = _score_and_predict(trainer, recipe, dataset.test, folder)
        record["scores"] = {"test": scores_record(scores, dataset.classes)}
    return Run(folder, scores)


def _splits(recipe: Recipe, dataset: Dataset) -> tuple[Split, Split]:
    """What to train on, and what each epoch is evaluated on."""
    train, validation = dataset.train, dataset.test
    if recipe.validation is not None:
        learn, held = hold_out(len(train), recipe.validation, recipe.seed)
        if not len(learn) or not len(held):
            raise UsageError(
                f"validation: {recipe.validation} of {len(train)} training images leaves "
                f"{len(learn)} to train on and {len(held)} to validate on"
            )
        train, validation = train[learn], train[held]
    if recipe.data.batch_size > len(train):
        raise UsageError(
            f"data.batch_size: {recipe.data.batch_size} is more than the "
            f"{len(train)} images to train on"
        )
    return train, validation


def _start_from(source: RunFolder, network: Any, dataset: Dataset, say: Say) -> dict[str, Any]:
    """Start from the weights of another run; returns what the record says of it."""
    trained = source.read_record()
    if trained.network.classes != dataset.classes:
        raise UsageError(
            f"init: the network of {source} tells {len(trained.network.classes)} classes apart "
            f"({', '.join(trained.network.classes)}); the data set has {len(dataset.classes)} "
            f"({', '.join(dataset.classes)})"
        )
    if trained.preprocessing().name != dataset.preprocessing:
        say(
            f"init: {source} was trained on images with preprocessing "
            f"{trained.preprocessing().name!r}, these have {dataset.preprocessing!r}"
        )
    source.load_weights(network)
    return {
        "run": str(source.path.resolve()),
        "sha256": hashlib.sha256(source.parameters_file.read_bytes()).hexdigest(),
    }


def _seed_everything(mx: Any, seed: int) -> None:
    """Seed every generator that a model or an initializer may draw from."""
    mx.random.seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def _fit(
    trainer: Any,
    recipe: Recipe,
    train: Split,
    validation: Split,
    image_shape: Sequence[int],
    folder: RunFolder,
) -> None:
    """Train, and save the network however the training ends."""
    schedule = make_schedule(
        recipe.schedule.name,
        recipe.optimizer.learning_rate,
        recipe.epochs,
        **recipe.schedule.options,
    )
    try:
        with _stopped_by_ctrl_c(trainer):
            trainer.fit(
                train,
                epochs=recipe.epochs,
                batch_size=recipe.data.batch_size,
                validation=validation,
                schedule=schedule,
            )
    except Diverged as error:
        folder.save_network(trainer.network, image_shape)
        raise error.keeping(f"the weights before that epoch are in {folder}") from None
    folder.save_network(trainer.network, image_shape)
    if trainer.stopped:
        raise Interrupted(
            f"interrupted in epoch {len(trainer.history)}; the weights as they were are in {folder}"
        )


def _score_and_predict(trainer: Any, recipe: Recipe, test: Split, folder: RunFolder) -> Scores:
    logits = trainer.logits(test.images)
    prob = softmax(logits)
    for form in recipe.predictions:
        write_predictions(folder.predictions_file(form), prob, test.labels)
    return score(logits, test.labels, label_smoothing=recipe.loss.label_smoothing, top_k=TOP_K)


class _HistoryFile(Callback):
    """Keeps ``history.csv`` true to the last epoch."""

    def __init__(self, folder: RunFolder):
        self._folder = folder
        self._history = History()

    def on_epoch_end(self, record: EpochRecord) -> None:
        self._history.append(record)
        write_text(self._folder.history_file, self._history.to_csv())


@contextmanager
def _kept(record: dict[str, Any], folder: RunFolder, stopwatch: Stopwatch) -> Iterator[None]:
    """Keep ``run.json`` true from the first moment to the last, also of a run that fails."""
    folder.write_record(record)
    try:
        yield
        record["state"] = "finished"
    except BaseException as error:
        stopped = isinstance(error, (Interrupted, KeyboardInterrupt))
        record["state"] = "interrupted" if stopped else "failed"
        record["error"] = str(error)
        raise
    finally:
        record["ended"] = now()
        record["seconds"] = stopwatch.seconds
        folder.write_record(record)


@contextmanager
def _stopped_by_ctrl_c(trainer: Any) -> Iterator[None]:
    """Let the first Ctrl-C end the fit after its batch, and the second end the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set a handler
        return

    def stop(*_: object) -> None:
        trainer.stop()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
