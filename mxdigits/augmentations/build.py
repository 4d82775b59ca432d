"""Builds augmentations from their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

from ..backends.mxnet.networks.building import check_array_mode
from ..backends.mxnet.runtime import import_mxnet
from ..backends.mxnet.types import Device, MXArray, Network
from ..errors import MXNetMissing, PluginError
from ..foreign import naming, type_name
from ..graph import Graph
from ..graph.building import joined
from ..plugins.registry import AUGMENTATIONS

Chosen = tuple[str, Mapping[str, object]]  # a name, and its options


def build_augmentation(
    name: str, options: Mapping[str, object], *, image_shape: Sequence[int], context: Device = None
) -> Union[Graph, Network]:
    """Build a registered augmentation, and check it.

    Args:
        name: the name of the augmentation.
        options: its own options.
        image_shape: (C, H, W) of the images.
        context: the MXNet device to try a Gluon block on; the CPU by default.

    Returns:
        A Graph, or a plugin's HybridBlock, checked to keep the shape. It takes images (N, C, H, W)
        float32 from 0 to 1, gives such images, and has no parameters. A Graph may also take images
        and targets (N, classes), in this order, and give both. A Trainer takes both kinds.

    Raises:
        UsageError: for an unknown name or option.
        PluginError: if the augmentation breaks its contract.
        MXNetMissing: if it is a Gluon block, and MXNet is not there.

    Example:
        >>> build_augmentation("affine", {"shift": 1}, image_shape=(1, 28, 28)).inputs
        ('data',)
    """
    made = AUGMENTATIONS.make(name, options)
    owner = AUGMENTATIONS.owner(name, options)
    if isinstance(made, Graph):
        _check_graph(made, owner)
    else:
        _check_block(made, owner, image_shape, context)
    return made


def build_augmentations(
    chosen: Sequence[Chosen], *, image_shape: Sequence[int], context: Device = None
) -> Union[Graph, Network, None]:
    """Several augmentations as one that applies them in order; None if there are none.

    Args:
        chosen: names and options, in order.
        image_shape: as for :func:`build_augmentation`.
        context: as for :func:`build_augmentation`.

    Raises:
        UsageError, PluginError, MXNetMissing: as from :func:`build_augmentation`.

    Example:
        >>> both = build_augmentations([("affine", {}), ("noise", {})], image_shape=(1, 28, 28))
        >>> "BilinearSampler" in both.operators, "clip" in both.operators
        (True, True)
    """
    made = [
        build_augmentation(name, options, image_shape=image_shape, context=context)
        for name, options in chosen
    ]
    if len(made) < 2:
        return made[0] if made else None
    return joined([as_graph(each) for each in made])


def as_graph(made: Union[Graph, Network]) -> Graph:
    """The graph of what :func:`build_augmentation` returned; a Gluon block is traced.

    Example:
        >>> as_graph(build_augmentation("noise", {}, image_shape=(1, 28, 28))).inputs
        ('data',)
    """
    if isinstance(made, Graph):
        return made
    from ..backends.mxnet.networks.symbols import trace  # imports MXNet

    graph: Graph = trace(made)
    return graph


def _check_graph(graph: Graph, owner: str) -> None:
    if (len(graph.inputs), len(graph.heads)) not in ((1, 1), (2, 2)):
        raise PluginError(
            f"{owner} must give a graph from one input to one output, or from images and targets "
            f"to both, not from {len(graph.inputs)} to {len(graph.heads)}"
        )
    if graph.parameters or graph.auxiliary_states:
        raise PluginError(f"{owner} has parameters, and nothing would train them")


def _check_block(block: Network, owner: str, image_shape: Sequence[int], context: Device) -> None:
    try:
        mx = import_mxnet()
    except MXNetMissing:
        raise PluginError(f"{owner} must return a Graph, not {type_name(block)}") from None
    check_array_mode(owner)
    if not isinstance(block, mx.gluon.HybridBlock):
        raise PluginError(f"{owner} must return a HybridBlock or a Graph, not {type_name(block)}")
    if len(block.collect_params().keys()):
        raise PluginError(f"{owner} has parameters, and nothing would train them")
    images = mx.nd.zeros((2, *image_shape), ctx=context or mx.cpu())
    with naming(f"{owner} failed on images of shape {images.shape}"):
        block.hybridize()  # in training it is part of a graph, and sees symbols instead of arrays
        output = block(images)
        mx.nd.waitall()
    form = getattr(output, "shape", None), getattr(output, "dtype", None)
    if form != (images.shape, images.dtype):
        raise PluginError(
            f"{owner} gave {_form(output)} for images of shape {images.shape}; "
            f"it must give images of the same shape, float32"
        )


def _form(output: MXArray) -> str:
    if not hasattr(output, "shape"):
        return f"a {type_name(output)}"
    return f"{output.dtype.__name__} of shape {output.shape}"
