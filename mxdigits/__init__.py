"""mxdigits: train handwritten-digit classifiers on Apache MXNet Gluon.

    >>> import mxdigits
    >>> done = mxdigits.run("lenet", epochs=3)  # doctest: +SKIP
    >>> print(done.scores.accuracy, done.folder)  # doctest: +SKIP

Where to look, from the command to the files; the docstring of each package says more:

- ``cli``: the commands. ``recipe``: the keys of a recipe, and the errors of a wrong one.
- ``experiment``: what a run does, step by step, and when it is finished, interrupted or failed.
- ``train``: the Trainer and its callbacks. ``backends``: MXNet, XLA and
  PyTorch, and the choice of devices.
- ``data``, ``models``, ``augmentations``: what comes with mxdigits. ``plugins``: what is installed.
- ``digitize``: photographs and pages to images. ``predict``, ``report``, ``serve``: uses of a run.
- ``networks``: the network that comes with mxdigits.
- ``runs``: a run's folder, record and checkpoints. ``storage``, ``graph``: files in general, and
  the files of a network.
- ``sklearn``: a classifier for scikit-learn.
- ``testing``: the checks that plugins must pass.
- ``registry``: the registries by a public name.
- ``errors``, ``printing``, ``signals``: errors and exit codes, output to the terminal, Ctrl-C and
  the like. ``wording``, ``foreign``: values in words, and what others raise. ``arrays``,
  ``values``: names for types.

The public names are resolved when they are first used, so that importing mxdigits does not import
MXNet. Type checkers see where each of them stands.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .augmentations.build import build_augmentation
    from .backends.mxnet.runtime import import_mxnet
    from .data.dataset import Dataset, Split
    from .data.load import load_dataset
    from .errors import MxdigitsError
    from .experiment.run import resume, run
    from .models.building import build_network
    from .plugins.registry import (
        register_augmentation,
        register_callback,
        register_dataset,
        register_exporter,
        register_model,
        register_network,
        register_network_format,
    )
    from .predict.networks import load
    from .predict.predictions import Layout, Piece
    from .recipe.schema import Recipe
    from .train.callbacks import Callback, KeepWeights, ScaleLearningRate, Stop
    from .train.history import EpochRecord, History
    from .train.metrics import Scores
    from .train.tracker import RunEnd, RunStart, Tracker
    from .train.trainer import Trainer

__version__ = "0.1.0"

__all__ = [
    "Callback",
    "Dataset",
    "EpochRecord",
    "History",
    "KeepWeights",
    "Layout",
    "MxdigitsError",
    "Piece",
    "Recipe",
    "RunEnd",
    "RunStart",
    "ScaleLearningRate",
    "Scores",
    "Split",
    "Stop",
    "Tracker",
    "Trainer",
    "__version__",
    "build_augmentation",
    "build_network",
    "import_mxnet",
    "load",
    "load_dataset",
    "register_augmentation",
    "register_callback",
    "register_dataset",
    "register_exporter",
    "register_model",
    "register_network",
    "register_network_format",
    "resume",
    "run",
]

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
    "RunEnd": "train.tracker",
    "RunStart": "train.tracker",
    "ScaleLearningRate": "train.callbacks",
    "Scores": "train.metrics",
    "Split": "data.dataset",
    "Stop": "train.callbacks",
    "Tracker": "train.tracker",
    "Trainer": "train.trainer",
    "build_augmentation": "augmentations.build",
    "build_network": "models.building",
    "import_mxnet": "backends.mxnet.runtime",
    "load": "predict.networks",
    "load_dataset": "data.load",
    "register_augmentation": "plugins.registry",
    "register_callback": "plugins.registry",
    "register_dataset": "plugins.registry",
    "register_exporter": "plugins.registry",
    "register_model": "plugins.registry",
    "register_network": "plugins.registry",
    "register_network_format": "plugins.registry",
    "resume": "experiment.run",
    "run": "experiment.run",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
