"""Prepares a run: devices, data, network, callbacks; here a recipe's values are used.

To prepare a run writes nothing, so that it is the same for a new run, for one that is resumed, and
for :mod:`~mxdigits.experiment.verification`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Union

import numpy as np

from ..augmentations.build import build_augmentations
from ..backends.base import GraphNetwork, Teacher, TrainingSettings
from ..backends.batches import sharded
from ..backends.choose import DeviceChoice, choose_devices
from ..backends.context import FASTEST
from ..backends.initializers import Initializer
from ..backends.learning import learning_of, places_of
from ..backends.mxnet.runtime import seed_everything, set_environment
from ..backends.mxnet.types import Network
from ..data.dataset import Dataset, Split
from ..data.hold_out import hold_out_of
from ..data.load import load_dataset
from ..errors import MXNetMissing, PluginError, RunFolderError, UsageError, type_name
from ..graph import Graph
from ..models.building import build_network, has_graph, sketched
from ..plugins.registry import AUGMENTATIONS, CALLBACKS, MODELS
from ..predict.networks import installed_network
from ..predict.opening import trained_preprocessing, with_weights
from ..recipe.problems import unwatchable
from ..recipe.schema import Recipe
from ..runs.folder import RunFolder
from ..runs.names import find_run
from ..runs.record import Record
from ..storage.files import sha256_of
from ..train.callbacks import Callback, WithoutValidation
from ..train.schedule import Schedule, make_schedule
from ..train.tracker import Tracker
from ..train.trainer import Trainer
from ..wording import Say, some_of
from ..workers import ALONE, Workers
from .class_weights import class_weights
from .fastest import Parts, fastest_backend
from .record import Stopwatch, check_size, cpu_threads, new_record, training_record
from .shared_batches import check_workers
from .teacher import read_teacher

_NAMED = 10  # classes that a message names


@dataclass(frozen=True)
class PreparedRun:
    """What was prepared from a recipe, whose paths are now in full.

    ``validation`` is what the recipe holds out, or the data set's own such part; where there is
    neither it is the test set.

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
        """What decides the bits of this run, to be compared with what decided another's."""
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
        """The same for another number of epochs."""
        chosen, rate = self.recipe.schedule, self.recipe.optimizer.learning_rate
        return make_schedule(chosen.name, rate, epochs, **chosen.options)

    def trainer(self, callbacks: Sequence[Callback], say: Say = lambda text: None) -> Trainer:
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


def with_runs_found(recipe: Recipe, say: Say, *, init: bool = True) -> Recipe:
    """The same recipe with the folder of one run, where ``init`` or ``teacher`` names some.

    Args:
        recipe: what to do.
        say: told which run was taken.
        init: whether the run is needed that ``init`` names.

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

    def tell(text: str) -> None:
        say(f"{key}: {text.removeprefix('run: ')}")

    try:
        installed = installed_network(name, tell)
        if installed is not None:
            return str(with_weights(installed))
        return str(find_run(Path(name), RunFolder.has_network, tell))
    except (UsageError, RunFolderError) as error:
        raise type(error)(f"{key}: {error}") from None


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
        weights_follow: a checkpoint's weights take the place of those that ``init`` names, so
            that run is not needed any more.
        classes: the order of the classes in a run that goes on: it decides which output of the
            network is which class.
        workers: which of several processes this is that train together. Callbacks are those of
            worker 0 alone.

    Raises:
        MxdigitsError: for anything that the user can mend.

    >>> prepared = prepare(Recipe.make(model="mlp", validation=5000), (), print)  # doctest: +SKIP
    >>> len(prepared.train), len(prepared.validation)  # doctest: +SKIP
    """
    recipe = recipe.with_full_paths()
    set_environment(recipe.threads)  # before anything imports MXNet
    _check_model(recipe.model.name)
    check_workers(recipe, workers.count)
    for each in recipe.augmentation:
        AUGMENTATIONS.get(each.name)
    initializer = _initializer(recipe)
    stopwatch = Stopwatch()
    source: Optional[RunFolder] = None
    if recipe.init is not None and not weights_follow:
        source = RunFolder.open(Path(recipe.init))
    choice = None if recipe.backend == FASTEST else _choice(recipe, say)
    if choice is not None:
        _check_choice(choice, recipe, workers)
    named = [_callback(each.name, each.options) for each in recipe.callbacks]
    with stopwatch.time("data"):
        dataset = load_dataset(recipe.data.name, recipe.data.options, say).in_order_of(classes)
        train, validation = _splits(recipe, dataset, say)
        _tell_untaught(dataset, train, say)
        weights = class_weights(recipe.loss.class_weights, dataset.classes, train.labels)
    named = _shown(named, recipe, dataset) if workers.is_first else []

    raced = None
    if choice is None:
        with stopwatch.time("race"):
            raced = fastest_backend(recipe, Parts(dataset, train, validation), say)
        recipe = recipe.model_copy(update={"backend": raced.backend})
        choice = _choice(recipe, say)
    with stopwatch.time("build"):
        seed_everything(recipe.seed)
        network = build_network(
            recipe.model.name,
            recipe.model.options,
            classes=len(dataset.classes),
            image_shape=dataset.image_shape,
            initializer=initializer,
            contexts=choice.contexts if choice.backend == "mxnet" else (),
            backend=choice.backend,
        )
        _check_reloading(network, dataset, say)
        started = None
        if source is not None:
            started = _starts_from(source, dataset, say)
            network = source.load_weights(network)
        augmentation = build_augmentations(
            [(each.name, each.options) for each in recipe.augmentation],
            image_shape=dataset.image_shape,
            context=choice.contexts[0] if choice.backend == "mxnet" else None,
        )
        learning = learning_of(places_of(network), recipe.freeze, recipe.lr_mult)
        teacher, taught = read_teacher(recipe.teacher, dataset)
    settings = TrainingSettings(
        recipe.optimizer.name,
        recipe.optimizer.options,
        augmentation=augmentation,
        teacher=teacher,
        precision=recipe.precision,
    )
    choice.check_trainable(network, settings)
    record = new_record(recipe, choice, dataset, network, learning.frozen)
    record["init"] = started
    if workers.count > 1:
        record["device"]["workers"] = workers.count
    if raced is not None:
        record["fastest"] = raced.record
    record["teacher"] = taught
    record["training"] = training_record(recipe, dataset.classes, weights, learning)
    record["evaluated_on"] = "test" if validation is dataset.test else "validation"
    check_size(record)
    if recipe.data.shard and workers.count > 1:
        train = _own_shard(recipe, choice.backend, train, workers)
        dataset = replace(dataset, train=train)  # without the others' images
    return PreparedRun(
        recipe,
        choice,
        dataset,
        train,
        validation,
        network,
        augmentation,
        teacher,
        weights,
        [*named, *callbacks],
        record,
        stopwatch,
        workers,
    )


def _choice(recipe: Recipe, say: Say) -> DeviceChoice:
    """The backend and devices of a recipe, which have the layers of its model."""
    choice = choose_devices(recipe.context, recipe.backend, say, precision=recipe.precision)
    _tell_devices(choice, recipe, say)
    if choice.backend != "mxnet" and (graph := sketched(recipe.model.name, recipe.model.options)):
        choice.check_layers(graph)  # before the data, which may take long to read
    return choice


def _check_model(name: str) -> None:
    """See before anything else that a model can be imported here, or needs not be.

    Raises:
        MXNetMissing: if it needs MXNet, which is not there; says how to do without.
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


def _check_choice(choice: DeviceChoice, recipe: Recipe, workers: Workers) -> None:
    """See that the backend trains with several workers, each of them on one device.

    Raises:
        UsageError: saying what to write instead.
    """
    if workers.count == 1:
        return
    if len(choice.contexts) > 1:
        raise UsageError(
            f"context: {choice.devices} are several devices, and each of the {workers.count} "
            "workers takes one; name one, and start a worker for each device"
        )


def _own_shard(recipe: Recipe, backend: str, train: Split, workers: Workers) -> Split:
    """The training images that this worker holds."""
    shards = sharded(
        len(train),
        recipe.data.batch_size,
        recipe.accumulate,
        recipe.seed,
        workers.count,
        backend=backend,
    )
    return train[shards[workers.rank]]


def _initializer(recipe: Recipe) -> Initializer:
    try:
        return Initializer(recipe.initializer.name, recipe.initializer.options)
    except ValueError as error:
        raise UsageError(f"initializer: {error}") from None


def _tell_devices(choice: DeviceChoice, recipe: Recipe, say: Say) -> None:
    used, threads = cpu_threads(choice), recipe.threads
    if choice.backend == "xla" and threads is not None:
        say(f"threads: {threads} has no effect: the backend xla takes all CPUs")
    elif threads not in (None, used):
        say(f"threads: {threads} has no effect: MXNet is imported in this process already")
    lower = "" if recipe.precision == "float32" else f"; precision: {recipe.precision}"
    say(f"context: {choice}; CPU threads: {used}{lower}")


def _callback(name: str, options: dict[str, object]) -> Callback:
    made = CALLBACKS.make(name, options)
    if not isinstance(made, Callback):
        raise PluginError(
            f"callback {name!r} ({CALLBACKS.entry(name)}) must give an mxdigits.Callback, "
            f"not {type_name(made)}"
        )
    return made


def _shown(named: Sequence[Callback], recipe: Recipe, dataset: Dataset) -> list[Callback]:
    """The recipe's callbacks, with no view of the test set.

    Raises:
        UsageError: if one watches validation columns, and nothing is held out.
    """
    if recipe.validation is not None or dataset.validation is not None:
        return list(named)
    for place, chosen in enumerate(recipe.callbacks):
        if what := unwatchable(chosen.name, chosen.options):
            raise UsageError(f"callbacks.{place}: {what}")
    # With nothing held out the validation columns are the test set's, for people to look at: also
    # where a tracker shows them, which cannot act on what it sees.
    return [each if isinstance(each, Tracker) else WithoutValidation(each) for each in named]


def _check_reloading(network: Network, dataset: Dataset, say: Say) -> None:
    if isinstance(network, GraphNetwork):
        return  # it comes from such a file
    from ..backends.mxnet.saved_network import check_reloading  # imports MXNet

    check_reloading(network, dataset.image_shape, len(dataset.classes), say)


def _starts_from(source: RunFolder, dataset: Dataset, say: Say) -> dict[str, object]:
    """See that another run's weights are a start for this one; what the record says of it."""
    trained = source.read_trained()
    classes = trained.network.classes
    if len(classes) != len(dataset.classes):
        raise UsageError(
            f"init: the network of {source} tells {len(classes)} classes apart "
            f"({some_of(classes, _NAMED)}); the data set has {len(dataset.classes)} "
            f"({some_of(dataset.classes, _NAMED)})"
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


def _tell_untaught(dataset: Dataset, train: Split, say: Say) -> None:
    """Say which classes a network is asked for and shown no image of."""
    asked = np.concatenate([split.labels for split in dataset.parts.values()])
    if missing := [dataset.classes[label] for label in np.setdiff1d(asked, train.labels)]:
        say(
            f"no image to train on shows {some_of(missing, _NAMED)}; "
            "the network cannot learn what it is not shown"
        )


def _splits(recipe: Recipe, dataset: Dataset, say: Say) -> tuple[Split, Split]:
    """What to train on, and what each epoch is evaluated on."""
    train, validation = dataset.train, dataset.test
    if recipe.validation is not None and dataset.validation is not None:
        raise UsageError(
            f"validation: {recipe.validation} would hold out training images, and {dataset.name} "
            f"has a validation part of its own; write validation: null to use that"
        )
    if dataset.validation is not None:
        validation = dataset.validation
        say(f"validation: {len(validation)} images, the data set's own part")
    if recipe.validation is not None:
        own = dataset.mixed_from[0].images if dataset.mixed_from else len(train)
        learn, held = hold_out_of(dataset, recipe.validation, recipe.seed)
        if len(held) in (0, own):
            raise UsageError(
                f"validation: {recipe.validation} of {own} training images leaves "
                f"{own - len(held)} to train on and {len(held)} to validate on"
            )
        train, validation = train[learn], train[held]
    if recipe.data.batch_size > len(train):
        raise UsageError(
            f"data.batch_size: {recipe.data.batch_size} is more than the "
            f"{len(train)} images to train on"
        )
    return train, validation
