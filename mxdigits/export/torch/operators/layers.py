"""Layers with weights, normalisation, pooling, and what changes the size of images."""

from __future__ import annotations

import math
from typing import Optional

import numpy as np

from ..code import Code, Emitter, Layers, NotWritten, Value, as_floating, cast, kept, tuple_of

_ACTIVATIONS = {
    "relu": "torch.relu",
    "sigmoid": "torch.sigmoid",
    "softrelu": "F.softplus",
    "softsign": "F.softsign",
    "tanh": "torch.tanh",
}


def _options(**given: tuple[object, object]) -> str:
    """Keyword arguments; those at PyTorch's own default are left out."""
    return "".join(f", {name}={value}" for name, (value, usual) in given.items() if value != usual)


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
    options = _options(bias=(bias is not None, True))
    layer = w.module(f"nn.Linear({columns}, {rows}{options})", held, *_variables(weight, bias))
    if flatten and data.rank != 2:
        return Code(f"{layer}(@0.flatten(1))", data.dtype, 2)
    return kept(f"{layer}($0)", data)


def _variables(*values: Optional[Value]) -> list[str]:
    return [value.variable for value in values if value is not None]


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
    options = _options(
        kernel_size=(tuple_of(kernel), None),
        stride=(tuple_of(stride or (1,)), "1"),
        padding=(tuple_of(pad or (0,)), "0"),
        dilation=(tuple_of(dilate or (1,)), "1"),
        groups=(num_group, 1),
        bias=(bias is not None, True),
    )
    taken = held["weight"].shape[1] * num_group
    kind = f"nn.Conv{len(kernel)}d({taken}, {num_filter}{options})"
    layer = w.module(kind, held, *_variables(weight, bias))
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
    target_shape: tuple[int, ...],
    num_filter: int,
    num_group: int,
    layout: Optional[str],
    **_: object,
) -> Code:
    """A transposed convolution of images with their channels first: ``nn.ConvTranspose2d``.

    Example:
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
    options = _options(
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
    layer = w.module(kind, held, *_variables(weight, bias))
    return Code(f"{layer}($0)", data.dtype, len(kernel) + 2)


def batch_norm(
    w: Layers,
    data: Value,
    gamma: Value,
    beta: Value,
    mean: Value,
    variance: Value,
    *,
    eps: float,
    momentum: float,
    fix_gamma: bool,
    axis: int,
    output_mean_var: bool,
    **_: object,
) -> Code:
    """A batch normalisation with the running mean and variance: ``nn.BatchNorm2d`` and its like.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["BatchNorm"].completed({})
        >>> weights = [Value(variable=name) for name in "gbmv"]
        >>> w = Layers(dict.fromkeys("gbmv", np.ones(8, np.float32)), {}, name="layer")
        >>> batch_norm(w, Value(rank=4), *weights, **attributes).text
        'self.layer($0)'
        >>> w.built
        {'layer': 'nn.BatchNorm2d(8, eps=0.001)'}
    """
    _one_output(output_mean_var)
    held = {
        "weight": w.array(gamma),
        "bias": w.array(beta),
        "running_mean": w.array(mean),
        "running_var": w.array(variance),
        "num_batches_tracked": np.zeros((), np.int64),
    }
    if fix_gamma:
        held["weight"] = np.ones_like(held["weight"])
    options = _options(eps=(_short(eps), "1e-05"), momentum=(_short(1 - momentum), "0.1"))
    kind = {2: 1, 3: 1, 5: 3}.get(data.rank or 4, 2)
    count = len(held["weight"])
    layer = w.module(
        f"nn.BatchNorm{kind}d({count}{options})",
        held,
        *_variables(gamma, beta, mean, variance),
    )
    return _over_axis(layer, data, axis, 1)


def _over_axis(layer: str, data: Value, axis: int, own: int) -> Code:
    """A layer that works on one axis, its own, on another one."""
    if axis == own or (data.rank is not None and axis % data.rank == own % data.rank):
        return kept(f"{layer}($0)", data)
    moved = f"@0.movedim({axis}, {own})"
    return kept(f"{layer}({moved}).movedim({own}, {axis})", data)


def _short(number: float) -> str:
    """A float32 as people write it.

    >>> _short(0.0010000000474974513), _short(1 - 0.8999999761581421)
    ('0.001', '0.1')
    """
    return repr(float(f"{number:.6g}"))


def _one_output(output_mean_var: bool) -> None:
    if output_mean_var:
        raise NotWritten("it gives its mean and variance too; leave out output_mean_var")


def group_norm(
    w: Layers,
    data: Value,
    gamma: Value,
    beta: Value,
    *,
    num_groups: int,
    eps: float,
    output_mean_var: bool,
) -> Code:
    """A normalisation by group, with a weight and a bias for each group.

    Example:
        >>> arrays = {"g": np.ones(2, np.float32), "b": np.zeros(2, np.float32)}
        >>> w = Layers(arrays, {"g": "gamma", "b": "beta"})
        >>> weights = Value(variable="g"), Value(variable="b")
        >>> more = {"num_groups": 2, "eps": 1e-5, "output_mean_var": False}
        >>> group_norm(w, Value(rank=4), *weights, **more).text
        'group_norm($0, 2, self.gamma, self.beta, 1e-05)'
    """
    _one_output(output_mean_var)
    weights = f"{w.weight(gamma)}, {w.weight(beta)}"
    return kept(f"{w.helper('group_norm')}($0, {num_groups}, {weights}, {_short(eps)})", data)


def instance_norm(w: Layers, data: Value, gamma: Value, beta: Value, *, eps: float) -> Code:
    """A normalisation of each channel of each image: ``F.instance_norm``.

    Example:
        >>> arrays = {"g": np.ones(2, np.float32), "b": np.zeros(2, np.float32)}
        >>> w = Layers(arrays, {"g": "gamma", "b": "beta"})
        >>> instance_norm(w, Value(rank=4), Value(variable="g"), Value(variable="b"), eps=1e-3).text
        'F.instance_norm($0, weight=self.gamma, bias=self.beta, eps=0.001)'
    """
    weights = f"weight={w.weight(gamma)}, bias={w.weight(beta)}"
    return kept(f"F.instance_norm($0, {weights}, eps={_short(eps)})", data)


def layer_norm(
    w: Layers,
    data: Value,
    gamma: Value,
    beta: Value,
    *,
    axis: int,
    eps: float,
    output_mean_var: bool,
) -> Code:
    """A normalisation along an axis: ``nn.LayerNorm``.

    Example:
        >>> arrays = {"g": np.ones(2, np.float32), "b": np.zeros(2, np.float32)}
        >>> w = Layers(arrays, {}, name="layer")
        >>> weights = Value(variable="g"), Value(variable="b")
        >>> layer_norm(w, Value(rank=2), *weights, axis=-1, eps=1e-5, output_mean_var=False).text
        'self.layer($0)'
        >>> w.built
        {'layer': 'nn.LayerNorm(2)'}
    """
    _one_output(output_mean_var)
    held = {"weight": w.array(gamma), "bias": w.array(beta)}
    options = _options(eps=(_short(eps), "1e-05"))
    layer = w.module(
        f"nn.LayerNorm({held['weight'].size}{options})", held, *_variables(gamma, beta)
    )
    return _over_axis(layer, data, axis, -1)


def l2_normalization(w: Layers, data: Value, *, eps: float, mode: str) -> Code:
    """The data divided by their L2 norm: of each image, of each place, or of each channel.

    Example:
        >>> l2_normalization(Layers({}, {}), Value(rank=4), eps=1e-10, mode="instance").text
        "l2_normalized($0, 'instance', 1e-10)"
    """
    return kept(f"{w.helper('l2_normalized')}($0, {mode!r}, {_short(eps)})", data)


def lrn(w: Layers, data: Value, *, alpha: float, beta: float, knorm: float, nsize: int) -> Code:
    """Local response normalisation, over a window of channels: ``F.local_response_norm``.

    Example:
        >>> lrn(Layers({}, {}), Value(rank=4), alpha=1e-4, beta=0.75, knorm=2.0, nsize=5).text
        'F.local_response_norm($0, 5, k=2.0)'
    """
    options = _options(
        alpha=(_short(alpha), "0.0001"), beta=(_short(beta), "0.75"), k=(_short(knorm), "1.0")
    )
    return kept(f"F.local_response_norm($0, {nsize}{options})", data)


def activation(w: Layers, data: Value, *, act_type: str) -> Code:
    """An activation by its name: ``relu``, ``sigmoid``, ``softrelu``, ``softsign`` or ``tanh``.

    Example:
        >>> activation(Layers({}, {}), Value(), act_type="softrelu").text
        'F.softplus($0)'
    """
    if data.is_floating:
        return kept(f"{_ACTIVATIONS[act_type]}($0)", data)
    text = f"{_ACTIVATIONS[act_type]}({as_floating(data)})"
    return kept(cast(text, "float32", data.dtype), data)


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
    """The data where they are above 0, and something small below: MXNet's family ``LeakyReLU``.

    ``act_type`` is ``leaky``, ``elu``, ``gelu``, ``selu``, ``prelu``, whose slopes are ``gamma``,
    or ``rrelu``, which takes the middle of its bounds.

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
        return kept(f"F.elu($0{_options(alpha=(_short(slope), '1.0'))})", data)
    below = (lower_bound + upper_bound) / 2 if act_type == "rrelu" else slope
    return kept(f"F.leaky_relu($0, {_short(below)})", data)


def dropout(
    w: Layers, data: Value, *, p: float, mode: str, axes: tuple[int, ...], **_: object
) -> Code:
    """Zeros at random places while training, the rest enlarged: ``F.dropout``.

    Example:
        >>> dropout(Layers({}, {}), Value(), p=0.5, mode="training", axes=()).text
        'F.dropout($0, 0.5, self.training)'
    """
    if mode == "always" and p > 0:
        raise NotWritten("it draws random numbers when it predicts; write mode='training'")
    if axes:
        raise NotWritten("it drops whole axes; leave out axes")
    return kept(f"F.dropout($0, {_short(p)}, self.training)", data)


def pooling(
    w: Layers,
    data: Value,
    *,
    kernel: tuple[int, ...],
    pool_type: str,
    global_pool: bool,
    pooling_convention: str,
    stride: tuple[int, ...],
    pad: tuple[int, ...],
    p_value: Optional[int],
    count_include_pad: Optional[bool],
    layout: Optional[str],
    **_: object,
) -> Code:
    """The maximum, mean, sum or Lp norm of the windows over images.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Pooling"].completed({"kernel": (2, 2), "stride": (2, 2)})
        >>> pooling(Layers({}, {}), Value(rank=4), **attributes).text
        'F.max_pool2d($0, 2)'
    """
    axes = len(kernel) or (data.rank or 0) - 2
    if axes < 1:
        raise NotWritten("how many axes it pools is not known; write its kernel")
    last = layout is not None and layout[1] != "C"
    before, after = ("@0.movedim(-1, 1)", ".movedim(1, -1)") if last else ("$0", "")
    if global_pool:
        text = _global(w, axes, pool_type, p_value).replace("$0", before)
        return Code(f"{text}{after}", data.dtype, axes + 2)
    stride, pad = stride or (1,) * axes, (pad or (0,) * axes)[:axes]
    full, counted = pooling_convention == "full", count_include_pad is not False
    usual = (
        pool_type in ("max", "avg")
        and pooling_convention != "same"
        and all(2 * edge <= size for edge, size in zip(pad, kernel))
        # Else PyTorch would leave out a window that begins in the padding.
        and (not full or all(s <= k - p for s, k, p in zip(stride, kernel, pad)))
    )
    if not usual:
        p = 1 if pool_type == "sum" else p_value or 1
        told = f"{kernel}, {stride}, {pad}, {pooling_convention!r}"
        more = f"{pool_type!r}, p={p}, padding_counts={counted}"
        text = f"{w.helper('pooled')}({before}, {told}, {more})"
        return Code(f"{text}{after}", data.dtype, axes + 2)
    options = _options(
        stride=(tuple_of(stride), tuple_of(kernel)),
        padding=(tuple_of(pad), "0"),
        ceil_mode=(full, False),
        **({"count_include_pad": (counted, True)} if pool_type == "avg" else {}),
    )
    text = f"F.{pool_type}_pool{axes}d({before}, {tuple_of(kernel)}{options})"
    return Code(f"{text}{after}", data.dtype, axes + 2)


def _global(w: Layers, axes: int, pool_type: str, p: Optional[int]) -> str:
    if pool_type in ("max", "avg"):
        return f"F.adaptive_{pool_type}_pool{axes}d($0, 1)"
    dims = tuple(range(2, axes + 2))
    if pool_type == "sum" or p in (None, 1):
        return f"$0.sum(dim={dims}, keepdim=True)"
    return f"{w.helper('root')}(($0 ** {p}).sum(dim={dims}, keepdim=True), {p})"


def adaptive_average(w: Layers, data: Value, *, output_size: tuple[int, ...]) -> Code:
    """The means of as many pieces of each image as wanted: ``F.adaptive_avg_pool2d``.

    Example:
        >>> adaptive_average(Layers({}, {}), Value(rank=4), output_size=(2, 2)).text
        'F.adaptive_avg_pool2d($0, 2)'
    """
    return Code(f"F.adaptive_avg_pool2d($0, {tuple_of(output_size or (1,))})", data.dtype, 4)


def up_sampling(
    w: Layers,
    *data: Value,
    scale: int,
    num_filter: int,
    sample_type: str,
    multi_input_mode: str,
    num_args: int,
    **_: object,
) -> Code:
    """Images ``scale`` times as large; several are joined by channel or summed.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"scale": 2, "sample_type": "nearest", "num_args": 1}
        >>> attributes = OPERATORS["UpSampling"].completed(wanted)
        >>> up_sampling(Layers({}, {}), Value(rank=4), **attributes).text
        "F.interpolate($0, scale_factor=2, mode='nearest')"
    """
    if sample_type == "bilinear":
        weight, edge = w.weight(data[1]), math.ceil((scale - 1) / 2)
        options = f"stride={scale}, padding={edge}, groups={num_filter}"
        return Code(f"F.conv_transpose2d($0, {weight}, {options})", data[0].dtype, 4)
    if num_args == 1:
        return Code(f"F.interpolate($0, scale_factor={scale}, mode='nearest')", data[0].dtype, 4)
    given = ", ".join(f"${i}" for i in range(num_args))
    text = f"{w.helper('up_sampled')}([{given}], {scale}, {multi_input_mode!r})"
    return Code(text, data[0].dtype, 4)


def bilinear_resize(
    w: Layers,
    data: Value,
    like: Optional[Value] = None,
    *,
    height: int,
    width: int,
    scale_height: Optional[float],
    scale_width: Optional[float],
    mode: str,
    align_corners: bool,
) -> Code:
    """Images in another size, by linear interpolation: ``F.interpolate``.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"height": 8, "width": 6}
        >>> attributes = OPERATORS["_contrib_BilinearResize2D"].completed(wanted)
        >>> bilinear_resize(Layers({}, {}), Value(rank=4), **attributes).text
        "F.interpolate($0, size=(8, 6), mode='bilinear', align_corners=True)"
    """
    if like is not None:
        text = f"{w.helper('resized_to')}($0, @1.shape[2:], {align_corners})"
    elif mode != "size" or scale_height is not None:
        scales = f"({scale_height}, {scale_width})"
        text = f"{w.helper('resized')}($0, {mode!r}, {scales}, {align_corners})"
    elif 1 in (height, width):
        text = f"{w.helper('resized_to')}($0, ({height}, {width}), {align_corners})"
    else:
        options = f"mode='bilinear', align_corners={align_corners}"
        text = f"F.interpolate($0, size=({height}, {width}), {options})"
    return Code(text, data.dtype, 4)


EMITTERS: dict[str, Emitter] = {
    "Activation": activation,
    "BatchNorm": batch_norm,
    "Convolution": convolution,
    "Deconvolution": deconvolution,
    "Dropout": dropout,
    "FullyConnected": fully_connected,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "L2Normalization": l2_normalization,
    "LRN": lrn,
    "LayerNorm": layer_norm,
    "LeakyReLU": leaky_relu,
    "Pooling": pooling,
    "UpSampling": up_sampling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_average,
    "_contrib_BilinearResize2D": bilinear_resize,
}
