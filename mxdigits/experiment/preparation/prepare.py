"""Prepares a run from the values of a recipe: devices, data, network, callbacks.

This writes nothing, so it is the same for a new run, for a resumed one, and for
:mod:`~mxdigits.experiment.verification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Union

from ...backends.choose import DeviceChoice
from ...backends.context import FASTEST
from ...backends.mxnet.runtime import seed_everything, set_environment
from ...backends.mxnet.types import Network
from ...backends.race.decision import Decision
from ...backends.settings import Teacher, check_mixing
from ...data.dataset import Dataset, Split
from ...errors import MXNetMissing
from ...graph import Graph
from ...models.building import has_graph
from ...plugins.registry import AUGMENTATIONS, MODELS
from ...recipe.schema import Recipe
from ...runs.folder import RunFolder
from ...runs.record import Record
from ...train.callbacks import Callback
from ...train.schedule import Schedule, make_schedule
from ...train.trainer import Trainer
from ...wording import Say, say_nothing
from ...workers import ALONE, Workers
from ..records.record import Stopwatch, check_size, new_record, training_record
from .building import Built, build, initializer_of, settings_of
from .choices import check_choices
from .class_weights import class_weights
from .fastest import fastest_backend
from .parts import Parts, own_shard, read_parts
from .recipe_callbacks import make_callbacks, without_test_set
from .recipe_devices import devices_of
from .shared_batches import check_workers


@dataclass(frozen=True)
class PreparedRun:
    """What was prepared from a recipe, whose paths are now absolute.

    ``validation`` holds the images that the recipe holds out, or the data set's own validation
    part; without either it is the test set.

    >>> prepared = prepare(Recipe.make(model="mlp"), (), print)  # doctest: +SKIP
    >>> prepared.trainer(()).fit(prepared.train, epochs=1)  # doctest: +SKIP
    """

    recipe: Recipe
    choice: DeviceChoice
    dataset: Dataset
    train: Split
    validation: Split
    network: Network
    augmentation: Union[Graph, Network, None]
    teacher: Optional[Teacher]
    class_weights: tuple[float, ...]
    callbacks: Sequence[Callback]
    record: Record
    stopwatch: Stopwatch
    workers: Workers = ALONE

    @property
    def fingerprint(self) -> dict[str, object]:
        """Everything that decides the bits of this run, to compare it with other runs."""
        decisive = ("backend", "versions", "plugins", "device", "data")
        return {
            "recipe": self.recipe.model_dump(mode="json"),
            **{key: self.record[key] for key in decisive},
            "teacher": (self.record["teacher"] or {}).get("sha256"),
            "network": {
                key: self.record["network"][key]
                for key in ("graph", "files")
                if key in self.record["network"]
            },
        }

    @property
    def schedule(self) -> Schedule:
        """The learning rate of each epoch."""
        return self.schedule_over(self.recipe.epochs)

    def schedule_over(self, epochs: int) -> Schedule:
        """The schedule for another number of epochs."""
        chosen, rate = self.recipe.schedule, self.recipe.optimizer.learning_rate
        return make_schedule(chosen.name, rate, epochs, **chosen.options)

    def trainer(self, callbacks: Sequence[Callback], say: Say = say_nothing) -> Trainer:
        """A Trainer for the network; ``callbacks`` come after the recipe's own."""
        recipe = self.recipe
        return Trainer(
            self.network,
            recipe.optimizer.name,
            recipe.optimizer.options,
            contexts=self.choice.contexts,
            backend=self.choice.backend,
            say=say,
            label_smoothing=recipe.loss.label_smoothing,
            class_weights=self.class_weights,
            focal=recipe.loss.focal,
            sampler=recipe.data.sampler,
            accumulate=recipe.accumulate,
            clip_global_norm=recipe.clip_global_norm,
            augmentation=self.augmentation,
            teacher=self.teacher,
            ema=recipe.ema,
            swa=recipe.swa,
            freeze=recipe.freeze,
            lr_mult=recipe.lr_mult,
            callbacks=[*self.callbacks, *callbacks],
            seed=recipe.seed,
            precision=recipe.precision,
            workers=self.workers,
            shard=recipe.data.shard,
        )


def prepare(
    recipe: Recipe,
    callbacks: Sequence[Callback],
    say: Say,
    *,
    weights_follow: bool = False,
    classes: Sequence[str] = (),
    workers: Workers = ALONE,
) -> PreparedRun:
    """Choose devices, read data, build the network.

    Args:
        recipe: what to do.
        callbacks: told what happens, besides the recipe's own.
        say: called with what a user should know at once.
        weights_follow: whether a checkpoint's weights will replace those that ``init`` names, so
            that its run is not needed any more.
        classes: the order of the classes in a resumed run: it decides which output of the network
            is which class.
        workers: which of the processes this is that train together. Only worker 0 has callbacks.

    Raises:
        MxdigitsError: for anything that the user can mend.

    >>> prepared = prepare(Recipe.make(model="mlp", validation=5000), (), print)  # doctest: +SKIP
    >>> len(prepared.train), len(prepared.validation)  # doctest: +SKIP
    """
    recipe = recipe.with_full_paths()
    set_environment(recipe.threads)  # must come before any import of MXNet
    _check_model(recipe.model.name)
    check_choices(recipe)
    check_workers(recipe, workers.count)
    for each in recipe.augmentation:
        AUGMENTATIONS.get(each.name)
    initializer = initializer_of(recipe)
    stopwatch = Stopwatch()
    source: Optional[RunFolder] = None
    if recipe.init is not None and not weights_follow:
        source = RunFolder.open(Path(recipe.init))
    choice = None if recipe.backend == FASTEST else devices_of(recipe, workers, say)
    named = make_callbacks(recipe)
    with stopwatch.time("data"):
        parts = read_parts(recipe, classes, say)
        weights = class_weights(
            recipe.loss.class_weights, parts.dataset.classes, parts.train.labels
        )
    named = without_test_set(named, recipe, parts.dataset) if workers.is_first else []

    raced = None
    if choice is None:
        with stopwatch.time("race"):
            raced = fastest_backend(recipe, parts, say)
        recipe = recipe.model_copy(update={"backend": raced.backend})
        choice = devices_of(recipe, workers, say)
    with stopwatch.time("build"):
        seed_everything(recipe.seed)
        built = build(recipe, choice, parts.dataset, initializer, source, say)
    settings = settings_of(recipe, built.augmentation, built.teacher, weights)
    choice.check_trainable(built.network, settings)
    if choice.backend != "xla":  # which mixes before it divides a batch
        check_mixing(settings, workers)

    record = _record(recipe, choice, raced, parts, weights, built, workers)
    if recipe.data.shard and workers.count > 1:
        train = own_shard(recipe, choice.backend, parts.train, workers)
        # Without the others' images.
        parts = parts._replace(dataset=replace(parts.dataset, train=train), train=train)
    return PreparedRun(
        recipe=recipe,
        choice=choice,
        dataset=parts.dataset,
        train=parts.train,
        validation=parts.validation,
        network=built.network,
        augmentation=built.augmentation,
        teacher=built.teacher,
        class_weights=weights,
        callbacks=[*named, *callbacks],
        record=record,
        stopwatch=stopwatch,
        workers=workers,
    )


def _record(
    recipe: Recipe,
    choice: DeviceChoice,
    raced: Optional[Decision],
    parts: Parts,
    weights: tuple[float, ...],
    built: Built,
    workers: Workers,
) -> Record:
    """A run's record before the training; ``weights`` are those of the classes.

    Raises:
        DataError: if the record is too long to be read again.
    """
    record = new_record(recipe, choice, parts.dataset, built.network, built.learning.frozen)
    record["init"] = built.started
    if workers.count > 1:
        record["device"]["workers"] = workers.count
    if raced is not None:
        record["fastest"] = raced.record
    record["teacher"] = built.taught
    record["training"] = training_record(recipe, parts.dataset.classes, weights, built.learning)
    tested = parts.validation is parts.dataset.test
    record["evaluated_on"] = "test" if tested else "validation"
    check_size(record)
    return record


def _check_model(name: str) -> None:
    """Check before anything else that a model can be imported here, or has a graph.

    Raises:
        MXNetMissing: if it needs MXNet, which is not installed; says how to do without.
    """
    if has_graph(name):
        return
    try:
        MODELS.get(name)
    except MXNetMissing as error:
        raise MXNetMissing(
            f"{error}; to train it here, write its graph where MXNet is: mxdigits models show "
            f"{name} --graph {name}.json, and take model: {{name: graph, path: {name}.json}}"
        ) from error
