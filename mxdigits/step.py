"""The two graphs of a network: one training step, and one look at a batch."""

from __future__ import annotations

import math
from typing import Any

from .runtime import import_mxnet

mx = import_mxnet()

# What a training step adds up on the device.
LOSS, CORRECT, FINITE = 0, 1, 2


class TrainStep(mx.gluon.HybridBlock):  # type: ignore[name-defined]
    """Gather, scale, network, loss and counts as one graph, so that a step is one call.

    Args:
        network: images (n, C, H, W) float32 in 0 to 1 -> logits (n, classes).
        label_smoothing: the share of each label that is spread over all classes.
    """

    def __init__(self, network: Any, label_smoothing: float):
        super().__init__()
        self.network = network
        self._smoothing = label_smoothing

    def hybrid_forward(self, F: Any, images: Any, labels: Any, order: Any) -> Any:
        """One batch.

        ``images`` (N, C, H, W) uint8 and ``labels`` (N,) float32 are the whole training set and
        ``order`` (n,) int32 says which of them make the batch. Returns the summed loss (1,), and
        that loss, the correct answers and the finite losses as one vector (3,).
        """
        x = scaled(F, F.take(images, order))
        y = F.take(labels, order)
        logits = self.network(x)
        log_prob = F.log_softmax(logits)
        losses = -F.pick(log_prob, y)
        if self._smoothing:
            uniform = -F.mean(log_prob, axis=1)
            losses = (1 - self._smoothing) * losses + self._smoothing * uniform
        loss = F.sum(losses)
        correct = F.sum(F.argmax(logits, axis=1) == y)
        finite = F.abs(loss) < math.inf  # false for infinity and for nan
        sums = F.concat(loss, correct, finite, dim=0)
        # float64, because float32 stops counting at 2**24.
        return loss, F.cast(F.BlockGrad(sums), dtype="float64")


class Look(mx.gluon.HybridBlock):  # type: ignore[name-defined]
    """Images (n, C, H, W) uint8 -> logits (n, classes)."""

    def __init__(self, network: Any):
        super().__init__()
        self.network = network

    def hybrid_forward(self, F: Any, images: Any) -> Any:
        return self.network(scaled(F, images))


def scaled(F: Any, images: Any) -> Any:
    """Bytes to float32 from 0 to 1, the form in which every network here sees an image."""
    return F.cast(images, dtype="float32") * (1 / 255)
