"""Operators whose gradient is that of a loss instead of their output."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from ....graph.attributes import Attributes, AttributeValue
from .types import Function, Saved


def softmax_output(data: Tensor, label: Tensor, **attributes: AttributeValue) -> Tensor:
    """The softmax of ``data``; its gradient is that of the cross-entropy with ``label``.

    As in MXNet, the gradient does not depend on how the output is used.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["SoftmaxOutput"].completed({})
        >>> softmax_output(torch.zeros((1, 4)), torch.tensor([2.0]), **attributes).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        >>> data = torch.zeros((1, 4), requires_grad=True)
        >>> softmax_output(data, torch.tensor([2.0]), **attributes).sum().backward()
        >>> data.grad.tolist()
        [[0.25, 0.25, -0.75, 0.25]]
    """
    result: Tensor = _SoftmaxOutput.apply(data, label, Attributes(attributes))
    return result


def _by_class(data: Tensor, attributes: Attributes) -> Tensor:
    """Data as (rows, classes, places)."""
    if attributes["multi_output"]:
        return data.reshape((*data.shape[:2], -1))
    if attributes["preserve_shape"]:
        return data.reshape((-1, data.shape[-1], 1))
    return data.reshape((data.shape[0], -1, 1))


class _Saved(Saved, Protocol):
    attributes: Attributes


class _SoftmaxOutput(torch.autograd.Function):
    @staticmethod
    def forward(context: _Saved, data: Tensor, label: Tensor, attributes: Attributes) -> Tensor:
        shares = _by_class(data, attributes).softmax(1).reshape(data.shape)
        context.save_for_backward(shares, label)
        context.attributes = attributes
        return shares

    @staticmethod
    def backward(context: _Saved, gradient: Tensor) -> tuple[Tensor, None, None]:
        shares, label = context.saved_tensors
        attributes = context.attributes
        if shares.shape == label.shape:
            own = (shares - label) * attributes["grad_scale"]
        else:
            own = _of_classes(_by_class(shares, attributes), label, attributes)
        return own.reshape(shares.shape).to(shares.dtype), None, None


def _of_classes(shares: Tensor, label: Tensor, attributes: Attributes) -> Tensor:
    """The gradient for labels that are indices of classes."""
    classes, places = shares.shape[1:]
    numbers = label.int().reshape((-1, 1, places))
    # MXNet smooths only over the other classes, and not if there are several places.
    smoothing = 0.0 if attributes["multi_output"] else attributes["smooth_alpha"]
    correct = numbers == torch.arange(classes, device=shares.device).reshape((1, -1, 1))
    others = smoothing / max(classes - 1, 1)
    gradient = shares - others - correct.to(shares.dtype) * (1 - smoothing - others)
    ignored = numbers == int(attributes["ignore_label"])
    if attributes["use_ignore"]:
        gradient = torch.where(ignored, 0, gradient)
    normalization, scale = attributes["normalization"], attributes["grad_scale"]
    if normalization == "valid":
        return gradient * (scale / (~ignored).sum().clamp(min=1))
    counted = 1
    if normalization == "batch":
        counted = len(numbers) if attributes["multi_output"] else math.prod(label.shape)
    return gradient * (scale / (places * counted))


FUNCTIONS: dict[str, Function] = {"SoftmaxOutput": softmax_output}
