"""Checks, initialises and hybridizes a model's block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

import numpy as np

from ....arguments import quoted
from ....arrays import Numbers
from ....errors import PluginError, UsageError
from ....foreign import describe, naming, type_name
from ....graph.checked_nodes import INPUT
from ....graph.traced import text_hash
from ...graphs.initializers import PROBED
from ..names import INITIALIZERS
from ..runtime import import_mxnet
from ..types import Device, Initializer, MXArray, Network


def initialized(
    block: Network,
    owner: str,
    *,
    classes: int,
    image_shape: Sequence[int],
    initializer: Union[str, Initializer] = "xavier",
    contexts: Sequence[Device] = (),
) -> Network:
    """Check a model's block, initialise every parameter, and hybridize it.

    Args:
        block: as returned by the model's factory.
        owner: the block's name and origin, for messages.
        classes: the number of outputs that it must have.
        image_shape: (C, H, W) of its input.
        initializer: the name of an MXNet initializer, or such an object.
        contexts: the devices to hold it; the CPU by default.

    Returns:
        The block, after a check that it gives logits (N, classes) for images (N, C, H, W).

    Raises:
        PluginError: if the block breaks the contract of models.

    Example:
        >>> mx = import_mxnet()
        >>> dense = mx.gluon.nn.Dense(10)
        >>> network = initialized(dense, "my model", classes=10, image_shape=(1, 28, 28))
        >>> network(mx.nd.zeros((2, 1, 28, 28))).shape
        (2, 10)
    """
    mx = import_mxnet()
    if not isinstance(block, mx.gluon.HybridBlock):
        raise PluginError(f"{owner} must return a HybridBlock, not {type_name(block)}")
    contexts = list(contexts) or [mx.cpu()]
    for device in contexts:
        if not isinstance(device, mx.Context):
            raise UsageError(
                f"contexts: each must be a device such as mx.cpu(), got {quoted(device)}"
            )
    images = mx.nd.zeros((2, *image_shape), ctx=contexts[0])
    with naming(f"{owner} failed on images of shape {images.shape}"):
        block.initialize(initializer, ctx=contexts, force_reinit=True)
        block.hybridize(static_alloc=True)
        output = block(images)
        mx.nd.waitall()
    if not isinstance(output, mx.nd.NDArray):
        raise PluginError(
            f"{owner} gave several outputs for images of shape {images.shape}; "
            f"it must give one, of shape (2, {classes}): one logit a class"
        )
    if output.shape != (2, classes):
        raise PluginError(
            f"{owner} gave an output of shape {output.shape} for images of shape {images.shape}; "
            f"it must be (2, {classes}): one logit a class"
        )
    if _are_probabilities(output.asnumpy()):
        raise PluginError(
            f"{owner} gave probabilities, which add up to 1, and must give logits: leave the "
            "softmax out, the loss has it"
        )
    if not any(p.grad_req != "null" for p in block.collect_params().values()):
        raise PluginError(f"{owner} has no parameters to train")
    return block


def _are_probabilities(outputs: Numbers) -> bool:
    """Whether each row is from 0 to 1 and adds up to 1; a single class shows nothing."""
    many = outputs.shape[1] > 1 and bool((outputs >= 0).all())
    return many and bool(np.abs(outputs.sum(axis=1) - 1).max() < 1e-4)


def check_array_mode(owner: str) -> None:
    """Refuse blocks made while MXNet's NumPy arrays are switched on, which no layer here takes.

    Args:
        owner: the block's name and origin, for messages.

    Raises:
        PluginError: if MXNet's NumPy arrays are switched on.

    Example:
        >>> check_array_mode("my model")
    """
    if import_mxnet().util.is_np_array():
        raise PluginError(
            f"{owner} cannot be built while MXNet's NumPy arrays are on: leave npx.set_np() out, "
            "and take the operators of F, not those of mx.np"
        )


def make_initializer(name: str, options: Mapping[str, object]) -> Initializer:
    """An initializer of MXNet by its name.

    Raises:
        UsageError: if MXNet refuses an option.

    Example:
        >>> type(make_initializer("xavier", {"magnitude": 2})).__name__
        'Xavier'
    """
    mx = import_mxnet()
    try:
        initializer = mx.initializer.create(name, **{**INITIALIZERS[name], **options})
        # MXNet checks some options only when it uses them.
        initializer(mx.initializer.InitDesc("probe_weight"), mx.nd.zeros(PROBED))
    except Exception as error:  # MXNet's errors have no common class
        raise UsageError(f"initializer {name!r}: {describe(error)}") from None
    return initializer


def layer_table(
    block: Network, image_shape: Sequence[int]
) -> list[tuple[str, tuple[int, ...], int]]:
    """The layers of a built network: description, output shape for one image, and parameters.

    Only the leaves count: blocks that hold other blocks are left out, unless they own parameters.

    Example:
        >>> dense = import_mxnet().gluon.nn.Dense(10)
        >>> network = initialized(dense, "my model", classes=10, image_shape=(1, 28, 28))
        >>> layer_table(network, (1, 28, 28))
        [('Dense(784 -> 10, linear)', (10,), 7850)]
    """
    mx = import_mxnet()
    rows: list[tuple[str, tuple[int, ...], int]] = []
    hooks = []

    def watch(layer: Network) -> None:
        own = sum(int(p.data().size) for p in layer._reg_params.values())
        if layer._children and not own:
            for child in layer._children.values():
                watch(child)
            return

        def note(_: Network, __: object, output: MXArray) -> None:
            first = output[0] if isinstance(output, (list, tuple)) else output
            rows.append((_short(layer), tuple(first.shape[1:]), own))

        hooks.append(layer.register_forward_hook(note))

    was_active = block._active
    block.hybridize(False)  # only an imperative pass calls the layers' hooks
    try:
        watch(block)
        block(mx.nd.zeros((1, *image_shape)))
    finally:
        for hook in hooks:
            hook.detach()
        block.hybridize(was_active)
    return rows


def _short(layer: Network) -> str:
    """A layer's description, without the settings that are usually left at their defaults."""
    text = repr(layer).splitlines()[0]
    for usual in (
        ", padding=(0, 0)",
        ", ceil_mode=False",
        ", global_pool=False",
        ", layout=NCHW",
        ", axes=()",
    ):
        text = text.replace(usual, "")
    return text


def graph_hash(network: Network) -> str:
    """The SHA-256 of what a network computes, without names, as run.json records it.

    Example:
        >>> network = import_mxnet().gluon.nn.Dense(10)
        >>> len(graph_hash(network))
        64
    """
    return text_hash(network(import_mxnet().sym.var(INPUT)).tojson())
