"""From an augmentation's name to a block that changes training images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..backends.mxnet.runtime import import_mxnet
from ..backends.mxnet.types import MXArray, Network
from ..errors import PluginError, naming, type_name
from ..plugins.registry import AUGMENTATIONS


def build_augmentation(
    name: str, options: Mapping[str, object], *, image_shape: Sequence[int], context: object = None
) -> Network:
    """A registered augmentation, seen to give images of the shape that it was given.

    Args:
        name: of the augmentation.
        options: its own options.
        image_shape: (C, H, W) of the images.
        context: the device to try it on; the CPU by default.

    Returns:
        A HybridBlock without parameters: images (N, C, H, W) float32 from 0 to 1 to the same.

    Raises:
        UsageError: for an unknown name or option.
        PluginError: if the augmentation breaks its contract.

    Example:
        >>> block = build_augmentation("affine", {"shift": 1}, image_shape=(1, 28, 28))
        >>> block(import_mxnet().nd.ones((5, 1, 28, 28))).shape
        (5, 1, 28, 28)
    """
    mx = import_mxnet()
    block = AUGMENTATIONS.make(name, options)
    owner = f"augmentation {name!r} ({AUGMENTATIONS.entry(name)})"
    if not isinstance(block, mx.gluon.HybridBlock):
        raise PluginError(f"{owner} must return a HybridBlock, not {type_name(block)}")
    if len(block.collect_params().keys()):
        raise PluginError(f"{owner} has parameters, and nothing would train them")
    images = mx.nd.zeros((2, *image_shape), ctx=context or mx.cpu())
    with naming(f"{owner} failed on images of shape {images.shape}"):
        block.hybridize()  # as a part of the training graph it sees symbols, no arrays
        output = block(images)
        mx.nd.waitall()
    form = getattr(output, "shape", None), getattr(output, "dtype", None)
    if form != (images.shape, images.dtype):
        raise PluginError(
            f"{owner} gave {_form(output)} for images of shape {images.shape}; "
            f"it must give images of the same shape, float32"
        )
    return block


def _form(output: MXArray) -> str:
    if not hasattr(output, "shape"):
        return f"a {type_name(output)}"
    return f"{output.dtype.__name__} of shape {output.shape}"
