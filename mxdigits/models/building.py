"""From a model's name to a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..backends.mxnet.building import initialized
from ..backends.mxnet.runtime import import_mxnet
from ..backends.mxnet.types import Device, Network
from ..plugins.registry import MODELS


def build_network(
    name: str,
    options: Mapping[str, object],
    *,
    classes: int,
    image_shape: Sequence[int],
    initializer: object = "xavier",
    contexts: Sequence[Device] = (),
) -> Network:
    """Build a registered model.

    Args:
        name: of the model.
        options: its own options.
        classes: the number of outputs that it must have.
        image_shape: (C, H, W) of its input.
        initializer: the name of one of MXNet's, or such an object.
        contexts: the devices to hold it; the CPU by default.

    Returns:
        A hybridized HybridBlock with every parameter initialised, which has been seen to give
        logits of shape (N, classes) for images of shape (N, C, H, W).

    Raises:
        UsageError: for an unknown name or option.
        PluginError: if the model breaks its contract.

    Example:
        >>> network = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
        >>> network(import_mxnet().nd.zeros((5, 1, 28, 28))).shape
        (5, 10)
    """
    import_mxnet()  # before the model's module does so
    return initialized(
        MODELS.make(name, options, classes=classes),
        f"model {name!r} ({MODELS.entry(name)})",
        classes=classes,
        image_shape=image_shape,
        initializer=initializer,
        contexts=contexts,
    )
