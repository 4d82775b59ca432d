"""Random shifts, turns, sizes and slants."""

from __future__ import annotations

import math

from mxnet.gluon import HybridBlock

from ..backends.mxnet.types import MXArray, Operators


class Affine(HybridBlock):
    """Moves each image by a random amount, turns, resizes and slants it; never mirrors it.

    Each amount is drawn anew for each image, uniformly between the option and its negative. What
    comes in from outside an image is background, 0; between pixels values are interpolated
    linearly.

    Args:
        shift: pixels, to the right and down.
        rotation: degrees, at most 180.
        scale: a share below 1: from ``1 - scale`` to ``1 + scale`` times as large.
        shear: pixels to the side for each pixel upwards, at most 1.

    Input and output (N, C, H, W) float32.

    Example:
        >>> import mxnet
        >>> augment = Affine(shift=2, rotation=0, scale=0, shear=0)
        >>> augment(mxnet.nd.ones((5, 1, 28, 28))).shape
        (5, 1, 28, 28)
    """

    def __init__(
        self,
        *,
        shift: float = 2.0,
        rotation: float = 10.0,
        scale: float = 0.1,
        shear: float = 0.1,
    ):
        _check("shift", shift, math.inf)
        _check("rotation", rotation, 180)
        _check("scale", scale, 1)
        _check("shear", shear, 1)
        if scale == 1:
            raise ValueError("scale: must be less than 1, or an image may shrink to nothing")
        super().__init__()
        self._most = {
            "right": shift,
            "down": shift,
            "angle": math.radians(rotation),
            "growth": scale,
            "slant": shear,
        }

    def hybrid_forward(self, F: Operators, x: MXArray) -> MXArray:
        # One number an image and amount, in a shape that broadcasts with images.
        pixel = F.slice(x, begin=(0, 0, 0, 0), end=(None, 1, 1, 1))
        draws = F.random.uniform_like(F.broadcast_axis(pixel, axis=1, size=len(self._most)), -1, 1)
        amounts = F.split(draws, axis=1, num_outputs=len(self._most))
        return moved(F, x, **{k: a * most for a, (k, most) in zip(amounts, self._most.items())})


def moved(
    F: Operators,
    x: MXArray,
    right: MXArray,
    down: MXArray,
    angle: MXArray,
    growth: MXArray,
    slant: MXArray,
) -> MXArray:
    """Images, each slanted, turned about its centre, resized and shifted, in this order.

    Args:
        F: ``mx.nd`` or ``mx.sym``.
        x: images (N, C, H, W) float32.
        right: pixels, (N, 1, 1, 1) as all that follow.
        down: pixels.
        angle: radians, clockwise as seen.
        growth: 0.1 for a tenth larger.
        slant: pixels to the right for each pixel upwards.

    Example:
        >>> import mxnet
        >>> image, none = mxnet.nd.array([[[[0, 1, 0]]]]), mxnet.nd.zeros((1, 1, 1, 1))
        >>> moved(mxnet.nd, image, none + 1, none, none, none, none).asnumpy().tolist()
        [[[[0.0, 0.0, 1.0]]]]
    """
    # A sampler asks of each pixel of the result where it comes from: the way back.
    (u, last_u), (v, last_v) = _from_middle(F, x, 3), _from_middle(F, x, 2)
    u, v = F.broadcast_sub(u, right), F.broadcast_sub(v, down)
    cos, sin = F.cos(angle) / (1 + growth), F.sin(angle) / (1 + growth)
    by_u = F.concat(cos - slant * sin, -sin, dim=1)
    by_v = F.concat(sin + slant * cos, cos, dim=1)
    # Where: x and y from -1 to 1 over the centres of the pixels.
    unit = F.concat(last_u, last_v, dim=1)
    where = F.broadcast_add(
        F.broadcast_mul(F.broadcast_div(by_u, unit), u),
        F.broadcast_mul(F.broadcast_div(by_v, unit), v),
    )
    return F.BilinearSampler(x, where)


def _from_middle(F: Operators, x: MXArray, axis: int) -> tuple[MXArray, MXArray]:
    """How far each pixel lies from the middle of an axis, and how far the last one does."""
    places = F.contrib.arange_like(x, axis=axis)
    middle = F.mean(places)
    shape = (1, 1, 1, -1) if axis == 3 else (1, 1, -1, 1)
    return (
        F.reshape(F.broadcast_sub(places, middle), shape=shape),
        F.reshape(F.maximum(middle, 0.5), shape=(1, 1, 1, 1)),
    )


def _check(name: str, value: object, most: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value <= most or value == math.inf:  # type: ignore[operator]
        upto = f"from 0 to {most}" if most < math.inf else "of at least 0"
        raise ValueError(f"{name}: must be a number {upto}, got {value!r}")
