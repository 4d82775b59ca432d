"""Normalisation, by learnt statistics or by those of the images themselves."""

from __future__ import annotations

import numpy as np

from ..code import Code, Emitter, Layers, NotWritten, Value, kept, options_of, short, variables_of


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
    options = options_of(eps=(short(eps), "1e-05"), momentum=(short(1 - momentum), "0.1"))
    kind = {2: 1, 3: 1, 5: 3}.get(data.rank or 4, 2)
    count = len(held["weight"])
    layer = w.module(
        f"nn.BatchNorm{kind}d({count}{options})",
        held,
        *variables_of(gamma, beta, mean, variance),
    )
    return _over_axis(layer, data, axis, 1)


def _over_axis(layer: str, data: Value, axis: int, own: int) -> Code:
    """Apply a layer that works on a fixed axis to another axis."""
    if axis == own or (data.rank is not None and axis % data.rank == own % data.rank):
        return kept(f"{layer}($0)", data)
    moved = f"@0.movedim({axis}, {own})"
    return kept(f"{layer}({moved}).movedim({own}, {axis})", data)


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
    """A normalisation of groups of channels, with a weight and a bias for each group.

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
    return kept(f"{w.helper('group_norm')}($0, {num_groups}, {weights}, {short(eps)})", data)


def instance_norm(w: Layers, data: Value, gamma: Value, beta: Value, *, eps: float) -> Code:
    """A normalisation of each channel of each image: ``F.instance_norm``.

    Example:
        >>> arrays = {"g": np.ones(2, np.float32), "b": np.zeros(2, np.float32)}
        >>> w = Layers(arrays, {"g": "gamma", "b": "beta"})
        >>> instance_norm(w, Value(rank=4), Value(variable="g"), Value(variable="b"), eps=1e-3).text
        'F.instance_norm($0, weight=self.gamma, bias=self.beta, eps=0.001)'
    """
    weights = f"weight={w.weight(gamma)}, bias={w.weight(beta)}"
    return kept(f"F.instance_norm($0, {weights}, eps={short(eps)})", data)


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
    options = options_of(eps=(short(eps), "1e-05"))
    layer = w.module(
        f"nn.LayerNorm({held['weight'].size}{options})", held, *variables_of(gamma, beta)
    )
    return _over_axis(layer, data, axis, -1)


def l2_normalization(w: Layers, data: Value, *, eps: float, mode: str) -> Code:
    """The data divided by their L2 norm: of each image, of each place, or of each channel.

    Example:
        >>> l2_normalization(Layers({}, {}), Value(rank=4), eps=1e-10, mode="instance").text
        "l2_normalized($0, 'instance', 1e-10)"
    """
    return kept(f"{w.helper('l2_normalized')}($0, {mode!r}, {short(eps)})", data)


def lrn(w: Layers, data: Value, *, alpha: float, beta: float, knorm: float, nsize: int) -> Code:
    """Local response normalisation, over a window of channels: ``F.local_response_norm``.

    Example:
        >>> lrn(Layers({}, {}), Value(rank=4), alpha=1e-4, beta=0.75, knorm=2.0, nsize=5).text
        'F.local_response_norm($0, 5, k=2.0)'
    """
    options = options_of(
        alpha=(short(alpha), "0.0001"), beta=(short(beta), "0.75"), k=(short(knorm), "1.0")
    )
    return kept(f"F.local_response_norm($0, {nsize}{options})", data)


EMITTERS: dict[str, Emitter] = {
    "BatchNorm": batch_norm,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "L2Normalization": l2_normalization,
    "LRN": lrn,
    "LayerNorm": layer_norm,
}
