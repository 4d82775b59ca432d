"""mxdigits: train handwritten-digit classifiers on Apache MXNet Gluon.

The public names are resolved when they are first used, so that importing mxdigits does not import
MXNet.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Callback": "train.callbacks",
    "Dataset": "data.dataset",
    "EpochRecord": "train.history",
    "History": "train.history",
    "KeepWeights": "train.callbacks",
    "Layout": "predict.predictions",
    "MxdigitsError": "errors",
    "Piece": "predict.predictions",
    "Recipe": "recipe.schema",
    "ScaleLearningRate": "train.callbacks",
    "Scores": "train.metrics",
    "Split": "data.dataset",
    "Stop": "train.callbacks",
    "Trainer": "train.trainer",
    "build_augmentation": "augmentations.build",
    "build_network": "models.building",
    "import_mxnet": "backends.mxnet.runtime",
    "load_dataset": "data.load",
    "register_augmentation": "plugins.registry",
    "register_callback": "plugins.registry",
    "register_dataset": "plugins.registry",
    "register_exporter": "plugins.registry",
    "register_model": "plugins.registry",
    "resume": "experiment.run",
    "run": "experiment.run",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
