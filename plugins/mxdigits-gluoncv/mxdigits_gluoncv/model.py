"""One model for all networks of GluonCV that classify images."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

from mxnet.gluon import HybridBlock, nn

from .networks import Family, family_of, listing, size_for


class GluonCV(HybridBlock):
    __doc__ = f"""A classification network of GluonCV, without pretrained weights.

Args:
    classes: the number of outputs.
    network: its name in GluonCV.
    size: pixels to which height and width are scaled first; by default what the network needs.

Input (N, C, H, W) float32, output (N, classes) logits. A network that wants three channels gets a
single one three times. The networks, by what is done to an image first:

{listing()}
"""

    def __init__(
        self, *, classes: int = 10, network: str = "cifar_resnet20_v1", size: Optional[int] = None
    ):
        family = family_of(network)
        self._channels = family.channels
        self._size = size_for(network, size)
        super().__init__()
        with self.name_scope():
            self.network = _built(network, family, classes)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        if self._channels is not None:
            x = F.broadcast_to(x, shape=(0, self._channels, 0, 0))
        if self._size is not None:
            x = F.contrib.BilinearResize2D(x, height=self._size, width=self._size)
        return self.network(x)


def _built(network: str, family: Family, classes: int) -> Any:
    outputs = {family.classes: classes} if family.classes else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GluonCV is older than what it imports
        with _without_torch():
            from gluoncv.model_zoo import get_model  # seconds: not before it is needed

        block = get_model(network, **outputs, **family.keywords)
    if family.classes is None:
        with block.name_scope():
            block.fc = nn.Dense(classes)
    return block


@contextmanager
def _without_torch() -> Iterator[None]:
    """Import as where there is no PyTorch: GluonCV needs none, and refuses any from 2.0 on."""
    missing = object()
    before: Any = sys.modules.get("torch", missing)
    sys.modules["torch"] = None  # type: ignore[assignment]  # how Python marks what is not there
    try:
        yield
    finally:
        del sys.modules["torch"]
        if before is not missing:
            sys.modules["torch"] = before
