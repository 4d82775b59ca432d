"""What ``run.json`` says of a run: versions, device, data, network, timings, scores."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from pydantic import AwareDatetime, Field, PositiveInt

from .. import __version__
from ..backends.mxnet.building import graph_hash
from ..backends.choose import DeviceChoice
from ..backends.mxnet.runtime import engine_threads
from ..data.dataset import Dataset
from ..data.parts import MIX, part_problems, parts_of
from ..digitize.preprocessing import Preprocessing, preprocessing_of
from ..errors import DataError
from ..plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS, Registry
from ..recipe.schema import Recipe
from ..storage.files import MOST_BYTES
from ..storage.json_text import json_text
from ..storage.schema import Schema
from ..train.metrics import Scores, confusions

# The confusion matrix of more classes would fill run.json; the most frequent confusions stay.
MOST_MATRIX = 512
MOST_CONFUSIONS = 1000

# Of run.json when a run begins. Names come in it twice more at the end, with the scores.
_MOST_AT_START = MOST_BYTES // 3


def check_size(record: Mapping[str, Any]) -> None:
    """See before the training that what is written of a run can be read again.

    Raises:
        DataError: if it would be too long; says which part.
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
    recipe: Recipe, choice: DeviceChoice, dataset: Dataset, network: Any
) -> dict[str, Any]:
    """The record of a run that is about to begin."""
    return {
        "state": "running",
        "recipe": recipe.name,
        "started": now(),
        "seed": recipe.seed,
        "versions": {
            "mxdigits": __version__,
            "mxnet": version_of("mxnet"),
            "numpy": version("numpy"),
            "python": platform.python_version(),
            **choice.versions,
        },
        "backend": choice.backend,
        "plugins": _plugins(recipe, dataset),
        "device": {
            "context": str(choice.devices),
            **choice.about,
            "passed_over": list(choice.passed_over),
            "threads": engine_threads(),
            "processor": processor(),
            "platform": platform.platform(),
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
            },
            "image_shape": list(dataset.image_shape),
            "classes": list(dataset.classes),
            "label_smoothing": recipe.loss.label_smoothing,
            "parameters": sum(int(p.data().size) for p in _parameters(network)),
            "graph": graph_hash(network),
        },
    }


def scores_record(scores: Scores, classes: tuple[str, ...]) -> dict[str, Any]:
    """Scores as plain values; of more than :data:`MOST_MATRIX` classes no whole matrix."""
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


def _confusion(scores: Scores, classes: tuple[str, ...]) -> dict[str, Any]:
    if len(classes) <= MOST_MATRIX:
        return {"confusion": scores.confusion.tolist()}
    return {"confusions": [list(each) for each in confusions(scores, classes)[:MOST_CONFUSIONS]]}


class _Data(Schema):
    name: str
    options: dict[str, Any] = {}
    sha256: dict[str, str] = {}


class _Input(Schema):
    preprocessing: Optional[str] = None


class _Network(Schema):
    input: _Input = _Input()
    image_shape: tuple[PositiveInt, PositiveInt, PositiveInt]
    classes: tuple[str, ...]
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, allow_inf_nan=False)
    sha256: dict[str, str] = {}


class Trained(Schema):
    """What a record must say for its network to be used again; the rest is for people."""

    data: _Data
    network: _Network
    plugins: dict[str, Any] = {}

    def preprocessing(self, wanted: Optional[str] = None) -> Preprocessing:
        """How pictures become what the network takes; ``wanted`` is what the user says."""
        recorded = self.network.input.preprocessing
        return preprocessing_of(recorded, self.data.name, self.network.image_shape, wanted)

    def tested(self) -> Trained:
        """The same with the data set of its test images: those of a mix are its first part's."""
        parts = self.data.options.get("parts")
        if self.data.name != MIX or any(part_problems(parts)):
            return self
        first, prefix = parts_of(parts)[0], f"{parts_of(parts)[0].name}/"
        files = self.data.sha256.items()
        data = _Data(
            name=first.name,
            options=dict(first.options),
            sha256={name[len(prefix) :]: sha for name, sha in files if name.startswith(prefix)},
        )
        plugins = dict(self.plugins)
        if plugins.get("parts"):
            plugins["data"] = plugins["parts"][0]
        return self.model_copy(update={"data": data, "plugins": plugins}).tested()


class _Score(Schema):
    accuracy: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Course(Schema):
    """What a record says of how its run went."""

    state: Literal["running", "finished", "interrupted", "failed"]
    recipe: str
    started: AwareDatetime
    error: str = ""
    scores: dict[str, _Score] = {}


class _Classes(Schema):
    classes: tuple[str, ...]


class Earlier(Schema):
    """What a record says to those who go on with its run."""

    state: str
    started: str
    resumed: list[dict[str, str]] = []
    init: Optional[dict[str, str]] = None
    learning: Optional[dict[str, Any]] = None
    seconds: dict[str, float] = {}
    versions: dict[str, Any]
    plugins: dict[str, Any]
    device: dict[str, Any]
    data: dict[str, Any]
    network: _Classes
    backend: str = "mxnet"

    @property
    def about(self) -> dict[str, Any]:
        """What decided the bits of the run, but for its recipe."""
        return self.model_dump(include={"backend", "versions", "plugins", "device", "data"})


class Stopwatch:
    """Seconds of each stage of a run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def go_on(self, seconds: Mapping[str, float]) -> None:
        """Count from what an earlier process has taken."""
        self.seconds.update(seconds)

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time a ``with`` block, also one that fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            earlier = self.seconds.get(stage, 0.0)
            self.seconds[stage] = round(earlier + time.perf_counter() - began, 6)


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def version_of(module: str) -> str:
    """The version of an imported module; the wheels of MXNet have several names."""
    return str(getattr(sys.modules.get(module), "__version__", "not imported"))


def processor(what: str = "model name") -> str:
    """What Linux says of the first processor; empty if it does not."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(what)), "")


def _plugins(recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    """Who offers what the recipe names, by the recipe's key."""
    found: dict[str, Any] = {
        "model": _origin(MODELS, recipe.model.name),
        "data": _origin(DATASETS, recipe.data.name),
    }
    if dataset.mixed_from:
        found["parts"] = [_origin(DATASETS, part.name) for part in dataset.mixed_from]
    if recipe.augmentation is not None:
        found["augmentation"] = _origin(AUGMENTATIONS, recipe.augmentation.name)
    found["predictions"] = [_origin(EXPORTERS, each) for each in recipe.predictions]
    if recipe.callbacks:
        found["callbacks"] = [_origin(CALLBACKS, each.name) for each in recipe.callbacks]
    return found


def _origin(registry: Registry, name: str) -> dict[str, str]:
    entry = registry.entry(name)
    return {"name": name, "distribution": entry.distribution, "version": entry.version}


def _parameters(network: Any) -> list[Any]:
    return [p for p in network.collect_params().values() if p.grad_req != "null"]
