"""Layers with weights, and dropout."""

from __future__ import annotations

from typing import Optional

from ....arrays import Shape
from ..code import (
    Code,
    Emitter,
    Layers,
    NotWritten,
    Value,
    kept,
    options_of,
    short,
    tuple_of,
    variables_of,
)


def _check_layout(layout: Optional[str]) -> None:
    if layout is not None and layout[1] != "C":
        raise NotWritten(f"its layout is {layout}; write {'N' + 'C' + layout[1:-1]}")


def fully_connected(
    w: Layers,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    num_hidden: int,
    flatten: bool,
    **_: object,
) -> Code:
    """A dense layer, whose weight is (units, inputs): ``nn.Linear``.

    Example:
        >>> import numpy as np
        >>> w = Layers({"w": np.zeros((10, 784), np.float32)}, {}, name="layer")
        >>> fully_connected(w, Value(rank=4), Value(variable="w"), num_hidden=10, flatten=True).text
        'self.layer(@0.flatten(1))'
        >>> w.built
        {'layer': 'nn.Linear(784, 10, bias=False)'}
    """
    held = {"weight": w.array(weight)}
    if bias is not None:
        held["bias"] = w.array(bias)
    rows, columns = held["weight"].shape
    options = options_of(bias=(bias is not None, True))
    layer = w.module(f"nn.Linear({columns}, {rows}{options})", held, *variables_of(weight, bias))
    if flatten and data.rank != 2:
        return Code(f"{layer}(@0.flatten(1))", data.dtype, 2)
    return kept(f"{layer}($0)", data)


def convolution(
    w: Layers,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilate: tuple[int, ...],
    pad: tuple[int, ...],
    num_filter: int,
    num_group: int,
    layout: Optional[str],
    **_: object,
) -> Code:
    """A convolution of images with their channels first: ``nn.Conv2d`` and its like.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Convolution"].completed({"kernel": (3, 3), "num_filter": 8})
        >>> w = Layers({"w": np.zeros((8, 1, 3, 3), np.float32)}, {}, name="layer")
        >>> convolution(w, Value(rank=4), Value(variable="w"), **attributes).text
        'self.layer($0)'
        >>> w.built
        {'layer': 'nn.Conv2d(1, 8, kernel_size=3, bias=False)'}
    """
    _check_layout(layout)
    held = {"weight": w.array(weight)}
    if bias is not None:
        held["bias"] = w.array(bias)
    options = options_of(
        kernel_size=(tuple_of(kernel), None),
        stride=(tuple_of(stride or (1,)), "1"),
        padding=(tuple_of(pad or (0,)), "0"),
        dilation=(tuple_of(dilate or (1,)), "1"),
        groups=(num_group, 1),
        bias=(bias is not None, True),
    )
    taken = held["weight"].shape[1] * num_group
    kind = f"nn.Conv{len(kernel)}d({taken}, {num_filter}{options})"
    layer = w.module(kind, held, *variables_of(weight, bias))
    return Code(f"{layer}($0)", data.dtype, len(kernel) + 2)


def deconvolution(
    w: Layers,
    data: Value,
    weight: Value,
    bias: Optional[Value] = None,
    *,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilate: tuple[int, ...],
    pad: tuple[int, ...],
    adj: tuple[int, ...],
    target_shape: Shape,
    num_filter: int,
    num_group: int,
    layout: Optional[str],
    **_: object,
) -> Code:
    """A transposed convolution of images with their channels first: ``nn.ConvTranspose2d``.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Deconvolution"].completed({"kernel": (2, 2), "num_filter": 8})
        >>> w = Layers({"w": np.zeros((1, 8, 2, 2), np.float32)}, {}, name="layer")
        >>> deconvolution(w, Value(rank=4), Value(variable="w"), **attributes).text
        'self.layer($0)'
        >>> w.built
        {'layer': 'nn.ConvTranspose2d(1, 8, kernel_size=2, bias=False)'}
    """
    _check_layout(layout)
    if target_shape:
        raise NotWritten("its padding follows from target_shape; write pad and adj instead")
    held = {"weight": w.array(weight)}
    if bias is not None:
        held["bias"] = w.array(bias)
    options = options_of(
        kernel_size=(tuple_of(kernel), None),
        stride=(tuple_of(stride or (1,)), "1"),
        padding=(tuple_of(pad or (0,)), "0"),
        output_padding=(tuple_of(adj or (0,)), "0"),
        dilation=(tuple_of(dilate or (1,)), "1"),
        groups=(num_group, 1),
        bias=(bias is not None, True),
    )
    taken = held["weight"].shape[0]
    kind = f"nn.ConvTranspose{len(kernel)}d({taken}, {num_filter}{options})"
    layer = w.module(kind, held, *variables_of(weight, bias))
    return Code(f"{layer}($0)", data.dtype, len(kernel) + 2)


def leaky_relu(
    w: Layers,
    data: Value,
    gamma: Optional[Value] = None,
    *,
    act_type: str,
    slope: float,
    lower_bound: float,
    upper_bound: float,
) -> Code:
    """The data where they are above 0, and small values below: MXNet's family ``LeakyReLU``.

    ``act_type`` is ``leaky``, ``elu``, ``gelu``, ``selu``, ``prelu`` (its slopes are ``gamma``)
    or ``rrelu`` (its slope is the middle of its bounds).

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["LeakyReLU"].completed({"slope": 0.1})
        >>> leaky_relu(Layers({}, {}), Value(), **attributes).text
        'F.leaky_relu($0, 0.1)'
    """
    if act_type == "prelu":
        assert gamma is not None
        return kept(f"F.prelu($0, {w.weight(gamma)}.flatten())", data)
    if act_type in ("gelu", "selu"):
        return kept(f"F.{act_type}($0)", data)
    if act_type == "elu":
        return kept(f"F.elu($0{options_of(alpha=(short(slope), '1.0'))})", data)
    below = (lower_bound + upper_bound) / 2 if act_type == "rrelu" else slope
    return kept(f"F.leaky_relu($0, {short(below)})", data)


def dropout(
    w: Layers, data: Value, *, p: float, mode: str, axes: tuple[int, ...], **_: object
) -> Code:
    """Random zeros while training, the other elements enlarged: ``F.dropout``.

    Example:
        >>> dropout(Layers({}, {}), Value(), p=0.5, mode="training", axes=()).text
        'F.dropout($0, 0.5, self.training)'
    """
    if mode == "always" and p > 0:
        raise NotWritten("it draws random numbers when it predicts; write mode='training'")
    if axes:
        raise NotWritten("it drops whole axes; leave out axes")
    return kept(f"F.dropout($0, {short(p)}, self.training)", data)


EMITTERS: dict[str, Emitter] = {
    "Convolution": convolution,
    "Deconvolution": deconvolution,
    "Dropout": dropout,
    "FullyConnected": fully_connected,
    "LeakyReLU": leaky_relu,
}
