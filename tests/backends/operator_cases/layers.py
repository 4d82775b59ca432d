"""Cases of layers with weights, and of what goes between them."""

from __future__ import annotations

from typing import Any

from backends.cases import (
    Case,
    between,
    case,
    normal,
    some_equal,
)


def _convolution(
    shape: tuple[int, ...], filters: int, kernel: tuple[int, ...], **more: Any
) -> Case:
    group = more.get("num_group", 1)
    inputs = [normal(*shape), normal(filters, shape[1] // group, *kernel)]
    if not more.get("no_bias"):
        inputs.append(normal(filters))
    return case("Convolution", *inputs, kernel=kernel, num_filter=filters, **more)


def _deconvolution(
    shape: tuple[int, ...], filters: int, kernel: tuple[int, ...], **more: Any
) -> Case:
    group = more.get("num_group", 1)
    inputs = [normal(*shape), normal(shape[1], filters // group, *kernel)]
    if not more.get("no_bias", True):
        inputs.append(normal(filters))
    return case("Deconvolution", *inputs, kernel=kernel, num_filter=filters, **more)


CASES = [
    case("FullyConnected", normal(3, 4), normal(5, 4), normal(5), num_hidden=5),
    case("FullyConnected", normal(3, 2, 2), normal(5, 4), normal(5), num_hidden=5),
    case("FullyConnected", normal(3, 4), normal(5, 4), num_hidden=5, no_bias=True),
    case("FullyConnected", normal(2, 3, 4), normal(5, 4), normal(5), num_hidden=5, flatten=False),
    _convolution((2, 3, 7, 6), 4, (3, 3)),
    _convolution((2, 3, 7, 6), 4, (3, 2), stride=(2, 1), pad=(1, 0), no_bias=True),
    _convolution((2, 4, 9, 9), 6, (3, 3), dilate=(2, 2), num_group=2),
    _convolution((2, 4, 5, 5), 8, (3, 3), pad=(1, 1), num_group=4),
    _convolution((2, 4, 5, 5), 4, (1, 1), layout="NCHW"),
    _convolution((2, 3, 9), 4, (3,), stride=(2,), pad=(2,), dilate=(2,)),
    _convolution((2, 3, 5, 4, 6), 4, (2, 3, 2), pad=(1, 1, 0), stride=(1, 2, 1)),
    _deconvolution((2, 4, 5, 4), 3, (3, 3)),
    _deconvolution((2, 4, 5, 4), 3, (3, 2), stride=(2, 3), pad=(1, 0), adj=(1, 2), no_bias=False),
    _deconvolution((2, 4, 4, 4), 6, (3, 3), stride=(2, 2), num_group=2),
    _deconvolution((2, 4, 4, 4), 6, (3, 3), dilate=(2, 2), pad=(1, 1)),
    # MXNet on a CPU wants the padding that the target asks for.
    _deconvolution((2, 4, 4, 4), 2, (4, 4), stride=(2, 2), pad=(1, 1), target_shape=(8, 9)),
    _deconvolution((2, 4, 4, 4), 2, (4, 4), stride=(2, 2), pad=(2, 2), target_shape=(7, 7)),
    _deconvolution((2, 4, 6), 3, (3,), stride=(2,), pad=(1,), adj=(1,)),
    *(
        Case("LeakyReLU", (draw(3, 4, 2, 2),), {"act_type": kind})
        for kind in ("leaky", "elu", "gelu", "selu")
        for draw in (normal, some_equal)
    ),
    case("LeakyReLU", between(-90, 95, 3, 4), act_type="elu", slope=0.7),
    case("LeakyReLU", normal(3, 4), act_type="leaky", slope=0.01),
    case("LeakyReLU", normal(3, 4, 2), between(0.1, 0.5, 4), act_type="prelu"),
    case("LeakyReLU", normal(3, 4, 2), between(0.1, 0.5, 1), act_type="prelu"),
    case("LeakyReLU", normal(3, 4), between(0.1, 0.5, 4), act_type="prelu"),
    Case("LeakyReLU", (normal(3, 4),), {"act_type": "rrelu"}, training=False, gradients=False),
    Case("Dropout", (normal(3, 4),), {"p": 0.5}, training=False, gradients=False),
    case("Dropout", normal(3, 4), p=0.0),
]
