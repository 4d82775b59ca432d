"""A model to be checked, and functions that several checks share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional

import numpy as np

from ..arrays import Arrays, Images, Labels, Numbers
from ..backends.mxnet.runtime import import_mxnet, seed_everything
from ..backends.mxnet.types import Device, MXArray, Network
from ..errors import MxdigitsError
from ..models.building import build_network
from ..plugins.entry import Entry
from ..plugins.registry import Registry
from ..values import Options
from .case import Case, claim
from .results import Broken

CLASSES = 10
DEFAULT_SHAPES = ((1, 28, 28),)

# Relative to the largest number: oneDNN adds in another order than MXNet's own kernels.
TOLERANCE = 1e-3

# Operators that behave differently in training mode.
TWO_FACED = {"BatchNorm", "BatchNorm_v1", "Dropout", "RNN", "_contrib_SyncBatchNorm"}


class ModelCase(Case):
    """A model to be checked; ``image_shapes`` are the (C, H, W) that it claims to take.

    >>> from mxdigits.registry import MODELS
    >>> case = ModelCase(MODELS, MODELS.entry("mlp"), {})
    >>> case.build()(case.images(2)).shape
    (2, 10)
    """

    framework_gives = ("classes",)

    def __init__(
        self,
        registry: Registry,
        entry: Entry,
        options: Options,
        image_shapes: Optional[Sequence[tuple[int, int, int]]] = None,
    ):
        super().__init__(registry, entry, options)
        self._given_shapes = image_shapes

    @property
    def image_shapes(self) -> tuple[tuple[int, int, int], ...]:
        shapes = claim(self.factory, "image_shapes", self._given_shapes)
        return DEFAULT_SHAPES if shapes is None else tuple(shapes)

    @property
    def factory(self) -> Callable[..., object]:
        return self.registry.get(self.entry.name)

    def make(self, classes: int = CLASSES) -> Network:
        """What the factory returns, unchanged."""
        return self.registry.make(self.entry.name, self.options, classes=classes)

    def build(
        self,
        *,
        classes: int = CLASSES,
        shape: Optional[tuple[int, int, int]] = None,
        contexts: Sequence[Device] = (),
        seed: int = 1,
    ) -> Network:
        """A network as a run uses it: initialised and hybridized."""
        seed_everything(seed)
        return build_network(
            self.entry.name,
            self.options,
            classes=classes,
            image_shape=shape or self.image_shapes[0],
            contexts=contexts,
        )

    def digits(self, count: int) -> tuple[Images, Labels]:
        """Images uint8 (count, C, H, W) of noise with a bright bar at a place for each label."""
        random = np.random.default_rng(3)
        labels = np.arange(count) % CLASSES
        images = random.integers(0, 60, (count, *self.image_shapes[0])).astype(np.uint8)
        height = images.shape[2]
        for image, label in zip(images, labels):
            top = label * height // CLASSES
            image[:, top : top + max(1, height // CLASSES)] += 180
        return images, labels

    def images(self, count: int, shape: Optional[tuple[int, int, int]] = None) -> MXArray:
        """Random images (count, C, H, W), float32 from 0 to 1, on the first CPU."""
        random = np.random.default_rng(4)
        shape = shape or self.image_shapes[0]
        return import_mxnet().nd.array(random.random((count, *shape), dtype=np.float32))


def built_or_broken(case: ModelCase, **how: Any) -> Network:
    """Build a network as :meth:`ModelCase.build` does; takes the same arguments.

    Raises:
        Broken: if it cannot be built.

    >>> from mxdigits.registry import MODELS
    >>> case = ModelCase(MODELS, MODELS.entry("mlp"), {})
    >>> built_or_broken(case, classes=3)(case.images(2)).shape
    (2, 3)
    """
    try:
        return case.build(**how)
    except MxdigitsError as error:
        of_symbols = isinstance(error.__cause__, (AttributeError, TypeError))
        if of_symbols or "Symbol" in str(error):
            mend = (
                "hybrid_forward(self, F, x) gets symbols too, which have neither shape nor values: "
                "use operators of F alone, and one input"
            )
        else:
            mend = "leave out in_channels and in_units, and end with nn.Dense(classes)"
        raise Broken(str(error), mend) from error


def expect_same(got: Numbers, expected: Numbers, mend: str) -> None:
    """Check that numbers are equal, up to :data:`TOLERANCE` of the largest.

    Raises:
        Broken: if they differ by more, with ``mend``, which says what to change.

    >>> expect_same(np.array([1.0, 2.0]), np.array([1.0, 3.0]), "name no context")
    Traceback (most recent call last):
        ...
    mxdigits.testing.results.Broken: numbers that differ by up to 1
    """
    apart = np.abs(got - expected).max()
    if not apart <= TOLERANCE * np.abs(expected).max():  # true also for nan
        raise Broken(f"numbers that differ by up to {apart:.3g}", mend)


def values_of(network: Network) -> dict[str, Numbers]:
    """The parameters of a network by name, as NumPy arrays.

    >>> from mxdigits.registry import MODELS
    >>> len(values_of(ModelCase(MODELS, MODELS.entry("mlp"), {}).build()))
    6
    """
    return {name: p.data().asnumpy() for name, p in network.collect_params().items()}


def changed(before: Arrays, after: Arrays) -> list[str]:
    """The names of the arrays that have changed.

    >>> changed({"weight": np.zeros(2)}, {"weight": np.ones(2)})
    ['weight']
    """
    return [name for name in before if not np.array_equal(before[name], after[name])]


def two_faced_layers(network: Network) -> str:
    """The operators of a network that behave differently in training mode, as one text.

    >>> from mxdigits.registry import MODELS
    >>> case = ModelCase(MODELS, MODELS.entry("lenet"), {"dropout": 0.2})
    >>> two_faced_layers(case.build())
    'Dropout'
    """
    from ..backends.mxnet.networks.symbols import trace  # imports MXNet

    return ", ".join(sorted(trace(network).operators & TWO_FACED))


def gradients_of(
    network: Network,
    images: Images,
    labels: Labels,
    contexts: Sequence[Device],
) -> dict[str, Numbers]:
    """The gradients of the summed loss, added up over devices that share the images.

    They are computed in training mode. Otherwise MXNet's pooling keeps nothing for the backward
    pass, and its gradients are wrong.

    >>> from mxdigits.registry import MODELS
    >>> case = ModelCase(MODELS, MODELS.entry("mlp"), {})
    >>> gradients = gradients_of(case.build(), *case.digits(4), [import_mxnet().cpu()])
    >>> len(gradients)
    6
    """
    mx = import_mxnet()
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    shares = zip(
        mx.gluon.utils.split_and_load(mx.nd.array(images / 255), contexts),
        mx.gluon.utils.split_and_load(mx.nd.array(labels), contexts),
    )
    with mx.autograd.record():
        losses = [loss(network(x), y) for x, y in shares]
    mx.autograd.backward(losses)
    return {
        name: sum(p.grad(context).asnumpy() for context in contexts)
        for name, p in network.collect_params().items()
        if p.grad_req != "null"
    }
