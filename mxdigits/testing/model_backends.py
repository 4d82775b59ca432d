"""The check of models on the installed backends other than MXNet."""

from __future__ import annotations

import numpy as np

from ..arrays import Arrays, Images, Labels, Numbers
from ..backends.base import Backend, EpochPosition
from ..backends.choose import choose_devices, make_backend
from ..backends.context import TRAINING
from ..backends.settings import TrainingSettings
from ..errors import BackendMissing, MxdigitsError
from .model_case import TOLERANCE, ModelCase, two_faced_layers
from .results import Broken

_MEND = "write hybrid_forward of operators of F alone, which give close numbers for close images"

# One step of it moves each weight by its gradient.
_STEP = TrainingSettings("sgd", {"learning_rate": 1.0})


def other_backends_equal_mxnet(case: ModelCase) -> str:
    """Every other backend that is installed gives MXNet's logits, and moves weights as it does.

    Example:
        >>> other_backends_equal_mxnet(case)  # doctest: +SKIP
    """
    names = [name for name in TRAINING if name != "mxnet"]
    return "; ".join(f"{name}: {_compared(case, name)}" for name in names)


def _compared(case: ModelCase, name: str) -> str:
    """What a backend computes as MXNet does, or why it cannot run the model."""
    network = case.build()
    try:
        devices = choose_devices("cpu", name).contexts
    except BackendMissing:
        return "not installed"
    except MxdigitsError as error:
        return f"not tried, {error}"
    try:
        other = make_backend(name, network, _STEP, devices)
    except MxdigitsError as error:
        return f"the model is for MXNet alone, {error.lines[0]}"
    images, labels = case.digits(20)
    mxnet = make_backend("mxnet", network, _STEP)
    _expect_near(name, "a logit", other.logits(images), mxnet.logits(images))
    if "Dropout" in two_faced_layers(network):
        return "the same logits; not a step of training, because of Dropout"
    try:
        after = _moved(other, images, labels)
    except MxdigitsError as error:
        return f"the same logits; no training, {error.lines[0]}"
    expected = _moved(mxnet, images, labels)
    scale = max(float(np.abs(each).max()) for each in expected.values())
    for place, array in expected.items():
        _expect_near(name, f"a step of {place}", after[place], array, scale)
    return "the same logits and the same step of training"


def _moved(backend: Backend, images: Images, labels: Labels) -> Arrays:
    """The change of each array of a network by one step of training."""
    fit = backend.begin_fit(images, labels, len(images))
    before = backend.snapshot()
    fit.run(0, 1.0, EpochPosition(), lambda progress: None, lambda batch: False)
    return {place: array - before[place] for place, array in backend.snapshot().items()}


def _expect_near(name: str, what: str, got: Numbers, expected: Numbers, scale: float = 0.0) -> None:
    apart = np.abs(got - expected).max()
    if not apart <= TOLERANCE * max(scale, float(np.abs(expected).max())):
        raise Broken(f"by {name} {what} that differs by up to {apart:.3g}", _MEND)
