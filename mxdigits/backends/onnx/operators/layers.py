"""Dense layers, convolutions, dropout and the leaky activations."""

from __future__ import annotations

import math
from typing import Optional

from ....arrays import Shape
from ...graphs.shapes import reaching
from ..types import NodeAttribute
from .types import Builder, Function, Value

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def fully_connected(
    g: Builder,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    num_hidden: int,
    no_bias: bool,
    flatten: bool,
) -> Value:
    """A dense layer: data (n, ...) times the weight (units, inputs) plus the bias: (n, units).

    Without ``flatten``, only the last axis of the data is replaced.

    Example:
        >>> import numpy as np
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1, 28, 28), (4, 1, 28, 28)))
        >>> weight = g.input("weight", np.float32, ((10, 784), (10, 784)))
        >>> result = fully_connected(g, data, weight, num_hidden=10, no_bias=True, flatten=True)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 10), ['Flatten', 'Gemm'])
    """
    expect_filters(weight, num_hidden)
    if flatten:
        if data.rank != 2:
            data = g.op("Flatten", data, axis=1)
        # onnxruntime runs this form fastest, and every importer can read it.
        return g.op("Gemm", data, weight, bias, transB=1)
    product = g.op("MatMul", data, transposed(g, weight))
    return product if bias is None else g.op("Add", product, bias)


def transposed(g: Builder, matrix: Value) -> Value:
    """A transposed matrix; a constant is transposed without a node.

    Example:
        >>> import numpy as np
        >>> g = Builder(17)
        >>> matrix = g.input("matrix", np.float32, ((10, 784), (10, 784)))
        >>> transposed(g, matrix).shape, [node.op_type for node in g.nodes]
        ((784, 10), ['Transpose'])
    """
    if matrix.constant is not None:
        return g.constant(matrix.constant.T, matrix.name + "/transposed")
    return g.op("Transpose", matrix, perm=[1, 0])


def convolution(
    g: Builder,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    kernel: Shape,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    num_filter: int,
    num_group: int,
    layout: str,
    **_: object,
) -> Value:
    """A convolution of images of any layout, with padding, steps, dilation and groups.

    ``weight`` is (filters, channels / groups, ...) in layouts with channels first.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Convolution"].completed({"kernel": (3, 3), "num_filter": 8})
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> weight = g.input("weight", np.float32, ((8, 1, 3, 3), (8, 1, 3, 3)))
        >>> convolution(g, image, weight, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 8, 2, 2), ['Conv'])
    """
    expect_filters(weight, num_filter)
    return _channels_first(
        g,
        "Conv",
        (data, weight, bias),
        layout,
        kernel_shape=list(kernel),
        strides=list(stride),
        dilations=list(dilate),
        pads=[*pad, *pad],
        group=num_group,
    )


def deconvolution(
    g: Builder,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    kernel: Shape,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    adj: Shape,
    target_shape: Shape,
    num_filter: int,
    num_group: int,
    layout: str,
    **_: object,
) -> Value:
    """A transposed convolution, which enlarges images of any layout.

    ``weight`` is (channels, filters / groups, ...) in layouts with channels first.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"kernel": (2, 2), "stride": (2, 2), "num_filter": 8}
        >>> attributes = OPERATORS["Deconvolution"].completed(wanted)
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> weight = g.input("weight", np.float32, ((1, 8, 2, 2), (1, 8, 2, 2)))
        >>> deconvolution(g, image, weight, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 8, 8, 8), ['ConvTranspose'])
    """
    if weight.size(1) * num_group != num_filter:
        raise ValueError(f"its weight has {weight.size(1) * num_group} filters, not {num_filter}")
    if target_shape:
        extents = [step * (size - 1) + 1 for step, size in zip(dilate, kernel)]
        sizes = [data.size(axis) for axis in _spatial(layout)]
        pad, adj = reaching(target_shape, sizes, stride, extents)
    return _channels_first(
        g,
        "ConvTranspose",
        (data, weight, bias),
        layout,
        kernel_shape=list(kernel),
        strides=list(stride),
        dilations=list(dilate),
        pads=[*pad, *pad],
        output_padding=list(adj),
        group=num_group,
    )


def _spatial(layout: str) -> list[int]:
    return [axis for axis, letter in enumerate(layout) if letter not in "NC"]


def _channels_first(
    g: Builder,
    kind: str,
    inputs: tuple[Optional[Value], ...],
    layout: str,
    **attributes: NodeAttribute,
) -> Value:
    """A convolution of images in any layout, converted for ONNX, which has channels first."""
    permutations = layout_permutations(layout)
    data, weight, bias = inputs
    assert data is not None
    assert weight is not None
    if permutations is None:
        return g.op(kind, data, weight, bias, **attributes)
    first, back = permutations
    data, weight = (g.op("Transpose", each, perm=first) for each in (data, weight))
    return g.op("Transpose", g.op(kind, data, weight, bias, **attributes), perm=back)


def layout_permutations(layout: str) -> Optional[tuple[list[int], list[int]]]:
    """The permutations of a layout to channels first and back; None if it has channels first.

    Example:
        >>> layout_permutations("NCHW"), layout_permutations("NHWC")
        (None, ([0, 3, 1, 2], [0, 2, 3, 1]))
    """
    if layout[1] == "C":
        return None
    last = len(layout) - 1
    return [0, last, *range(1, last)], [0, *range(2, last + 1), 1]


def expect_filters(weight: Value, filters: int) -> None:
    """Refuse a weight with another number of filters, which ONNX would accept.

    Raises:
        ValueError: if the weight has another number.

    Example:
        >>> import numpy as np
        >>> g = Builder(17)
        >>> weight = g.input("weight", np.float32, ((10, 784), (10, 784)))
        >>> expect_filters(weight, 20)
        Traceback (most recent call last):
            ...
        ValueError: its weight has 10 rows, not 20
    """
    if weight.size(0) != filters:
        raise ValueError(f"its weight has {weight.size(0)} rows, not {filters}")


def dropout(g: Builder, data: Value, **_: object) -> Value:
    """The data unchanged: dropout acts only in training, and the mode ``always`` is refused before.

    Example:
        >>> import numpy as np
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> dropout(g, data) is data
        True
    """
    return data


def leaky_relu(
    g: Builder,
    data: Value,
    gamma: Optional[Value] = None,
    *,
    act_type: str,
    slope: float,
    lower_bound: float,
    upper_bound: float,
) -> Value:
    """The data above 0, and smaller values below 0: MXNet's family ``LeakyReLU``.

    ``act_type`` is ``leaky``, ``elu``, ``gelu``, ``selu``, ``prelu``, whose slopes are ``gamma``,
    or ``rrelu``, whose slope is the middle of its bounds.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["LeakyReLU"].completed({"act_type": "selu"})
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> leaky_relu(g, data, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Selu'])
    """
    if act_type == "gelu":
        bent = g.op("Add", g.op("Erf", g.op("Mul", data, 1 / math.sqrt(2))), 1.0)
        return g.op("Mul", g.op("Mul", data, 0.5), bent)
    if act_type == "selu":
        return g.op("Selu", data, alpha=_SELU_ALPHA, gamma=_SELU_SCALE)
    if act_type == "elu":
        return g.op("Elu", data, alpha=slope)
    if act_type == "prelu":
        assert gamma is not None
        return g.op("PRelu", data, g.reshape(gamma, [_along_channels(gamma, data)] * 2))
    below_zero = (lower_bound + upper_bound) / 2 if act_type == "rrelu" else slope
    return g.op("LeakyRelu", data, alpha=below_zero)


def _along_channels(gamma: Value, data: Value) -> Shape:
    """The shape that makes slopes broadcast over the data: their last axis along axis 1."""
    shape = [1] * data.rank
    left = list(gamma.fixed_shape)
    for axis in range(min(data.rank, 2) - 1, -1, -1):
        if left and left[-1] in (1, data.shape[axis]):
            shape[axis] = left.pop()
    if left:
        raise ValueError(f"its slopes of shape {gamma.shape} do not fit data of {data.shape}")
    return tuple(shape)


FUNCTIONS: dict[str, Function] = {
    "Convolution": convolution,
    "Deconvolution": deconvolution,
    "Dropout": dropout,
    "FullyConnected": fully_connected,
    "LeakyReLU": leaky_relu,
}
