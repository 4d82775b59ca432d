"""The record of a new run, ``run.json``: versions, device, data, network, timings, scores.

:mod:`mxdigits.runs.record` reads it again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timezone

from ...backends.choose import DeviceChoice
from ...backends.cpus import usable_cpus
from ...backends.machine import machine, versions
from ...backends.mxnet.networks.building import graph_hash
from ...backends.mxnet.runtime import engine_threads
from ...backends.mxnet.types import Network
from ...backends.network import GraphNetwork, Learning, ParameterSettings, natural_key
from ...data.dataset import Dataset
from ...data.oddities import dark_on_light
from ...errors import DataError
from ...plugins.environment import installation
from ...plugins.own import OURS
from ...plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS, Registry
from ...recipe.schema import Recipe
from ...runs.record import Record
from ...storage.files import MOST_BYTES
from ...storage.json_text import json_text
from ...train.metrics import Scores, confusions

# With more classes the confusion matrix would fill run.json, so only the most frequent confusions
# are kept.
MOST_MATRIX = 512
MOST_CONFUSIONS = 1000

# Bytes of run.json when a run begins. Its scores add the names of the classes twice at the end.
_MOST_AT_START = MOST_BYTES // 3


def check_size(record: Mapping[str, object]) -> None:
    """Check before the training that the record of a run can be read again.

    Raises:
        DataError: if the record would be too long; says which part.

    >>> check_size({"network": {"classes": ["0", "1"]}})
    """
    sizes = {key: len(json_text(each)) for key, each in record.items()}
    if sum(sizes.values()) > _MOST_AT_START:
        largest = max(sizes, key=lambda key: sizes[key])
        what = {"network": "the names of the classes", "data": "the options and hashes of the data"}
        raise DataError(
            f"{what.get(largest, largest)} take {sizes[largest]:,} bytes in run.json; "
            f"at most {_MOST_AT_START:,} can be read again: use fewer or shorter ones"
        )


def new_record(
    recipe: Recipe,
    choice: DeviceChoice,
    dataset: Dataset,
    network: Network,
    frozen: Collection[str] = (),
) -> Record:
    """The record of a run that is about to begin; ``frozen`` names parameters that do not learn.

    >>> new_record(recipe, choice, dataset, network)["state"]  # doctest: +SKIP
    """
    return {
        "state": "running",
        "recipe": recipe.name,
        "started": now(),
        "seed": recipe.seed,
        "versions": {**_versions(recipe, choice, network), **choice.versions},
        "installed": installation().model_dump(mode="json"),
        "backend": choice.backend,
        "precision": recipe.precision,
        "plugins": _plugins(recipe, dataset),
        "device": {
            "context": str(choice.devices),
            **choice.about,
            "passed_over": list(choice.passed_over),
            "threads": cpu_threads(choice),
            **machine(),
        },
        "data": {
            "name": recipe.data.name,
            "options": recipe.data.options,
            **{part: len(split) for part, split in dataset.parts.items()},
            "sha256": dict(dataset.hashes),
            **({"parts": list(map(asdict, dataset.mixed_from))} if dataset.mixed_from else {}),
        },
        "network": {
            "input": {
                "name": "data",
                "dtype": "float32",
                "range": [0, 1],
                "preprocessing": dataset.preprocessing,
                "dark_on_light": dark_on_light(dataset.train.images),
            },
            "image_shape": list(dataset.image_shape),
            "classes": list(dataset.classes),
            "label_smoothing": recipe.loss.label_smoothing,
            **_described(network, frozen),
        },
    }


def training_record(
    recipe: Recipe, classes: Sequence[str], weights: Sequence[float], learning: Learning
) -> dict[str, object]:
    """The settings by which a network learns unusually, as they result from the recipe.

    Args:
        recipe: the recipe of the run.
        classes: their names.
        weights: the weights of the classes in the loss; empty if all count alike.
        learning: which parameters are frozen, and at which rates the others learn.

    >>> balanced = Recipe.make(model="mlp", loss={"class_weights": "balanced", "focal": 2.0})
    >>> training_record(balanced, ["no", "yes"], [0.5, 1.5], Learning())
    {'class_weights': {'no': 0.5, 'yes': 1.5}, 'focal': 2.0}
    """
    told: dict[str, object] = {
        "class_weights": {name: round(each, 6) for name, each in zip(classes, weights)},
        "focal": recipe.loss.focal,
        "sampler": recipe.data.sampler,
        "accumulate": recipe.accumulate if recipe.accumulate > 1 else None,
        "frozen": sorted(learning.frozen, key=natural_key),
        "lr_mult": dict(learning.lr_mult),
        "swa": recipe.swa,
    }
    return {key: value for key, value in told.items() if value}


def cpu_threads(choice: DeviceChoice) -> int:
    """The number of CPU threads that a backend works with.

    Example:
        >>> from mxdigits.backends.choose import choose_devices
        >>> cpu_threads(choose_devices("cpu")) > 0
        True
    """
    # PyTorch respects what the user has set; XLA does not.
    counted = choice.backend == "torch" and os.environ.get("OMP_NUM_THREADS")
    return engine_threads() if choice.backend == "mxnet" or counted else usable_cpus()


def scores_record(scores: Scores, classes: tuple[str, ...]) -> dict[str, object]:
    """Scores as plain values; for more than :data:`MOST_MATRIX` classes without the whole matrix.

    >>> import numpy as np
    >>> from mxdigits.train.metrics import score
    >>> scores = score(np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([0, 0]))
    >>> record = scores_record(scores, ("no", "yes"))
    >>> record["accuracy"], record["per_class"], record["confusion"]
    (0.5, {'no': 0.5, 'yes': None}, [[1, 1], [0, 0]])
    """
    low, high = scores.interval()
    return {
        "samples": scores.samples,
        "correct": scores.correct,
        "accuracy": scores.accuracy,
        "accuracy_95": [low, high],
        "loss": scores.loss,
        **{f"top_{k}_accuracy": share for k, share in scores.top_k.items()},
        "per_class": {
            name: None if share != share else share
            for name, share in zip(classes, scores.per_class)
        },
        **_confusion(scores, classes),
    }


def _confusion(scores: Scores, classes: tuple[str, ...]) -> dict[str, object]:
    if len(classes) <= MOST_MATRIX:
        return {"confusion": scores.confusion.tolist()}
    return {"confusions": [list(each) for each in confusions(scores, classes)[:MOST_CONFUSIONS]]}


class Stopwatch:
    """Seconds of each stage of a run.

    >>> stopwatch = Stopwatch()
    >>> with stopwatch.time("fit"):
    ...     pass
    >>> list(stopwatch.seconds)
    ['fit']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def go_on(self, seconds: Mapping[str, float]) -> None:
        """Add the times that earlier processes of the run have taken."""
        self.seconds.update(seconds)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Measure the time of a ``with`` block, even of one that fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            earlier = self.seconds.get(stage, 0.0)
            self.seconds[stage] = round(earlier + time.perf_counter() - began, 6)


def now() -> str:
    """The current time in UTC, to the second.

    >>> len(now()), now()[-6:]
    (25, '+00:00')
    """
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _plugins(recipe: Recipe, dataset: Dataset) -> dict[str, object]:
    """The distributions of all that the recipe names, by the recipe's keys."""
    origins: dict[str, object] = {
        "model": _origin(MODELS, recipe.model.name),
        "data": _origin(DATASETS, recipe.data.name),
    }
    if dataset.mixed_from:
        origins["parts"] = [_origin(DATASETS, part.name) for part in dataset.mixed_from]
    if recipe.augmentation:
        each = [_origin(AUGMENTATIONS, each.name) for each in recipe.augmentation]
        origins["augmentation"] = each if len(each) > 1 else each[0]
    origins["predictions"] = [_origin(EXPORTERS, each) for each in recipe.predictions]
    if recipe.callbacks:
        origins["callbacks"] = [_origin(CALLBACKS, each.name) for each in recipe.callbacks]
    return origins


def _origin(registry: Registry, name: str) -> dict[str, str]:
    entry = registry.entry(name)
    return {"name": name, "distribution": entry.distribution, "version": entry.version}


def _versions(recipe: Recipe, choice: DeviceChoice, network: Network) -> dict[str, str]:
    """The versions of the libraries that decide the bits; MXNet's only if it is one of them."""
    found = versions("mxnet")
    # The augmentation of a plugin may be a Gluon block, which MXNet traces.
    blocks = any(AUGMENTATIONS.entry(e.name).distribution != OURS for e in recipe.augmentation)
    by_mxnet = choice.backend == "mxnet" or blocks
    if not by_mxnet and isinstance(network, GraphNetwork):
        found.pop("mxnet")
    return found


def _described(network: Network, frozen: Collection[str]) -> dict[str, object]:
    """The number of trained parameters of a network, the hash of its graph, and its files."""
    if isinstance(network, GraphNetwork):
        learning = network.parameters
        settings = {n: learning.get(n, ParameterSettings(n)) for n in network.graph.parameters}
        names = [n for n, s in settings.items() if s.trained and s.place not in frozen]
        return {
            "parameters": sum(int(network.arrays[name].size) for name in names),
            "graph": network.graph.fingerprint(),
            **({"files": dict(network.files)} if network.files else {}),
        }
    places = {p.name: place for place, p in network._collect_params_with_prefix().items()}
    trained = [
        p
        for name, p in network.collect_params().items()
        if p.grad_req != "null" and places.get(name) not in frozen
    ]
    return {
        "parameters": sum(int(p.data().size) for p in trained),
        "graph": graph_hash(network),
    }
